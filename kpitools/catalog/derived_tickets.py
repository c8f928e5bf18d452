"""Tables behind the KPIs of replies, assignments and states of tickets."""

from __future__ import annotations

from kpitools.catalog.derived_shape import DerivedTable
from kpitools.tables import Field
from kpitools.tables.shape import (
    AGENT,
    CHANNEL,
    QUEUE,
    REASON,
    SEGMENT,
    TEAM,
    at_field,
    dim_field,
    flag_field,
    ms_field,
    plan_field,
    text_field,
)

PRIORITY = dim_field("priority", "priority of the ticket as exported")
CATEGORY = dim_field("category", "category of the ticket as exported")
STATE = (
    text_field("merged_into", "ticket that the ticket was merged into"),
    flag_field("deleted", "the ticket is deleted in the exporting system"),
    flag_field("spam", "the ticket is marked as spam"),
    flag_field("created_by_agent", "an agent opened the ticket on behalf of the customer"),
    flag_field("escalated", "the ticket was handed to a higher tier"),
)
"""What conditions on tickets ask for, by the latest state."""
_SPLIT = (CHANNEL, QUEUE, REASON, SEGMENT, PRIORITY, CATEGORY)
OF_TICKET = (TEAM, AGENT, *_SPLIT, *STATE)
"""What a row about a ticket may be split by, and what conditions on tickets ask for."""
TICKET = text_field("ticket_id", "identifier of the ticket")
CREATED = at_field("created_at", "the ticket was opened")

_TICKETS = {"tickets": frozenset({"ticket_id", "created_at"})}
_EVENTS = {"ticket_events": frozenset({"ticket_id", "at", "kind"})}
_STATES = {"ticket_events": frozenset({"ticket_id", "at", "kind", "new"})}

TICKET_TIMES = DerivedTable(
    "ticket_times",
    "one ticket, with what its events say of replies, assignments and states until as_of",
    (
        TICKET,
        *OF_TICKET,
        CREATED,
        at_field("first_reply_at", "first public reply by a person"),
        at_field("last_reply_at", "last public reply by a person"),
        at_field("first_assigned_at", "first given to a person"),
        at_field("first_solved_at", "first time solved, or closed without being solved"),
        at_field("first_agent_solved_at", "first time solved or closed by a person"),
        at_field("solved_at", "last time solved; null while the ticket is open (again)"),
        at_field("removed_at", "merged, deleted or marked as spam"),
        Field("replies", "count", "public replies by people; those of one chat session are one"),
        Field("touches", "count", "replies and private notes by people"),
        Field("reopens", "count", "times reopened after a solution"),
        ms_field("unassigned_ms", "time open and given to nobody, until solved or as_of"),
        ms_field("new_ms", "time in the status new"),
        ms_field("open_ms", "time in the status open and others that mean work"),
        ms_field("pending_ms", "time waiting for the customer"),
        ms_field("hold_ms", "time waiting for others"),
        Field(
            "reply_business_ms",
            "duration",
            "business time to the first reply, all schedules added",
            calendar=True,
        ),
        Field(
            "reply_last_schedule_ms",
            "duration",
            "business time to the first reply, last schedule only",
            calendar=True,
        ),
        Field(
            "solve_business_ms",
            "duration",
            "business time to the last solution, all schedules added",
            calendar=True,
        ),
        Field(
            "solve_last_schedule_ms",
            "duration",
            "business time to the solution, last schedule only",
            calendar=True,
        ),
        flag_field("replied_in_24h", "replied within 24 hours; null while it is not decided"),
        Field(
            "replied_same_day",
            "flag",
            "replied on the same business day; null while undecided",
            calendar=True,
        ),
        flag_field("solved_by_first", "last solved by the person it was first given to"),
        flag_field("kept_by_first", "still with the person it was first given to when solved"),
    ),
    _TICKETS,
)

TICKET_SOLUTIONS = DerivedTable(
    "ticket_solutions",
    "one solution of one ticket: solved, or closed without being solved",
    (
        TICKET,
        TEAM,
        Field("agent", "text", "person who solved", dimension=True, person=True),
        *_SPLIT,
        *STATE,
        CREATED,
        at_field("solved_at", "solved, or closed without being solved"),
        at_field("reopened_at", "opened again after this solution"),
        flag_field("first", "the ticket's first solution"),
        flag_field("last", "the ticket's last solution, and it held until as_of"),
    ),
    {**_TICKETS, **_STATES},
)

