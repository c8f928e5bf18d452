"""How the sample's tables look in the files: columns, units and words of each export."""

from __future__ import annotations

import numpy as np
import polars as pl

from kpitools.workspace.sample.costs import comma
from kpitools.workspace.sample.days import WORK_FROM, WORK_MINUTES, TeamDays
from kpitools.workspace.sample.names import (
    AS_OF_S,
    call,
    call_agents,
    call_channels,
    call_customers,
    call_queues,
    call_reasons,
    call_segments,
    instants,
)
from kpitools.workspace.sample.people import Staff
from kpitools.workspace.sample.plan import DAY_S, Team
from kpitools.workspace.sample.planted import (
    LATE_ARRIVED,
    LATE_SHARE,
    LATE_TEAM,
    REVISED_ACW_S,
    REVISED_SHARE,
    Ints,
    late_days,
)

OUTCOMES = ("answered", "abandoned", "short_abandon", "callback_requested", "missed")
SECONDS = ("ivr", "wait", "ring", "talk", "hold", "acw", "dial")
HALL = "America/Chicago"
"""Clock of the small telephone system that prints local times."""
DESK = "Europe/Madrid"
"""Clock of the survey office that asks for recommendations."""


UNASKED = ("Contact", "Contact End", "Agent", "Media", "Line", "Topic", "Solved", "At Once")
"""Columns of the recommendation form that nobody fills in."""


def contact_key(team: Team, contact: pl.Series) -> pl.Series:
    """Return contact identifiers, in the order in which contacts began."""
    return (team.slug[:2] + contact.cast(pl.String).str.zfill(7)).rename("contact_id")


def export_contacts(days: TeamDays, staff: Staff, legs: pl.DataFrame) -> pl.DataFrame:
    """Return the legs as the large telephone and chat systems export them."""
    team = days.team
    frame = pl.DataFrame(
        {
            "contact_id": contact_key(team, legs["contact"]),
            "leg_id": legs["leg"].cast(pl.String),
            "previous_leg_id": call((None, "1"), legs["leg"] - 1),
            "team": [team.key] * legs.height,
            "agent": call_agents(staff, legs["person"]),
            "channel": call_channels(team, legs["queue"]),
            "queue": call_queues(team, legs["queue"]),
            "reason": call_reasons(team, legs["reason"]),
            "segment": call_segments(team, legs["segment"]),
            "customer": call_customers(team, legs["customer"]),
            "direction": call(("inbound", "inbound", "outbound"), legs["initiation"]),
            "initiation": call(("inbound", "transfer", "callback"), legs["initiation"]),
            "outcome": call(OUTCOMES, legs["outcome"]),
            "disconnect_by": call(("customer", "agent", "system"), legs["disconnect_by"]),
            "transfer_type": call((None, "warm"), legs["transferred"].cast(pl.Int64)),
            "offered_at": instants(legs["offered"]),
            "updated_at": instants(_loaded(legs)),
            "in_business_hours": _in_hours(days, legs),
        }
    )
    lengths = [legs[name].cast(pl.Int32).alias(f"{name}_s") for name in SECONDS]
    return frame.with_columns(*lengths, legs["transferred"], legs["escalated"], legs["resolved"])


