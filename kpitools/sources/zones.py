"""Local clock times to UTC and back, for one zone or for each team's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

NAIVE = pl.Datetime("ms")
UTC = pl.Datetime("ms", "UTC")
DAY = pl.duration(days=1)
_ByZone = Callable[[str], pl.Expr]


@dataclass(frozen=True)
class Clocks:
    """The zone of each team, and that of rows without a listed team."""

    default: str
    zones: Mapping[str, str] = field(default_factory=dict)

    def to_local(self, instant: pl.Expr, team: pl.Expr | None) -> pl.Expr:
        """Read an instant on the team's clock (naive).

        Example:
            >>> clocks = Clocks("UTC", {"t": "Europe/Istanbul"})
            >>> frame = pl.DataFrame({"at": ["2026-01-01 22:00"], "team": ["t"]}).with_columns(
            ...     pl.col("at").str.to_datetime(time_zone="UTC"))
            >>> str(frame.select(clocks.to_local(pl.col("at"), pl.col("team"))).item())
            '2026-01-02 01:00:00'
        """

        def local(zone: str) -> pl.Expr:
            return instant.dt.convert_time_zone(zone).dt.replace_time_zone(None)

        return self._each(local, team).cast(NAIVE)

    def to_utc(self, clock: pl.Expr, zone: str, team: pl.Expr | None) -> pl.Expr:
        """Turn a clock time of a zone (or of `team`: the row's own) into an instant.

        A time that the clock shows twice is taken as the first; a time that it skips is taken
        by the offset that held before.
        """
        if zone != "team":
            return _utc(clock, zone)
        return self._each(lambda own: _utc(clock, own), team)

    def twice(self, clock: pl.Expr, zone: str, team: pl.Expr | None) -> pl.Expr:
        """Tell which clock times were shown twice when the clock went back."""

        def shown_twice(own: str) -> pl.Expr:
            first = clock.dt.replace_time_zone(own, ambiguous="earliest", non_existent="null")
            second = clock.dt.replace_time_zone(own, ambiguous="latest", non_existent="null")
            return (first != second).fill_null(value=False)

        return shown_twice(zone) if zone != "team" else self._each(shown_twice, team)

    def skipped(self, clock: pl.Expr, zone: str, team: pl.Expr | None) -> pl.Expr:
        """Tell which clock times the clock never showed, when it went forward."""

        def never_shown(own: str) -> pl.Expr:
            read = clock.dt.replace_time_zone(own, ambiguous="earliest", non_existent="null")
            return read.is_null() & clock.is_not_null()

        return never_shown(zone) if zone != "team" else self._each(never_shown, team)

    def _each(self, made: _ByZone, team: pl.Expr | None) -> pl.Expr:
        chosen = made(self.default)
        if team is None:
            return chosen
        for zone in sorted(set(self.zones.values()) - {self.default}):
            members = sorted(name for name, own in self.zones.items() if own == zone)
            chosen = pl.when(team.is_in(members)).then(made(zone)).otherwise(chosen)
        return chosen


def _utc(clock: pl.Expr, zone: str) -> pl.Expr:
    clock = clock.cast(NAIVE)
    if zone == "UTC":
        return clock.dt.replace_time_zone("UTC")

    def read(naive: pl.Expr) -> pl.Expr:
        own = naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        return own.dt.convert_time_zone("UTC")

    return pl.coalesce(read(clock), read(clock - DAY) + DAY)
