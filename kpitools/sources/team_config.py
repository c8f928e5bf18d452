"""How teams are declared: whose clock they go by, where they belong, what they were before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field

from kpitools.sources.declaration import Names, Record
from kpitools.sources.zone_names import known_zone

PERSONS = frozenset({"manager"})
"""Levels that hold persons unless the file says otherwise."""


def _zone(value: Any) -> Any:  # noqa: ANN401 - what stands in the file
    return known_zone(value) if isinstance(value, str) else value


def _named(value: Any) -> Any:  # noqa: ANN401 - what stands in the file
    return {"name": value} if isinstance(value, str) else value


def _spans(value: Any) -> Any:  # noqa: ANN401 - what stands in the file
    return [{"name": value}] if isinstance(value, str) else value


Zone = Annotated[str, BeforeValidator(_zone)]


class LevelConfig(Record):
    """One level above the teams, for example the region; the key of a dimension."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    person: bool | None = Field(
        None, description="The level holds persons; default only for `manager`."
    )

    @property
    def private(self) -> bool:
        """Whether the level holds persons."""
        return self.name in PERSONS if self.person is None else self.person


Level = Annotated[LevelConfig, BeforeValidator(_named, json_schema_input_type=str | LevelConfig)]


class LevelSpan(Record):
    """Where a team belongs from one day to another, both inclusive."""

    name: str
    start: date | None = Field(None, alias="from", description="First day; default ever since.")
    end: date | None = Field(None, alias="to", description="Last day; default until today.")


LevelSpans = Annotated[
    tuple[LevelSpan, ...],
    BeforeValidator(_spans, json_schema_input_type=str | list[LevelSpan]),
]


class FormerName(Record):
    """A name that the team had; exports that still use it count for the team."""

    name: str
    end: date = Field(alias="to", description="Last day on which the name means this team.")


class SplitPart(Record):
    """What of a team counts for another one from a day on; without a condition all the rest."""

    into: str = Field(description="Key of the team that the rows count for.")
    start: date = Field(alias="from", description="First day.")
    queue: Names = ()
    channel: Names = ()
    reason: Names = ()
    agent: Names = ()

    @property
    def conditions(self) -> Mapping[str, tuple[str, ...]]:
        """The fields that decide, and the values that count."""
        given = {
            "queue": self.queue,
            "channel": self.channel,
            "reason": self.reason,
            "agent": self.agent,
        }
        return {name: values for name, values in given.items() if values}


class TeamConfig(Record):
    """One team: how it is shown, whose clock it goes by, who leads it, where it belongs.

    Every other key is a level of the workspace's `hierarchy`.
    """

    model_config = ConfigDict(frozen=True, extra="allow", populate_by_name=True)
    __pydantic_extra__: dict[str, LevelSpans]

    name: str | None = Field(None, description="Shown name; default the key.")
    timezone: Zone | None = Field(None, description="IANA zone; default the workspace's.")
    lead: str | None = None
    aliases: Names = Field((), description="Other names of the team in the exports.")
    calendar: str | None = Field(None, description="Business calendar; default `default`.")
    was: tuple[FormerName, ...] = Field((), description="Names that the team had before.")
    split: tuple[SplitPart, ...] = Field((), description="What counts for other teams since.")

    @property
    def levels(self) -> Mapping[str, tuple[LevelSpan, ...]]:
        """Where the team belongs, by level."""
        return dict(self.__pydantic_extra__ or {})
