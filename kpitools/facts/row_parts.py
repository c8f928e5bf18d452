"""What each row does for a component: whether it counts, and how much it adds."""

from __future__ import annotations

import polars as pl

from kpitools.catalog.expressions.nodes import Node
from kpitools.catalog.expressions.to_polars import polars_expression
from kpitools.catalog.model import Kpi
from kpitools.facts.asked import Asked
from kpitools.facts.components import SCALE, adds_up, base_of, read_formulas
from kpitools.facts.counts import COUNT, VALUE, quantiles_of
from kpitools.facts.pieces import aggregates_in, partials, parts_in, rows_in
from kpitools.facts.query import PERIOD, Reading, column

_TRUE = pl.lit(value=True)


def marks_of(reading: Reading, kpi: Kpi, asked: Asked) -> list[pl.Expr]:
    """Give the columns that tell, for each row that was read, what it does.

    Returns:
        `in_numerator` and `in_denominator` (Boolean) for what the KPI has; for components
        that are added up `numerator_part` and `denominator_part` (Float64, in seconds and
        major units): their sums are the components.
    """
    part = read_formulas(kpi, asked.settings(kpi))
    formulas = {"numerator": part.numerator, "denominator": base_of(kpi, part)}
    made = []
    for name, formula in formulas.items():
        if formula is None:
            continue
        node = reading.formulas[kpi.kpi, name]
        looks = [_counted(each) for each in aggregates_in(node)]
        made.append(pl.any_horizontal(looks).fill_null(value=False).alias(f"in_{name}"))
        if adds_up(formula.node):
            adds = polars_expression(node, {}, replaced=_added).cast(pl.Float64)
            scale = SCALE.get(formula.kind, 1)
            made.append((adds / scale if scale > 1 else adds).alias(f"{name}_part"))
    return made


def totals_of(reading: Reading, frame: pl.DataFrame) -> pl.DataFrame:
    """Work out the components of a reading's one KPI from rows that it read.

    Returns:
        One row (none without rows) as `components_found` takes it, in the units of the tables.
    """
    names, pieces = reading.pieces.names, reading.pieces
    frame = frame.filter(pl.col(PERIOD).is_not_null())
    nodes = dict.fromkeys(each for node in reading.formulas.values() for each in parts_in(node))
    others = [node for node in nodes if node.op in {"count_distinct", "percentile"}]
    parts = partials([node for node in nodes if node not in others], names)
    totals = frame.with_columns(parts.columns).group_by(PERIOD).agg(parts.aggregates)
    for node in others:
        found = _quantile(node, frame, names[node])
        if node.op == "count_distinct":
            found = frame.group_by(PERIOD).agg(
                rows_in(node).drop_nulls().n_unique().cast(pl.Int64).alias(names[node])
            )
        totals = totals.join(found, on=PERIOD, how="left")
    return totals.select(
        PERIOD,
        **{
            column(kpi, name): pieces.result(node)
            for plan in reading.plans
            for kpi in plan.kpis
            for (own, name), node in reading.formulas.items()
            if own == kpi.kpi
        },
    )


def _quantile(node: Node, frame: pl.DataFrame, name: str) -> pl.DataFrame:
    if node.op != "percentile":
        return frame
    values = frame.select(PERIOD, rows_in(node).alias(VALUE)).filter(pl.col(VALUE).is_not_null())
    counts = values.group_by(PERIOD, VALUE).agg(pl.len().alias(COUNT))
    return quantiles_of(counts, {name: float(str(node.args[1].value))}, keys=[PERIOD])


def _counted(node: Node) -> pl.Expr:
    """Tell which rows an aggregate looks at."""
    if node.op == "count_rows":
        return _TRUE if node.where is None else polars_expression(node.where, {})
    return rows_in(node).is_not_null()


def _added(node: Node) -> pl.Expr | None:
    """Give what a row adds to an aggregate."""
    if node.op in {"count_rows", "count"}:
        return _counted(node).fill_null(value=False).cast(pl.Int64)
    return rows_in(node).fill_null(0) if node.op == "sum" else None
