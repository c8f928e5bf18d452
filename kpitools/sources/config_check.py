"""What a readable `kpitools.yaml` may still have wrong: names, kinds, keys, formulas."""

from __future__ import annotations

from collections.abc import Callable

from kpitools import tables
from kpitools.errors import Fault, suggest
from kpitools.sources.column_check import check_column
from kpitools.sources.config import WorkspaceConfig
from kpitools.sources.declaration import FormatConfig, SourceConfig
from kpitools.sources.formats import encoding_fault, zone_fault
from kpitools.sources.formulas import circle, gives, mapped_kinds, needed_fields, read_formula
from kpitools.sources.periods import allowed_difference, covered_days
from kpitools.sources.rebases import check_rebases
from kpitools.sources.team_check import check_declared_teams

Path = tuple[str | int, ...]
Where = Callable[[Path], str]


def check_config(config: WorkspaceConfig, where: Where) -> list[Fault]:
    """Return every fault of names and meanings; `where` gives file and line of a part."""
    faults = [*check_declared_teams(config, where), *check_rebases(config, where)]
    for name in {} if config.engine is None else config.engine.tables:
        if name not in tables.TABLES:
            place = where(("engine", "tables", name))
            fix = suggest(name, tables.TABLES)
            faults.append(Fault(f"no table '{name}'", place, name, fix=fix))
    for name, source in config.sources.items():
        at = ("sources", name)
        if source.table not in tables.TABLES:
            fix = suggest(source.table, tables.TABLES)
            place = where((*at, "table"))
            faults.append(Fault(f"no table '{source.table}'", place, source.table, fix=fix))
            continue
        if source.person_of_team is not None and not _feeds_memberships(config):
            place = where((*at, "columns", "team", "membership"))
            fix = "add the export of memberships under `sources:`"
            faults.append(Fault("no source feeds the table 'memberships'", place, fix=fix))
        faults += _check_format(source.format, (*at, "format"), where)
        faults += _check_columns(source, at, where)
        if config.privacy.agents == "pseudonym":
            faults += _check_persons(source, at, where)
        faults += _check_keys(source, at, where)
        faults += _check_rows(source, at, where)
        faults += _check_totals(source, config, at, where)
    return faults


def _feeds_memberships(config: WorkspaceConfig) -> bool:
    return any(source.table == "memberships" for source in config.sources.values())


def _check_format(form: FormatConfig, at: Path, where: Where) -> list[Fault]:
    faults = []
    if form.delimiter is not None and form.delimiter != "tab" and len(form.delimiter) != 1:
        place = where((*at, "delimiter"))
        faults.append(Fault("a delimiter is one character, or 'tab'", place, repr(form.delimiter)))
    if form.decimal == form.thousands:
        place = where((*at, "thousands"))
        faults.append(Fault("decimal and thousands marks are the same", place, form.decimal))
    checks = {"encoding": encoding_fault(form.encoding), "timezone": zone_fault(form.timezone)}
    for key, what in checks.items():
        if what:
            faults.append(Fault(what, where((*at, key)), str(getattr(form, key))))
    both = sorted(set(map(str.lower, form.true)) & set(map(str.lower, form.false)))
    if both:
        faults.append(Fault("a word means true and false", where(at), ", ".join(both)))
    return faults


def _check_columns(source: SourceConfig, at: Path, where: Where) -> list[Fault]:
    table, kinds = tables.table(source.table), mapped_kinds(source)
    faults = []
    for name, column in source.columns.items():
        place = (*at, "columns", name)
        if name not in kinds:
            fix = suggest(name, table.names)
            faults.append(
                Fault(f"table '{table.name}' has no field '{name}'", where(place), name, fix=fix)
            )
            continue
        faults += check_column(name, column, source, lambda *key, at=place: where((*at, *key)))
    loop = circle(source)
    if loop:
        faults.append(
            Fault("derived fields need each other", where((*at, "columns")), ", ".join(loop))
        )
    return faults


def _check_persons(source: SourceConfig, at: Path, where: Where) -> list[Fault]:
    """Refuse derived texts that would carry the names that pseudonyms hide."""
    table = tables.table(source.table)
    persons = {field.name for field in table.fields if field.person}
    return [
        Fault(
            f"'{name}' is made from persons, whom pseudonyms hide",
            where((*at, "columns", name)),
            ", ".join(sorted(needs & persons)),
            fix="leave persons out of the formula, or write privacy: {agents: plain}",
        )
        for name, needs in ({} if circle(source) else needed_fields(source)).items()
        if needs & persons and table.field(name).kind == "text" and name not in persons
    ]


def _check_keys(source: SourceConfig, at: Path, where: Where) -> list[Fault]:
    asked = {
        ("key",): source.key or (),
        ("latest_state", "by"): source.latest_state.by if source.latest_state else (),
    }
    faults = []
    for place, names in asked.items():
        for name in names:
            if name not in source.columns:
                fix = suggest(name, source.columns)
                found = where((*at, *place))
                faults.append(Fault(f"'{name}' is not mapped by this source", found, name, fix=fix))
    if source.latest_state is not None and not source.latest_state.by:
        faults.append(Fault("'by' names no field", where((*at, "latest_state"))))
    if source.keep is not None and source.latest_state is not None:
        faults.append(
            Fault(
                "'keep' and 'latest_state' both choose among rows",
                where((*at, "keep")),
                fix="use 'latest_state' alone for an event log",
            )
        )
    return faults


def _check_rows(source: SourceConfig, at: Path, where: Where) -> list[Fault]:
    if source.rows_where is None:
        return []
    place = where((*at, "rows_where"))
    formula, faults = read_formula(source.rows_where, mapped_kinds(source), mode="row")
    if formula is not None and not gives(formula, "flag"):
        return [Fault("a condition is true or false", place, source.rows_where)]
    return [_placed(fault, place) for fault in faults]


def _check_totals(
    source: SourceConfig, config: WorkspaceConfig, at: Path, where: Where
) -> list[Fault]:
    faults = []
    fiscal = None if config.fiscal is None else config.fiscal.calendar()
    for index, total in enumerate(source.control_totals):
        place = (*at, "control_totals", index)
        if total.measure != "rows":
            _, found = read_formula(total.measure, mapped_kinds(source), mode="aggregate")
            faults += [_placed(fault, where((*place, "measure"))) for fault in found]
        for key, text in (("period", total.period), ("tolerance", total.tolerance)):
            try:
                _ = (
                    covered_days(text, fiscal=fiscal)
                    if key == "period"
                    else allowed_difference(text, 1)
                )
            except ValueError as error:
                fault = Fault(f"not a {key}", where((*place, key)), repr(text), str(error))
                faults.append(fault)
    return faults


def _placed(fault: Fault, place: str) -> Fault:
    spot = f"{place} ({fault.where})" if fault.where else place
    return Fault(fault.what, spot, fault.found, fault.expected, fault.fix)
