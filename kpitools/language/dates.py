"""How a period reads."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Literal, get_args

from babel.dates import format_date, format_skeleton

from kpitools.errors import LanguageError, suggest
from kpitools.language.locales import read_locale

Grain = Literal[
    "15min",
    "30min",
    "60min",
    "day",
    "week",
    "month",
    "quarter",
    "half_year",
    "year",
    "fiscal_month",
    "fiscal_quarter",
    "fiscal_year",
]
GRAINS: tuple[Grain, ...] = get_args(Grain)
ENGLISH = {
    ("month", False): "MMMM y",
    ("month", True): "MMM y",
    ("quarter", False): "QQQ y",
    ("quarter", True): "QQQ y",
    ("year", False): "y",
    ("year", True): "y",
    ("day", False): "d MMM y",
    ("day", True): "d MMM",
}
SKELETONS = {
    ("month", False): "yMMMM",
    ("month", True): "yMMM",
    ("quarter", False): "yQQQ",
    ("quarter", True): "yQQQ",
    ("year", False): "y",
    ("year", True): "y",
    ("day", False): "yMMMd",
    ("day", True): "MMMd",
}
MIDDLE = timedelta(days=3)


def format_period(
    start: date, grain: str, lang: str = "en", *, short: bool = False, name: str | None = None
) -> str:
    """Return a period in words, by its first day (or, for minutes, its UTC start).

    Args:
        start: first day of the period; a date-time for minute grains.
        grain: `15min`, `30min`, `60min`, `day`, `week`, `month`, `quarter`, `half_year`, `year`
            or a fiscal one.
        lang: language code.
        short: the shorter form, for axes and columns.
        name: what the fiscal calendar calls a fiscal period, `FY2026-P03`; without it the
            period is told by its first day.

    Raises:
        LanguageError: a grain or a language that is not known.

    Example:
        >>> format_period(date(2026, 10, 1), "month"), format_period(date(2026, 10, 1), "quarter")
        ('October 2026', 'Q4 2026')
        >>> format_period(date(2026, 10, 5), "week")
        'week 41 of 2026 (from 5 Oct)'
        >>> format_period(date(2026, 10, 1), "month", short=True)
        'Oct 2026'
        >>> format_period(date(2026, 7, 1), "half_year")
        'H2 2026'
        >>> format_period(date(2025, 6, 1), "fiscal_month", name="FY2026-P03")
        'FY2026-P03 (from 1 Jun 2025)'
    """
    if grain not in GRAINS:
        raise LanguageError(f"no grain '{grain}'", found=grain, fix=suggest(grain, GRAINS))
    if grain.endswith("min"):
        return _interval(start, lang, short=short)
    if grain.startswith("fiscal_"):
        return _fiscal(start, grain, lang, short=short, name=name)
    if grain == "half_year":
        return f"H{start.month // 7 + 1} {_day(start, 'year', lang, short=short)}"
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


def _fiscal(start: date, grain: str, lang: str, *, short: bool, name: str | None) -> str:
    first = _day(start, "day", lang, short=False)
    if name is None:
        return first if short else f"{grain.replace('_', ' ')} from {first}"
    return name if short else f"{name} (from {first})"


def _interval(start: date, lang: str, *, short: bool) -> str:
    if not isinstance(start, datetime):
        start = datetime(start.year, start.month, start.day, tzinfo=UTC)
    at = start if start.tzinfo is None else start.astimezone(UTC)
    clock = f"{at:%H:%M}"
    return clock if short else f"{_day(at.date(), 'day', lang, short=False)}, {clock} UTC"
