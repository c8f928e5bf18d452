"""Numbers with their units."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitools.errors import LanguageError
from kpitools.language import (
    NO_DATA,
    format_change,
    format_count,
    format_range,
    format_value,
)

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
GLUE = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("value", "options", "text"),
    [
        (0.824, {"unit": "share"}, "82.4 %"),
        (0.6342, {"unit": "share", "digits": 2}, "63.42 %"),
        (1.05, {"unit": "share", "digits": 0}, "105 %"),
        (-0.034, {"unit": "share"}, f"{MINUS}3.4 %"),
        (344.2, {"unit": "seconds"}, "344 s"),
        (67.52, {"unit": "seconds"}, "67.5 s"),
        (344, {"unit": "seconds", "show": "minutes"}, "5.7 min"),
        (79_560, {"unit": "seconds", "show": "hours"}, "22.1 h"),
        (432_000, {"unit": "seconds", "show": "days"}, "5.0 d"),
        (18_204, {"unit": "count"}, "18,204"),
        (4.5, {"unit": "count"}, "4.5"),
        (-3.4, {"unit": "points"}, f"{MINUS}3.4 points"),
        (4.375, {"unit": "money"}, "4.38"),
        (18_204.5, {"unit": "money", "currency": "EUR"}, "18,204.50 EUR"),
        (3.14159, {"unit": "number"}, "3.14"),
        (-0.0001, {"unit": "share"}, "0.0 %"),
        (None, {"unit": "share"}, NO_DATA),
        (math.nan, {"unit": "seconds"}, NO_DATA),
        (math.inf, {"unit": "seconds"}, NO_DATA),
    ],
)
def test_value(value, options, text):
    assert format_value(value, **options) == text


@pytest.mark.parametrize(
    ("lang", "share", "count"),
    [
        ("en", "82.4 %", "18,204"),
        ("en-GB", "82.4 %", "18,204"),
        ("tr", "%82,4", "18.204"),
        ("zh", "82.4%", "18,204"),
        ("ko", "82.4%", "18,204"),
        ("es", f"82,4{GLUE}%", "18.204"),
        ("fa", "82.4%", "18,204"),
        ("fr", f"82,4{GLUE}%", "18\u202f204"),
    ],
)
def test_language_sets_marks_and_percent_sign(lang, share, count):
    assert format_value(0.824, unit="share", lang=lang) == share
    assert format_count(18_204, lang) == count


@pytest.mark.parametrize(
    ("change", "options", "text"),
    [
        (-0.034, {"unit": "share"}, f"{MINUS}3.4 pts"),
        (0.034, {"unit": "share"}, "+3.4 pts"),
        (0.0, {"unit": "share"}, "0.0 pts"),
        (0.00001, {"unit": "share"}, "0.0 pts"),
        (3.2, {"unit": "points"}, "+3.2 points"),
        (-120, {"unit": "seconds"}, f"{MINUS}120 s"),
        (1234, {"unit": "count"}, "+1,234"),
        (None, {"unit": "count"}, NO_DATA),
    ],
)
def test_change(change, options, text):
    assert format_change(change, **options) == text


@pytest.mark.parametrize(
    ("low", "high", "options", "text"),
    [
        (300, 400, {"unit": "seconds"}, f"300{DASH}400 s"),
        (0.765, 0.85, {"unit": "share"}, f"76.5{DASH}85.0 %"),
        (0.83, 0.9, {"unit": "share"}, f"83{DASH}90 %"),
        (-0.05, 0.05, {"unit": "share"}, f"{MINUS}5 to 5 %"),
        (0.83, None, {"unit": "share"}, "at least 83 %"),
        (None, 21_600, {"unit": "seconds", "show": "hours"}, "at most 6 h"),
        (None, None, {"unit": "share"}, "any value"),
    ],
)
def test_range(low, high, options, text):
    assert format_range(low, high, **options) == text


@given(st.floats(-1e12, 1e12), st.sampled_from(["share", "seconds", "count", "points", "money"]))
def test_every_number_is_near_what_is_written(value, unit):
    text = format_value(value, unit=unit, digits=3)
    number = float(text.split(" ")[0].replace(",", "").replace(MINUS, "-"))
    scale = 100 if unit == "share" else 1
    if unit == "seconds" and abs(value) >= 7200:
        scale = 1 / 3600
        assert text.endswith("h")
    assert math.isclose(number, value * scale, rel_tol=1e-9, abs_tol=0.0006)


@pytest.mark.parametrize("lang", ["", "xx-nothing", "english", "../x", "e"])
def test_unknown_language(lang):
    for say in (
        lambda: format_value(1, unit="count", lang=lang),
        lambda: format_change(1, unit="count", lang=lang),
        lambda: format_range(1, 2, unit="count", lang=lang),
        lambda: format_count(1, lang),
    ):
        with pytest.raises(LanguageError):
            say()
