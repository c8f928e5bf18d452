"""Durations of which some are still running, in SQL: counted by length."""

from __future__ import annotations

from sqlglot import exp

from kpitools.catalog.compiled import Compiled
from kpitools.catalog.expressions.sql_parts import column, literal
from kpitools.catalog.expressions.to_sql import Dialect, milliseconds_sql
from kpitools.catalog.model import Kpi
from kpitools.errors import FactsError
from kpitools.facts.asked import Asked
from kpitools.facts.components import read_formulas
from kpitools.facts.engines.sql_periods import period_sql, range_sql
from kpitools.facts.engines.sql_rows import (
    KNOWN,
    ROWS,
    TIMED,
    Needed,
    Relation,
    aliased,
    dimension,
    dimensions_sql,
    known_sql,
    row_sql,
    where_sql,
)
from kpitools.facts.ground import Ground
from kpitools.facts.survival import DURATION, ENDED, OPEN

_STARTS, _ENDS = "__starts", "__ends"


def durations_sql(kpi: Kpi, asked: Asked, ground: Ground, relation: Relation) -> exp.Select:
    """Count the cases of a cohort by how long they took, or have been open so far.

    Gives the columns `period`, the dimensions, `duration_ms`, `ended` and `still_open`, as
    `build_durations` does.

    Raises:
        FactsError: periods that SQL cannot cut; a KPI without a start and an end.
    """
    part = read_formulas(kpi, asked.settings(kpi))
    names = (kpi.period_of, *asked.by, *asked.where)
    needed = Needed.by([part], *names, clocked=[kpi.period_of])
    ended = exp.Count(this=column(_ENDS))
    still = exp.Sub(this=exp.Count(this=exp.Star()), expression=ended.copy())
    keys = {"period": column("period")} | {name: column(dimension(name)) for name in asked.by}
    figures = {DURATION: column(DURATION), ENDED: ended, OPEN: still}
    return (
        exp.select(*aliased({**keys, **figures}))
        .from_(ROWS)
        .with_(KNOWN, as_=known_sql(relation, needed, ground, period_of=kpi.period_of))
        .with_(TIMED, as_=_timed(kpi, part, asked, ground, relation.dialect))
        .with_(ROWS, as_=_measured(asked, ground, relation.dialect))
        .group_by(*(each.copy() for each in keys.values()), column(DURATION))
    )


def _timed(kpi: Kpi, part: Compiled, asked: Asked, ground: Ground, dialect: Dialect) -> exp.Select:
    """Select when each case of the cohort starts and ends; an end to come is not known."""
    if part.starts is None or part.ends is None:
        raise FactsError(f"'{kpi.kpi}' has no start and end", expected="a KPI of kind censored")
    settings = asked.settings(kpi)
    first, last = ground.whole_range(asked.first_day, asked.last_day)
    wanted = [*range_sql(ground, kpi.period_of, first, last), *where_sql(asked.where)]
    if part.where is not None:
        wanted.append(row_sql(part.where, settings, dialect))
    ends = row_sql(part.ends, settings, dialect)
    seen = exp.LTE(this=ends, expression=literal(ground.as_of))
    made = {
        "period": period_sql(ground, kpi.period_of, dialect),
        **dimensions_sql(asked.by),
        _STARTS: row_sql(part.starts, settings, dialect),
        _ENDS: exp.Case(ifs=[exp.If(this=seen, true=ends.copy())]),
    }
    return exp.select(*aliased(made)).from_(KNOWN).where(*wanted)


def _measured(asked: Asked, ground: Ground, dialect: Dialect) -> exp.Select:
    """Select how long each case took; one that ends before it starts has no duration."""
    now = literal(ground.as_of)
    until = exp.func("coalesce", column(_ENDS), now)
    taken = exp.Paren(this=milliseconds_sql(column(_STARTS), until, dialect))
    right = exp.GTE(this=taken, expression=literal(0))
    made = {
        "period": column("period"),
        **{dimension(name): column(dimension(name)) for name in asked.by},
        DURATION: exp.Case(ifs=[exp.If(this=right, true=taken.copy())]),
        _ENDS: column(_ENDS),
    }
    begun = exp.LTE(this=column(_STARTS), expression=now.copy())
    return exp.select(*aliased(made)).from_(TIMED).where(begun)
