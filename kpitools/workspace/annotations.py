"""The workspace's recorded reasons with the names of its data, persons under pseudonyms."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from kpitools import tables
from kpitools.catalog import Catalog
from kpitools.catalog.derived import DERIVED
from kpitools.sources import Events, WorkspaceConfig
from kpitools.sources.annotations import Known, parse_annotations, read_annotations
from kpitools.sources.pseudonyms import pseudonym, pseudonym_key

_MOST_WORDS = 4
_WORD = re.compile(r"[^\s,;:()\"]+")
_ENDS = ".!?'"
_POSSESSIVE = re.compile(r"['\u2019]s$")


@dataclass(frozen=True)
class Names:
    """What the annotations of one workspace may name, as its data name it."""

    config: WorkspaceConfig
    catalog: Catalog
    events: Events
    folder: Path

    @cached_property
    def known(self) -> Known:
        """KPIs with their aliases, teams with all their names, members of every dimension."""
        entries = self.catalog.entries
        aliases = {alias: entry.kpi for entry in entries for alias in entry.aliases}
        return Known(
            kpis=aliases | {name: name for name in self.catalog.names()},
            teams=self._teams() or None,
            members=_Members(
                self.events, fed={source.table for source in self.config.sources.values()}
            ),
            shown=self.shown,
            persons=self.persons,
        )

    def _teams(self) -> dict[str, str]:
        other = {
            name: key
            for key, item in self.config.teams.items()
            for name in (*item.aliases, *(former.name for former in item.was))
        }
        return other | {key: key for key in self.events.teams}

    @cached_property
    def persons(self) -> frozenset[str]:
        """Dimensions whose members are persons."""
        fields = {
            field.name for table in tables.TABLES.values() for field in table.fields if field.person
        }
        return frozenset(fields | {item.name for item in self.config.hierarchy if item.private})

    @cached_property
    def key(self) -> bytes | None:
        """What pseudonyms are made with; None where persons are shown by name."""
        return pseudonym_key(self.config, folder=self.folder)[0]

    def shown(self, dimension: str, written: str) -> str:
        """Return a member as the data show it: a person's pseudonym for the person's own name."""
        if self.key is None or dimension not in self.persons:
            return written
        members = (self.known.members or {}).get(dimension)
        is_shown = members is None or written in members
        return written if is_shown else pseudonym(written, self.key)


class _Members(Mapping[str, "Collection[str] | None"]):
    """Members of each dimension that the data have, looked up when they are asked for.

    Any member is taken (None) of dimensions that only derived tables have, or whose rows stay
    with the engine that counts them.
    """

    def __init__(self, events: Events, *, fed: Collection[str]) -> None:
        self._events = events
        self._found: dict[str, frozenset[str]] = {}
        mapped = {
            field.name
            for name in events.tables
            for field in tables.table(name).fields
            if field.dimension
        }
        self._own = {"team", *mapped, *events.levels}
        self._open = {
            name
            for table in events.tables
            if table not in fed
            for name in tables.table(table).dimensions
        }
        made = {
            field.name for table in DERIVED.values() for field in table.fields if field.dimension
        }
        self._names = tuple(sorted({*self._own, *made}))

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, name: str) -> frozenset[str] | None:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._own or name in self._open:
            return None
        if name not in self._found:
            self._found[name] = frozenset(self._read(name))
        return self._found[name]

    def _read(self, name: str) -> set[str]:
        found = {
            member
            for team in self._events.teams.values()
            for member, _, _ in team.levels.get(name, ())
        }
        for table, frame in self._events.tables.items():
            if name in tables.table(table).dimensions:
                column = frame.select(pl.col(name).drop_nulls().unique()).collect(
                    engine="streaming"
                )
                found.update(column[name].cast(pl.String).to_list())
        return found


def named_annotations(
    config: WorkspaceConfig, catalog: Catalog, events: Callable[[], Events], *, folder: Path
) -> pl.DataFrame:
    """Return the recorded reasons, named as the data name things; no row where none is declared.

    Raises:
        SourceError: the file's faults, all at once, each with its line.
    """
    if config.annotations is None:
        return read_annotations(None)
    names = Names(config, catalog, events(), folder)
    found = read_annotations(folder / config.annotations, known=names.known)
    return without_persons(found, names)


def check_annotations(text: str, *, name: str, names: Names) -> pl.DataFrame:
    """Read the text of a file of recorded reasons as the workspace would.

    Raises:
        SourceError: its faults, all at once, each with its line.
    """
    return without_persons(parse_annotations(text, name=name, known=names.known), names)


def without_persons(found: pl.DataFrame, names: Names) -> pl.DataFrame:
    """Put pseudonyms in place of persons of the data whom a text or its author names."""
    if names.key is None or found.is_empty():
        return found
    members = names.known.members or {}
    known = frozenset[str]().union(*(members.get(name) or () for name in names.persons))
    key = names.key
    return found.with_columns(
        pl.Series(name, [_disguised(text, known, key) for text in found[name]], dtype=pl.String)
        for name in ("text", "author")
    )


def _disguised(text: str, known: Collection[str], key: bytes) -> str:
    """Replace every run of up to four words that is a person's own name in the data."""
    words = [(match.start(), match.end()) for match in _WORD.finditer(text)]
    said, done, place = "", 0, 0
    while place < len(words):
        for many in range(min(_MOST_WORDS, len(words) - place), 0, -1):
            start, end = words[place][0], words[place + many - 1][1]
            written = text[start:end]
            forms = (written, written.rstrip(_ENDS), _POSSESSIVE.sub("", written))
            bare = next((one for one in forms if pseudonym(one, key) in known), None)
            if bare is not None:
                said += text[done:start] + pseudonym(bare, key)
                done = start + len(bare)
                place += many - 1
                break
        place += 1
    return said + text[done:]
