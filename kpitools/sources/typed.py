"""The typed rows of one source, lazily: fields, local clock times, derived fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from kpitools import tables
from kpitools.errors import Fault
from kpitools.sources.declaration import SourceConfig
from kpitools.sources.fields import DTYPES
from kpitools.sources.formulas import derived_formulas, mapped_kinds, needed_fields, read_formula
from kpitools.sources.ordering import ORDER, order_columns, order_names
from kpitools.sources.plan import Plan
from kpitools.sources.raw import FILE, LINE
from kpitools.sources.reading import Raw
from kpitools.sources.values import whole
from kpitools.sources.zones import Clocks

if TYPE_CHECKING:
    from kpitools.catalog.expressions import Formula


@dataclass(frozen=True)
class Typed:
    """Typed rows before the choice among them.

    `frame` holds the read fields with their local times, derived fields, `file`, `line` and the
    columns of the file that order rows. `order` names the columns to put rows of one key in
    order by, `kept` is false where `rows_where` leaves a row out.
    """

    frame: pl.LazyFrame
    fields: tuple[str, ...]
    lacking: Mapping[str, str]
    order: tuple[str, ...]
    kept: pl.Expr


def build_typed(source: SourceConfig, raw: Raw, plan: Plan, clocks: Clocks) -> Typed:
    """Build the typed rows of a source.

    Args:
        source: the declaration.
        raw: its rows as they stand in the files.
        plan: how each field is read.
        clocks: the teams' zones.
    """
    lacking = dict(plan.lacking)
    formulas = derived_formulas(source)
    for key, needs in needed_fields(source).items():
        absent = sorted(needs & set(plan.lacking))
        if absent:
            lacking[key] = plan.lacking[absent[0]]
    formulas = {key: item for key, item in formulas.items() if key not in lacking}
    order = order_columns(source, raw)
    base = [_stored(reading.value, key, source) for key, reading in plan.readings.items()]
    frame = raw.frame.select(*base, *order.values(), FILE, LINE)
    frame = _with_derived(frame, source, formulas, clocks)
    fields = tuple(key for key in mapped_kinds(source) if key not in lacking)
    by = tuple(
        name if name in source.columns else ORDER + name
        for name in order_names(source)
        if name not in lacking
    )
    return Typed(frame, fields, lacking, by, _kept(source))


def _stored(value: pl.Expr, key: str, source: SourceConfig) -> pl.Expr:
    """Give a value its field's type; a negative duration is none."""
    kind = tables.table(source.table).field(key).kind
    if kind == "duration":
        value = pl.when(value >= 0).then(value)
    return value.cast(DTYPES[kind]).alias(key)


def _with_derived(
    frame: pl.LazyFrame, source: SourceConfig, formulas: Mapping[str, Formula], clocks: Clocks
) -> pl.LazyFrame:
    """Add local clock times and derived fields, each after what it reads."""
    first = _before_team(formulas)
    for key in first:
        frame = _derive(frame, key, formulas[key], source)
    frame = _with_local(frame, source, clocks)
    for key in formulas:
        if key not in first:
            frame = _with_local(_derive(frame, key, formulas[key], source), source, clocks)
    return frame


def _before_team(formulas: Mapping[str, Formula]) -> list[str]:
    """Return a derived team and the derived fields that it reads, in their order."""
    needed = {"team"} & set(formulas)
    for key in reversed(list(formulas)):
        if key in needed:
            needed |= formulas[key].fields & set(formulas)
    return [key for key in formulas if key in needed]


def _derive(frame: pl.LazyFrame, key: str, formula: Formula, source: SourceConfig) -> pl.LazyFrame:
    value = formula.to_polars()
    kind = mapped_kinds(source)[key]
    if kind in {"duration", "money", "count"}:
        value = whole(value.cast(pl.Float64)) if not formula.whole else value
    return frame.with_columns(value.cast(DTYPES[kind]).alias(key))


def _with_local(frame: pl.LazyFrame, source: SourceConfig, clocks: Clocks) -> pl.LazyFrame:
    present = frame.collect_schema().names()
    team = pl.col("team") if "team" in present else None
    return frame.with_columns(
        clocks.to_local(pl.col(key), team).alias(tables.local_name(key))
        for key in tables.table(source.table).timestamps
        if key in present and tables.local_name(key) not in present
    )


def _kept(source: SourceConfig) -> pl.Expr:
    if source.rows_where is None:
        return pl.lit(True)
    formula, _ = read_formula(source.rows_where, mapped_kinds(source), mode="row")
    return pl.lit(True) if formula is None else formula.to_polars().fill_null(value=False)


def needed_faults(name: str, source: SourceConfig, lacking: Mapping[str, str]) -> list[Fault]:
    """Refuse a source whose rows cannot be told apart as declared, as fields for it are lacking."""
    asked = {"key": source.key or ()}
    if source.latest_state is not None:
        asked["latest_state"] = (*source.latest_state.by, *source.latest_state.order)
    if source.keep is not None:
        asked["keep"] = source.keep.last_by
    if source.rows_where is not None:
        formula, _ = read_formula(source.rows_where, mapped_kinds(source), mode="row")
        asked["rows_where"] = tuple(sorted(formula.fields)) if formula is not None else ()
    return [
        Fault(f"source '{name}': {what} needs '{field}'", found=lacking[field])
        for what, fields in asked.items()
        for field in fields
        if field in lacking
    ]
