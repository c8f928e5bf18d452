"""How KPIs become queries: all sums of a table in one pass, and one for each counted value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from kpitools.catalog.derived import DERIVED
from kpitools.catalog.expressions.kinds import COUNT, TEXT
from kpitools.catalog.expressions.nodes import Node
from kpitools.catalog.model import Kpi, Parameter
from kpitools.errors import FactsError, examples
from kpitools.facts.asked import Asked
from kpitools.facts.components import SCALE, base_of, fields_read, read_formulas
from kpitools.facts.derived import BUILDERS
from kpitools.facts.exact import divided
from kpitools.facts.fields import dimensions_of, fields_of
from kpitools.facts.grains import in_range
from kpitools.facts.ground import UTC_MS, Ground, known_at
from kpitools.facts.levels import levels_among, with_levels
from kpitools.facts.pieces import ADDED, SQUARES, Pieces, bound, parts_in
from kpitools.tables import NOT_RECORDED, TABLES

PERIOD = "__period"
CURRENCIES = "__currencies"
CLOSE = frozenset({"contacts", "contact_chains"})
"""Tables whose time stamps of one row lie within hours: one pass serves them all."""

_OWN = "__own_"
"""Begins the name of a dimension as it is in the row, beside the one that facts are split by."""

_CURRENCY = Node("field", TEXT, value="currency")
_MONEY = tuple(
    Node(op, TEXT if op in {"min", "max"} else COUNT, args)
    for op, args in (
        ("min", (_CURRENCY,)), ("max", (_CURRENCY,)), ("count", (_CURRENCY,)), ("count_rows", ()),
    )
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """KPIs (none of them a snapshot or censored) that share table and attribution time."""

    table: str
    period_of: str
    kpis: tuple[Kpi, ...]


@dataclass(frozen=True)
class Reading:
    """One pass over a table for some plans: its aggregates, and each KPI's formulas over them."""

    plans: tuple[Plan, ...]
    pieces: Pieces = field(default_factory=Pieces)
    formulas: dict[tuple[str, str], Node] = field(default_factory=dict)
    used: dict[str, dict[Node, None]] = field(default_factory=dict)
    fields: set[str] = field(default_factory=set)

    def period(self, plan: Plan) -> str:
        """Name the column of the period by which a plan counts."""
        return f"{PERIOD}_{self.plans.index(plan)}"

    def needed(self, plan: Plan, *, added: bool) -> list[Node]:
        """Return the aggregates of a plan: those that add up, or the others."""
        return [node for node in self.used[plan.period_of] if (node.op in ADDED_TOO) == added]


ADDED_TOO = ADDED | {SQUARES}


def plans_of(kpis: Iterable[Kpi]) -> list[Plan]:
    """Group KPIs by table and time; one whose rows depend on its parameters stands alone."""
    groups: dict[tuple[str, str, str], list[Kpi]] = {}
    for kpi in kpis:
        if kpi.kind not in {"snapshot", "censored"}:
            own = kpi.kpi if kpi.table in DERIVED and DERIVED[kpi.table].parameters else ""
            groups.setdefault((kpi.table, kpi.period_of, own), []).append(kpi)
    return [Plan(table, at, tuple(members)) for (table, at, _), members in groups.items()]


def readings_of(
    asked: Asked, *, squares: Mapping[str, Node] | None = None, together: bool = True
) -> list[Reading]:
    """Group the plans of a question into passes over the tables.

    Args:
        asked: the question.
        squares: amounts of which the sum of squares is wanted as well, by KPI.
        together: whether plans with other attribution times may share a pass.
    """
    dimensions = {*asked.by, *asked.where}
    groups: dict[tuple[str, int], list[Plan]] = {}
    for number, plan in enumerate(plans_of(asked.kpis)):
        own = plan.table in DERIVED and DERIVED[plan.table].parameters
        alike = dimensions <= set(dimensions_of(plan.table))
        shared = together and plan.table in CLOSE and alike and not own
        groups.setdefault((plan.table, -1 if shared else number), []).append(plan)
    return [_reading(tuple(plans), asked, squares or {}) for plans in groups.values()]


