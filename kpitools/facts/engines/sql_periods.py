"""Time in SQL: on whose clock, in which period, within which range."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta

from sqlglot import exp

from kpitools.catalog.expressions.sql_parts import called, column, literal
from kpitools.catalog.expressions.to_sql import Dialect
from kpitools.errors import FactsError, suggest
from kpitools.facts.clocks import Clocks
from kpitools.facts.ground import Ground
from kpitools.facts.periods import FISCAL_GRAINS, MINUTES, MONTHS, Grain
from kpitools.tables import local_name

_ONE_DAY = timedelta(days=1)
_MS_PER_MINUTE = 60_000
_FISCAL_MONTHS = {"fiscal_month": 1, "fiscal_quarter": 3, "fiscal_year": 12}
_UNITS = {1: "month", 3: "quarter", 12: "year"}
_SIX = 6

Truncate = Callable[[exp.Expr, str], exp.Expr]
Move = Callable[[exp.Expr, int], exp.Expr]


def period_sql(ground: Ground, timestamp: str, dialect: Dialect) -> exp.Expr:
    """Give the start of each row's period, as `Ground.period_column` does in polars.

    Raises:
        FactsError: a fiscal calendar of weeks and no range of whole periods.
    """
    if ground.span is None and ground.grain in MINUTES:
        return minutes_sql(column(timestamp), ground.grain, dialect)
    return first_day_sql(ground, exp.cast(column(local_name(timestamp)), "date"), dialect)


def first_day_sql(ground: Ground, day: exp.Expr, dialect: Dialect) -> exp.Expr:
    """Give the first date of the period that each date lies in.

    Raises:
        FactsError: a fiscal calendar of weeks and no range of whole periods.
    """
    if ground.span is not None:
        return _if_known(day, literal(ground.span[0]))
    if ground.grain in FISCAL_GRAINS:
        return _fiscal(ground, day, dialect)
    return calendar_sql(ground.grain, day, dialect, sunday=ground.week_start == "sunday")


def calendar_sql(grain: str, day: exp.Expr, dialect: Dialect, *, sunday: bool = False) -> exp.Expr:
    """Give the first date of the calendar period that each date lies in.

    Raises:
        FactsError: no grain of the calendar.
    """
    months = {str(name): length for name, length in MONTHS.items()}
    truncate, move = _TRUNCATE[dialect], _DAYS[dialect]
    if grain == "day":
        return day
    if grain == "week":
        return move(truncate(move(day, 1), "week"), -1) if sunday else truncate(day, "week")
    if grain not in months:
        known = ("day", "week", *months)
        raise FactsError(f"no calendar grain '{grain}'", found=grain, fix=suggest(grain, known))
    return _months(day, months[grain], truncate, _MONTHS[dialect])


def minutes_sql(instant: exp.Expr, grain: Grain, dialect: Dialect) -> exp.Expr:
    """Cut an instant to an interval of minutes on UTC, as milliseconds since 1970."""
    length = literal(MINUTES[grain] * _MS_PER_MINUTE)
    at = called({"duckdb": "epoch_ms", "spark": "unix_millis"}[dialect], instant)
    return exp.Sub(this=at, expression=_positive_rest(at.copy(), length, dialect))


def range_sql(
    ground: Ground, timestamp: str, first: date | None, last: date | None
) -> list[exp.Expr]:
    """Give the conditions under which a time stamp lies between two days, inclusive."""
    on_utc = ground.span is None and ground.grain in MINUTES
    at = column(timestamp if on_utc else local_name(timestamp))

    def midnight(day: date) -> exp.Expr:
        return literal(datetime.combine(day, time(), tzinfo=UTC if on_utc else None))

    lower = [] if first is None else [exp.GTE(this=at, expression=midnight(first))]
    if last is None:
        return [*lower]
    return [*lower, exp.LT(this=at.copy(), expression=midnight(last + _ONE_DAY))]


def local_sql(instant: exp.Expr, clocks: Clocks, dialect: Dialect, *, by_team: bool) -> exp.Expr:
    """Turn an instant into the naive time on the clock of the row's team."""
    to_local = _LOCAL[dialect]
    default = to_local(instant, clocks.default)
    others = sorted(set(clocks.zones.values()) - {clocks.default}) if by_team else []
    branches = [
        exp.If(
            this=exp.In(
                this=column("team"),
                expressions=[
                    literal(team) for team, own in sorted(clocks.zones.items()) if own == zone
                ],
            ),
            true=to_local(instant.copy(), zone),
        )
        for zone in others
    ]
    return exp.Case(ifs=branches, default=default) if branches else default


