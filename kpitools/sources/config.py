"""What `kpitools.yaml` holds: frozen records; `read_config` makes them from the file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from kpitools.sources.calendar_config import CalendarVersions
from kpitools.sources.declaration import Names, Record, SourceConfig
from kpitools.sources.engine_config import EngineConfig
from kpitools.sources.fiscal_config import FiscalConfig
from kpitools.sources.rebases import Rebase
from kpitools.sources.team_config import Level, TeamConfig, Zone

WeekStart = Literal["monday", "sunday"]


def _instant(value: Any) -> Any:  # noqa: ANN401 - what stands in the file
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(found, datetime):
        return found
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


Instant = Annotated[datetime, BeforeValidator(_instant)]


class PrivacyConfig(Record):
    """How persons are shown, and from how many cases on a group is."""

    agents: Literal["pseudonym", "plain"] = "pseudonym"
    minimum_group: int = Field(5, ge=1)
    key: str | None = Field(None, description="Secret that pseudonyms are made with.")


class CatalogueConfig(Record):
    """Version of the built-in catalogue, and the workspace's own catalogue files."""

    builtin: str | None = None
    files: Names = ()


class WorkspaceConfig(Record):
    """The whole of `kpitools.yaml`."""

    kpitools: Annotated[Literal["1"], BeforeValidator(str, json_schema_input_type=Any)] = Field(
        description="Version of this file's shape."
    )
    name: str
    timezone: Zone = Field("UTC", description="Zone of teams that name none.")
    as_of: Instant | None = Field(
        None, description="Instant at which the data is looked at; without a zone it is UTC."
    )
    week_start: WeekStart = "monday"
    fiscal: FiscalConfig | None = Field(None, description="The fiscal year, for fiscal grains.")
    language: str = "en"
    catalogue: CatalogueConfig = CatalogueConfig()
    hierarchy: tuple[Level, ...] = Field(
        (), description="Levels above the teams: `[site, region, manager]`."
    )
    teams: dict[str, TeamConfig] = Field(default={})
    calendars: dict[str, CalendarVersions] = Field(default={})
    privacy: PrivacyConfig = PrivacyConfig()
    actions: str | None = Field(None, description="File with the action register.")
    annotations: str | None = Field(
        None, description="File with recorded reasons of days, teams, queues and KPIs."
    )
    rebases: tuple[Rebase, ...] = Field(
        (), description="Days from which limits are calculated anew, with reason and author."
    )
    engine: EngineConfig | None = Field(
        None, description="Where facts are counted; default here, with polars."
    )
    sources: dict[str, SourceConfig]

    @model_validator(mode="before")
    @classmethod
    def _rows_elsewhere(cls, value: Any) -> Any:  # noqa: ANN401 - what stands in the file
        """Let a file whose tables are all an engine's leave out the sources."""
        engine = value.get("engine") if isinstance(value, dict) else None
        if isinstance(engine, dict) and engine.get("tables"):
            return {"sources": {}, **value}
        return value

    @field_validator("sources")
    @classmethod
    def _some(cls, value: dict[str, SourceConfig], info: ValidationInfo) -> dict[str, SourceConfig]:
        engine = info.data.get("engine")
        if not value and not (engine is not None and engine.tables):
            raise ValueError("give at least one source, or an engine with tables")
        return value
