"""The questions that can be asked of a workspace, and how one is opened."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kpitools.catalog.model import Kpi, Parameter
from kpitools.errors import WorkspaceError
from kpitools.facts import Asked, Period, build_facts, empty_facts, refusals
from kpitools.facts.compare import compare_definitions
from kpitools.facts.effective import check_versions, effective_facts
from kpitools.facts.engines import Engine
from kpitools.facts.finality import final_on
from kpitools.facts.flow import build_flow
from kpitools.facts.rows import Rows, build_rows
from kpitools.facts.spread import build_spread
from kpitools.facts.survival import censored_summary
from kpitools.facts.windows import build_windows
from kpitools.workspace.contents import Contents
from kpitools.workspace.folder import AS_OF_VARIABLE, find_workspace

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Workspace(Contents):
    """The door that notebooks and commands use; made by `open_workspace`."""

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
        window: str | None = None,
        partial: bool = False,
        spread: bool = False,
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
            window: `ytd`, `ytd:fiscal` or `rolling:12`: every row counts all days of the window
                that ends with its period (see `facts.windows.build_windows`).
            partial: keep windows that begin before the data does, marked as not complete.
            spread: how far the cases behind each mean lie apart (see
                `facts.spread.build_spread`); of the definition as of `as_of`, by period.

        Returns:
            Columns kpi, version, grain, period, the dimensions, numerator, denominator, value
            (seconds, fractions, points, counts or major currency units), final; for windows
            also window and complete; with spread also squares and spread.

        Raises:
            CatalogError: an unknown KPI.
            FactsError: an unknown dimension, grain, parameter or window, or fields that are not
                mapped.
        """
        dimensions = () if by is None else ((by,) if isinstance(by, str) else tuple(by))
        names = self.available(by=dimensions) if kpis is None else kpis
        if not names:
            return empty_facts(dimensions, grain=grain)
        asked = self._asked(names, by=dimensions, grain=grain, where=where, team=team, set=set)
        asked = replace(asked, start=self._edge(start), end=self._edge(end))
        check_versions(versions)
        if spread and (window is not None or versions != "latest"):
            raise WorkspaceError(
                "spread is told by period with one definition",
                expected="no window, and the latest versions",
            )
        if window is not None:
            if versions != "latest":
                raise WorkspaceError(
                    "windows are formed with one definition", found=versions, expected="latest"
                )
            found = build_windows(asked, self.events, window=window)
            return found if partial else found.filter("complete")
        if versions == "effective":
            each = {kpi.kpi: self.catalog.versions(kpi.kpi) for kpi in asked.kpis}
            if kpis is None:
                each = {name: self._given(some) for name, some in each.items()}
            return effective_facts(asked, self.events, versions=each)
        return (build_spread if spread else build_facts)(asked, self.events)

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
            kpi: name or alias of the KPI, or of one of its variants.
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
        named = self.kpi(kpi)
        base = self.kpi(named.variant_of or named.kpi)
        kpis = (base, *self.catalog.variants(base.kpi, version=base.version))
        if versions is not None:
            numbers = versions or [item.version for item in self.catalog.versions(base.kpi)]
            kpis = tuple(self.catalog.kpi(base.kpi, version=number) for number in numbers)
        when = self.latest_period() if period is None else period
        when = self.period(when) if isinstance(when, str) else when
        filters = {} if team is None else {"team": (self.team(team).key,)}
        asked = Asked(kpis, grain=when.grain, start=when, end=when, where=filters, as_of=self.as_of)
        return compare_definitions(kpis, self.events, asked=asked, lang=self.language)

    def durations(
        self,
        kpis: str | Sequence[str],
        *,
        by: str | Sequence[str] = (),
        grain: str = "month",
        start: Period | date | str | None = None,
        end: Period | date | str | None = None,
    ) -> pl.DataFrame:
        """Tell how long cases take, those that are still open counted in (Kaplan-Meier).

        Args:
            kpis: names of censored KPIs.
            by: dimensions to split by.
            grain: length of the periods in which the cases began.
            start: first period or day, inclusive.
            end: last period or day, inclusive.

        Returns:
            Kaplan-Meier and naive figures beside each other, with the share still open, as
            `facts.survival.censored_summary`.
        """
        asked = self._ranged(kpis, by=by, grain=grain, edges=(start, end))
        return censored_summary(asked, self.events)

    def flow(
        self,
        kpis: str | Sequence[str] = "backlog",
        *,
        by: str | Sequence[str] = (),
        grain: str = "month",
        start: Period | date | str | None = None,
        end: Period | date | str | None = None,
    ) -> pl.DataFrame:
        """Hold a count of open tickets against what came, came back and went.

        Returns:
            One row per period, as `facts.flow.build_flow`; `balanced` tells where it adds up.
        """
        return build_flow(self._ranged(kpis, by=by, grain=grain, edges=(start, end)), self.events)

    def final_on(self, kpi: str, period: Period | str, *, team: str | None = None) -> date:
        """Return the date on which a KPI's value for a period can change no more."""
        when = self.period(period) if isinstance(period, str) else period
        return final_on(self.kpi(kpi), when.start, self.events, grain=when.grain, team=team)

    def _ranged(
        self,
        kpis: str | Sequence[str],
        *,
        by: str | Sequence[str],
        grain: str,
        edges: tuple[Period | date | str | None, Period | date | str | None],
    ) -> Asked:
        dimensions = (by,) if isinstance(by, str) else tuple(by)
        asked = self._asked(kpis, by=dimensions, grain=grain)
        return replace(asked, start=self._edge(edges[0]), end=self._edge(edges[1]))

    def rows(  # noqa: PLR0913 - the words of one question; all but the first by keyword
        self,
        kpi: str,
        *,
        period: Period | str | None = None,
        team: str | None = None,
        where: Mapping[str, str | Sequence[str]] | None = None,
        set: Mapping[str, Mapping[str, Parameter]] | None = None,  # noqa: A002 - the command's word
        outside: bool = False,
    ) -> Rows:
        """Return the rows that one number rests on, with the figures that they make up.

        Args:
            kpi: name or alias of the KPI, or a variant `entry:variant`.
            period: the period; default the latest month that was over.
            team: only this team.
            where: only rows with these dimension values.
            set: parameters by KPI.
            outside: the rows of the period that the definition leaves out as well.

        Returns:
            See `facts.rows.Rows`; persons are shown as in the tables.

        Raises:
            CatalogError: no such KPI.
            FactsError: not a period, or a question that makes no sense.
        """
        when = self.latest_period() if period is None else period
        when = self.period(when) if isinstance(when, str) else when
        asked = self._asked(kpi, grain=when.grain, where=where, team=team, set=set)
        asked = replace(asked, start=when, end=when)
        return build_rows(asked.kpis[0], asked, self.events, outside=outside)

    def _asked(  # noqa: PLR0913 - the words of one question; all but the first by keyword
        self,
        names: str | Sequence[str],
        *,
        by: tuple[str, ...] = (),
        grain: str = "month",
        where: Mapping[str, str | Sequence[str]] | None = None,
        team: str | None = None,
        set: Mapping[str, Mapping[str, Parameter]] | None = None,  # noqa: A002 - the command's word
    ) -> Asked:
        filters = {
            key: (value,) if isinstance(value, str) else tuple(value)
            for key, value in (where or {}).items()
        }
        if team is not None:
            filters["team"] = (team,)
        return Asked(
            kpis=self.kpis(names),
            by=by,
            grain=grain,
            where=filters,
            parameters=dict(set or {}),
            as_of=self.as_of,
        )

    def _given(self, versions: Sequence[Kpi]) -> tuple[Kpi, ...]:
        """Return the versions of a definition that this data can give."""
        return tuple(kpi for kpi in versions if not refusals((kpi,), self.events))

    def _edge(self, edge: Period | date | str | None) -> Period | date | None:
        return self.period(edge) if isinstance(edge, str) else edge


def open_workspace(
    path: str | Path | None = None,
    *,
    as_of: datetime | str | None = None,
    environment: Mapping[str, str] | None = None,
    engine: Engine | None = None,
) -> Workspace:
    """Open a workspace: `path`, else the nearest above, else the packaged sample (said on stderr).

    Args:
        path: folder with a `kpitools.yaml`, or such a file.
        as_of: instant to look at the data from; default the file's `as_of`, else the latest
            event time in the sources. Text is ISO; without a zone it is UTC; a bare date is
            the start of that day.
        environment: variables that `${NAME}` may use; default the process's own.
        engine: counts facts where the rows are, for example a `DatabaseEngine`; default that of
            the file's `engine:`, else polars, here.

    Raises:
        WorkspaceError: no workspace there, or `as_of` is no point in time.
    """
    import os

    variables = os.environ if environment is None else environment
    place = find_workspace(path, environment=variables)
    if place.origin == "sample":
        sys.stderr.write("no kpitools.yaml here or above: using the packaged sample workspace\n")
    wanted = as_of if as_of is not None else variables.get(AS_OF_VARIABLE) or None
    return Workspace(place, variables, read_as_of(wanted), engine)


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
