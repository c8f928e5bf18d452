"""Whether the declaration of one column fits the kind of its field."""

from __future__ import annotations

from collections.abc import Callable

from kpitools import tables
from kpitools.errors import Fault, suggest
from kpitools.sources.declaration import ColumnConfig, SourceConfig
from kpitools.sources.formats import format_fault, zone_fault
from kpitools.sources.formulas import gives, mapped_kinds, read_formula
from kpitools.sources.row_checks import EVENT_TIMES

UNITS: dict[str, tuple[str, ...]] = {
    "duration": (
        *("ms", "seconds", "minutes", "hours", "days", "hh:mm:ss", "mm:ss", "hh:mm"),
        *("day_fraction", "excel_time", "epoch_1970"),
    ),
    "money": ("major", "minor"),
    "number": ("fraction", "percent"),
}
Place = Callable[..., str]


def check_column(name: str, column: ColumnConfig, source: SourceConfig, at: Place) -> list[Fault]:
    """Return the faults of one column; `at` gives file and line of one of its keys."""
    kind = tables.table(source.table).field(name).kind
    faults = _check_settings(column, kind, at)
    if column.constant is not None:
        faults += _check_constant(column, source, kind, at)
    if column.membership is not None:
        return [*faults, *_check_membership(name, column, source, at)]
    if column.expression is not None:
        faults += _check_expression(name, column, source, at)
    own_clock = "team" in {column.timezone, source.format.timezone} and kind == "timestamp"
    team = source.columns.get("team")
    if own_clock and (team is None or team.expression is not None or team.membership is not None):
        what = "times on the team's own clock need a mapped team"
        faults.append(Fault(what, at("timezone"), fix="map 'team' to a column of the file"))
    if kind == "flag":
        words = {word.lower() for word in _words(column, source)}
        wrong = [word for word in _outcomes(column) if word.lower() not in words]
        if wrong:
            faults.append(
                Fault("a value map gives no flag", at("values"), ", ".join(wrong), "true or false")
            )
    return faults


def _check_membership(
    name: str, column: ColumnConfig, source: SourceConfig, at: Place
) -> list[Fault]:
    place, person = at("membership"), str(column.membership)
    table = tables.table(source.table)
    persons = [
        field.name for field in table.fields if field.person and field.name in source.columns
    ]
    if name != "team" or table.name == "memberships":
        return [Fault("only the team of an event comes from memberships", place, name)]
    if person not in persons:
        return [
            Fault(
                f"'{person}' is no person that this source maps",
                place,
                person,
                "one of " + (", ".join(persons) or "none is mapped"),
                suggest(person, persons) if persons else "map 'agent' to a column",
            )
        ]
    if not any(at_time in source.columns for at_time in EVENT_TIMES[table.name]):
        return [
            Fault(
                "no time says which membership counts",
                place,
                expected=f"one of {', '.join(EVENT_TIMES[table.name])}",
                fix="map the time of the event",
            )
        ]
    return []


def _check_settings(column: ColumnConfig, kind: tables.Kind, at: Place) -> list[Fault]:
    faults = []
    if column.unit is not None and column.unit not in UNITS.get(kind, ()):
        expected = ", ".join(UNITS.get(kind, ())) or "no unit"
        faults.append(Fault(f"a {kind} has no such unit", at("unit"), column.unit, expected))
    if column.format is not None and kind != "timestamp":
        faults.append(
            Fault(f"a {kind} has no time format", at("format"), column.format, "times have one")
        )
    elif column.format is not None and format_fault(column.format):
        faults.append(Fault(format_fault(column.format), at("format"), column.format))
    if zone_fault(column.timezone):
        faults.append(Fault(zone_fault(column.timezone), at("timezone"), str(column.timezone)))
    if len(column.source) > 1 and kind not in {"timestamp", "text"}:
        faults.append(Fault(f"a {kind} comes from one column", at("from"), str(len(column.source))))
    if column.otherwise is not None and not column.values:
        faults.append(Fault("'otherwise' needs 'values'", at("otherwise"), column.otherwise))
    return faults


def _words(column: ColumnConfig, source: SourceConfig) -> tuple[str, ...]:
    true = column.true if column.true is not None else source.format.true
    false = column.false if column.false is not None else source.format.false
    return (*true, *false, "true", "false")


def _outcomes(column: ColumnConfig) -> list[str]:
    given = [] if column.otherwise is None else [column.otherwise]
    return sorted({*column.values.values(), *given})


def _check_constant(
    column: ColumnConfig, source: SourceConfig, kind: tables.Kind, at: Place
) -> list[Fault]:
    text = str(column.constant)
    place = at("constant")
    if kind in {"timestamp", "date"}:
        return [Fault("a time cannot be a constant", place, text)]
    if kind == "flag":
        good = text.lower() in {word.lower() for word in _words(column, source)}
        return [] if good else [Fault("a flag is true or false", place, text)]
    if kind == "text":
        return []
    try:
        float(text)
    except ValueError:
        return [Fault(f"a {kind} is a number", place, text)]
    if kind == "duration" and column.unit is None:
        return [Fault("a duration needs a unit", place, text, ", ".join(UNITS["duration"][:4]))]
    return []


def _check_expression(
    name: str, column: ColumnConfig, source: SourceConfig, at: Place
) -> list[Fault]:
    kinds = {field: kind for field, kind in mapped_kinds(source).items() if field != name}
    text, place = str(column.expression), at("expression")
    formula, faults = read_formula(text, kinds, mode="row")
    if formula is None:
        return [
            Fault(item.what, f"{place} ({item.where})", item.found, item.expected, item.fix)
            for item in faults
        ]
    kind = tables.table(source.table).field(name).kind
    if not gives(formula, kind):
        return [Fault(f"the formula gives {formula.kind}", place, text, f"a {kind}")]
    return []