def export_calls(days: TeamDays, staff: Staff, legs: pl.DataFrame) -> pl.DataFrame:
    """Return the legs of the small team as its own telephone system prints them."""
    known = export_contacts(days, staff, legs)
    local = pl.col("offered_at").dt.convert_time_zone(HALL)
    changed = pl.col("updated_at").dt.convert_time_zone(HALL)
    words = {
        "answered": "Answered",
        "abandoned": "Hung up",
        "short_abandon": "Hung up at once",
        "callback_requested": "Call back",
        "missed": "No answer",
    }
    return known.select(
        pl.col("contact_id").alias("Call Id"),
        pl.col("leg_id").alias("Leg"),
        pl.col("previous_leg_id").alias("From Leg"),
        local.dt.strftime("%m/%d/%Y").alias("Date"),
        local.dt.strftime("%H:%M:%S").alias("Time"),
        pl.col("queue").alias("Line"),
        pl.col("reason").alias("Topic"),
        pl.col("customer").alias("Customer No"),
        pl.col("segment").alias("Customer Type"),
        pl.col("agent").alias("Extension"),
        pl.col("initiation").alias("Came By"),
        pl.col("outcome").replace_strict(words).alias("Result"),
        pl.col("disconnect_by").alias("Ended By"),
        pl.col("transfer_type").alias("Transfer"),
        *(clock(pl.col(f"{name}_s")).alias(title) for name, title in _TITLES.items()),
        yes_no("transferred", "Passed On"),
        yes_no("escalated", "Escalated"),
        yes_no("resolved", "Solved"),
        changed.dt.strftime("%m/%d/%Y %H:%M:%S").alias("Last Change"),
    )


def export_surveys(team: Team, surveys: pl.DataFrame, *, first: int) -> pl.DataFrame:
    """Return the invitations, numbered and with the contact asked about."""
    number = pl.Series(np.arange(first, first + surveys.height)).cast(pl.String).str.zfill(6)
    return surveys.select(
        (team.slug[:2] + number).alias("survey_id"),
        contact_key(team, surveys["contact"]),
        pl.lit(team.key).alias("team"),
        pl.all().exclude("contact"),
    )


