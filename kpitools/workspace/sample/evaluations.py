"""Quality evaluations: a few contacts of each agent a month, and one that all reviewers score."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from kpitools.workspace.sample.chance import happens
from kpitools.workspace.sample.contacts import ANSWERED
from kpitools.workspace.sample.days import TeamDays
from kpitools.workspace.sample.names import (
    AS_OF_S,
    call,
    call_agents,
    call_channels,
    call_queues,
    call_reasons,
    instants,
)
from kpitools.workspace.sample.people import Staff
from kpitools.workspace.sample.plan import FIRST
from kpitools.workspace.sample.planted import (
    LOW_BY,
    LOW_REVIEWER,
    Flags,
    Floats,
    Ints,
    day_number,
)

REVIEWERS = ("r-01", "r-02", "r-03", "r-04", "r-05", "r-06", "r-00")
EXPERT = 6
A_MONTH = 4.0
NEW_FORM = date(2025, 7, 1)
SHARED_ON = 10
"""Day of the month whose first drawn contact everybody scores."""
NOT_APPLICABLE, FAILED = 0.06, 0.06
CAUSES = ("agent", "process", "training", "product")
FIELDS = ("channel", "queue", "reason")


@dataclass(frozen=True)
class Question:
    """One question of the form."""

    section: str
    text: str
    weight: float
    error_class: str
    since: int = 1


FORM = (
    Question("opening", "greeting", 1, "non-critical"),
    Question("opening", "identification", 2, "compliance"),
    Question("conversation", "listening", 2, "customer"),
    Question("conversation", "tone", 1, "non-critical"),
    Question("solution", "right solution", 3, "customer"),
    Question("solution", "next steps", 2, "business", 2),
    Question("closing", "summary", 1, "non-critical"),
    Question("closing", "record kept", 2, "business"),
)


def build_evaluations(
    days: TeamDays,
    staff: Staff,
    legs: pl.DataFrame,
    random: np.random.Generator,
    *,
    span: tuple[int, int],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return evaluations and their answers, numbered from 0 within the span.

    What is true of a contact depends on the agent; what a reviewer writes down depends on that
    and on how strict the reviewer is.
    """
    drawn = _draw(legs, random)
    shared = _shared(drawn, span=span)
    regular = drawn.with_columns(
        reviewer=pl.Series(random.integers(0, EXPERT, drawn.height)), kind=pl.lit("regular")
    )
    every = pl.concat([regular, shared]).with_row_index("item")
    true = _truth(staff, every, random)
    answers = _answers(every["reviewer"].to_numpy(), true, random)
    asked = _asked(every["day"].to_numpy())
    none = asked & (happens(NOT_APPLICABLE, asked.size, random).reshape(asked.shape))
    failed = ~answers[:, 1] & asked[:, 1] & ~none[:, 1] & happens(FAILED, len(answers), random)
    weight = np.array([question.weight for question in FORM]) * (asked & ~none)
    score = np.where(failed, 0.0, (weight * answers).sum(axis=1) / weight.sum(axis=1))
    wrong = asked & ~none & ~answers
    severe = np.array([question.error_class != "non-critical" for question in FORM])
    frame = _evaluations(days, staff, every, score=score, failed=failed).with_columns(
        critical_errors=pl.Series((wrong & severe).sum(axis=1), dtype=pl.Int8)
    )
    listed = _listed(frame, answers, asked=asked, none=none, random=random)
    told = frame["submitted_at"].is_not_null()
    return frame.filter(told), listed.join(
        frame.filter(told).select("item"), on="item", how="semi", maintain_order="left"
    )


def _draw(legs: pl.DataFrame, random: np.random.Generator) -> pl.DataFrame:
    """Draw answered legs so that each agent has about `A_MONTH` a month."""
    answered = legs.filter(pl.col("outcome") == ANSWERED)
    day = pl.col("day")
    months = (day.max() - day.min() + 1).over("person") / 30
    chance = pl.Series(random.random(answered.height))
    return answered.filter(chance < A_MONTH * months / pl.len().over("person"))


