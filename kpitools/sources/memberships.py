"""Who belongs to which team when: the team of events that name only a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import accumulate, pairwise
from typing import Any

import polars as pl

AGENT, TEAM, BEGINS, ENDS = "agent", "team", "__begins", "__ends"
FROM, UPTO, MAIN = "__from", "__upto", "__main"
_EVER: dict[type, tuple[Any, Any]] = {
    datetime: (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)),
    date: (date.min, date.max),
}


def stretches(memberships: pl.DataFrame, *, days: bool = False) -> pl.DataFrame:
    """Cut each person's time where a membership begins or ends.

    Args:
        memberships: canonical rows: agent, team, starts_at, ends_at (null: open), share (null:
            1), with the local times where `days` is asked for.
        days: cut by days on the team's clock instead of instants: a membership counts from the
            day on which it starts to the day before it ends.

    Returns:
        One row per person, stretch and team that holds in it: agent, `BEGINS` (inclusive),
        `ENDS` (exclusive), team, `FROM` and `UPTO` (the team's part of the person's time lies
        between them; those of a stretch join up from 0 to 1), `MAIN` (Boolean: the team with
        the largest share, of equals the one that began first, then by name).
        The stretches of a person leave no time out: where no membership holds there is one
        row without team.
    """
    edge = (lambda name: pl.col(f"{name}_local").dt.date()) if days else pl.col
    rows = memberships.filter(
        pl.col(AGENT).is_not_null(), pl.col(TEAM).is_not_null(), pl.col("starts_at").is_not_null()
    ).select(
        AGENT,
        TEAM,
        edge("starts_at").alias("starts"),
        edge("ends_at").alias("ends"),
        pl.col("share").fill_null(1.0),
    )
    made = [
        piece
        for _, own in sorted(rows.group_by(AGENT), key=lambda item: str(item[0]))
        for piece in _pieces(own.rows(), _EVER[date if days else datetime])
    ]
    when = pl.Date if days else pl.Datetime("ms", "UTC")
    schema = {
        AGENT: pl.String,
        BEGINS: when,
        ENDS: when,
        TEAM: pl.String,
        FROM: pl.Float64,
        UPTO: pl.Float64,
        MAIN: pl.Boolean,
    }
    return pl.DataFrame(made, schema=schema, orient="row")


def _pieces(rows: Sequence[tuple[Any, ...]], ever: tuple[Any, Any]) -> Iterator[tuple[Any, ...]]:
    """Yield the stretches of one person."""
    held = [
        (team, start, end or ever[1], share)
        for _, team, start, end, share in rows
        if end is None or end > start
    ]
    edges = sorted({*ever, *(item[1] for item in held), *(item[2] for item in held)})
    person = rows[0][0]
    for begins, ends in pairwise(edges):
        here: dict[str, tuple[float, Any]] = {}
        for team, start, end, share in held:
            if start <= begins and end >= ends and share > 0:
                known = here.get(team, (0.0, start))
                here[team] = (max(known[0], share), min(known[1], start))
        if not here:
            yield person, begins, ends, None, 0.0, 1.0, True
            continue
        main = min(here, key=lambda team: (-here[team][0], here[team][1], team))
        upto = list(accumulate((here[team][0] for team in sorted(here)), initial=0.0))
        for number, team in enumerate(sorted(here)):
            share = (upto[number] / upto[-1], upto[number + 1] / upto[-1])
            yield person, begins, ends, team, *share, team == main


def with_team(
    events: pl.LazyFrame, memberships: pl.DataFrame, *, person: str, at: str
) -> pl.LazyFrame:
    """Give every event the team to which its person mainly belonged at its time.

    Args:
        events: rows with the field `person` and the time stamp `at`.
        memberships: what `stretches` gave, by instants.
        person: the field of the person.
        at: the time that decides.

    Returns:
        The events with `team`; null where person or time is missing or no membership holds.
    """
    main = memberships.filter(MAIN).select(pl.col(AGENT).alias(person), pl.col(TEAM), BEGINS, ENDS)
    first = pl.col(BEGINS) == _EVER[datetime][0]
    inside = (pl.col(at) >= pl.col(BEGINS)) & (pl.col(at) < pl.col(ENDS))
    chosen = pl.when(pl.col(at).is_null()).then(first).otherwise(inside)
    return (
        events.join(main.lazy(), on=person, how="left")
        .filter(pl.col(BEGINS).is_null() | chosen)
        .with_columns(pl.when(pl.col(at).is_not_null()).then(pl.col(TEAM)).alias(TEAM))
        .drop(BEGINS, ENDS)
    )