def _reading(plans: tuple[Plan, ...], asked: Asked, squares: Mapping[str, Node]) -> Reading:
    made = Reading(plans)
    made.fields.update(asked.by, asked.where)
    for plan in plans:
        used = made.used.setdefault(plan.period_of, {})
        for kpi in plan.kpis:
            settings = asked.settings(kpi)
            part = read_formulas(kpi, settings)
            made.fields.update(fields_read(part))
            only = None if part.where is None else bound(part.where.node, settings)
            nodes = {"numerator": part.numerator, "denominator": base_of(kpi, part)}
            taken = {name: each.node for name, each in nodes.items() if each is not None}
            if kpi.kpi in squares:
                taken[SQUARES] = squares[kpi.kpi]
            for name, node in taken.items():
                own = _unnamed(bound(node, settings), asked.by)
                made.formulas[kpi.kpi, name] = made.pieces.take(own, only)
                used.update(dict.fromkeys(parts_in(made.formulas[kpi.kpi, name])))
        if mixes_money(plan):
            made.fields.add("currency")
            used.update(dict.fromkeys(_MONEY))
            for node in _MONEY:
                made.pieces.name(node)
    return made


def _unnamed(node: Node, by: Sequence[str]) -> Node:
    """Let a formula over a dimension that is split by see null where nothing is recorded."""
    if node.op == "field" and node.value in by:
        return replace(node, value=f"{_OWN}{node.value}")
    where = None if node.where is None else _unnamed(node.where, by)
    return replace(node, args=tuple(_unnamed(arg, by) for arg in node.args), where=where)


def rows_of(  # noqa: PLR0913 - what decides which rows there are; options by keyword
    ground: Ground,
    table: str,
    names: set[str],
    *,
    period_of: str | None,
    settings: Mapping[str, Parameter] | None = None,
    dated_by: str | None = None,
) -> pl.LazyFrame:
    """Return the needed fields of a canonical or derived table as known at `as_of`.

    `settings` are the parameters of the KPI that asks, for tables whose rows depend on them.
    Levels above the teams are those of the day of `dated_by`, by default of `period_of`.
    """
    levels, at = levels_among(names, table, ground.events.levels), dated_by or period_of
    if levels and at is not None:
        fields = {*names, "team", at}.difference(levels)
        frame = rows_of(ground, table, fields, period_of=period_of, settings=settings)
        return with_levels(frame, levels, ground.events.teams, at=at)
    if table in TABLES:
        return ground.known(table, names, period_of=period_of)
    wanted = frozenset(names) if period_of is None else frozenset({*names, period_of})
    needed = [item for item in fields_of(table) if item.name in wanted]
    frame = BUILDERS[table](replace(ground, wanted=wanted, settings=settings or {}))
    return known_at(frame, needed, as_of=ground.as_of, period_of=period_of)


def rows_read(
    reading: Reading, plans: Sequence[Plan], asked: Asked, ground: Ground
) -> pl.LazyFrame:
    """Return the rows that some plans of a reading count, with period, dimensions and flags.

    A row that counts for one plan only has no period for the others.
    """
    alone = plans[0].period_of if len(plans) == 1 else None
    frame = _rows_of_plans(reading, plans, asked, ground)
    days = ground.whole_range(asked.first_day, asked.last_day)
    now = pl.lit(ground.as_of, dtype=UTC_MS)
    ranges, periods = [], []
    for plan in plans:
        conditions = in_range(plan.period_of, ground.grain, *days)
        ranges += [pl.all_horizontal(conditions)] if conditions else []
        period = ground.period_column(plan.period_of)
        if alone is None:
            known = pl.col(plan.period_of) <= now
            period = pl.when(pl.all_horizontal(known, *conditions)).then(period)
        periods.append(period.alias(reading.period(plan)))
    kept = [*([pl.any_horizontal(ranges)] if ranges else []), *where_asked(asked)]
    flags = [
        bound_condition(node).fill_null(value=False).alias(name)
        for node, name in reading.pieces.flags.items()
    ]
    own = [pl.col(name).alias(f"{_OWN}{name}") for name in asked.by]
    rows = (frame.filter(*kept) if kept else frame).with_columns(own)
    return rows.with_columns(*periods, *recorded(asked.by), *flags)


