"""How a period reads."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Literal

from babel.dates import format_date, format_skeleton

from kpitools.errors import LanguageError, suggest
from kpitools.language.locales import read_locale

Grain = Literal["15min", "30min", "60min", "day", "week", "month", "quarter"]
GRAINS = ("15min", "30min", "60min", "day", "week", "month", "quarter")
ENGLISH = {
    ("month", False): "MMMM y",
    ("month", True): "MMM y",
    ("quarter", False): "QQQ y",
    ("quarter", True): "QQQ y",
    ("day", False): "d MMM y",
    ("day", True): "d MMM",
}
SKELETONS = {
    ("month", False): "yMMMM",
    ("month", True): "yMMM",
    ("quarter", False): "yQQQ",
    ("quarter", True): "yQQQ",
    ("day", False): "yMMMd",
    ("day", True): "MMMd",
}
MIDDLE = timedelta(days=3)


def format_period(start: date, grain: str, lang: str = "en", *, short: bool = False) -> str:
    """Return a period in words, by its first day (or, for minutes, its UTC start).

    Args:
        start: first day of the period; a date-time for minute grains.
        grain: `15min`, `30min`, `60min`, `day`, `week`, `month` or `quarter`.
        lang: language code.
        short: the shorter form, for axes and columns.

    Raises:
        LanguageError: a grain or a language that is not known.

    Example:
        >>> format_period(date(2026, 10, 1), "month"), format_period(date(2026, 10, 1), "quarter")
        ('October 2026', 'Q4 2026')
        >>> format_period(date(2026, 10, 5), "week")
        'week 41 of 2026 (from 5 Oct)'
        >>> format_period(date(2026, 10, 1), "month", short=True)
        'Oct 2026'
    """
    if grain not in GRAINS:
        raise LanguageError(f"no grain '{grain}'", found=grain, fix=suggest(grain, GRAINS))
    if grain.endswith("min"):
        return _interval(start, lang, short=short)
    if grain == "week":
        return _week(start, lang, short=short)
    return _day(start, grain, lang, short=short)


def _day(start: date, grain: str, lang: str, *, short: bool) -> str:
    locale = read_locale(lang)
    key = (grain, short)
    if locale.language == "en":
        return str(format_date(start, ENGLISH[key], locale=locale))
    at = datetime(start.year, start.month, start.day, tzinfo=UTC)
    return str(format_skeleton(SKELETONS[key], at, locale=locale))


def _week(start: date, lang: str, *, short: bool) -> str:
    year, week, _ = (start + MIDDLE).isocalendar()
    if short or read_locale(lang).language != "en":
        return f"W{week:02d} {year}"
    return f"week {week} of {year} (from {_day(start, 'day', lang, short=True)})"


def _interval(start: date, lang: str, *, short: bool) -> str:
    if not isinstance(start, datetime):
        start = datetime(start.year, start.month, start.day, tzinfo=UTC)
    at = start if start.tzinfo is None else start.astimezone(UTC)
    clock = f"{at:%H:%M}"
    return clock if short else f"{_day(at.date(), 'day', lang, short=False)}, {clock} UTC"