TICKET_ASSIGNMENTS = DerivedTable(
    "ticket_assignments",
    "one person's turn at one ticket, from the assignment to the next",
    (
        TICKET,
        *OF_TICKET,
        at_field("assigned_at", "given to the person"),
        at_field("replied_at", "first public reply by that person in the turn"),
        at_field("ended_at", "given to someone else, closed or removed"),
        Field("turn", "count", "1 for the first person of the ticket, 2 for the next, ..."),
    ),
    {**_TICKETS, **_EVENTS},
)

TICKET_REPLIES = DerivedTable(
    "ticket_replies",
    "one message of a customer that waits for a reply; messages in a row are one",
    (
        TICKET,
        *OF_TICKET,
        at_field("message_at", "first of the messages that wait"),
        at_field("replied_at", "next public reply by a person"),
        flag_field("first", "nobody had replied before: the wait for the first response"),
    ),
    {**_TICKETS, **_EVENTS},
)

TICKET_SPELLS = DerivedTable(
    "ticket_spells",
    "one status of one ticket from its beginning to the next",
    (
        TICKET,
        *OF_TICKET,
        dim_field("status", "new, open, pending, hold, solved, closed, removed, ..."),
        at_field("started_at", "the status began"),
        at_field("ended_at", "the next status began"),
    ),
    {**_TICKETS, **_STATES},
)

OPEN_SPELLS = DerivedTable(
    "open_spells",
    "one time during which a ticket was not solved",
    (
        TICKET,
        *OF_TICKET,
        at_field("started_at", "opened, or opened again"),
        at_field("ended_at", "solved, closed or removed"),
        dim_field("started_by", "created or reopened"),
        dim_field("ended_by", "solved, closed or removed"),
    ),
    {**_TICKETS, **_STATES},
)

OPEN_TICKETS = DerivedTable(
    "open_tickets",
    "one ticket that was not solved at the end of one period of the asked grain",
    (
        TICKET,
        *OF_TICKET,
        Field("period_at", "timestamp", "start of the period"),
        CREATED,
        ms_field("age_ms", "time from opening to the period's end, or to as_of"),
    ),
    _TICKETS,
)

TICKET_DAYS = DerivedTable(
    "ticket_days",
    "one team, channel and team-local day",
    (
        Field("day_at", "timestamp", "start of the day"),
        TEAM,
        CHANNEL,
        Field("created", "count", "tickets opened"),
        Field("solved", "count", "tickets last solved"),
        Field("closed", "count", "tickets closed for good"),
    ),
    {"tickets": frozenset({"created_at"})},
)

TICKET_FLOW = DerivedTable(
    "ticket_flow",
    "one team and period of the asked grain: what was open, came and went",
    (
        Field("period_at", "timestamp", "start of the period"),
        TEAM,
        Field("opening", "count", "tickets not solved when the period began"),
        Field("created", "count", "tickets opened"),
        Field("reopened", "count", "tickets opened again"),
        Field("solved", "count", "solutions, and closures without one"),
        Field("removed", "count", "tickets merged, deleted or marked as spam while open"),
        Field("closing", "count", "tickets not solved when the period ended"),
        Field("days", "number", "days of the period that were over at as_of"),
    ),
    {**_TICKETS, **_STATES},
)

_TARGET = (
    TICKET,
    *OF_TICKET,
    dim_field("policy", "service policy as applied at the time"),
    dim_field("target", "what was promised: first_reply, next_reply, resolution, ..."),
)
_DECISION = (
    at_field("applied_at", "the promise began"),
    plan_field("due_at", "the promise was due, pauses counted in"),
    at_field("fulfilled_at", "done"),
    at_field("decided_at", "kept or broken: the earlier of done and due"),
    flag_field("breached", "broken; null while it is not decided"),
)

SLA_TARGETS = DerivedTable(
    "sla_targets",
    "one promise on one ticket, as applied at the time",
    (*_TARGET, *_DECISION),
    {
        **_TICKETS,
        "ticket_events": frozenset({"ticket_id", "at", "kind", "target", "due_at"}),
    },
)

DUE_TARGETS = DerivedTable(
    "due_targets",
    "one due date on one ticket: of the first reply, or of the resolution",
    (*_TARGET, *_DECISION),
    _TICKETS,
)

TICKETS_TABLES: tuple[DerivedTable, ...] = (
    TICKET_TIMES,
    TICKET_SOLUTIONS,
    TICKET_ASSIGNMENTS,
    TICKET_REPLIES,
    TICKET_SPELLS,
    OPEN_SPELLS,
    OPEN_TICKETS,
    TICKET_DAYS,
    TICKET_FLOW,
    SLA_TARGETS,
    DUE_TARGETS,
)
