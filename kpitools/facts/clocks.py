"""Which clock each team goes by, and when a period is over on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

_NAIVE = pl.Datetime("ms")


@dataclass(frozen=True)
class Clocks:
    """The time zone of each team; a team that is not listed goes by the default."""

    zones: Mapping[str, str]
    default: str

    def of(self, teams: Iterable[str]) -> tuple[str, ...]:
        """Return the zones of some teams, each once."""
        return tuple(sorted({self.zones.get(team, self.default) for team in teams}))

    @property
    def all(self) -> tuple[str, ...]:
        """Every zone that a row may go by."""
        return self.of(self.zones) or (self.default,)

    def to_local(self, instant: pl.Expr, *, by_team: bool) -> pl.Expr:
        """Turn UTC time stamps into naive ones on the clock of the row's `team`."""

        def local(zone: str) -> pl.Expr:
            return instant.dt.convert_time_zone(zone).dt.replace_time_zone(None)

        return self._by_zone({zone: local(zone) for zone in self._needed(by_team)}, by_team)

    def to_utc(self, clock: pl.Expr, *, by_team: bool) -> pl.Expr:
        """Turn naive time stamps on the clock of the row's `team` into UTC.

        A time that the clock skips is read an hour later; of a time that it shows twice the
        first counts.
        """

        def aware(naive: pl.Expr, zone: str) -> pl.Expr:
            return naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")

        def utc(zone: str) -> pl.Expr:
            found = pl.coalesce(aware(clock, zone), aware(clock.dt.offset_by("1h"), zone))
            return found.dt.convert_time_zone("UTC")

        return self._by_zone({zone: utc(zone) for zone in self._needed(by_team)}, by_team)

    def reading(self, instant: datetime, *, by_team: bool, zones: Iterable[str]) -> pl.Expr:
        """Read the clock at one instant: the row's team's, else the slowest of `zones`."""
        read = {zone: _read(instant, zone) for zone in {*zones, *self._needed(by_team)}}
        if not by_team:
            return pl.lit(min(read[zone] for zone in zones), dtype=_NAIVE)
        return self._by_zone({zone: pl.lit(at, dtype=_NAIVE) for zone, at in read.items()}, by_team)

    def _needed(self, by_team: bool) -> set[str]:  # noqa: FBT001  private, one meaning
        return {self.default, *(self.zones.values() if by_team else ())}

    def _by_zone(self, choices: Mapping[str, pl.Expr], by_team: bool) -> pl.Expr:  # noqa: FBT001
        chosen = choices[self.default]
        for zone in sorted(set(choices) - {self.default}) if by_team else ():
            teams = sorted(team for team, its in self.zones.items() if its == zone)
            chosen = pl.when(pl.col("team").is_in(teams)).then(choices[zone]).otherwise(chosen)
        return chosen


def _read(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def settled_at(as_of: datetime, settles_after_s: float) -> datetime:
    """Return the instant before which a period must have ended to be final at `as_of`."""
    return as_of - timedelta(seconds=settles_after_s)
