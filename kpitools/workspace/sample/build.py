"""Build the sample, team by team and days after days, in parts that fit in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from kpitools.workspace.sample.chance import stream
from kpitools.workspace.sample.contacts import build_legs
from kpitools.workspace.sample.costs import build_certifications, build_costs
from kpitools.workspace.sample.days import TeamDays, build_days
from kpitools.workspace.sample.evaluations import build_evaluations
from kpitools.workspace.sample.exports import (
    as_late,
    ended,
    export_answers,
    export_calls,
    export_contacts,
    export_costs,
    export_evaluations,
    export_recommendations,
    export_surveys,
    export_ticket_events,
    export_tickets,
    split_late,
)
from kpitools.workspace.sample.forecasts import FINAL, build_forecasts, count_offered
from kpitools.workspace.sample.membership import build_customer_base, build_memberships
from kpitools.workspace.sample.names import AS_OF_S
from kpitools.workspace.sample.people import Staff, Stretch, build_roster, build_staff
from kpitools.workspace.sample.plan import DAYS, SEED, SLOTS
from kpitools.workspace.sample.planted import Floats, Ints
from kpitools.workspace.sample.surveys import build_recommendations, build_surveys
from kpitools.workspace.sample.teams import TEAMS
from kpitools.workspace.sample.ticket_events import build_ticket_events
from kpitools.workspace.sample.tickets import build_tickets
from kpitools.workspace.sample.workforce import (
    build_agent_time,
    build_headcount,
    build_schedules,
)

Part = tuple[str, pl.DataFrame]
"""A file of the sample, and rows to be added to it."""
MOST_CONTACTS = 100_000
LEAST_CONTACTS = 1000
SMALL_TEAM = "field"
_STAFF, _SPAN, _ROSTER, _AFTER = range(4)


@dataclass
class _Tally:
    """What later parts need to know of a team's earlier ones."""

    counts: Ints
    paid_minutes: Floats
    used: dict[str, int] = field(default_factory=dict)

    def next(self, what: str) -> int:
        """Return the next free number."""
        return self.used.get(what, 0) + 1

    def use(self, what: str, count: int) -> None:
        """Use up so many numbers."""
        self.used[what] = self.used.get(what, 0) + count


def expected_contacts() -> float:
    """How many contacts the sample has at its usual size."""
    return float(sum(build_days(team, scale=1.0).volume[:DAYS].sum() for team in TEAMS))


def build_sample(*, contacts: int | None = None, seed: int = SEED) -> dict[str, pl.DataFrame]:
    """Return every file of the sample as a frame, in the shape in which it is written."""
    files: dict[str, list[pl.DataFrame]] = {}
    for name, rows in build_parts(contacts=contacts, seed=seed):
        files.setdefault(name, []).append(rows)
    return {name: pl.concat(rows) for name, rows in files.items()}


def build_parts(*, contacts: int | None = None, seed: int = SEED) -> Iterator[Part]:
    """Yield the rows of the sample file by file; memory does not grow with the size.

    Args:
        contacts: about how many contacts to make; the usual size where None.
        seed: the same seed and size give the same rows.
    """
    usual = expected_contacts()
    wanted = usual if contacts is None else max(float(contacts), LEAST_CONTACTS)
    number = 1
    for place, team in enumerate(TEAMS):
        days = build_days(team, scale=wanted / usual)
        staff = build_staff(days, stream(seed, place, _STAFF), first=number)
        number += len(staff.number)
        tally = _Tally(np.zeros((len(team.queues), DAYS, SLOTS), dtype=np.int64), np.zeros(DAYS))
        for span in _spans(days):
            key = (seed, place, span[0])
            roster = build_roster(days, staff, stream(*key, _ROSTER), span=span)
            stretch = Stretch(days, staff, roster, span)
            yield from _span_parts(stretch, stream(*key, _SPAN), tally)
        yield from _team_parts(days, staff, tally, stream(seed, place, _AFTER))


