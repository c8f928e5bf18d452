"""Look over the whole of each column once, then decide how every field is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from kpitools import tables
from kpitools.errors import Fault, suggest
from kpitools.language import display
from kpitools.sources.declaration import ColumnConfig, SourceConfig
from kpitools.sources.fields import Reading, as_text, constant, joined_text, read_field
from kpitools.sources.instants import TimeColumn, read_instant
from kpitools.sources.ordering import order_faults
from kpitools.sources.reading import Raw
from kpitools.sources.recoding import renamed
from kpitools.sources.text import needs_cleaning
from kpitools.sources.timestamps import Shapes, date_order, shape_counts
from kpitools.sources.values import CLOCK, WORKBOOK_DATE, Marks
from kpitools.sources.zones import Clocks

DURATION_UNITS = "ms, seconds, minutes, hours, days, hh:mm:ss, day_fraction, excel_time"


@dataclass(frozen=True)
class Plan:
    """How a source is read: a reading per field, fields that cannot be read and why."""

    readings: Mapping[str, Reading]
    lacking: Mapping[str, str] = field(default_factory=dict)
    shapes: Mapping[str, Shapes] = field(default_factory=dict)
    orders: Mapping[str, str] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class _Column:
    """One mapped field with the raw columns that it comes from."""

    field: tables.Field
    column: ColumnConfig
    raw: list[tuple[pl.Expr, pl.DataType]]
    marks: Marks


def build_plan(
    name: str, source: SourceConfig, raw: Raw, clocks: Clocks, aliases: Mapping[str, str]
) -> Plan:
    """Decide how every field of a source is read.

    Args:
        name: the source's name, for messages.
        source: its declaration.
        raw: its rows.
        clocks: the teams' zones.
        aliases: team key by every other name of a team.
    """
    lacking = _lacking(name, source, raw)
    columns = _columns(source, raw, lacking)
    survey = _survey(columns.values(), raw)
    faults = [
        fault
        for item in columns.values()
        for fault in _faults(name, item, survey.get(item.field.name, {}))
    ]
    faults += order_faults(name, source, raw)
    if faults:
        return Plan({}, lacking, faults=tuple(faults))
    readings: dict[str, Reading] = {}
    shapes: dict[str, Shapes] = {}
    orders: dict[str, str] = {}
    for key in sorted(columns, key=lambda key: key != "team"):
        item, found = columns[key], survey.get(key, {})
        if item.field.kind == "timestamp":
            zone = item.column.timezone or source.format.timezone or clocks.default
            times = TimeColumn(
                item.field, item.column, item.raw, item.marks, zone, workbook=raw.workbook
            )
            shapes[key] = _shapes(found)
            order = date_order(item.column.format, shapes[key])
            if shapes[key].numeric and order is not None:
                orders[key] = order
            team = readings["team"].value if "team" in readings else None
            readings[key] = read_instant(times, shapes[key], clocks, team=team)
        else:
            readings[key] = _plain(item, found, aliases)
    ordered = {key: readings[key] for key in columns}
    optional = frozenset(key for key in lacking if source.columns[key].optional)
    return Plan(ordered, lacking, shapes, orders, optional)


def _lacking(name: str, source: SourceConfig, raw: Raw) -> dict[str, str]:
    """Say which fields' columns are not in the files."""
    present = sorted({column for file in raw.files for column in file.columns})
    found = {}
    for key, column in source.columns.items():
        for wanted in column.source:
            if wanted not in raw.ids:
                hint = suggest(wanted, present) if present else "the file has no columns"
                found[key] = f"source '{name}': no file has the column '{display(wanted)}'; {hint}"
            elif raw.lacking(wanted) and not column.optional:
                files = raw.lacking(wanted)
                found[key] = (
                    f"source '{name}': the column '{display(wanted)}' is not in "
                    f"{', '.join(files[:3])}" + (" and others" if len(files) > 3 else "")  # noqa: PLR2004
                )
    return found


def _columns(source: SourceConfig, raw: Raw, lacking: Mapping[str, str]) -> dict[str, _Column]:
    table = tables.table(source.table)
    found = {}
    for key, column in source.columns.items():
        if column.expression is None and key not in lacking:
            parts = [
                (pl.col(raw.ids[wanted]), raw.schema[raw.ids[wanted]]) for wanted in column.source
            ]
            marks = Marks.of(column, source.format)
            found[key] = _Column(table.field(key), column, parts, marks)
    return found


