"""Tables behind the KPIs of people and their time."""

from __future__ import annotations

from kpitools.catalog.derived_shape import DerivedTable
from kpitools.tables import Field
from kpitools.tables.shape import (
    AGENT,
    CHANNEL,
    TEAM,
    at_field,
    dim_field,
    flag_field,
    ms_field,
    plan_field,
)

_STATES = frozenset({"agent", "state", "started_at", "duration_ms"})
_DAY = at_field("day_at", "start of the day, of the interval for grains of minutes")

TEAM_TIME = DerivedTable(
    "team_time",
    "one agent in one team on one team-local day, wall-clock time; an interval counts on the "
    "day on which it begins",
    (
        at_field("day_at", "start of the day"),
        AGENT,
        TEAM,
        ms_field("contact_ms", "time in contact, talk, hold and after-contact work"),
        ms_field("available_ms", "time ready for the next contact"),
        ms_field("signed_in_ms", "time signed in, every state but offline"),
        ms_field("paid_ms", "paid time"),
    ),
    {"agent_time": _STATES},
)

WORK_TIME = DerivedTable(
    "work_time",
    "one agent in one team on one team-local day; every moment once, cut at midnight",
    (
        _DAY,
        AGENT,
        TEAM,
        ms_field("contact_ms", "time in contact, talk, hold and after-contact work"),
        ms_field("ring_ms", "time ringing, in no contact"),
        ms_field("available_ms", "time ready for the next contact, in no other state"),
        ms_field("meeting_ms", "time in meetings"),
        ms_field("training_ms", "time in training and coaching"),
        ms_field("break_ms", "time in breaks and meals"),
        ms_field("other_ms", "time signed in and not ready, in another state"),
        ms_field("absent_ms", "time recorded as sick, absence, leave or holiday"),
        ms_field("signed_in_ms", "time signed in"),
        ms_field("productive_ms", "time in contact, ringing or available"),
        ms_field("paid_ms", "paid time"),
        ms_field("paid_break_ms", "paid time in breaks and meals"),
        ms_field("internal_ms", "paid time signed in, but not productive"),
        ms_field("external_ms", "paid time not signed in"),
        ms_field("after_logout_ms", "time reported after signing out, cut"),
        Field("handled", "count", "contacts answered"),
    ),
    {"agent_time": _STATES},
)

SCHEDULE_ADHERENCE = DerivedTable(
    "schedule_adherence",
    "one stretch of an agent's time in which neither plan nor state changes, by team-local day",
    (
        _DAY,
        AGENT,
        TEAM,
        ms_field("scheduled_ms", "scheduled time that counts for adherence"),
        ms_field("adherent_ms", "of it, time in the right class of state"),
        ms_field("worked_ms", "time signed in at any time of day, breaks only where scheduled"),
        ms_field("signed_in_ms", "time signed in at any time of day"),
        ms_field("present_ms", "scheduled time signed in"),
        ms_field("productive_ms", "time in contact, ringing or available, at any time of day"),
        ms_field("gap_ms", "whole length of the time out of adherence that it is part of, or 0"),
        ms_field("away_ms", "whole length of the time signed out of it that it is part of, or 0"),
        ms_field("shift_ms", "scheduled time, with absences entered into the schedule"),
        ms_field("missed_ms", "absences entered into the schedule (sick, absence)"),
        ms_field("paid_ms", "paid time of the schedule"),
        ms_field("planned_off_ms", "of it, planned for something that is not productive"),
        ms_field("unplanned_off_ms", "of it, planned as productive, but not spent so"),
        Field("shifts", "count", "1 on the first stretch of an agent's scheduled day, else 0"),
        Field("shifts_missed", "count", "1 there if the agent came for none of it, else 0"),
        at_field("began_at", "start of the stretch"),
        dim_field("planned", "productive, other, excused or absence; null is not scheduled"),
        dim_field("state", "class of state that counted; null is none known"),
    ),
    {
        "schedules": frozenset(
            {"agent", "started_at", "ended_at", "productive", "counts_for_adherence"}
        ),
        "agent_time": _STATES,
    },
)

TEAM_HEADCOUNT = DerivedTable(
    "team_headcount",
    "one team and period of the asked grain; people in two teams are shared between them",
    (
        at_field("period_at", "start of the period"),
        TEAM,
        Field("mean_heads", "number", "mean of the daily headcounts"),
        Field("opening_heads", "number", "headcount of the first day counted"),
        Field("closing_heads", "number", "headcount of the last day counted"),
        Field("mean_trainees", "number", "mean of the daily counts of people in training"),
        Field("leavers", "number", "people who left, transfers apart"),
        Field("voluntary_leavers", "number", "of them, people who left of their own will"),
        Field("trainee_leavers", "number", "of them, people who were in training"),
        Field("transfers_out", "number", "people who went to another team"),
        Field("joiners", "number", "people who were hired"),
        Field("months", "number", "length of the period in months"),
    ),
    {"headcount": frozenset({"at", "agent", "team"})},
)

CERTIFICATION_STATUS = DerivedTable(
    "certification_status",
    "one person and required certificate at the end of each period of the asked grain",
    (
        at_field("period_at", "start of the period"),
        AGENT,
        TEAM,
        Field("certificate", "text", "certificate", dimension=True),
        plan_field("ends_at", "instant looked at: the period's end, or as_of before it"),
        plan_field("required_from", "from when it is required"),
        plan_field("expires_at", "until when the latest one counts, null without one"),
        flag_field("valid", "it counts at that instant, six months where no end is recorded"),
        flag_field("valid_as_recorded", "the same, without an end where none is recorded"),
    ),
    {"certifications": frozenset({"agent", "certificate", "required_from", "valid_from"})},
)

CONTACT_CONCURRENCY = DerivedTable(
    "contact_concurrency",
    "one agent in one team and channel on one team-local day",
    (
        _DAY,
        AGENT,
        TEAM,
        CHANNEL,
        ms_field("contacts_ms", "time from answer to end, added up over contacts"),
        ms_field("wall_ms", "time on the wall clock with at least one contact"),
        Field("most", "count", "most contacts at a time"),
    ),
    {"contacts": frozenset({"contact_id", "agent", "outcome", "answered_at", "ended_at"})},
)

PEOPLE_TABLES: tuple[DerivedTable, ...] = (
    TEAM_TIME,
    WORK_TIME,
    SCHEDULE_ADHERENCE,
    TEAM_HEADCOUNT,
    CERTIFICATION_STATUS,
    CONTACT_CONCURRENCY,
)
