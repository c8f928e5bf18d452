"""Which canonical fields a KPI of a table needs, through derived tables too."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from kpitools.facts.derived import needs_contacts, needs_people, needs_surveys, needs_tickets
from kpitools.facts.derived.needs_people import INSTEAD
from kpitools.tables import TABLES

Needs = Mapping[str, frozenset[str]]
_DOMAINS = (needs_surveys, needs_people, needs_contacts, needs_tickets)

ALWAYS: Mapping[str, Needs] = {
    name: part for each in _DOMAINS for name, part in each.ALWAYS.items()
}
"""What a derived table cannot be built without."""

BY_FIELD: Mapping[str, Mapping[str, Needs]] = {
    name: part for each in _DOMAINS for name, part in each.BY_FIELD.items()
}
"""What one field of a derived table needs besides."""


def needs_of(
    table: str, fields: Iterable[str], *, fed: Collection[str] | None = None
) -> dict[str, frozenset[str]]:
    """Return the canonical fields by table that some fields of a table are made from.

    Args:
        table: a canonical or derived table.
        fields: fields of it.
        fed: the canonical tables that there are; where the usual one is not among them but
            another that can take its place is, that one is needed.

    Example:
        >>> needs_of("team_costs", ["amount", "contacts_offered"])["contacts"] >= {"offered_at"}
        True
        >>> needs_of("tickets", ["created_at"])
        {'tickets': frozenset({'created_at'})}
    """
    wanted = frozenset(fields)
    if table in TABLES:
        return {table: wanted}
    instead = INSTEAD.get(table)
    if instead is not None and fed is not None and instead.serves(wanted, fed):
        return dict(instead.needs)
    parts = [ALWAYS[table], *(BY_FIELD.get(table, {}).get(name, {}) for name in sorted(wanted))]
    found: dict[str, frozenset[str]] = {}
    for part in parts:
        for each, names in part.items():
            found[each] = found.get(each, frozenset()) | names
    return found
