"""The door of the room: canonical event tables out of a workspace's declared exports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from kpitools.errors import Fault, SourceError
from kpitools.sources.calendars import BusinessCalendar, make_calendars
from kpitools.sources.config import WeekStart, WorkspaceConfig
from kpitools.sources.findings import Finding, in_order
from kpitools.sources.fiscal import FiscalCalendar
from kpitools.sources.pseudonyms import pseudonym, pseudonym_key
from kpitools.sources.team_check import whole_spans
from kpitools.sources.team_config import TeamConfig

if TYPE_CHECKING:
    import polars as pl

    from kpitools.sources.building import Account
    from kpitools.sources.opening import Opened

Origin = Literal["asked", "file", "latest event"]


@dataclass(frozen=True)
class Team:
    """One team: declared in the workspace, or only found in the data.

    `levels` says where it belongs, by level: name, first and last day of each span.
    """

    key: str
    name: str
    timezone: str
    lead: str | None = None
    calendar: str | None = None
    declared: bool = True
    levels: Mapping[str, tuple[tuple[str, date, date], ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class InputFile:
    """One file that was read, with the hash of its content and the rows it holds."""

    name: str
    sha256: str
    rows: int


@dataclass(frozen=True)
class Events:
    """The canonical event tables of a workspace, and what is known about their quality.

    `tables` holds lazy frames with every canonical field, null where it is not mapped, and each
    time stamp also on the team's own clock (`<field>_local`). `mapped` names the fields that
    every source of a table maps; `missing` says why the others are not there. `by_membership`
    names the tables whose teams are those that the persons belonged to.
    """

    tables: Mapping[str, pl.LazyFrame]
    mapped: Mapping[str, frozenset[str]]
    missing: Mapping[str, Mapping[str, str]]
    teams: Mapping[str, Team]
    default_timezone: str
    week_start: WeekStart
    as_of: datetime
    as_of_origin: Origin
    findings: tuple[Finding, ...] = ()
    inputs: tuple[InputFile, ...] = ()
    accounts: tuple[Account, ...] = field(default=())
    calendars: Mapping[str, BusinessCalendar] = field(default_factory=dict)
    fiscal: FiscalCalendar | None = None
    levels: tuple[str, ...] = ()
    by_membership: frozenset[str] = frozenset()
    engine: Any = None
    """Counts facts where the rows are (`facts.engines`); None is polars, here."""

    def is_over(self, day: date) -> bool:
        """Tell whether a day is over at `as_of`, on the clock of every team."""
        zones = {self.default_timezone, *(team.timezone for team in self.teams.values())}
        end = datetime.combine(day + timedelta(days=1), time())
        return all(
            self.as_of.astimezone(ZoneInfo(zone)).replace(tzinfo=None) >= end for zone in zones
        )


def read_events(config: WorkspaceConfig, *, folder: Path, as_of: datetime | None = None) -> Events:
    r"""Read every declared export into canonical event tables.

    The typed rows are kept in a cache, so that the same files under the same declaration are
    read once; the frames are lazy scans of it.

    Args:
        config: the workspace's configuration.
        folder: its folder; relative patterns start there.
        as_of: instant to look at the data from; default the configuration's, else the latest
            time in the data.

    Raises:
        SourceError: files that are absent or cannot be read, formats that are neither declared
            nor proven, an `as_of` that nothing gives; all of them at once.

    Example:
        >>> import tempfile
        >>> from kpitools.sources import WorkspaceConfig
        >>> folder = Path(tempfile.mkdtemp())
        >>> _ = (folder / "calls.csv").write_text("Id,At,Wait\n1,2026-10-05 09:01,12\n")
        >>> config = WorkspaceConfig.model_validate({"kpitools": "1", "name": "n", "sources": {
        ...     "calls": {"file": "calls.csv", "table": "contacts", "columns": {
        ...     "contact_id": "Id", "offered_at": "At",
        ...     "wait_ms": {"from": "Wait", "unit": "seconds"}}}}})
        >>> events = read_events(config, folder=folder)
        >>> events.tables["contacts"].select("offered_at", "wait_ms").collect().row(0)[1]
        12000
        >>> events.as_of.isoformat(), events.as_of_origin
        ('2026-10-05T09:01:00+00:00', 'latest event')
    """
    from kpitools.sources.joining import join_sources
    from kpitools.sources.membership_checks import membership_findings
    from kpitools.sources.opening import clocks_of, open_sources

    opened, findings = open_sources(config, folder=folder)
    instant, origin = _as_of(config, as_of, opened, findings)
    joined = join_sources(opened, clocks_of(config))
    teams = _teams(config, opened, folder)
    return Events(
        tables=joined.tables,
        mapped=joined.mapped,
        missing=joined.missing,
        teams=teams,
        default_timezone=config.timezone,
        week_start=config.week_start,
        as_of=instant,
        as_of_origin=origin,
        by_membership=joined.by_membership,
        findings=in_order(
            [
                *findings,
                *_late_findings(config, opened, instant),
                *membership_findings(opened, joined.held),
            ]
        ),
        inputs=_inputs(opened),
        accounts=tuple(item.account for item in opened),
        calendars=make_calendars(config.calendars),
        levels=tuple(level.name for level in config.hierarchy),
        fiscal=None if config.fiscal is None else config.fiscal.calendar(),
    )


def _as_of(
    config: WorkspaceConfig,
    asked: datetime | None,
    opened: Iterable[Opened],
    findings: Iterable[Finding],
) -> tuple[datetime, Origin]:
    if asked is not None:
        naive = asked.tzinfo is None
        return (asked.replace(tzinfo=UTC) if naive else asked.astimezone(UTC)), "asked"
    if config.as_of is not None:
        return config.as_of, "file"
    latest = [at for item in opened for at in item.event_times()]
    if not latest:
        nothing = Fault(
            "no source has a time of an event, so there is no instant to look at the data from",
            expected="at least one row with a time, or as_of",
            fix="map a time stamp, or write as_of: in kpitools.yaml",
        )
        blocking = [item for item in findings if item.severity == "blocking"]
        raise SourceError(
            [nothing, *(Fault(item.message, found="; ".join(item.examples)) for item in blocking)]
        )
    return max(latest), "latest event"


def _teams(config: WorkspaceConfig, opened: Iterable[Opened], folder: Path) -> dict[str, Team]:
    """Declared teams in their order, then those found in the data by name."""
    secret, _ = pseudonym_key(config, folder=folder)
    found = {key: _declared(key, item, config, secret) for key, item in config.teams.items()}
    for name in sorted({team for item in opened for team in item.teams()} - set(found)):
        found[name] = Team(name, name, config.timezone, declared=False)
    return found


def _declared(key: str, item: TeamConfig, config: WorkspaceConfig, secret: bytes | None) -> Team:
    zone = item.timezone or config.timezone
    private = {level.name for level in config.hierarchy if level.private}

    def shown(name: str, level: str) -> str:
        hidden = secret is not None and level in private
        return pseudonym(name, secret or b"") if hidden else name

    levels = {
        level: tuple((shown(name, level), first, last) for name, first, last in whole_spans(spans))
        for level, spans in item.levels.items()
    }
    return Team(key, item.name or key, zone, item.lead, item.calendar, levels=levels)


def _late_findings(
    config: WorkspaceConfig, opened: Iterable[Opened], as_of: datetime
) -> list[Finding]:
    from kpitools.sources.instant_checks import check_instant, check_teams

    now = datetime.now(tz=UTC)
    kept = [item.kept() for item in opened]
    found = [finding for item in kept for finding in check_instant(item, as_of=as_of, now=now)]
    return [*found, *check_teams(kept, list(config.teams))]


def _inputs(opened: Iterable[Opened]) -> tuple[InputFile, ...]:
    """Every file once, in the order of their names."""
    found = {
        (name, sha): InputFile(name, sha, rows)
        for item in opened
        for name, sha, rows in item.inputs
    }
    return tuple(found[key] for key in sorted(found))
