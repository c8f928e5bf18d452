"""One KPI as SQL to read: its definition in the words of a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from kpitools.catalog.derived import DERIVED
from kpitools.catalog.expressions import Formula
from kpitools.catalog.expressions.sql_parts import column, quotient, wrapped
from kpitools.catalog.expressions.to_sql import (
    Dialect,
    check_dialect,
    milliseconds_sql,
    sql_expression,
)
from kpitools.catalog.model import Kpi, Parameter
from kpitools.facts.components import SCALE, base_of, read_formulas
from kpitools.facts.engines.plain import plain
from kpitools.facts.engines.sql_periods import calendar_sql
from kpitools.facts.engines.sql_rows import aliased, row_sql
from kpitools.facts.fields import dimensions_of
from kpitools.tables import local_name

_POINTS = 100
_PERIOD_END = "period_end"


def kpi_sql(
    kpi: Kpi,
    dialect: str = "duckdb",
    *,
    grain: str = "month",
    by: Sequence[str] = (),
    parameters: Mapping[str, Parameter] | None = None,
) -> str:
    """Write a KPI as one readable SELECT: per period its components and its value.

    It says what the KPI is. Facts come from `build_facts`, whose SELECTs also see the data as
    of an instant, cut weeks on a Sunday where asked, and add fractions exactly. A snapshot is
    written for one period's end (`$period_end`, an instant), a censored duration as the counts
    that its Kaplan-Meier quantile is made from. A derived table is named as if it were one of
    the database's: kpitools makes its rows from several tables.

    Args:
        kpi: the KPI version.
        dialect: `duckdb` or `spark`.
        grain: day, week (from Monday), month, quarter, half_year or year.
        by: dimensions to split by.
        parameters: values instead of the catalogue's.

    Raises:
        CatalogError: an unknown dialect.
        FactsError: no grain of the calendar.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> print(kpi_sql(load_builtin().kpi("survey_response_rate")))
        SELECT
          CAST(DATE_TRUNC('month', CAST(sent_at_local AS DATE)) AS DATE) AS period,
          COUNT(answered_at) AS numerator,
          COUNT(*) AS denominator,
          numerator / NULLIF(denominator, 0) AS value
        FROM surveys
        GROUP BY
          1
        ORDER BY
          1
    """
    known = check_dialect(dialect)
    settings = {**kpi.parameters, **(parameters or {})}
    period = calendar_sql(grain, exp.cast(column(local_name(kpi.period_of)), "date"), known)
    if kpi.kind == "snapshot":
        made = _snapshot(kpi, settings, by, known)
    elif kpi.kind == "censored":
        made = _durations(kpi, settings, period, by, known)
    else:
        made = _ratio(kpi, settings, period, by, known)
    text = plain(made, known).sql(dialect=known, pretty=True)
    if kpi.table not in DERIVED:
        return text
    return f"-- {kpi.table}: {DERIVED[kpi.table].row}; made by kpitools from several tables\n{text}"


def _ratio(
    kpi: Kpi,
    settings: Mapping[str, Parameter],
    period: exp.Expr,
    by: Sequence[str],
    dialect: Dialect,
) -> exp.Select:
    part = read_formulas(kpi, settings)
    columns: dict[str, exp.Expr] = {}
    for name, formula in (("numerator", part.numerator), ("denominator", base_of(kpi, part))):
        if formula is not None:
            columns[name] = _in_units(formula, settings, dialect)
    columns["value"] = _value(kpi, columns)
    if kpi.kind == "percentile":
        del columns["numerator"]
    return _grouped({"period": period}, columns, by, kpi, part.where, settings, dialect)


def _value(kpi: Kpi, columns: Mapping[str, exp.Expr]) -> exp.Expr:
    if "denominator" not in columns or kpi.kind == "percentile":
        return columns["numerator"].copy()
    below = exp.func("nullif", column("denominator"), exp.Literal.number(0))
    ratio = quotient(column("numerator"), below)
    if kpi.unit != "points":
        return ratio
    return exp.Mul(this=exp.Literal.number(_POINTS), expression=ratio)


def _in_units(formula: Formula, settings: Mapping[str, Parameter], dialect: Dialect) -> exp.Expr:
    """Give a component in seconds and major units."""
    made = sql_expression(formula.node, settings, dialect=dialect)
    scale = SCALE.get(formula.kind, 1)
    return made if scale == 1 else quotient(wrapped(made), exp.Literal.number(scale))


def _snapshot(
    kpi: Kpi, settings: Mapping[str, Parameter], by: Sequence[str], dialect: Dialect
) -> exp.Select:
    """Count the cases that have entered and not left at the end of a period."""
    part = read_formulas(kpi, settings)
    end = exp.Placeholder(this=_PERIOD_END)
    wanted: list[exp.Expr] = []
    if part.enters is not None:
        enters = row_sql(part.enters, settings, dialect)
        wanted.append(exp.LT(this=wrapped(enters), expression=end))
    if part.leaves is not None:
        leaves = row_sql(part.leaves, settings, dialect)
        still = exp.Is(this=wrapped(leaves), expression=exp.Null())
        later = exp.GTE(this=wrapped(leaves.copy()), expression=end.copy())
        wanted.append(exp.Paren(this=exp.Or(this=still, expression=later)))
    counted = {"value": exp.Count(this=exp.Star())}
    made = _grouped({}, counted, by, kpi, part.where, settings, dialect)
    return made.where(*wanted)


def _durations(
    kpi: Kpi,
    settings: Mapping[str, Parameter],
    period: exp.Expr,
    by: Sequence[str],
    dialect: Dialect,
) -> exp.Select:
    """Count how long cases took, or have been open up to an instant."""
    part = read_formulas(kpi, settings)
    now = exp.Placeholder(this="as_of")
    starts, ends = (
        exp.Null() if each is None else row_sql(each, settings, dialect)
        for each in (part.starts, part.ends)
    )
    until = exp.func("coalesce", ends, now)
    ended = exp.Count(this=ends.copy())
    still = exp.Sub(this=exp.Count(this=exp.Star()), expression=ended.copy())
    keys = {"period": period, "duration_ms": milliseconds_sql(starts, until, dialect)}
    return _grouped(
        keys, {"ended": ended, "still_open": still}, by, kpi, part.where, settings, dialect
    )


def _grouped(  # noqa: PLR0913, PLR0917 - the parts of one SELECT
    keys: Mapping[str, exp.Expr],
    figures: Mapping[str, exp.Expr],
    by: Sequence[str],
    kpi: Kpi,
    where: Formula | None,
    settings: Mapping[str, Parameter],
    dialect: Dialect,
) -> exp.Select:
    split = [column(name) for name in by if name in dimensions_of(kpi.table)]
    made = exp.select(*aliased(keys), *split, *aliased(figures)).from_(kpi.table)
    if where is not None:
        made = made.where(row_sql(where, settings, dialect))
    places = [exp.Literal.number(place + 1) for place in range(len(keys) + len(split))]
    if not places:
        return made
    return made.group_by(*places).order_by(*(place.copy() for place in places))