def _survey(columns: Iterable[_Column], raw: Raw) -> dict[str, dict[str, int]]:
    """Count, in one pass, what decides how columns are read."""
    asked: list[pl.Expr] = []
    for item in columns:
        key, text = item.field.name, None
        if item.raw:
            text, _ = joined_text(item.raw, item.column, item.marks)
        if text is None:
            continue
        if item.field.kind == "timestamp" and not _is_time(item):
            asked += [part.name.prefix(f"{key}:") for part in shape_counts(text)]
            asked.append(text.drop_nulls().first().alias(f"{key}:example"))
        elif item.field.kind == "timestamp" and isinstance(item.raw[0][1], pl.Date):
            days = item.raw[0][0].is_not_null().sum()
            asked += [days.alias(f"{key}:filled"), days.alias(f"{key}:year_first")]
        elif item.field.kind == "duration" and item.column.unit is None:
            like = text.str.contains(CLOCK["hh:mm:ss"]) | text.str.contains(WORKBOOK_DATE)
            asked.append(text.is_not_null().sum().alias(f"{key}:filled"))
            asked.append(like.sum().alias(f"{key}:clock"))
            asked.append(text.drop_nulls().first().alias(f"{key}:example"))
        elif item.field.kind == "text":
            whole = as_text(*item.raw[0]) if len(item.raw) == 1 else text
            asked.append(needs_cleaning(whole).alias(f"{key}:dirty"))
    if not asked:
        return {}
    row = raw.frame.select(asked).collect(engine="streaming").row(0, named=True)
    found: dict[str, dict[str, int]] = {}
    for key, value in row.items():
        name, _, what = key.partition(":")
        found.setdefault(name, {})[what] = value
    return found


def _is_time(item: _Column) -> bool:
    return len(item.raw) == 1 and isinstance(item.raw[0][1], pl.Datetime | pl.Date)


def _shapes(found: Mapping[str, int]) -> Shapes:
    counts = {name: int(found.get(name) or 0) for name in Shapes.__dataclass_fields__}
    return Shapes(**counts)


def _plain(item: _Column, found: Mapping[str, int], aliases: Mapping[str, str]) -> Reading:
    if item.column.constant is not None:
        return constant(item.field, item.column, item.marks)
    column = item.column
    if item.field.kind == "duration" and column.unit is None:
        clocked = isinstance(item.raw[0][1], pl.String | pl.Datetime)
        column = column.model_copy(update={"unit": "hh:mm:ss" if clocked else "ms"})
    dirty = bool(found.get("dirty", True)) or bool(column.values)
    reading = read_field(item.field, column, item.raw, item.marks, dirty=dirty)
    if item.field.name != "team" or not aliases:
        return reading
    known = renamed(reading.value, aliases)
    return Reading(item.field, known, reading.filled, reading.shown, reading.marks)


def _faults(name: str, item: _Column, found: Mapping[str, int]) -> list[Fault]:
    if not item.raw:
        return []
    wanted = ", ".join(display(part) for part in item.column.source)
    where = f"source '{name}', column '{wanted}'"
    example = repr(display(str(found.get("example"))))
    if any(dtype.is_nested() for _, dtype in item.raw):
        return [Fault("a list cannot be a value", where, fix="map a column with one value a row")]
    if item.field.kind == "timestamp" and not _is_time(item):
        return _time_faults(where, item, _shapes(found), example)
    if item.field.kind == "duration" and item.column.unit is None:
        dtype = item.raw[0][1]
        if isinstance(dtype, pl.Duration | pl.Time):
            return []
        if found.get("clock", 0) < found.get("filled", 0):
            return [
                Fault(
                    "the unit of a duration is neither declared nor proven",
                    where,
                    example,
                    f"unit: one of {DURATION_UNITS}",
                    f"write {item.field.name}: {{from: {wanted}, unit: seconds}}",
                )
            ]
    return []


def _time_faults(where: str, item: _Column, shapes: Shapes, example: str) -> list[Fault]:
    if item.column.format is not None or not shapes.filled:
        return []
    fix = f"write {item.field.name}: {{from: ..., format: day_first}}"
    if shapes.proven is None:
        return [
            Fault(
                "nothing in the whole column shows whether day or month comes first",
                where,
                f"{shapes.undecided} values such as {example}",
                "a declared format: day_first, month_first or a pattern",
                fix,
            )
        ]
    if shapes.year_first + shapes.numeric == 0:
        return [
            Fault(
                "the format of the times is neither declared nor plain",
                where,
                example,
                "format: iso, day_first, month_first, epoch_s, epoch_ms or a pattern",
                f'write {item.field.name}: {{from: ..., format: "%d.%m.%y %H:%M"}}',
            )
        ]
    return []
