"""Which rows of the facts make one series, and whether they can be analysed."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import polars as pl

from kpitools.errors import AnalysisError, Fault, examples, suggest
from kpitools.facts.periods import CALENDAR_GRAINS, FISCAL_GRAINS, Period, period_of
from kpitools.sources.fiscal import PER_YEAR, FiscalCalendar

LEADING = ("kpi", "version", "grain", "period")
COMPONENTS = ("numerator", "denominator", "value", "final")
STEPS = {"week": "1w", "month": "1mo", "quarter": "3mo", "half_year": "6mo", "year": "1y"}
"""Grains whose periods follow one another without closed days in between."""

_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
_WEEKS_IN_A_YEAR = 52
_PERIODS_IN_A_YEAR: dict[str, int] = {
    "day": _WEEKS_IN_A_YEAR * 7,
    "week": _WEEKS_IN_A_YEAR,
    "month": 12,
    "quarter": 4,
    "half_year": 2,
    "year": 1,
    **{str(grain): count for grain, count in PER_YEAR.items()},
}


def dimensions(facts: pl.DataFrame) -> list[str]:
    """Name the dimension columns: those between `period` and `numerator`.

    Raises:
        AnalysisError: not a fact table.

    Example:
        >>> dimensions(build_series([1.0], start=date(2026, 1, 1), team="billing"))
        ['team']
    """
    check_columns(facts)
    names = facts.columns
    return names[names.index("period") + 1 : names.index("numerator")]


def series_keys(facts: pl.DataFrame) -> list[str]:
    """Name the columns that tell one series from another.

    A new version of a definition begins a new series: its numbers do not compare with those
    of the old one.

    Raises:
        AnalysisError: not a fact table.

    Example:
        >>> series_keys(build_series([1.0], start=date(2026, 1, 1), team="billing"))
        ['kpi', 'version', 'grain', 'team']
    """
    return ["kpi", "version", "grain", *dimensions(facts)]


def check_columns(facts: pl.DataFrame) -> None:
    """Refuse a frame without the fixed columns of a fact table.

    Raises:
        AnalysisError: columns are missing.
    """
    missing = [name for name in (*LEADING, *COMPONENTS) if name not in facts.columns]
    if missing:
        raise AnalysisError(
            [
                Fault(f"the frame has no column '{name}'", fix=suggest(name, facts.columns))
                for name in missing
            ]
        )


def check_facts(facts: pl.DataFrame) -> None:
    """Refuse a frame that is no fact table, or that has two rows for one period.

    Raises:
        AnalysisError: columns are missing, a period is missing, or one stands twice.
    """
    keys = [*series_keys(facts), "period"]
    empty = facts["period"].null_count()
    if empty:
        raise AnalysisError(
            "a row has no period", found=f"{empty} rows", expected="a period in every row"
        )
    distinct = facts["period"].n_unique() == facts.height
    if not distinct and facts[keys].is_duplicated().any():
        twice = facts.group_by(keys).len().filter(pl.col("len") > 1).sort(keys)
        found = [f"{row['kpi']} {row['period']}" for row in twice.iter_rows(named=True)]
        raise AnalysisError(
            "the series has two rows for one period",
            found=examples(found),
            expected="one row per KPI, dimensions and period",
            fix="filter to one team first, or ask the facts by that dimension",
        )


def one_series(facts: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of one series in order of time.

    Raises:
        AnalysisError: no fact table, two rows for one period, or more than one series.
    """
    check_facts(facts)
    keys = series_keys(facts)
    if any(facts[name].n_unique() > 1 for name in keys):
        found = facts.select(keys).unique().sort(keys)
        raise AnalysisError(
            "the facts hold more than one series",
            found=examples(", ".join(map(str, row)) for row in found.rows()),
            expected="one KPI, one version and one combination of dimensions",
            fix="filter to one KPI and one team first",
        )
    return facts if facts["period"].is_sorted() else facts.sort("period")


def next_start(start: date, grain: str) -> date:
    """Name the day on which the next period of one of `STEPS` starts.

    Example:
        >>> next_start(date(2026, 12, 1), "month"), next_start(date(2026, 10, 5), "week")
        (datetime.date(2027, 1, 1), datetime.date(2026, 10, 12))
    """
    if grain == "week":
        return start + timedelta(days=7)
    years, month = divmod(start.year * 12 + start.month - 1 + _MONTHS[grain], 12)
    return start.replace(years, month + 1, min(start.day, monthrange(years, month + 1)[1]))