def export_recommendations(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the question of recommendation as the survey office writes it, day first."""
    place = pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(5)
    pattern = "%d/%m/%Y %H:%M"
    return frame.select(
        (pl.lit("R") + pl.col("team").str.slice(0, 1).str.to_uppercase() + place).alias("No"),
        pl.col("team").alias("Unit"),
        pl.col("segment").alias("Customer Type"),
        pl.col("sent_at").dt.convert_time_zone(DESK).dt.strftime(pattern).alias("Sent On"),
        pl.col("answered_at").dt.convert_time_zone(DESK).dt.strftime(pattern).alias("Replied On"),
        pl.col("score").alias("Would Recommend (0-10)"),
        pl.col("comment").alias("Why"),
        *(pl.lit(None, dtype=pl.String).alias(name) for name in UNASKED),
    )


def export_tickets(team: Team, tickets: pl.DataFrame) -> pl.DataFrame:
    """Return the tickets with their numbers and their queue."""
    return tickets.select(
        ticket_key(team),
        pl.lit(team.key).alias("team"),
        pl.lit(f"{team.key}-tickets").alias("queue"),
        pl.all().exclude("ticket", "assigned_at", "reopened_at"),
    )


def export_ticket_events(team: Team, events: pl.DataFrame) -> pl.DataFrame:
    """Return the changes with the number of their ticket."""
    return events.select(
        ticket_key(team), pl.lit(team.key).alias("team"), pl.all().exclude("ticket")
    )


def export_evaluations(team: Team, frame: pl.DataFrame, *, first: int) -> pl.DataFrame:
    """Return evaluations as the quality tool prints them: percentages with a decimal comma."""
    pattern = "%Y-%m-%dT%H:%M:%SZ"
    return frame.select(
        _numbered(team, first).alias("Evaluation"),
        contact_key(team, frame["contact"]).alias("Interaction"),
        pl.col("team").alias("Team"),
        pl.col("agent").alias("Agent"),
        pl.col("channel").alias("Media"),
        pl.col("queue").alias("Queue"),
        pl.col("reason").alias("Topic"),
        pl.col("evaluator").alias("Reviewer"),
        pl.col("kind").alias("Kind"),
        pl.col("form").alias("Form"),
        pl.col("form_version").alias("Form Version"),
        pl.col("submitted_at").dt.strftime(pattern).alias("Submitted"),
        pl.col("contact_at").dt.strftime(pattern).alias("Interaction End"),
        (pl.col("score") * 100).round(2).alias("Score"),
        yes_no("auto_fail", "Failed"),
        pl.col("critical_errors").alias("Critical Errors"),
    )


def export_answers(team: Team, frame: pl.DataFrame, *, first: int) -> pl.DataFrame:
    """Return the answers with the number of their evaluation."""
    return frame.select(_numbered(team, first).alias("evaluation_id"), pl.all().exclude("item"))


def export_costs(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the postings as the accounts write them: day first, decimal comma."""
    return frame.select(
        pl.col("posted").dt.strftime("%d.%m.%Y").alias("Posting Date"),
        pl.col("team").alias("Cost Centre"),
        pl.col("cost_class").alias("Account"),
        pl.col("currency").alias("Currency"),
        comma(pl.col("amount")).alias("Amount"),
        comma(pl.col("paid_hours")).alias("Paid Hours"),
    )


def split_late(
    days: TeamDays, legs: pl.DataFrame, random: np.random.Generator
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return what was delivered in time, and what was delivered or revised afterwards."""
    if days.team.key != LATE_TEAM:
        return legs, legs.clear()
    first, after = late_days()
    chance = pl.Series(random.random(legs.height))
    here = legs["day"].is_between(first, after - 1)
    late = here & (chance < LATE_SHARE)
    revised = here & (chance >= 1 - REVISED_SHARE) & legs["acw"].is_not_null()
    corrected = legs.filter(revised).with_columns(pl.col("acw") + REVISED_ACW_S)
    again = pl.concat([legs.filter(late), corrected]).sort("contact", "leg")
    return legs.filter(~late), again


def as_late(exported: pl.DataFrame) -> pl.DataFrame:
    """Stamp the rows of the late delivery."""
    return exported.with_columns(
        pl.lit(LATE_ARRIVED).cast(pl.Datetime("ms", "UTC")).alias("updated_at")
    )


def ticket_key(team: Team) -> pl.Expr:
    """Return ticket identifiers."""
    number = pl.col("ticket").cast(pl.String).str.zfill(6)
    return pl.concat_str(pl.lit(f"T{team.slug[:2].upper()}"), number).alias("ticket_id")


def clock(seconds: pl.Expr) -> pl.Expr:
    """Write seconds as hh:mm:ss; null stays null.

    Example:
        >>> pl.select(clock(pl.lit(3725))).item()
        '01:02:05'
    """
    parts = (seconds // 3600, seconds // 60 % 60, seconds % 60)
    return pl.concat_str(*(part.cast(pl.String).str.zfill(2) for part in parts), separator=":")


def yes_no(flag: str, title: str) -> pl.Expr:
    """Write a flag as Y or N; null stays null."""
    return pl.col(flag).replace_strict({True: "Y", False: "N"}).alias(title)


def ended(legs: pl.DataFrame) -> Ints:
    """UTC second at which all work on each leg ended."""
    busy = pl.sum_horizontal("offered", "wait", "ring", "dial", "talk", "hold", "acw")
    seconds: Ints = legs.select(busy).to_series().to_numpy()
    return seconds


_TITLES = {
    "ivr": "Menu",
    "wait": "Waiting",
    "ring": "Ringing",
    "talk": "Talking",
    "hold": "On Hold",
    "acw": "Wrap-up",
    "dial": "Dialling",
}


def _loaded(legs: pl.DataFrame) -> Ints:
    """Records are loaded every night at two o'clock UTC."""
    return np.minimum((ended(legs) // DAY_S + 1) * DAY_S + 7200, AS_OF_S)


def _in_hours(days: TeamDays, legs: pl.DataFrame) -> pl.Series:
    if not days.team.written:
        return pl.repeat(value=True, n=legs.height, eager=True)
    day, minute = days.local(legs["offered"].to_numpy())
    return pl.Series(
        days.working[day] & (minute >= WORK_FROM) & (minute < WORK_FROM + WORK_MINUTES)
    )


def _numbered(team: Team, first: int) -> pl.Expr:
    number = (pl.col("item").cast(pl.Int64) + first).cast(pl.String).str.zfill(5)
    return pl.concat_str(pl.lit(f"q{team.slug[:2]}"), number)
