"""Periods in words."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from kpitools.errors import LanguageError
from kpitools.language import GRAINS, format_period

DAY = date(2026, 10, 5)


@pytest.mark.parametrize(
    ("start", "grain", "long", "short"),
    [
        (date(2026, 10, 1), "month", "October 2026", "Oct 2026"),
        (date(2026, 10, 1), "quarter", "Q4 2026", "Q4 2026"),
        (DAY, "week", "week 41 of 2026 (from 5 Oct)", "W41 2026"),
        (date(2026, 10, 4), "week", "week 41 of 2026 (from 4 Oct)", "W41 2026"),
        (date(2026, 12, 28), "week", "week 53 of 2026 (from 28 Dec)", "W53 2026"),
        (date(2024, 12, 30), "week", "week 1 of 2025 (from 30 Dec)", "W01 2025"),
        (DAY, "day", "5 Oct 2026", "5 Oct"),
        (datetime(2026, 10, 5, 14, 30, tzinfo=UTC), "30min", "5 Oct 2026, 14:30 UTC", "14:30"),
        (
            datetime(2026, 10, 5, 1, 0, tzinfo=timezone(timedelta(hours=3))),
            "15min",
            "4 Oct 2026, 22:00 UTC",
            "22:00",
        ),
        (DAY, "60min", "5 Oct 2026, 00:00 UTC", "00:00"),
    ],
)
def test_period(start, grain, long, short):
    assert format_period(start, grain) == long
    assert format_period(start, grain, short=True) == short


@pytest.mark.parametrize(
    ("lang", "month", "day"),
    [
        ("tr", "Ekim 2026", "5 Eki 2026"),
        ("zh", "2026年10月", "2026年10月5日"),
        ("ko", "2026년 10월", "2026년 10월 5일"),
        ("es", "octubre de 2026", "5 oct 2026"),
    ],
)
def test_period_in_other_languages(lang, month, day):
    assert format_period(DAY, "month", lang) == month
    assert format_period(DAY, "day", lang) == day
    assert format_period(DAY, "week", lang) == "W41 2026"


def test_every_grain_reads():
    assert all(format_period(DAY, grain, "fa") for grain in GRAINS)


def test_unknown_grain():
    with pytest.raises(LanguageError, match="did you mean 'month'"):
        format_period(DAY, "months")


def test_unknown_language():
    with pytest.raises(LanguageError, match="known: en"):
        format_period(DAY, "month", "klingon")
