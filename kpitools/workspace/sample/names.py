"""Names instead of places and times instead of seconds, as the exports print them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from kpitools.workspace.sample.people import Staff
from kpitools.workspace.sample.plan import AS_OF, Team
from kpitools.workspace.sample.planted import OUTAGE_REASON, Ints
from kpitools.workspace.sample.seats import NOBODY

AS_OF_S = int(AS_OF.timestamp())
NEVER = np.iinfo(np.int64).max // 4
"""A UTC second that lies after everything: it has not happened."""


def call(names: Sequence[str | None], place: Ints | pl.Series) -> pl.Series:
    """Return the name at each place.

    Example:
        >>> call(["a", "b"], pl.Series([1, 0, 1])).to_list()
        ['b', 'a', 'b']
    """
    return pl.Series(names, dtype=pl.String).gather(pl.Series(place, dtype=pl.Int64))


def agent_name(number: int) -> str:
    """Return the identifier of an agent.

    Example:
        >>> agent_name(42)
        'a-0042'
    """
    return f"a-{number:04d}"


def call_agents(staff: Staff, person: Ints | pl.Series) -> pl.Series:
    """Return agent identifiers; null for nobody."""
    names = [agent_name(int(number)) for number in staff.number]
    place = pl.Series(person, dtype=pl.Int64).replace(NOBODY, None)
    return pl.Series(names, dtype=pl.String).gather(place)


def call_queues(team: Team, place: pl.Series) -> pl.Series:
    """Return queue names; the place before the first is the second line or the callbacks."""
    extra = team.second_line or f"{team.queues[0].name.rsplit('-', 1)[0]}-callback"
    names = [*(queue.name for queue in team.queues), extra]
    return call(names, place.replace(-1, len(names) - 1))


def call_channels(team: Team, place: pl.Series) -> pl.Series:
    """Return the channel of each queue."""
    names = [*(queue.channel for queue in team.queues), team.queues[0].channel]
    return call(names, place.replace(-1, len(names) - 1))


def call_reasons(team: Team, place: pl.Series) -> pl.Series:
    """Return the reasons; the place after the last is the outage."""
    return call([*(reason.name for reason in team.reasons), OUTAGE_REASON], place)


def call_segments(team: Team, place: pl.Series) -> pl.Series:
    """Return the customer segments."""
    return call([segment.name for segment in team.segments], place)


def call_customers(team: Team, customer: pl.Series) -> pl.Series:
    """Return customer keys: the first letter of the team's file, and a number."""
    return (team.slug[0] + customer.cast(pl.String)).rename("customer")


def instants(seconds: Ints | pl.Series, *, until: int = AS_OF_S) -> pl.Series:
    """Return UTC time stamps; null where it has not happened by `until`.

    Example:
        >>> instants(pl.Series([0, None, NEVER])).to_list()
        [datetime.datetime(1970, 1, 1, 0, 0, tzinfo=zoneinfo.ZoneInfo(key='UTC')), None, None]
    """
    told = pl.Series(seconds, dtype=pl.Int64)
    past = pl.select(pl.when(told <= until).then(told)).to_series()
    return (past * 1000).cast(pl.Datetime("ms", "UTC"))