def _rows_of_plans(
    reading: Reading, plans: Sequence[Plan], asked: Asked, ground: Ground
) -> pl.LazyFrame:
    """Return the rows of a table as known at `as_of`, whatever time they count by.

    Of several plans a time stamp that only cuts periods is left as it is: rows later than
    `as_of` get no period.
    """
    table, settings = plans[0].table, asked.settings(plans[0].kpis[0])
    names = reading.fields | {plan.period_of for plan in plans}
    if len(plans) == 1:
        return rows_of(ground, table, names, period_of=plans[0].period_of, settings=settings)
    read = [item for item in fields_of(table) if item.name in reading.fields]
    if table in TABLES:
        return known_at(ground.rows(table, names), read, as_of=ground.as_of)
    made = BUILDERS[table](replace(ground, wanted=frozenset(names), settings=settings))
    return known_at(made, read, as_of=ground.as_of)


def bound_condition(node: Node) -> pl.Expr:
    """Give the expression of a condition whose parameters have their values."""
    from kpitools.catalog.expressions.to_polars import polars_expression

    return polars_expression(node, {})


def where_asked(asked: Asked) -> list[pl.Expr]:
    """Give the conditions of the asked dimension values; `(not recorded)` means null."""
    return [
        pl.col(name).fill_null(NOT_RECORDED).is_in(list(values))
        for name, values in asked.where.items()
    ]


def recorded(by: Sequence[str]) -> list[pl.Expr]:
    """Give the dimensions with a name for what is not recorded."""
    return [pl.col(name).fill_null(NOT_RECORDED) for name in by]


def mixes_money(plan: Plan) -> bool:
    """Tell whether a plan adds amounts that may be in several currencies."""
    dimension = any(item.name == "currency" for item in fields_of(plan.table))
    return dimension and any(kpi.unit == "money" for kpi in plan.kpis)


def currencies(pieces: Pieces) -> pl.Expr:
    """Tell how many currencies (none recorded is one) a row adds: 1, or 2 for several."""
    least, most, known, rows = (pl.col(pieces.name(node)) for node in _MONEY)
    mixed = (least != most).fill_null(value=False) | ((known > 0) & (known < rows))
    return (1 + mixed.cast(pl.Int64)).alias(CURRENCIES)


def check_currencies(frame: pl.DataFrame, kpis: Sequence[Kpi], asked: Asked) -> None:
    """Refuse to add amounts in several currencies.

    Raises:
        FactsError: a period and combination of dimensions that has several.
    """
    if CURRENCIES not in frame.columns:
        return
    mixed = frame.filter(pl.col(CURRENCIES) > 1)
    if mixed.height:
        where = mixed.sort(PERIOD, *asked.by).select(PERIOD, *asked.by).rows()
        raise FactsError(
            "amounts in several currencies cannot be added",
            found=examples(" ".join(map(str, row)) for row in where),
            expected="one currency in every row of " + examples(kpi.kpi for kpi in kpis),
            fix="split by 'currency', or ask for one with where currency=...",
        )


def components_found(kpi: Kpi, found: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    """Take one KPI's components out of what a reading gave, in seconds and major units.

    Returns:
        Columns `period`, the dimensions, `numerator`, `denominator` (null where none), and
        `squares` where they were wanted.
    """
    part = read_formulas(kpi, asked.settings(kpi))
    columns = {}
    for name, formula in (("numerator", part.numerator), ("denominator", base_of(kpi, part))):
        if formula is None:
            columns[name] = pl.Series(name, [None] * found.height, dtype=pl.Float64)
        else:
            columns[name] = divided(found[column(kpi, name)], SCALE.get(formula.kind, 1))
    if column(kpi, SQUARES) in found.columns and part.numerator is not None:
        scale = SCALE.get(part.numerator.kind, 1) ** 2
        columns[SQUARES] = divided(found[column(kpi, SQUARES)], scale)
    return found.select(pl.col(PERIOD).alias("period"), *asked.by).with_columns(**columns)


def column(kpi: Kpi, name: str) -> str:
    """Name the column of a KPI's component in what a reading gives."""
    return f"{kpi.kpi}:{name}"