def _shared(drawn: pl.DataFrame, *, span: tuple[int, int]) -> pl.DataFrame:
    """Take the first contact drawn since the day on which everybody scores the same one."""
    days = [number for number in range(*span) if _date(number).day == SHARED_ON]
    chosen = pl.concat(
        [drawn.filter(pl.col("day") >= day).head(1) for day in days] or [drawn.clear()]
    ).unique("contact", maintain_order=True)
    kinds = ["calibration"] * EXPERT + ["expert"]
    people = pl.DataFrame({"reviewer": pl.Series(range(len(kinds)), dtype=pl.Int64), "kind": kinds})
    return chosen.join(people, how="cross")


def _date(number: int) -> date:
    return FIRST + timedelta(days=number)


def _truth(staff: Staff, every: pl.DataFrame, random: np.random.Generator) -> Flags:
    """What really happened; the same for all who score the same contact."""
    chance = 0.89 + staff.skill[every["person"].to_numpy()]
    true = random.random((every.height, len(FORM))) < chance[:, None]
    _, place = np.unique(every["contact"].to_numpy(), return_index=True)
    first = dict(zip(every["contact"].to_numpy()[place].tolist(), place.tolist(), strict=True))
    same: Flags = true[[first[contact] for contact in every["contact"].to_list()]]
    return same


def _answers(reviewer: Ints, true: Flags, random: np.random.Generator) -> Flags:
    by = np.array([LOW_BY if name == LOW_REVIEWER else 0.0 for name in REVIEWERS])
    chance = np.where(true, 0.97, 0.12) + by[reviewer][:, None]
    answers: Flags = random.random(true.shape) < chance
    return answers


def _asked(day: Ints) -> Flags:
    version = np.where(day >= day_number(NEW_FORM), 2, 1)
    return np.array([question.since for question in FORM]) <= version[:, None]


def _evaluations(
    days: TeamDays, staff: Staff, every: pl.DataFrame, *, score: Floats, failed: Flags
) -> pl.DataFrame:
    team = days.team
    busy = pl.sum_horizontal("offered", "wait", "ring", "talk", "hold", "acw")
    ended = every.select(busy).to_series().to_numpy()
    delay = 480 + (every["contact"].to_numpy() * 37 + every["reviewer"].to_numpy() * 211) % 2400
    submitted = np.maximum(days.work_after(ended, delay), ended + 3600)
    version = np.where(every["day"].to_numpy() >= day_number(NEW_FORM), "2", "1")
    return pl.DataFrame(
        {
            "item": every["item"],
            "contact": every["contact"],
            "team": [team.key] * every.height,
            "agent": call_agents(staff, every["person"]),
            "channel": call_channels(team, every["queue"]),
            "queue": call_queues(team, every["queue"]),
            "reason": call_reasons(team, every["reason"]),
            "evaluator": call(REVIEWERS, every["reviewer"]),
            "kind": every["kind"],
            "form": ["conversation"] * every.height,
            "form_version": version,
            "submitted_at": instants(submitted, until=AS_OF_S),
            "contact_at": instants(ended),
            "score": np.round(score, 4),
            "auto_fail": failed,
        }
    )


def _listed(
    frame: pl.DataFrame,
    answers: Flags,
    *,
    asked: Flags,
    none: Flags,
    random: np.random.Generator,
) -> pl.DataFrame:
    """One row an answer, in the order of the form."""
    item, place = np.nonzero(asked)
    yes, no_answer = answers[item, place], none[item, place]
    cause = call(CAUSES, random.choice(len(CAUSES), size=len(item), p=(0.5, 0.2, 0.2, 0.1)))
    listed = pl.DataFrame(
        {
            "item": pl.Series(item, dtype=pl.UInt32),
            "section": call([question.section for question in FORM], place),
            "question": call([question.text for question in FORM], place),
            "answer": call(("no", "yes", "n/a"), np.where(no_answer, 2, yes.astype(np.int64))),
            "error_class": call([question.error_class for question in FORM], place),
            "weight": pl.Series([float(FORM[each].weight) for each in place], dtype=pl.Float64),
            "not_applicable": no_answer,
        }
    ).with_columns(
        pl.when(~pl.Series(yes) & ~pl.Series(no_answer)).then(cause).alias("cause"),
        score=pl.when(~pl.Series(no_answer)).then(pl.Series(yes.astype(np.float64))),
    )
    kept = ("item", "team", "agent", "channel", "evaluator", "submitted_at")
    return listed.join(frame.select(kept), on="item", how="left", maintain_order="left")
