"""How the passes over the tables are run, and what each KPI finds in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from kpitools.catalog.derived import DERIVED
from kpitools.catalog.expressions.nodes import Node
from kpitools.facts.asked import Asked
from kpitools.facts.counts import COUNT, LEAST, MOST, VALUE, buckets_asked, quantiles_of
from kpitools.facts.ground import Ground
from kpitools.facts.pieces import merged, partials, rows_in
from kpitools.facts.query import (
    PERIOD,
    Plan,
    Reading,
    bound_condition,
    column,
    currencies,
    mixes_money,
    rows_read,
)

_BUCKET = "__bucket"
BUCKET_MS = 1_000
"""Durations are counted by whole seconds first, so that memory does not grow with the rows."""


@dataclass(frozen=True)
class Counted:
    """Values of one plan that are counted, and the percentiles that are taken from them.

    One count serves all percentiles of the same values: for each condition under which they
    are wanted it tells how often a value occurs.
    """

    reading: Reading
    plan: Plan
    nodes: tuple[Node, ...]

    @property
    def bucketed(self) -> bool:
        """Whether near values are counted together at first."""
        kind = self.nodes[0].args[0].type
        return kind.whole and kind.kind == "duration"

    @property
    def conditions(self) -> dict[str, Node | None]:
        """Conditions by the name of the column that counts under them."""
        found = dict.fromkeys(node.where for node in self.nodes)
        return {f"{COUNT}_{number}": where for number, where in enumerate(found)}

    def shares(self, where: Node | None) -> dict[str, float]:
        """Share of each percentile under a condition, by the name of its column."""
        names = self.reading.pieces.names
        return {
            names[node]: float(str(node.args[1].value))
            for node in self.nodes
            if node.where == where
        }

    def counts(self) -> list[pl.Expr]:
        """Give how often a value occurs under each condition."""
        return [
            (pl.len() if where is None else bound_condition(where).sum()).cast(pl.Int64).alias(name)
            for name, where in self.conditions.items()
        ]


def run_readings(
    readings: Sequence[Reading], asked: Asked, ground: Ground
) -> Iterator[tuple[Plan, pl.DataFrame]]:
    """Run passes on the streaming engine: one for the sums of a table, one for each counted value.

    Percentiles are taken from how often each value occurs. Durations are counted by whole
    seconds; where the milliseconds within a second matter, only the seconds in which a
    percentile lies are read again. The result is exact, and memory is bounded by the number
    of different seconds in a group, not by the number of rows.

    Returns:
        For each plan its columns: `PERIOD`, the dimensions, and each KPI's components in the
        units of the tables (see `components_found`).
    """
    jobs = [Counted(*each) for reading in readings for each in _counted(reading)]
    queries = [
        *(_sums(reading, asked, ground) for reading in readings),
        *(_distinct(*each, asked, ground) for reading in readings for each in _others(reading)),
        *(_counts(job, asked, ground) for job in jobs),
    ]
    found = iter(_collect(queries, readings))
    sums = [next(found) for _ in readings]
    distinct = [(plan, next(found)) for reading in readings for _, plan, _ in _others(reading)]
    percentiles = _quantiles(jobs, list(found), asked, ground)
    extra = [*distinct, *percentiles]
    for reading, frame in zip(readings, sums, strict=True):
        for plan in reading.plans:
            parts = [each for other, each in extra if other is plan]
            yield plan, _results(reading, plan, frame, parts, asked)


def _collect(queries: Sequence[pl.LazyFrame], readings: Sequence[Reading]) -> list[pl.DataFrame]:
    """Run queries together on the streaming engine, in bounded memory where rows are many.

    What queries have in common polars keeps for the slowest of them, all rows of it if need
    be. That is right for a derived table, which costs more to build than to keep; a canonical
    table is scanned anew instead, each time in the columns that the query needs.
    """
    if not queries:
        return []
    derived = any(plan.table in DERIVED for each in readings for plan in each.plans)
    shared = pl.QueryOptFlags(comm_subplan_elim=derived)
    return pl.collect_all(queries, engine="streaming", optimizations=shared)


def _sums(reading: Reading, asked: Asked, ground: Ground) -> pl.LazyFrame:
    nodes = dict.fromkeys(
        node for plan in reading.plans for node in reading.needed(plan, added=True)
    )
    periods = [reading.period(plan) for plan in reading.plans]
    parts = partials(nodes, reading.pieces.names)
    return (
        rows_read(reading, reading.plans, asked, ground)
        .with_columns(parts.columns)
        .group_by(*periods, *asked.by)
        .agg(parts.aggregates)
    )


def _others(reading: Reading) -> Iterator[tuple[Reading, Plan, Node]]:
    for plan in reading.plans:
        for node in reading.needed(plan, added=False):
            if node.op != "percentile":
                yield reading, plan, node


def _counted(reading: Reading) -> Iterator[tuple[Reading, Plan, tuple[Node, ...]]]:
    """Yield the percentiles of a reading, those of the same values together."""
    for plan in reading.plans:
        groups: dict[Node, list[Node]] = {}
        for node in reading.needed(plan, added=False):
            if node.op == "percentile":
                groups.setdefault(node.args[0], []).append(node)
        for nodes in groups.values():
            yield reading, plan, tuple(nodes)


def _values(
    reading: Reading, plan: Plan, nodes: Sequence[Node], asked: Asked, ground: Ground
) -> pl.LazyFrame:
    """Return period, dimensions and the values that some aggregates look at, with their flags."""
    rows = rows_read(reading, (plan,), asked, ground)
    wheres = [node.where for node in nodes]
    flags = sorted({name for each in wheres if each is not None for name in each.names("field")})
    if None not in wheres:
        rows = rows.filter(pl.any_horizontal(bound_condition(each) for each in wheres if each))
    value = replace(nodes[0], where=None)
    return rows.select(
        pl.col(reading.period(plan)).alias(PERIOD), *asked.by, rows_in(value).alias(VALUE), *flags
    ).filter(pl.col(VALUE).is_not_null())


def _distinct(
    reading: Reading, plan: Plan, node: Node, asked: Asked, ground: Ground
) -> pl.LazyFrame:
    keys = [PERIOD, *asked.by]
    name = reading.pieces.names[node]
    values = _values(reading, plan, [node], asked, ground).select(*keys, VALUE)
    return values.unique().group_by(keys).agg(pl.len().cast(pl.Int64).alias(name))


def _counts(job: Counted, asked: Asked, ground: Ground) -> pl.LazyFrame:
    values = _values(job.reading, job.plan, job.nodes, asked, ground)
    keys = [PERIOD, *asked.by]
    if not job.bucketed:
        return values.group_by(*keys, VALUE).agg(job.counts())
    return values.group_by(*keys, _bucket().alias(_BUCKET)).agg(
        *job.counts(), pl.col(VALUE).min().alias(LEAST), pl.col(VALUE).max().alias(MOST)
    ).rename({_BUCKET: VALUE})  # fmt: skip


def _bucket() -> pl.Expr:
    return pl.col(VALUE) // BUCKET_MS


def _quantiles(
    jobs: Sequence[Counted], counts: Sequence[pl.DataFrame], asked: Asked, ground: Ground
) -> list[tuple[Plan, pl.DataFrame]]:
    """Take the percentiles; look again into the seconds in which the milliseconds decide."""
    keys = [PERIOD, *asked.by]
    inside = [_inside(job, each, keys) for job, each in zip(jobs, counts, strict=True)]
    again = [
        _values(job.reading, job.plan, job.nodes, asked, ground)
        .with_columns(_bucket().alias(_BUCKET))
        .join(part.lazy().rename({VALUE: _BUCKET}), on=[*keys, _BUCKET], how="semi")
        .group_by(*keys, VALUE)
        .agg(job.counts())
        for job, part in zip(jobs, inside, strict=True)
        if part.height
    ]
    found = iter(_collect(again, [job.reading for job in jobs]))
    made = []
    for job, each, part in zip(jobs, counts, inside, strict=True):
        exact = each
        if job.bucketed:
            rest = each.join(part, on=[*keys, VALUE], how="anti") if part.height else each
            exact = rest.select(*keys, pl.col(LEAST).alias(VALUE), *job.conditions)
            exact = pl.concat([exact, next(found)]) if part.height else exact
        made += [
            (job.plan, quantiles_of(_only(exact, keys, name), job.shares(where), keys=keys))
            for name, where in job.conditions.items()
        ]
    return made


def _inside(job: Counted, counts: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Find the buckets in which a percentile lies and several values are counted."""
    if not job.bucketed:
        return counts.select(*keys, VALUE).clear()
    return pl.concat(
        buckets_asked(
            _only(counts, keys, name, LEAST, MOST), list(job.shares(where).values()), keys=keys
        )
        for name, where in job.conditions.items()
    ).unique()


