"""Open every source of a workspace: out of the cache, built where it is not there yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import polars as pl

from kpitools import tables
from kpitools.errors import Fault, SourceError
from kpitools.sources.building import Account, Context, build_source
from kpitools.sources.cache import DAYS, ROWS, cache_folder, cached, code_hash, read_meta
from kpitools.sources.calendars import make_calendars
from kpitools.sources.column_history import check_columns
from kpitools.sources.config import WorkspaceConfig
from kpitools.sources.declaration import SourceConfig
from kpitools.sources.files import SourceFile, find_files
from kpitools.sources.findings import Finding
from kpitools.sources.hashes import Hashes, text_hash
from kpitools.sources.instant_checks import Kept
from kpitools.sources.pseudonyms import pseudonym_key
from kpitools.sources.row_checks import EVENT_TIMES
from kpitools.sources.team_history import moves_of
from kpitools.sources.zones import Clocks


@dataclass(frozen=True)
class Opened:
    """One source that can be read: its cache entry and what that says."""

    name: str
    source: SourceConfig
    entry: Path
    meta: Mapping[str, Any]
    hashes: tuple[str, ...]
    person_of_team: str | None = None

    @property
    def table(self) -> str:
        """The canonical table that the source feeds."""
        return self.source.table

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields that the source gives."""
        return tuple(self.meta["fields"])

    @property
    def event_time(self) -> str | None:
        """The time that a row counts at: the first that is mapped; None where none is."""
        return next((name for name in EVENT_TIMES[self.table] if name in self.fields), None)

    @property
    def persons(self) -> list[str]:
        """Fields of the source that hold persons."""
        return [key for key in self.fields if tables.table(self.table).field(key).person]

    @property
    def lacking(self) -> Mapping[str, str]:
        """Declared fields that the files cannot give, with the reason."""
        return dict(self.meta["lacking"])

    @property
    def account(self) -> Account:
        """Where the lines of the source went."""
        return Account(**self.meta["account"])

    @property
    def findings(self) -> list[Finding]:
        """What was found when the source was read."""
        return [
            Finding(**{**item, "examples": tuple(item["examples"])})
            for item in self.meta["findings"]
        ]

    @property
    def inputs(self) -> Iterator[tuple[str, str, int]]:
        """Name, hash and rows of each file."""
        for (name, rows), sha in zip(self.meta["files"], self.hashes, strict=True):
            yield name, sha, rows

    @property
    def frame(self) -> pl.LazyFrame:
        """The typed rows."""
        return pl.scan_parquet(self.entry / ROWS)

    @cached_property
    def days(self) -> pl.DataFrame:
        """Rows by team and local day."""
        return pl.read_parquet(self.entry / DAYS)

    def latest(self) -> dict[str, datetime]:
        """The latest of each time stamp."""
        return {key: datetime.fromisoformat(text) for key, text in self.meta["latest"].items()}

    def event_times(self) -> list[datetime]:
        """The latest times of what happened, planned times left out."""
        table = tables.table(self.table)
        return [at for key, at in self.latest().items() if not table.field(key).planned]

    def teams(self) -> list[str]:
        """Teams that the rows name."""
        return self.days["team"].drop_nulls().unique().to_list()

    def kept(self) -> Kept:
        """The kept rows, for findings about time and teams."""
        rows = self.account.kept
        return Kept(self.name, self.table, rows, self.frame, self.latest(), self.days)


def open_sources(config: WorkspaceConfig, *, folder: Path) -> tuple[list[Opened], list[Finding]]:
    """Open every source of a workspace.

    Raises:
        SourceError: what is wrong with any of them, all at once.
    """
    cache = cache_folder()
    key, findings = pseudonym_key(config, folder=folder)
    context = _context(config, key)
    hashes = Hashes(cache / "hashes.json")
    opened: list[Opened] = []
    faults: list[Fault] = []
    for name, source in config.sources.items():
        files, absent = find_files(name, source, folder=folder)
        faults += absent
        if absent:
            continue
        try:
            item = _open(name, source.as_read(), files, context, (cache, hashes))
        except SourceError as error:
            faults += error.faults
            continue
        opened.append(replace(item, person_of_team=source.person_of_team))
    hashes.save()
    if faults:
        raise SourceError(faults)
    found = list(findings) if any(item.persons for item in opened) else []
    found += [finding for item in opened for finding in item.findings]
    workspace = text_hash([str(folder.resolve()), config.name])[:16]
    for item in opened:
        history = cache / "history" / f"{workspace}-{text_hash(item.name)[:16]}.json"
        digest = text_hash(list(item.hashes))
        columns = item.meta["columns"]
        found += check_columns(item.name, item.table, columns, digest=digest, history=history)
    return opened, found


def clocks_of(config: WorkspaceConfig) -> Clocks:
    """Return the clock of every declared team, under its former names too."""
    zones = {
        name: team.timezone
        for name, team in config.teams.items()
        if team.timezone is not None and team.timezone != config.timezone
    }
    for name, team in config.teams.items():
        old = [former.name for former in team.was if former.name not in config.teams]
        zones |= dict.fromkeys(old, zones[name]) if name in zones else {}
    return Clocks(config.timezone, zones)


def _context(config: WorkspaceConfig, key: bytes | None) -> Context:
    aliases = {
        other: name
        for name, team in config.teams.items()
        for other in (team.name, *team.aliases)
        if other is not None and other not in config.teams
    }
    calendars = make_calendars(config.calendars)
    holidays = {key: calendar.holidays() for key, calendar in calendars.items()}
    by_team = {
        name: holidays.get(team.calendar or "default", frozenset())
        for name, team in config.teams.items()
    }
    everyone = frozenset(day for days in holidays.values() for day in days)
    moves = moves_of(config)
    fiscal = None if config.fiscal is None else config.fiscal.calendar()
    return Context(
        clocks_of(config), aliases, everyone, by_team, key, moves, config.week_start, fiscal
    )


def _open(
    name: str,
    source: SourceConfig,
    files: Sequence[SourceFile],
    context: Context,
    kept: tuple[Path, Hashes],
) -> Opened:
    folder, hashes = kept
    try:
        found = tuple(hashes.sha256(file.path) for file in files)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceError(f"source '{name}': a file cannot be read", found=reason) from error
    key = text_hash(
        {
            "code": code_hash(),
            "polars": pl.__version__,
            "name": name,
            "source": source.model_dump(mode="json", exclude={"file"}),
            "files": [[file.name, file.type, sha] for file, sha in zip(files, found, strict=True)],
            "zones": asdict(context.clocks),
            "aliases": dict(context.aliases),
            "weeks": context.week_start,
            "fiscal": repr(context.fiscal),
            "moves": [[repr(move) for move in group] for group in context.moves],
            "holidays": sorted(day.isoformat() for day in context.holidays),
            "team_holidays": {
                team: sorted(day.isoformat() for day in days)
                for team, days in context.team_holidays.items()
            },
            "persons": None if context.key is None else text_hash(context.key.hex()),
        }
    )
    build = partial(build_source, name, source, files, context)
    entry = cached(folder, key, build, usable=lambda path: read_meta(path) is not None)
    meta = read_meta(entry)
    if meta is None:
        raise SourceError(
            "the cache cannot be read right after it was written",
            where=str(folder),
            fix="check the disk, or set KPITOOLS_CACHE to another folder",
        )
    return Opened(name, source, entry, meta, found)
