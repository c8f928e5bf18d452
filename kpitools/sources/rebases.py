"""From which days limits are calculated anew: named by people, with reason and author."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, StringConstraints

from kpitools.errors import Fault, suggest
from kpitools.sources.declaration import Record

if TYPE_CHECKING:
    from kpitools.sources.config import WorkspaceConfig

Path = tuple[str | int, ...]
Where = Callable[[Path], str]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Rebase(Record):
    """A day from which a chart's limits are calculated anew, who decided so and why.

    Limits are never moved by a rule: whoever moves them says why the process is another one
    since that day.

    Example:
        >>> Rebase(on=date(2026, 4, 1), kpi="aht", reason="New telephone system",
        ...        author="Operations manager").on
        datetime.date(2026, 4, 1)
    """

    on: date = Field(description="First day of the new process.")
    kpi: Words | None = Field(None, description="The KPI; without it all KPIs.")
    team: Words | None = Field(
        None, description="The team; without it all series, those of every team included."
    )
    reason: Words = Field(description="Why the process is another one since that day.")
    author: Words = Field(description="Who decided that the limits move.")


def check_rebases(config: WorkspaceConfig, where: Where) -> Iterator[Fault]:
    """Yield the faults of `rebases:`; `where` gives file and line of a part."""
    known = {
        name: team
        for team, item in config.teams.items()
        for name in (team, *item.aliases, *(former.name for former in item.was))
    }
    said: dict[tuple[date, str | None, str | None], str] = {}
    for index, item in enumerate(config.rebases):
        at: Path = ("rebases", index)
        if item.team is not None and known and item.team not in config.teams:
            fix = known.get(item.team)
            yield Fault(
                f"no team '{item.team}'",
                where((*at, "team")),
                item.team,
                "the key of a team under `teams:`",
                fix=f"write '{fix}'" if fix else suggest(item.team, config.teams),
            )
        key = (item.on, item.kpi, item.team)
        if key in said:
            yield Fault("this rebase is declared twice", where(at), f"{item.on}, first {said[key]}")
        said.setdefault(key, where(at))