def _only(counts: pl.DataFrame, keys: list[str], name: str, *more: str) -> pl.DataFrame:
    """Take the counts under one condition."""
    return counts.select(*keys, VALUE, pl.col(name).alias(COUNT), *more)


def _results(
    reading: Reading,
    plan: Plan,
    sums: pl.DataFrame,
    parts: Sequence[pl.DataFrame],
    asked: Asked,
) -> pl.DataFrame:
    """Put together what a plan's KPIs are made from, and form their components."""
    keys, period = [PERIOD, *asked.by], reading.period(plan)
    names = reading.pieces.names
    frame = sums.rename({period: PERIOD})
    if len(reading.plans) > 1:
        frame = (
            frame.filter(pl.col(PERIOD).is_not_null())
            .group_by(keys)
            .agg(merged(node, names[node]) for node in reading.needed(plan, added=True))
        )
    for part in parts:
        frame = frame.join(part, on=keys, how="left")
    frame = frame.with_columns(
        pl.col(names[node]).fill_null(0)
        for node in reading.needed(plan, added=False)
        if node.op == "count_distinct"
    )
    made = {
        column(kpi, name): reading.pieces.result(node)
        for kpi in plan.kpis
        for (own, name), node in reading.formulas.items()
        if own == kpi.kpi
    }
    money = [currencies(reading.pieces)] if mixes_money(plan) else []
    return frame.select(*keys, *money, **made)