def _span_parts(stretch: Stretch, random: np.random.Generator, tally: _Tally) -> Iterator[Part]:
    days, staff, span = stretch.days, stretch.staff, stretch.span
    legs = build_legs(stretch, random, first=tally.next("contact"))
    tally.use("contact", legs["contact"].n_unique())
    legs = legs.filter(pl.Series(ended(legs) <= AS_OF_S))
    count_offered(days, legs, tally.counts)
    yield from _contact_parts(days, staff, legs, random)
    surveys = build_surveys(stretch, legs, random)
    yield "surveys.parquet", export_surveys(days.team, surveys, first=tally.next("survey"))
    tally.use("survey", surveys.height)
    evaluations, answers = build_evaluations(days, staff, legs, random, span=span)
    first = tally.next("evaluation")
    yield "evaluations.csv.gz", export_evaluations(days.team, evaluations, first=first)
    yield "evaluation_answers.parquet", export_answers(days.team, answers, first=first)
    tally.use("evaluation", 1 + max(evaluations["item"].to_list(), default=0))
    tickets = build_tickets(days, staff, random, span=span, first=tally.next("ticket"))
    tally.use("ticket", tickets.height)
    yield "tickets.parquet", export_tickets(days.team, tickets)
    events = build_ticket_events(tickets)
    yield "ticket_events.parquet", export_ticket_events(days.team, events)
    time = build_agent_time(stretch, legs, random)
    _count_paid(days, time, tally)
    yield "agent_time.parquet", _of_team(days, time)
    yield "schedules.parquet", _of_team(days, build_schedules(stretch))
    yield "headcount.parquet", _of_team(days, build_headcount(stretch))


def _contact_parts(
    days: TeamDays, staff: Staff, legs: pl.DataFrame, random: np.random.Generator
) -> Iterator[Part]:
    if days.team.key == SMALL_TEAM:
        yield "calls_field.csv", export_calls(days, staff, legs)
        return
    timely, late = split_late(days, legs, random)
    yield f"contacts/{days.team.slug}.parquet", export_contacts(days, staff, timely)
    if late.height:
        yield "contacts/revised_2026-09.parquet", as_late(export_contacts(days, staff, late))


def _team_parts(
    days: TeamDays, staff: Staff, tally: _Tally, random: np.random.Generator
) -> Iterator[Part]:
    forecasts = _of_team(days, build_forecasts(days, tally.counts, random))
    final = forecasts.filter(pl.col("step") == FINAL)
    yield "forecasts.parquet", final.drop("offered_low", "offered_high", "range_percent")
    yield "forecast_steps.parquet", forecasts.filter(pl.col("step") != FINAL)
    yield "recommendations.csv", export_recommendations(build_recommendations(days, random))
    yield "costs.csv", export_costs(build_costs(days.team, tally.paid_minutes, random))
    yield "certifications.csv", build_certifications(days.team, staff, random)
    yield "memberships.csv", _of_team(days, build_memberships(staff))
    yield "customer_base.parquet", _of_team(days, build_customer_base(days))


def _spans(days: TeamDays) -> list[tuple[int, int]]:
    """Cut the sample into runs of days that fit in memory; a day is never cut."""
    spans: list[tuple[int, int]] = []
    start, held = 0, 0.0
    for number, volume in enumerate(days.volume[:DAYS].tolist()):
        if held and held + volume > MOST_CONTACTS:
            spans.append((start, number))
            start, held = number, 0.0
        held += volume
    return [*spans, (start, DAYS)]


def _of_team(days: TeamDays, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(pl.lit(days.team.key).alias("team"), pl.all())


def _count_paid(days: TeamDays, time: pl.DataFrame, tally: _Tally) -> None:
    paid = time.filter("paid")
    seconds = paid["started_at"].to_physical().to_numpy() // 1000
    day, _ = days.local(seconds)
    np.add.at(tally.paid_minutes, day, paid["minutes"].to_numpy().astype(np.float64))
