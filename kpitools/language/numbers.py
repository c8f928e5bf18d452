"""How a value, a change and a range read, with their units, in a language."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Literal

from babel.numbers import format_decimal, format_percent

from kpitools.language.locales import read_locale

Unit = Literal["seconds", "share", "count", "points", "money", "number"]
Show = Literal["seconds", "minutes", "hours", "days"]

NO_DATA = "no data"
DASH = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
SECONDS: dict[str, int] = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
SYMBOLS: dict[str, str] = {"seconds": "s", "minutes": "min", "hours": "h", "days": "d"}
DIGITS: dict[str, int] = {"share": 1, "points": 1, "money": 2, "number": 2, "count": 0}
LARGE = 100
"""From here on seconds are shown without decimals."""
LONG = 7200
"""From here on what is meant for seconds is shown in hours."""


def format_value(  # noqa: PLR0913 keyword-only choices of one reader
    value: float | None,
    *,
    unit: Unit,
    show: Show = "seconds",
    lang: str = "en",
    digits: int | None = None,
    currency: str = "",
) -> str:
    """Return a value with its unit, as a reader of that language writes it.

    Args:
        value: fraction for `share`, seconds for `seconds`, points for `points`; None or NaN
            is "no data".
        unit: unit of the KPI.
        show: in what durations are shown; seconds from two hours on become hours.
        lang: language code.
        digits: decimals; by default what fits the unit.
        currency: code to write after money.

    Raises:
        LanguageError: a language that is not known.

    Example:
        >>> format_value(0.824, unit="share"), format_value(18204, unit="count")
        ('82.4 %', '18,204')
        >>> format_value(79560, unit="seconds"), format_value(None, unit="share")
        ('22.1 h', 'no data')
    """
    show = _shown(show, value)
    number = _scaled(value, unit, show)
    if number is None:
        return NO_DATA
    places = _places(number, unit, show) if digits is None else digits
    return _with_unit(number, places, unit=unit, show=show, lang=lang, currency=currency)


def format_change(  # noqa: PLR0913 keyword-only choices of one reader
    change: float | None,
    *,
    unit: Unit,
    show: Show = "seconds",
    lang: str = "en",
    digits: int | None = None,
    currency: str = "",
) -> str:
    """Return a change with its sign; a change of a share is in percentage points.

    Raises:
        LanguageError: a language that is not known.

    Example:
        >>> format_change(0.034, unit="share"), format_change(12, unit="seconds")
        ('+3.4 pts', '+12.0 s')
    """
    show = _shown(show, change)
    number = _scaled(change, unit, show)
    if number is None:
        return NO_DATA
    places = _places(number, unit, show) if digits is None else digits
    sign = "+" if _rounded(number, places) > 0 else ""
    if unit == "share":
        return f"{sign}{_number(number, places, lang)} pts"
    return sign + _with_unit(number, places, unit=unit, show=show, lang=lang, currency=currency)


def format_range(  # noqa: PLR0913 keyword-only choices of one reader
    low: float | None,
    high: float | None,
    *,
    unit: Unit,
    show: Show = "seconds",
    lang: str = "en",
    currency: str = "",
) -> str:
    """Return a range with its unit; an open end is said in words.

    Raises:
        LanguageError: a language that is not known.

    Example:
        >>> format_range(0.83, None, unit="share"), format_range(None, 0.055, unit="share")
        ('at least 83 %', 'at most 5.5 %')
    """
    show = _shown(show, low, high)
    ends = [_scaled(low, unit, show), _scaled(high, unit, show)]
    known = [end for end in ends if end is not None]
    if not known:
        return "any value"
    most = max(_places(end, unit, show) for end in known)
    places = max(_needed(end, most) for end in known)
    last = _with_unit(known[-1], places, unit=unit, show=show, lang=lang, currency=currency)
    if ends[1] is None:
        return f"at least {last}"
    if ends[0] is None:
        return f"at most {last}"
    between = DASH if known[0] >= 0 else " to "
    return f"{_number(known[0], places, lang)}{between}{last}"


def format_count(n: float, lang: str = "en") -> str:
    """Return a whole number with its groups.

    Raises:
        LanguageError: a language that is not known.

    Example:
        >>> format_count(18204)
        '18,204'
    """
    return _number(Decimal(repr(n)), 0, lang)


def _shown(show: Show, *values: float | None) -> Show:
    """Choose hours where the seconds are too many to be read."""
    many = any(value is not None and abs(value) >= LONG for value in values)
    return "hours" if show == "seconds" and many else show


def _scaled(value: float | None, unit: Unit, show: Show) -> Decimal | None:
    if value is None or not math.isfinite(value):
        return None
    number = Decimal(repr(float(value)))
    if unit == "share":
        return number * 100
    return number / SECONDS[show] if unit == "seconds" else number


def _places(number: Decimal, unit: Unit, show: Show) -> int:
    if unit == "seconds":
        return 0 if show == "seconds" and abs(number) >= LARGE else 1
    if unit == "count" and number != number.to_integral_value():
        return 1
    return DIGITS[unit]


def _needed(number: Decimal, most: int) -> int:
    """Return how many of the allowed decimals a number needs."""
    exact = _rounded(number, most).normalize().as_tuple().exponent
    return max(0, -int(exact))


def _rounded(number: Decimal, places: int) -> Decimal:
    made = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
    return abs(made) if made == 0 else made


@lru_cache(maxsize=8192)
def _number(number: Decimal, places: int, lang: str) -> str:
    """Write a number; a page shows many of them more than once."""
    pattern = "#,##0" + ("." + "0" * places if places else "")
    text = format_decimal(
        _rounded(number, places),
        format=pattern,
        locale=read_locale(lang),
        numbering_system="latn",
    )
    return str(text).replace("-", MINUS)


def _with_unit(  # noqa: PLR0913 keyword-only choices of one reader
    number: Decimal, places: int, *, unit: Unit, show: Show, lang: str, currency: str
) -> str:
    text = _number(number, places, lang)
    if unit == "share":
        return _percent(number, places, lang)
    words = {"seconds": SYMBOLS[show], "points": "points", "money": currency}
    word = words.get(unit, "")
    return f"{text} {word}" if word else text


def _percent(number: Decimal, places: int, lang: str) -> str:
    """Set the percent sign where the language sets it; English gets a space before it."""
    locale = read_locale(lang)
    if locale.language == "en":
        return f"{_number(number, places, lang)} %"
    decimals = "0." + "0" * places if places else "0"
    pattern = str(locale.percent_formats[None].pattern).replace("#,##0", f"#,##{decimals}")
    exact = _rounded(number, places) / 100
    text = format_percent(exact, format=pattern, locale=locale, numbering_system="latn")
    return str(text).replace("-", MINUS)