def count_starts(first: date, last: date, grain: str) -> int:
    """Count the periods of one of `STEPS` from one start to another, both included.

    Example:
        >>> count_starts(date(2026, 1, 1), date(2026, 10, 1), "quarter")
        4
    """
    if grain == "week":
        return (last - first).days // 7 + 1
    months = (last.year - first.year) * 12 + last.month - first.month
    begun = last.day < min(first.day, monthrange(last.year, last.month)[1])
    return (months - begun) // _MONTHS[grain] + 1


def year_before(start: date, grain: str, *, fiscal: FiscalCalendar | None = None) -> date | None:
    """Name the first day of the same period a year earlier; days keep their weekday.

    A fiscal period is known only with its fiscal calendar.

    Example:
        >>> year_before(date(2026, 10, 1), "month"), year_before(date(2026, 10, 5), "week")
        (datetime.date(2025, 10, 1), datetime.date(2025, 10, 6))
    """
    period = _period(start, grain, fiscal)
    return None if period is None else period.previous(_PERIODS_IN_A_YEAR[grain]).start


def period_before(start: date, grain: str, *, fiscal: FiscalCalendar | None = None) -> date | None:
    """Name the first day of the period before.

    A fiscal period is known only with its fiscal calendar.

    Example:
        >>> period_before(date(2026, 1, 1), "quarter")
        datetime.date(2025, 10, 1)
    """
    period = _period(start, grain, fiscal)
    return None if period is None else period.previous().start


def period_starts(
    last: date, grain: str, count: int, *, fiscal: FiscalCalendar | None = None
) -> list[date]:
    """Name the first days of the `count` periods that end with `last`.

    Fiscal periods are known only with their fiscal calendar.

    Example:
        >>> [day.month for day in period_starts(date(2026, 2, 1), "month", 3)]
        [12, 1, 2]
    """
    end = _period(last, grain, fiscal)
    if end is None:
        return []
    return [end.previous(back).start for back in range(count - 1, -1, -1)]


def build_series(  # noqa: PLR0913 - what a series has; all but the values by keyword
    values: Sequence[float | None],
    *,
    start: date,
    kpi: str = "kpi",
    grain: str = "month",
    team: str | None = None,
    cases: Sequence[float | None] | float | None = None,
) -> pl.DataFrame:
    """Build facts from plain numbers, one per period, to try an analysis on.

    Args:
        values: one value per period from `start` on; None where there is none.
        start: a day in the first period.
        kpi: name of the KPI.
        grain: day, week, month, quarter, half_year or year.
        team: with a name, the facts have a `team` column.
        cases: denominators, one per period or one for all; the numerator is value x cases.

    Returns:
        A fact table sorted by period, every row final, of version 1.

    Raises:
        AnalysisError: not a calendar grain, or another number of cases than of values.

    Example:
        >>> build_series([0.8, 0.9], start=date(2026, 1, 1), cases=50)["numerator"].to_list()
        [40.0, 45.0]
    """
    if grain not in CALENDAR_GRAINS:
        raise AnalysisError(f"no series of grain '{grain}'", fix=suggest(grain, CALENDAR_GRAINS))
    each = [cases] * len(values) if cases is None or isinstance(cases, int | float) else list(cases)
    if len(each) != len(values):
        raise AnalysisError(
            "there must be as many cases as values",
            found=f"{len(each)} cases",
            expected=str(len(values)),
        )
    first = period_of(start, grain)
    tops = [
        value if n is None or value is None else value * n
        for value, n in zip(values, each, strict=True)
    ]
    columns: dict[str, object] = {
        "kpi": [kpi] * len(values),
        "version": [1] * len(values),
        "grain": [grain] * len(values),
        "period": [first.next(step).start for step in range(len(values))],
        **({} if team is None else {"team": [team] * len(values)}),
        "numerator": tops,
        "denominator": each,
        "value": list(values),
        "final": [True] * len(values),
    }
    floats = dict.fromkeys(("numerator", "denominator", "value"), pl.Float64)
    types = {"kpi": pl.String, "version": pl.Int64, "grain": pl.String, "period": pl.Date}
    overrides = {**types, **floats, "final": pl.Boolean}
    return pl.DataFrame(columns, schema_overrides=overrides, strict=False)


def _period(start: date, grain: str, fiscal: FiscalCalendar | None) -> Period | None:
    """Return the period that starts on a day; None for minutes, and where no calendar tells."""
    if isinstance(start, datetime):
        return None
    for known in CALENDAR_GRAINS:
        if grain == known:
            return Period(known, start)
    for fiscal_grain in FISCAL_GRAINS if fiscal is not None else ():
        if grain == fiscal_grain:
            return Period(fiscal_grain, start, fiscal)
    return None
