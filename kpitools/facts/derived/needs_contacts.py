"""What the tables behind whole contacts and contacts that come again are made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kpitools.catalog.derived_contacts import CONTACTS_TABLES

Needs = Mapping[str, frozenset[str]]
_CHAIN = ("team", "agent", "channel", "queue", "reason", "segment", "customer", "issue")


def _contacts(*names: str) -> Needs:
    return {"contacts": frozenset(names)}


def _same(names: Iterable[str]) -> dict[str, Needs]:
    return {name: _contacts(name) for name in names}


ALWAYS: Mapping[str, Needs] = {item.name: item.needs for item in CONTACTS_TABLES}
BY_FIELD: Mapping[str, Mapping[str, Needs]] = {
    "contact_chains": {
        **_same((*_CHAIN, "direction", "outcome", "ended_at")),
        **_same(("escalated", "resolved", "first_level")),
        "last_team": _contacts("team"),
        "last_outcome": _contacts("outcome"),
        "answered_legs": _contacts("outcome"),
        "missed_rings": _contacts("outcome"),
        "transfers": _contacts("outcome", "transferred"),
        "external_transfers": _contacts("outcome", "transferred", "transfer_type"),
        "queue_transfers": _contacts("initiation"),
        "agents": _contacts("outcome", "agent"),
        "first_wait_ms": _contacts("wait_ms"),
        "wait_ms": _contacts("wait_ms"),
        "handle_ms": _contacts("outcome", "talk_ms", "hold_ms", "acw_ms"),
    },
    "contact_repeats": {
        "first_level": _contacts("first_level"),
        "since_same_channel_ms": _contacts("channel"),
        "next_same_channel_ms": _contacts("channel"),
    },
    "customer_contacts": {"customers": _contacts("customer")},
}
