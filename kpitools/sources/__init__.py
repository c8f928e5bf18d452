"""What the exports say, in our names: canonical event tables and data-quality findings."""

from kpitools.sources.config import (
    CalendarConfig,
    CatalogueConfig,
    PrivacyConfig,
    TeamConfig,
    WorkspaceConfig,
)
from kpitools.sources.config_read import read_config
from kpitools.sources.declaration import ColumnConfig, FormatConfig, SourceConfig
from kpitools.sources.events import Events, InputFile, Team, read_events
from kpitools.sources.findings import Finding
from kpitools.sources.schema import workspace_schema

__all__ = [
    "CalendarConfig",
    "CatalogueConfig",
    "ColumnConfig",
    "Events",
    "Finding",
    "FormatConfig",
    "InputFile",
    "PrivacyConfig",
    "SourceConfig",
    "Team",
    "TeamConfig",
    "WorkspaceConfig",
    "read_config",
    "read_events",
    "workspace_schema",
]
