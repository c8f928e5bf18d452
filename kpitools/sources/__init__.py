"""What the exports say, in our names: canonical event tables and data-quality findings."""

from kpitools.sources.annotations import read_annotations
from kpitools.sources.calendar_config import CalendarConfig
from kpitools.sources.calendars import BusinessCalendar, public_holidays
from kpitools.sources.config import (
    CatalogueConfig,
    PrivacyConfig,
    WorkspaceConfig,
)
from kpitools.sources.config_read import read_config
from kpitools.sources.declaration import ColumnConfig, FormatConfig, SourceConfig
from kpitools.sources.events import Events, InputFile, Team, read_events
from kpitools.sources.findings import Finding
from kpitools.sources.fiscal import FiscalCalendar, WeekPattern
from kpitools.sources.fiscal_config import FiscalConfig
from kpitools.sources.rebases import Rebase
from kpitools.sources.schema import workspace_schema
from kpitools.sources.team_config import TeamConfig

__all__ = [
    "BusinessCalendar",
    "CalendarConfig",
    "CatalogueConfig",
    "ColumnConfig",
    "Events",
    "Finding",
    "FiscalCalendar",
    "FiscalConfig",
    "FormatConfig",
    "InputFile",
    "PrivacyConfig",
    "Rebase",
    "SourceConfig",
    "Team",
    "TeamConfig",
    "WeekPattern",
    "WorkspaceConfig",
    "public_holidays",
    "read_annotations",
    "read_config",
    "read_events",
    "workspace_schema",
]
