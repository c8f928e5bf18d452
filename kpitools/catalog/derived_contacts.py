"""Tables behind the KPIs of whole contacts, of contacts that come again, and of the base."""

from __future__ import annotations

from kpitools.catalog.derived_shape import DerivedTable
from kpitools.tables import Field
from kpitools.tables.shape import (
    AGENT,
    CHANNEL,
    CUSTOMER,
    QUEUE,
    REASON,
    SEGMENT,
    TEAM,
    at_field,
    dim_field,
    flag_field,
    ms_field,
    text_field,
)


def _count(name: str, about: str) -> Field:
    return Field(name, "count", about)


CONTACT_CHAINS = DerivedTable(
    "contact_chains",
    "one contact as the customer knows it: all its legs, transfers included",
    (
        text_field("contact_id", "identifier of the first contact of the chain"),
        TEAM,
        dim_field("last_team", "team of the last leg; `team` is that of the first"),
        AGENT,
        CHANNEL,
        QUEUE,
        REASON,
        SEGMENT,
        CUSTOMER,
        text_field("issue", "key of the issue, opaque"),
        dim_field("direction", "inbound or outbound, of the first leg"),
        dim_field("outcome", "answered where any leg was; else how the last leg ended"),
        dim_field("last_outcome", "how the last leg ended"),
        at_field("first_offered_at", "the contact was offered for the first time"),
        at_field("last_offered_at", "the last leg was offered"),
        at_field("ended_at", "end of all work on the last leg that ended"),
        _count("legs", "legs of the contact"),
        _count("answered_legs", "legs that an agent answered"),
        _count("missed_rings", "legs that rang at an agent who did not answer"),
        _count("transfers", "answered legs that were passed on within the company"),
        _count("external_transfers", "answered legs that were passed on outside"),
        _count("queue_transfers", "legs that routing moved from queue to queue"),
        _count("agents", "different agents who answered a leg"),
        ms_field("first_wait_ms", "time in the queue on the first leg"),
        ms_field("wait_ms", "time in the queue on all legs"),
        ms_field("handle_ms", "talk, hold and after-contact work of all answered legs"),
        flag_field("escalated", "any leg was handed to a higher tier"),
        flag_field("resolved", "any leg bears the exporting system's resolved flag"),
        flag_field("first_level", "the matter can be resolved at the first level"),
    ),
    {"contacts": frozenset({"contact_id", "offered_at"})},
)

SERVICE_LEVEL_EVENTS = DerivedTable(
    "service_level_events",
    "one contact at the instant that decided its service level",
    (
        text_field("contact_id", "identifier of the contact"),
        TEAM,
        AGENT,
        CHANNEL,
        QUEUE,
        REASON,
        SEGMENT,
        dim_field("direction", "inbound or outbound"),
        dim_field("event", "answered or abandoned within the threshold, or threshold"),
        at_field("event_at", "answer, abandon, or the instant at which the threshold passed"),
        ms_field("wait_ms", "time in the queue; null while it is not over"),
    ),
    {"contacts": frozenset({"contact_id", "offered_at", "outcome", "wait_ms"})},
    ("threshold_s",),
)

CONTACT_REPEATS = DerivedTable(
    "contact_repeats",
    "one inbound contact of a known customer, between the one before and the next on the matter",
    (
        text_field("contact_id", "identifier of the first contact of the chain"),
        TEAM,
        AGENT,
        CHANNEL,
        QUEUE,
        REASON,
        SEGMENT,
        CUSTOMER,
        at_field("contact_at", "the contact was offered"),
        flag_field("answered", "an agent answered"),
        flag_field("first_level", "the matter can be resolved at the first level"),
        flag_field("by_issue", "the matter is a key of an issue; else it is the reason"),
        ms_field("open_ms", "time since the contact, at the instant of looking"),
        ms_field("since_ms", "time since the last answered contact on the matter"),
        ms_field("since_same_channel_ms", "the same, in the same channel"),
        ms_field("since_any_reason_ms", "the same, on any matter"),
        ms_field("next_ms", "time until the next contact on the matter, answered or not"),
        ms_field("next_answered_ms", "time until the next answered contact on the matter"),
        ms_field("next_same_channel_ms", "time until the next contact in the same channel"),
        ms_field("next_any_reason_ms", "time until the customer's next contact on any matter"),
    ),
    {"contacts": frozenset({"contact_id", "offered_at", "customer", "reason", "outcome"})},
)

CUSTOMER_CONTACTS = DerivedTable(
    "customer_contacts",
    "one team and period of the asked grain: contacts beside the customers who could make them",
    (
        at_field("period_at", "start of the period"),
        TEAM,
        _count("contacts", "inbound contacts, transfers counted once"),
        _count("customers", "different customers who made contact"),
        Field("active_customers", "number", "active customers, mean of the days counted"),
        _count("customer_days", "active customers, added up over the days counted"),
        _count("contacts_on_days", "contacts on the days for which customers were counted"),
    ),
    {
        "contacts": frozenset({"contact_id", "offered_at"}),
        "customer_base": frozenset({"at", "active_customers"}),
    },
)

CONTACTS_TABLES: tuple[DerivedTable, ...] = (
    CONTACT_CHAINS,
    SERVICE_LEVEL_EVENTS,
    CONTACT_REPEATS,
    CUSTOMER_CONTACTS,
)
