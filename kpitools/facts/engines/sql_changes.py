"""Open cases in SQL: how many entered and left in each period."""

from __future__ import annotations

from sqlglot import exp

from kpitools.catalog.expressions.sql_parts import called, column, literal
from kpitools.catalog.expressions.to_sql import Dialect
from kpitools.catalog.model import Kpi
from kpitools.facts.asked import Asked
from kpitools.facts.components import read_formulas
from kpitools.facts.engines.sql_periods import first_day_sql, local_sql, minutes_sql
from kpitools.facts.engines.sql_rows import (
    KNOWN,
    ROWS,
    TIMED,
    Needed,
    Relation,
    aliased,
    dimension,
    dimensions_sql,
    is_there,
    known_sql,
    row_sql,
    where_sql,
)
from kpitools.facts.fields import dimensions_of
from kpitools.facts.ground import Ground
from kpitools.facts.periods import MINUTES

CHANGE = "__change"
_ENTERS, _LEAVES = "__enters", "__leaves"


def changes_sql(kpi: Kpi, asked: Asked, ground: Ground, relation: Relation) -> exp.Expr:
    """Count, per period and dimensions, how many more entered than left a snapshot.

    Gives the columns `period`, the dimensions and `__change`, as `build_changes` does.

    Raises:
        FactsError: periods that SQL cannot cut.
    """
    part = read_formulas(kpi, asked.settings(kpi))
    clocked = "team" in dimensions_of(kpi.table)
    needed = Needed.by([part], *asked.by, *asked.where, *(["team"] if clocked else []))
    known = known_sql(relation, needed, ground, period_of=None)
    later = called("greatest", column(_LEAVES), column(_ENTERS))
    left = exp.Case(ifs=[exp.If(this=is_there(_LEAVES), true=later)])
    moments = {
        name: _moment(instant, ground, relation.dialect, by_team=clocked)
        for name, instant in ((_ENTERS, column(_ENTERS)), (_LEAVES, left))
    }
    keys = {dimension(name): column(dimension(name)) for name in asked.by}
    rows = exp.select(*aliased({**moments, **keys})).from_(TIMED).where(is_there(_ENTERS))
    counted = [_counted(name, sign, asked) for name, sign in ((_ENTERS, 1), (_LEAVES, -1))]
    return (
        exp.union(*counted, distinct=False)
        .with_(KNOWN, as_=known)
        .with_(TIMED, as_=_timed(kpi, asked, needed, relation.dialect))
        .with_(ROWS, as_=rows)
    )


def _timed(kpi: Kpi, asked: Asked, needed: Needed, dialect: Dialect) -> exp.Select:
    """Select when each case enters and leaves, of the rows asked for."""
    settings = asked.settings(kpi)
    part = read_formulas(kpi, settings)
    moments = {
        name: exp.cast(exp.Null(), "timestamptz")
        if each is None
        else row_sql(each, settings, dialect)
        for name, each in ((_ENTERS, part.enters), (_LEAVES, part.leaves))
    }
    team = {"team": column("team")} if "team" in needed.columns else {}
    made = exp.select(*aliased({**moments, **dimensions_sql(asked.by), **team})).from_(KNOWN)
    wanted = where_sql(asked.where)
    if part.where is not None:
        wanted.append(row_sql(part.where, settings, dialect))
    return made.where(*wanted)


def _moment(instant: exp.Expr, ground: Ground, dialect: Dialect, *, by_team: bool) -> exp.Expr:
    """Give the period that an instant lies in, on the clock of the row's team."""
    if ground.span is None and ground.grain in MINUTES:
        return minutes_sql(instant, ground.grain, dialect)
    local = local_sql(instant, ground.clocks, dialect, by_team=by_team)
    return first_day_sql(ground, exp.cast(local, "date"), dialect)


def _counted(name: str, sign: int, asked: Asked) -> exp.Select:
    total = exp.Mul(this=exp.Count(this=exp.Star()), expression=literal(sign))
    named = {each: column(dimension(each)) for each in asked.by}
    keys = [column(name), *(column(dimension(each)) for each in asked.by)]
    return (
        exp.select(*aliased({"period": column(name), **named, CHANGE: total}))
        .from_(ROWS)
        .where(is_there(name))
        .group_by(*keys)
    )
