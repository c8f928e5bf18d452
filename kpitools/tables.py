"""Which canonical event tables and fields exist, their types and units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kpitools.errors import TableError, suggest

Kind = Literal["text", "timestamp", "date", "duration", "money", "number", "count", "flag"]
"""`duration` is integer milliseconds, `money` integer minor units, `timestamp` UTC."""


@dataclass(frozen=True)
class Field:
    """One canonical field.

    `dimension` fields may be asked for in facts; `person` fields hold the identifier of a
    person and become pseudonyms; a `planned` time stamp may lie after `as_of` (a due date).
    """

    name: str
    kind: Kind
    about: str
    dimension: bool = False
    person: bool = False
    planned: bool = False


@dataclass(frozen=True)
class Table:
    """One canonical event table: what one row is, its key and its fields."""

    name: str
    row: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field:
        """Return one field.

        Raises:
            TableError: no such field in this table.
        """
        for item in self.fields:
            if item.name == name:
                return item
        known = [item.name for item in self.fields]
        raise TableError(
            f"table '{self.name}' has no field '{name}'", found=name, fix=suggest(name, known)
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Field names in their fixed order."""
        return tuple(item.name for item in self.fields)

    @property
    def timestamps(self) -> tuple[str, ...]:
        """Names of the fields that are points in time (UTC)."""
        return tuple(item.name for item in self.fields if item.kind == "timestamp")

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the fields by which facts may be split."""
        return tuple(item.name for item in self.fields if item.dimension)


def _text(name: str, about: str) -> Field:
    return Field(name, "text", about)


def _dim(name: str, about: str) -> Field:
    return Field(name, "text", about, dimension=True)


def _at(name: str, about: str) -> Field:
    return Field(name, "timestamp", about)


def _plan(name: str, about: str) -> Field:
    return Field(name, "timestamp", about, planned=True)


def _ms(name: str, about: str) -> Field:
    return Field(name, "duration", about)


def _flag(name: str, about: str) -> Field:
    return Field(name, "flag", about)


TEAM = _dim("team", "team that the row counts for")
AGENT = Field("agent", "text", "person who did the work", dimension=True, person=True)
CHANNEL = _dim("channel", "voice, chat, email, ...")
QUEUE = _dim("queue", "queue or skill that the row waited in")
REASON = _dim("reason", "why the customer made contact")
SEGMENT = _dim("segment", "customer segment")
CUSTOMER = _text("customer", "key of the customer, opaque")

CONTACTS = Table(
    "contacts",
    "one queue or agent leg of a contact",
    ("contact_id", "leg_id"),
    (
        _text("contact_id", "identifier of the contact"),
        _text("leg_id", "identifier of the leg within the contact"),
        _text("initial_contact_id", "first contact of a transfer chain"),
        _text("previous_leg_id", "leg that this one was transferred from"),
        TEAM,
        AGENT,
        CHANNEL,
        QUEUE,
        REASON,
        SEGMENT,
        CUSTOMER,
        _dim("direction", "inbound or outbound"),
        _dim("initiation", "inbound, transfer, queue_transfer, callback, outbound or api"),
        _dim(
            "outcome",
            "answered, abandoned, short_abandon, callback_requested, flow_out, "
            "voicemail, missed or blocked",
        ),
        _dim("disconnect_by", "customer, agent or system"),
        _dim("transfer_type", "kind of a transfer out, for example warm or cold"),
        _text("issue", "key of the issue, opaque"),
        _at("offered_at", "the contact reached the queue or agent"),
        _at("enqueued_at", "start of waiting"),
        _at("answered_at", "an agent answered"),
        _at("dequeued_at", "end of waiting, however it ended"),
        _at("abandoned_at", "the customer gave up"),
        _at("ended_at", "end of all work on the leg, after-contact work included"),
        _at("updated_at", "last change of the record"),
        _ms("ivr_ms", "time in the voice menu"),
        _ms("wait_ms", "time in the queue"),
        _ms("ring_ms", "time ringing at the agent"),
        _ms("talk_ms", "time in conversation"),
        _ms("hold_ms", "time on hold"),
        _ms("acw_ms", "after-contact work"),
        _ms("dial_ms", "time dialling, outbound"),
        _flag("transferred", "the leg ended in a transfer"),
        _flag("escalated", "the leg was handed to a higher tier"),
        _flag("in_business_hours", "offered within business hours"),
        _flag("resolved", "the exporting system's own resolved flag"),
    ),
)

TICKETS = Table(
    "tickets",
    "one ticket in its latest state",
    ("ticket_id",),
    (
        _text("ticket_id", "identifier of the ticket"),
        TEAM,
        AGENT,
        CHANNEL,
        QUEUE,
        REASON,
        SEGMENT,
        CUSTOMER,
        _dim("priority", "priority as exported"),
        _dim("category", "category as exported"),
        _dim("subcategory", "subcategory as exported"),
        _dim("status", "new, open, pending, hold, solved, closed, ..."),
        _text("merged_into", "ticket that this one was merged into"),
        _at("created_at", "the ticket was opened"),
        _at("first_response_at", "first public reply by a person"),
        _at("first_solved_at", "first time solved"),
        _at("solved_at", "last time solved"),
        _at("closed_at", "closed for good, often days after solved"),
        _at("updated_at", "last change of the record"),
        _plan("due_first_response_at", "first response is due"),
        _plan("due_resolve_at", "resolution is due"),
        Field("reopen_count", "count", "times reopened"),
        Field("reassignment_count", "count", "times reassigned"),
        Field("reply_count", "count", "public replies by agents"),
        _flag("deleted", "deleted in the exporting system"),
        _flag("spam", "marked as spam"),
        _flag("created_by_agent", "opened by an agent on behalf of the customer"),
        _flag("escalated", "handed to a higher tier"),
        _flag("resolved", "the exporting system's own resolved flag"),
        _flag("sla_met", "resolved within its target"),
        _flag("vendor_sla_met", "the exporting system's own verdict on the target"),
    ),
)

TICKET_EVENTS = Table(
    "ticket_events",
    "one change of a ticket, append-only",
    ("ticket_id", "at", "kind"),
    (
        _text("ticket_id", "identifier of the ticket"),
        _at("at", "when it happened"),
        _dim(
            "kind",
            "status_change, assign, comment_public_agent, comment_customer, escalate, "
            "reopen, merge, sla_breached, ...",
        ),
        Field("actor", "text", "who did it", person=True),
        _dim("actor_role", "role of the actor at that time"),
        _text("old", "value before"),
        _text("new", "value after"),
        TEAM,
        AGENT,
    ),
)

SURVEYS = Table(
    "surveys",
    "one survey invitation, answered or not",
    ("survey_id",),
    (
        _text("survey_id", "identifier of the invitation"),
        _text("contact_id", "contact asked about"),
        _text("ticket_id", "ticket asked about"),
        TEAM,
        AGENT,
        CHANNEL,
        QUEUE,
        REASON,
        SEGMENT,
        CUSTOMER,
        _dim("instrument", "csat, nps, ces, resolved or fcr"),
        _at("sent_at", "invitation sent"),
        _at("answered_at", "answered; null when not"),
        _at("contact_at", "end of the contact or ticket asked about"),
        Field("scale_min", "number", "lowest possible score"),
        Field("scale_max", "number", "highest possible score"),
        Field("score", "number", "score given"),
        _flag("resolved", "customer says: my problem was resolved"),
        _flag("first_contact", "customer says: resolved at the first contact"),
        _text("comment", "what the customer wrote"),
    ),
)

EVALUATIONS = Table(
    "evaluations",
    "one quality evaluation",
    ("evaluation_id",),
    (
        _text("evaluation_id", "identifier of the evaluation"),
        _text("contact_id", "contact evaluated"),
        _text("ticket_id", "ticket evaluated"),
        TEAM,
        AGENT,
        CHANNEL,
        QUEUE,
        REASON,
        Field("evaluator", "text", "person who evaluated", dimension=True, person=True),
        _dim("form", "evaluation form"),
        _dim("form_version", "version of the form"),
        _dim("kind", "regular, calibration, appeal or expert"),
        _at("submitted_at", "evaluation submitted"),
        _at("contact_at", "time of the contact evaluated"),
        Field("score", "number", "score as a fraction from 0 to 1"),
        _flag("auto_fail", "failed by one critical error"),
        Field("critical_errors", "count", "critical errors found"),
    ),
)

EVALUATION_ANSWERS = Table(
    "evaluation_answers",
    "one answered question of an evaluation",
    ("evaluation_id", "question"),
    (
        _text("evaluation_id", "identifier of the evaluation"),
        _dim("section", "section of the form"),
        _dim("question", "question of the form"),
        _dim("answer", "answer given"),
        _dim("error_class", "critical or non-critical; customer, business or compliance"),
        _dim("cause", "product, process, training or agent"),
        TEAM,
        AGENT,
        CHANNEL,
        Field("evaluator", "text", "person who evaluated", dimension=True, person=True),
        _at("submitted_at", "evaluation submitted"),
        Field("score", "number", "points as a fraction from 0 to 1"),
        Field("weight", "number", "weight of the question"),
        _flag("not_applicable", "question does not apply"),
    ),
)

AGENT_TIME = Table(
    "agent_time",
    "one interval of one agent in one state",
    ("agent", "started_at", "state"),
    (
        AGENT,
        TEAM,
        CHANNEL,
        _dim("state", "contact, available, meeting, training, break, meal, offline, ..."),
        _text("contact_id", "contact worked on"),
        _at("started_at", "start of the interval"),
        _at("ended_at", "end of the interval"),
        _ms("duration_ms", "length of the interval"),
        _flag("paid", "the interval is paid"),
    ),
)

SCHEDULES = Table(
    "schedules",
    "one scheduled interval of one agent",
    ("agent", "started_at", "activity"),
    (
        AGENT,
        TEAM,
        QUEUE,
        CHANNEL,
        _dim("activity", "what is scheduled"),
        _plan("started_at", "start of the interval"),
        _plan("ended_at", "end of the interval"),
        _ms("duration_ms", "length of the interval"),
        _at("version_at", "when this version of the schedule was made"),
        _flag("productive", "the activity serves customers"),
        _flag("paid", "the interval is paid"),
        _flag("counts_for_adherence", "the interval counts for adherence"),
    ),
)

FORECASTS = Table(
    "forecasts",
    "one forecast interval of one queue",
    ("interval_at", "queue", "team", "channel", "made_at"),
    (
        TEAM,
        QUEUE,
        CHANNEL,
        _dim("step", "naive, statistical, override or final"),
        _plan("interval_at", "start of the interval"),
        _ms("interval_ms", "length of the interval"),
        _at("made_at", "when the forecast was made"),
        Field("offered", "number", "contacts expected to be offered"),
        _ms("aht_ms", "handle time expected"),
        Field("required_agents", "number", "agents required in the interval"),
    ),
)

COSTS = Table(
    "costs",
    "one cost posting",
    ("posted_at", "team", "cost_class"),
    (
        TEAM,
        CHANNEL,
        _dim("cost_class", "salaries, overtime, facilities, telecom, software, ..."),
        _dim("currency", "currency of the amount, ISO 4217"),
        _at("posted_at", "day that the cost belongs to"),
        Field("amount", "money", "amount in minor units"),
        _ms("paid_ms", "paid time behind the amount"),
    ),
)

HEADCOUNT = Table(
    "headcount",
    "one person in one team on one day",
    ("at", "agent", "team"),
    (
        AGENT,
        TEAM,
        _dim("status", "active, leave, training, ..."),
        _dim("leave_type", "voluntary, involuntary, transfer, ..."),
        _at("at", "day of the count"),
        _at("hired_at", "first day"),
        _at("left_at", "last day"),
    ),
)

CERTIFICATIONS = Table(
    "certifications",
    "one person and one certificate",
    ("agent", "certificate", "valid_from"),
    (
        AGENT,
        TEAM,
        _dim("certificate", "certificate"),
        _plan("required_from", "from when it is required"),
        _plan("valid_from", "from when it is valid"),
        _plan("valid_to", "until when it is valid"),
        _flag("passed", "passed"),
    ),
)

TABLES: dict[str, Table] = {
    item.name: item
    for item in (
        CONTACTS,
        TICKETS,
        TICKET_EVENTS,
        SURVEYS,
        EVALUATIONS,
        EVALUATION_ANSWERS,
        AGENT_TIME,
        SCHEDULES,
        FORECASTS,
        COSTS,
        HEADCOUNT,
        CERTIFICATIONS,
    )
}

NOT_RECORDED = "(not recorded)"
"""What a null dimension value is called in facts."""


def table(name: str) -> Table:
    """Return one canonical table.

    Raises:
        TableError: no such table.

    Example:
        >>> table("tickets").key
        ('ticket_id',)
    """
    if name not in TABLES:
        raise TableError(f"no table '{name}'", found=name, fix=suggest(name, TABLES))
    return TABLES[name]


def local_name(timestamp: str) -> str:
    """Name of the column that holds a time stamp on the team's own clock (naive).

    Example:
        >>> local_name("created_at")
        'created_at_local'
    """
    return f"{timestamp}_local"