def _fiscal(ground: Ground, day: exp.Expr, dialect: Dialect) -> exp.Expr:
    fiscal = ground.fiscal
    if fiscal is None or fiscal.weeks is not None:
        raise FactsError(
            "fiscal periods of weeks are cut by polars only",
            found=f"grain '{ground.grain}' with an engine of its own",
            expected="a calendar grain, or a fiscal year of months",
            fix="ask by week or month, or leave 'engine' out of kpitools.yaml",
        )
    months = _FISCAL_MONTHS[ground.grain]
    shift = (fiscal.starts - 1) % months
    move = _MONTHS[dialect]
    start = _TRUNCATE[dialect](day, "month")
    if not shift:
        return _months(day, months, _TRUNCATE[dialect], move)
    return move(_months(move(start, -shift), months, _TRUNCATE[dialect], move), shift)


def _months(day: exp.Expr, months: int, truncate: Truncate, move: Move) -> exp.Expr:
    if months != _SIX:
        return truncate(day, _UNITS[months])
    late = exp.GT(this=called("month", day.copy()), expression=literal(_SIX))
    year = truncate(day, "year")
    return exp.Case(ifs=[exp.If(this=late, true=move(year, _SIX))], default=year.copy())


def _if_known(day: exp.Expr, start: exp.Expr) -> exp.Expr:
    known = exp.Not(this=exp.Is(this=day, expression=exp.Null()))
    return exp.Case(ifs=[exp.If(this=known, true=start)])


def _positive_rest(value: exp.Expr, length: exp.Expr, dialect: Dialect) -> exp.Expr:
    """Give the rest of a division that is never below zero, before 1970 either."""
    if dialect == "spark":
        return called("pmod", value, length)
    rest = exp.Paren(this=exp.Mod(this=value, expression=length))
    again = exp.Paren(this=exp.Add(this=rest, expression=length.copy()))
    return exp.Mod(this=again, expression=length.copy())


def _duckdb_truncate(day: exp.Expr, unit: str) -> exp.Expr:
    return exp.cast(called("date_trunc", literal(unit), day), "date")


def _duckdb_days(day: exp.Expr, days: int) -> exp.Expr:
    kind = exp.Add if days > 0 else exp.Sub
    return exp.Paren(this=kind(this=day, expression=literal(abs(days))))


def _duckdb_months(day: exp.Expr, months: int) -> exp.Expr:
    kind = exp.Add if months > 0 else exp.Sub
    moved = kind(this=day, expression=called("to_months", literal(abs(months))))
    return exp.cast(moved, "date")


def _spark_local(instant: exp.Expr, zone: str) -> exp.Expr:
    return exp.cast(called("from_utc_timestamp", instant, literal(zone)), "timestamp_ntz")


_TRUNCATE: Mapping[Dialect, Truncate] = {
    "duckdb": _duckdb_truncate,
    "spark": lambda day, unit: called("trunc", day, literal(unit.upper())),
}
_DAYS: Mapping[Dialect, Move] = {
    "duckdb": _duckdb_days,
    "spark": lambda day, days: called("date_add", day, literal(days)),
}
_MONTHS: Mapping[Dialect, Move] = {
    "duckdb": _duckdb_months,
    "spark": lambda day, months: called("add_months", day, literal(months)),
}
_LOCAL: Mapping[Dialect, Callable[[exp.Expr, str], exp.Expr]] = {
    "duckdb": lambda instant, zone: called("timezone", literal(zone), instant),
    "spark": _spark_local,
}
