"""What a workspace holds: configuration, catalogue, events, teams and periods."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kpitools import tables
from kpitools.catalog import Catalog, Kpi, read_catalog
from kpitools.errors import WorkspaceError, suggest
from kpitools.facts import Period, parse_period, refusals
from kpitools.facts.engines import Engine, bind_engine
from kpitools.facts.extent import data_days
from kpitools.language import display, pick
from kpitools.sources import (
    Events,
    Finding,
    FiscalCalendar,
    Rebase,
    Team,
    WorkspaceConfig,
    read_config,
    read_events,
)
from kpitools.workspace.annotations import named_annotations
from kpitools.workspace.folder import Place
from kpitools.workspace.rebases import named_rebases

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Contents:
    """One folder bound together; `Workspace` adds the questions that can be asked of it.

    Everything is read when it is first asked for: `events` reads (or takes from the cache)
    the declared exports, `catalog` the KPI definitions.
    """

    place: Place
    environment: Mapping[str, str]
    asked_as_of: datetime | None = None
    asked_engine: Engine | None = None

    @property
    def folder(self) -> Path:
        """The folder that relative paths of the configuration resolve against."""
        return self.place.folder

    @cached_property
    def config(self) -> WorkspaceConfig:
        """The validated `kpitools.yaml`."""
        return read_config(self.place.config, self.environment)

    @cached_property
    def catalog(self) -> Catalog:
        """The built-in catalogue in its pinned version, with the workspace's own entries."""
        wanted = self.config.catalogue
        files = [self.folder / name for name in wanted.files]
        return read_catalog(files, builtin=wanted.builtin, keep=True)

    @cached_property
    def events(self) -> Events:
        """The canonical event tables, data-quality findings and input hashes."""
        read = read_events(self.config, folder=self.folder, as_of=self.asked_as_of)
        return bind_engine(read, self.config, folder=self.folder, given=self.asked_engine)

    @property
    def name(self) -> str:
        """What the workspace calls itself."""
        return self.config.name

    @property
    def language(self) -> str:
        """Language of names and numbers, for example `en`."""
        return self.config.language

    @property
    def as_of(self) -> datetime:
        """The instant (UTC) at which the data is looked at; never the system clock."""
        return self.events.as_of

    @property
    def teams(self) -> Mapping[str, Team]:
        """Teams by key: declared in the file, else as found in the data."""
        return self.events.teams

    @property
    def minimum_group(self) -> int:
        """Fewest cases that a shown value may rest on."""
        return self.config.privacy.minimum_group

    @property
    def fiscal(self) -> FiscalCalendar | None:
        """The fiscal calendar; None where none is declared."""
        declared = self.config.fiscal
        return None if declared is None else declared.calendar()

    @cached_property
    def rebases(self) -> tuple[Rebase, ...]:
        """Days from which limits are calculated anew, as declared, with reason and author.

        Raises:
            WorkspaceError: KPIs that the catalogue does not have, each with its line.
        """
        return named_rebases(
            self.config, self.catalog, path=self.place.config, environment=self.environment
        )

    @cached_property
    def annotations(self) -> pl.DataFrame:
        """Recorded reasons of days, teams, queues and KPIs; no row where no file is declared.

        Raises:
            SourceError: the file's faults, all at once, each with its line.
        """
        return named_annotations(self.config, self.catalog, lambda: self.events, folder=self.folder)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the data, counted, with examples."""
        return self.events.findings

    def table(self, name: str) -> pl.LazyFrame:
        """Return a canonical event table as a lazy frame (durations in integer milliseconds).

        Raises:
            TableError: no such canonical table.
            WorkspaceError: no source of this workspace feeds it.
        """
        tables.table(name)
        if name not in self.events.tables:
            raise WorkspaceError(
                f"no source feeds the table '{name}'",
                found="sources for " + ", ".join(sorted(self.events.tables)),
                expected=f"a source with `table: {name}` in {self.place.config.name}",
                fix="add the export under `sources:`",
            )
        return self.events.tables[name]

    def kpi(self, name: str) -> Kpi:
        """Return the definition of a KPI as effective at `as_of`.

        Raises:
            CatalogError: no such KPI.
        """
        return self.catalog.kpi(name, on=self.as_of.date())

    def label(self, name: str) -> str:
        """Return the name of a KPI as a reader of the workspace's language knows it.

        Raises:
            CatalogError: no such KPI.
        """
        return pick(self.kpi(name).name, self.language)

    def team(self, key: str) -> Team:
        """Return a team by its key.

        Raises:
            WorkspaceError: no such team.
        """
        if key not in self.teams:
            raise WorkspaceError(
                f"no team '{display(key)}'",
                found=display(key),
                expected="the key of a team of this workspace",
                fix=display(suggest(key, self.teams), 400),
            )
        return self.teams[key]

    def kpis(self, names: str | Sequence[str] | None = None) -> tuple[Kpi, ...]:
        """Return definitions by name, or those of all KPIs of the catalogue that are in use.

        Raises:
            CatalogError: an unknown name.
        """
        wanted = [names] if isinstance(names, str) else names
        return tuple(
            self.kpi(name) for name in (self.catalog.in_use() if wanted is None else wanted)
        )

    def refused(
        self, names: str | Sequence[str] | None = None, *, by: Sequence[str] = ()
    ) -> dict[str, str]:
        """Say which KPIs this data cannot give (split by these dimensions), with the reason."""
        return refusals(self.kpis(names), self.events, by=tuple(by))

    def available(
        self, names: str | Sequence[str] | None = None, *, by: Sequence[str] = ()
    ) -> list[str]:
        """List the KPIs that this data can give (split by these dimensions), in order."""
        refused = self.refused(names, by=by)
        return [kpi.kpi for kpi in self.kpis(names) if kpi.kpi not in refused]

    def period(self, text: str) -> Period:
        """Read a period: `2026-10`, `2026-W41`, `2026-Q4`, `2026-H2`, `2026` or `FY2026-P03`.

        Raises:
            FactsError: not a period, or a fiscal one without a fiscal calendar.
        """
        return parse_period(text, week_start=self.config.week_start, fiscal=self.fiscal)

    def holidays(self, team: str | None, first: date, last: date) -> dict[date, str]:
        """Return the holidays of a team's calendar between two days, with what they are called.

        For all teams together (None), and for cases without a team, the days that most teams
        have off.

        Raises:
            WorkspaceError: no such team.
        """
        if team is None or team == tables.NOT_RECORDED:
            found = [day for key in self.teams for day in self.holidays(key, first, last).items()]
            counts = Counter(day for day, _ in found)
            return {day: name for day, name in sorted(found) if 2 * counts[day] > len(self.teams)}
        calendar = self.events.calendars.get(self.team(team).calendar or "default")
        return {} if calendar is None else calendar.named(first, last)

    def data_days(self, names: str | Sequence[str] | None = None) -> tuple[date, date] | None:
        """Return the first and last day, on the teams' clocks, of the data behind some KPIs.

        Args:
            names: KPIs; default all that the data can give. KPIs that it cannot give are left
                out.

        Raises:
            CatalogError: an unknown name.
        """
        return data_days(self.kpis(self.available(names)), self.events)

    def latest_period(self, grain: str = "month") -> Period:
        """Return the latest period that was over, on every team's clock, at `as_of`."""
        current = Period.containing(
            self.as_of.date(), grain, week_start=self.config.week_start, fiscal=self.fiscal
        )
        return current if self.events.is_over(current.end) else current.previous()
