"""One folder bound together: configuration, catalogue, events and the questions to them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kpitools import tables
from kpitools.catalog import Catalog, Kpi, read_catalog
from kpitools.catalog.model import Parameter
from kpitools.catalog.variants import MARK
from kpitools.errors import WorkspaceError, suggest
from kpitools.facts import Asked, Period, build_facts, empty_facts, parse_period, refusals
from kpitools.facts.compare import compare_definitions
from kpitools.facts.effective import check_versions, effective_facts
from kpitools.language import display, pick
from kpitools.sources import (
    Events,
    Finding,
    FiscalCalendar,
    Team,
    WorkspaceConfig,
    read_config,
    read_events,
)
from kpitools.workspace.folder import AS_OF_VARIABLE, Place, find_workspace

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Workspace:
    """The door that notebooks and commands use; made by `open_workspace`.

    Everything is read when it is first asked for: `events` reads (or takes from the cache)
    the declared exports, `catalog` the KPI definitions.
    """

    place: Place
    environment: Mapping[str, str]
    asked_as_of: datetime | None = None

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
        return read_catalog([self.folder / name for name in wanted.files], builtin=wanted.builtin)

    @cached_property
    def events(self) -> Events:
        """The canonical event tables, data-quality findings and input hashes."""
        return read_events(self.config, folder=self.folder, as_of=self.asked_as_of)

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

    def holidays(self, team: str, first: date, last: date) -> dict[date, str]:
        """Return the holidays of a team's calendar between two days, with what they are called.

        Raises:
            WorkspaceError: no such team.
        """
        calendar = self.events.calendars.get(self.team(team).calendar or "default")
        return {} if calendar is None else calendar.named(first, last)

    def latest_period(self, grain: str = "month") -> Period:
        """Return the latest period that was over, on every team's clock, at `as_of`."""
        current = Period.containing(
            self.as_of.date(), grain, week_start=self.config.week_start, fiscal=self.fiscal
        )
        return current if self.events.is_over(current.end) else current.previous()

    def facts(  # noqa: PLR0913 - the words of one question; all but the first by keyword
        self,
        kpis: str | Sequence[str] | None = None,
        *,
        by: str | Sequence[str] | None = None,
        grain: str = "month",
        start: Period | date | str | None = None,
        end: Period | date | str | None = None,
        where: Mapping[str, str | Sequence[str]] | None = None,
        team: str | None = None,
        set: Mapping[str, Mapping[str, Parameter]] | None = None,  # noqa: A002 - the command's word
        versions: str = "latest",
    ) -> pl.DataFrame:
        """Compute facts: one row per KPI, period and combination of the asked dimensions.

        Args:
            kpis: names; default every KPI that the data can give; no rows for an empty list.
            by: dimensions to split by, for example `"team"` or `["team", "channel"]`.
            grain: 15min, 30min, 60min, day, week, month, quarter, half_year, year, or a fiscal
                one: fiscal_month, fiscal_quarter, fiscal_year.
            start: first period or day, inclusive; default the first in the data.
            end: last period or day, inclusive; default the last in the data.
            where: only rows with these dimension values.
            team: only this team; short for `where={"team": team}`.
            set: parameters by KPI, for example `{"service_level_offered": {"threshold_s": 60}}`.
            versions: `latest`: the definition as of `as_of` for every period; `effective`: for
                each period the one that counted on its first day.

        Returns:
            Columns kpi, version, grain, period, the dimensions, numerator, denominator, value
            (seconds, fractions, points, counts or major currency units), final.

        Raises:
            CatalogError: an unknown KPI.
            FactsError: an unknown dimension, grain or parameter, or fields that are not mapped.
        """
        dimensions = () if by is None else ((by,) if isinstance(by, str) else tuple(by))
        names = self.available(by=dimensions) if kpis is None else kpis
        if not names:
            return empty_facts(dimensions, grain=grain)
        filters = {
            key: (value,) if isinstance(value, str) else tuple(value)
            for key, value in (where or {}).items()
        }
        if team is not None:
            filters["team"] = (team,)
        asked = Asked(
            kpis=self.kpis(names),
            by=dimensions,
            grain=grain,
            start=self._edge(start),
            end=self._edge(end),
            where=filters,
            parameters=dict(set or {}),
            as_of=self.as_of,
        )
        check_versions(versions)
        if versions == "effective":
            each = {kpi.kpi: self.catalog.versions(kpi.kpi) for kpi in asked.kpis}
            return effective_facts(asked, self.events, versions=each)
        return build_facts(asked, self.events)

    def compare(
        self,
        kpi: str,
        *,
        period: Period | str | None = None,
        team: str | None = None,
        versions: Sequence[int] | None = None,
    ) -> pl.DataFrame:
        """Hold a KPI's definitions side by side on the same data.

        Args:
            kpi: name or alias of the KPI.
            period: the period; default the latest that was over.
            team: only this team.
            versions: these versions of the definition, all when empty; by default the
                definition that counts and its variants.

        Returns:
            One row per definition, as `facts.compare.compare_definitions`.

        Raises:
            CatalogError: no such KPI or version.
            FactsError: not a period.
        """
        base = self.kpi(kpi.partition(MARK)[0])
        kpis = (base, *self.catalog.variants(base.kpi, version=base.version))
        if versions is not None:
            numbers = versions or [item.version for item in self.catalog.versions(base.kpi)]
            kpis = tuple(self.catalog.kpi(base.kpi, version=number) for number in numbers)
        when = self.latest_period() if period is None else period
        when = self.period(when) if isinstance(when, str) else when
        filters = {} if team is None else {"team": (self.team(team).key,)}
        asked = Asked(kpis, grain=when.grain, start=when, end=when, where=filters, as_of=self.as_of)
        return compare_definitions(kpis, self.events, asked=asked, lang=self.language)

    def _edge(self, edge: Period | date | str | None) -> Period | date | None:
        return self.period(edge) if isinstance(edge, str) else edge


def open_workspace(
    path: str | Path | None = None,
    *,
    as_of: datetime | str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Workspace:
    """Open a workspace: `path`, else the nearest above, else the packaged sample (said on stderr).

    Args:
        path: folder with a `kpitools.yaml`, or such a file.
        as_of: instant to look at the data from; default the file's `as_of`, else the latest
            event time in the sources. Text is ISO; without a zone it is UTC; a bare date is
            the start of that day.
        environment: variables that `${NAME}` may use; default the process's own.

    Raises:
        WorkspaceError: no workspace there, or `as_of` is no point in time.
    """
    import os

    variables = os.environ if environment is None else environment
    place = find_workspace(path, environment=variables)
    if place.origin == "sample":
        sys.stderr.write("no kpitools.yaml here or above: using the packaged sample workspace\n")
    wanted = as_of if as_of is not None else variables.get(AS_OF_VARIABLE) or None
    return Workspace(place, variables, read_as_of(wanted))


def read_as_of(text: datetime | str | None) -> datetime | None:
    """Read an instant; without a zone it is UTC.

    Raises:
        WorkspaceError: not an ISO date or date-time.

    Example:
        >>> read_as_of("2026-11-03").isoformat()
        '2026-11-03T00:00:00+00:00'
    """
    if text is None:
        return None
    try:
        instant = text if isinstance(text, datetime) else datetime.fromisoformat(text)
    except ValueError as fault:
        raise WorkspaceError(
            "as_of is not a point in time",
            found=repr(text),
            expected="an ISO date-time such as 2026-11-03T06:00:00Z",
            fix="write it so, with --as-of or as `as_of:` in kpitools.yaml",
        ) from fault
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
