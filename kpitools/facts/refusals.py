"""Which KPIs the data cannot give, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kpitools.catalog.derived import DERIVED
from kpitools.catalog.model import Kpi
from kpitools.errors import FactsError, Fault
from kpitools.facts.business_time import DEFAULT
from kpitools.facts.components import fields_read, read_formulas
from kpitools.facts.derived.needs import needs_of
from kpitools.facts.derived.staffing import KEYS
from kpitools.facts.fields import dimensions_of, fields_of

if TYPE_CHECKING:
    from kpitools.sources.events import Events

_NO_COLUMN = "maps no column to "


def refusals(kpis: Iterable[Kpi], events: Events, *, by: Iterable[str] = ()) -> dict[str, str]:
    """Say which KPIs cannot be computed from these events, each with every reason.

    A KPI is refused when a field that it needs is not mapped by every source of its table:
    a missing field is never guessed.

    Args:
        kpis: KPI versions to look at.
        events: the event tables, with what their sources map.
        by: dimensions that the KPI's table must have as well.

    Returns:
        Reason by KPI name; empty when every KPI can be computed.
    """
    asked = tuple(by)
    found = ((kpi.kpi, _joined(_reasons(kpi, events, asked))) for kpi in kpis)
    return {name: reason for name, reason in found if reason}


def check_refusals(kpis: Iterable[Kpi], events: Events) -> None:
    """Refuse KPIs that the data cannot give.

    Raises:
        FactsError: every such KPI with its reasons.
    """
    faults = [
        Fault(
            f"'{name}' cannot be computed from this data",
            found=reason,
            expected="every field of its formulas in every source of its table",
            fix="map the field in the source, or leave the KPI out",
        )
        for name, reason in refusals(kpis, events).items()
    ]
    if faults:
        raise FactsError(faults)


def _joined(reasons: Iterable[str]) -> str:
    """Say every reason once; what differs only in the field is said in one breath.

    Example:
        >>> _joined(["source 'a' maps no column to 'x'", "source 'a' maps no column to 'y'"])
        "source 'a' maps no column to 'x', 'y'"
    """
    groups: dict[str, list[str]] = {}
    for reason in dict.fromkeys(reasons):
        head, mark, field = reason.partition(_NO_COLUMN)
        groups.setdefault(head + mark, []).append(field)
    return "; ".join(head + ", ".join(fields) for head, fields in groups.items())


def _reasons(kpi: Kpi, events: Events, by: tuple[str, ...]) -> Iterator[str]:
    for name in by:
        if name not in dimensions_of(kpi.table, events.levels):
            yield f"{kpi.table} has no dimension '{name}'"
    if events.engine is not None and kpi.table in DERIVED:
        yield f"rests on several tables: polars engine only, not '{events.engine.name}'"
        return
    fields = fields_read(read_formulas(kpi, kpi.parameters)) | {kpi.period_of}
    needs = needs_of(kpi.table, fields, fed=events.tables)
    for table, needed in needs.items():
        if table not in events.tables:
            yield f"no source feeds the table '{table}'"
            continue
        told = events.missing.get(table, {})
        for name in sorted(needed - events.mapped.get(table, frozenset())):
            yield told.get(name, f"the field '{name}' of '{table}' is not mapped")
    if any(item.calendar for item in fields_of(kpi.table) if item.name in fields):
        yield from _without_calendar(events)
    if {"forecasts", "contacts"} <= set(needs):
        yield from _finer_forecasts(events)


def _without_calendar(events: Events) -> Iterator[str]:
    """Business time needs a calendar: none is guessed."""
    for team in events.teams.values():
        if (team.calendar or DEFAULT) not in events.calendars:
            yield f"team '{team.key}' has no business calendar: declare one under calendars:"
            return
    if not events.teams and DEFAULT not in events.calendars:
        yield f"there is no business calendar '{DEFAULT}': declare it under calendars:"


def _finer_forecasts(events: Events) -> Iterator[str]:
    """Forecasts by a dimension that contacts do not have cannot be compared with them."""
    have = {table: events.mapped.get(table, frozenset()) for table in ("forecasts", "contacts")}
    for name in KEYS:
        if name in have["forecasts"] - have["contacts"]:
            yield f"forecasts are by '{name}', contacts do not have it"
