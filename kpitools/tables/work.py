"""Tables of the work behind it: quality, time, plans, costs and people."""

from __future__ import annotations

from kpitools.tables.shape import (
    AGENT,
    CHANNEL,
    QUEUE,
    REASON,
    TEAM,
    Field,
    Table,
    at_field,
    dim_field,
    flag_field,
    ms_field,
    plan_field,
    text_field,
)

EVALUATIONS = Table(
    "evaluations",
    "one quality evaluation",
    ("evaluation_id",),
    (
        text_field("evaluation_id", "identifier of the evaluation"),
        text_field("contact_id", "contact evaluated"),
        text_field("ticket_id", "ticket evaluated"),
        TEAM,
        AGENT,
        CHANNEL,
        QUEUE,
        REASON,
        Field("evaluator", "text", "person who evaluated", dimension=True, person=True),
        dim_field("form", "evaluation form"),
        dim_field("form_version", "version of the form"),
        dim_field("kind", "regular, calibration, appeal or expert"),
        at_field("submitted_at", "evaluation submitted"),
        at_field("contact_at", "time of the contact evaluated"),
        Field("score", "number", "score as a fraction from 0 to 1"),
        flag_field("auto_fail", "failed by one critical error"),
        Field("critical_errors", "count", "critical errors found"),
        text_field("calibration_id", "calibration item that several people evaluated"),
        at_field("coached_at", "the agent was coached on this evaluation"),
    ),
)

EVALUATION_ANSWERS = Table(
    "evaluation_answers",
    "one answered question of an evaluation",
    ("evaluation_id", "question"),
    (
        text_field("evaluation_id", "identifier of the evaluation"),
        dim_field("section", "section of the form"),
        dim_field("question", "question of the form"),
        dim_field("answer", "answer given"),
        dim_field("error_class", "critical or non-critical; customer, business or compliance"),
        dim_field("cause", "product, process, training or agent"),
        TEAM,
        AGENT,
        CHANNEL,
        Field("evaluator", "text", "person who evaluated", dimension=True, person=True),
        at_field("submitted_at", "evaluation submitted"),
        Field("score", "number", "points as a fraction from 0 to 1"),
        Field("weight", "number", "weight of the question"),
        flag_field("not_applicable", "question does not apply"),
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
        dim_field(
            "state",
            "contact, ring, available, training, coaching, meeting, break, meal, offline, sick, "
            "absence, leave or holiday; any other word is signed in and not ready",
        ),
        text_field("contact_id", "contact worked on"),
        at_field("started_at", "start of the interval"),
        at_field("ended_at", "end of the interval"),
        ms_field("duration_ms", "length of the interval"),
        flag_field("paid", "the interval is paid"),
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
        dim_field("activity", "work, meeting, training, break, meal, sick, absence, leave, ..."),
        plan_field("started_at", "start of the interval"),
        plan_field("ended_at", "end of the interval"),
        ms_field("duration_ms", "length of the interval"),
        at_field("version_at", "when this version of the schedule was made"),
        flag_field("productive", "the activity serves customers"),
        flag_field("paid", "the interval is paid"),
        flag_field("counts_for_adherence", "the interval counts for adherence"),
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
        dim_field("step", "naive, statistical, override or final"),
        plan_field("interval_at", "start of the interval"),
        ms_field("interval_ms", "length of the interval"),
        at_field("made_at", "when the forecast was made"),
        Field("offered", "number", "contacts expected to be offered"),
        Field("offered_low", "number", "lower end of the range given for them, in contacts"),
        Field("offered_high", "number", "upper end of that range, in contacts"),
        Field("range_level", "number", "part of such ranges meant to hold what comes, 0 to 1"),
        ms_field("aht_ms", "handle time expected"),
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
        dim_field("cost_class", "salaries, overtime, facilities, telecom, software, ..."),
        dim_field("currency", "currency of the amount, ISO 4217"),
        at_field("posted_at", "day that the cost belongs to"),
        Field("amount", "money", "amount in minor units"),
        ms_field("paid_ms", "paid time behind the amount"),
    ),
)

HEADCOUNT = Table(
    "headcount",
    "one person in one team on one day",
    ("at", "agent", "team"),
    (
        AGENT,
        TEAM,
        dim_field("status", "active, leave, training, ..."),
        dim_field("leave_type", "voluntary, involuntary, transfer, ..."),
        at_field("at", "day of the count"),
        at_field("hired_at", "first day"),
        at_field("left_at", "last day"),
    ),
)

CERTIFICATIONS = Table(
    "certifications",
    "one person and one certificate",
    ("agent", "certificate", "valid_from"),
    (
        AGENT,
        TEAM,
        dim_field("certificate", "certificate"),
        plan_field("required_from", "from when it is required"),
        plan_field("valid_from", "from when it is valid"),
        plan_field("valid_to", "until when it is valid"),
        flag_field("passed", "passed"),
    ),
)

MEMBERSHIPS = Table(
    "memberships",
    "one person in one team from one day to another",
    ("agent", "team", "starts_at"),
    (
        AGENT,
        TEAM,
        plan_field("starts_at", "from when the person belongs to the team"),
        plan_field("ends_at", "from when no longer, open where the person still does"),
        Field("share", "number", "part of the person's time, 1 where there is one team"),
    ),
)
