"""Contacts made for benchmarks: fixed seed, piece by piece, as Parquet."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from kpitools.catalog import Kpi, load_builtin
from kpitools.sources import Events, Team

SEED = 20261103
PIECE = 1_000_000
ZONES = ("Europe/Istanbul", "Europe/London", "America/Denver")
TEAMS = {f"team {number:02}": ZONES[number % len(ZONES)] for number in range(12)}
FIRST = datetime(2024, 11, 1, tzinfo=UTC)
AS_OF = datetime(2027, 1, 1, tzinfo=UTC)
DAYS = 730
DAY_MS = 86_400_000
CATALOGUE = "2026.2"
OUTCOMES = {
    "answered": 0.86, "abandoned": 0.07, "short_abandon": 0.02, "missed": 0.02,
    "voicemail": 0.01, "callback_requested": 0.01, "flow_out": 0.01,
}  # fmt: skip
CHANNELS = {"voice": 0.6, "chat": 0.3, "email": 0.1}
REASONS = {"billing": 0.3, "delivery": 0.3, "technical": 0.3, "other": 0.1}
TRANSFERS = {"warm": 0.5, "cold": 0.3, "external": 0.15, "consult": 0.05}


def contact_kpis() -> tuple[Kpi, ...]:
    """Return every KPI of the catalogue that counts contacts, with all variants."""
    catalog = load_builtin(CATALOGUE)
    variants = (each for made in catalog.variant_entries.values() for each in made)
    return tuple(kpi for kpi in (*catalog.entries, *variants) if kpi.table == "contacts")


def write_contacts(folder: Path, rows: int, *, days: int = DAYS) -> None:
    """Write canonical contacts, ordered by time, in pieces of a million."""
    chance = np.random.default_rng(SEED)
    span = days * DAY_MS // rows
    for number, begin in enumerate(range(0, rows, PIECE)):
        count = min(PIECE, rows - begin)
        offset = (begin + np.arange(count)) * span
        piece = _with_clocks(_rows(chance, offset))
        piece.write_parquet(folder / f"contacts-{number:04}.parquet")


def _rows(chance: np.random.Generator, offset: np.ndarray) -> pl.DataFrame:
    """Make contacts: talk and work in whole seconds, waits to the millisecond."""
    count = len(offset)
    team = chance.integers(0, len(TEAMS), count)

    def of(shares: dict[str, float]) -> pl.Series:
        names = pl.Series(list(shares), dtype=pl.String)
        return names.gather(chance.choice(len(shares), count, p=list(shares.values())))

    def seconds(shape: float, scale: float) -> np.ndarray:
        return chance.gamma(shape, scale, count).astype(np.int64) * 1_000

    return pl.DataFrame(
        {
            "team": pl.Series(list(TEAMS)).gather(team),
            "agent": pl.Series([f"a{n}" for n in range(240)]).gather(
                team * 20 + chance.integers(0, 20, count)
            ),
            "channel": of(CHANNELS),
            "reason": of(REASONS),
            "direction": of({"inbound": 0.95, "outbound": 0.05}),
            "outcome": of(OUTCOMES),
            "transfer_type": of(TRANSFERS),
            "offset": offset,
            "ivr_ms": seconds(2, 10),
            "wait_ms": chance.gamma(1.5, 20_000, count).astype(np.int64),
            "ring_ms": seconds(2, 3),
            "talk_ms": seconds(2, 120),
            "hold_ms": seconds(1, 10),
            "acw_ms": seconds(2, 30),
            "dial_ms": seconds(1, 5),
            **{
                name: chance.random(count) < share
                for name, share in {
                    "transferred": 0.1, "escalated": 0.03, "resolved": 0.8,
                    "in_business_hours": 0.9,
                }.items()
            },
        }
    )  # fmt: skip


def _with_clocks(piece: pl.DataFrame) -> pl.DataFrame:
    start = pl.lit(FIRST, dtype=pl.Datetime("ms", "UTC"))
    work = pl.sum_horizontal("talk_ms", "hold_ms", "acw_ms")
    answered = pl.col("outcome") == "answered"
    stamps = piece.with_columns(
        offered_at=start + pl.duration(milliseconds="offset"),
        transfer_type=pl.when("transferred").then("transfer_type"),
    )
    for name, after, length in (
        ("enqueued_at", "offered_at", pl.col("ivr_ms")),
        ("dequeued_at", "enqueued_at", pl.col("wait_ms")),
        ("__answered", "dequeued_at", pl.col("ring_ms")),
        ("ended_at", "__answered", work),
    ):
        stamps = stamps.with_columns((pl.col(after) + pl.duration(milliseconds=length)).alias(name))
    zone = pl.col("team").replace_strict(TEAMS)
    return stamps.with_columns(
        pl.when(answered).then("__answered").alias("answered_at")
    ).with_columns(
        pl.coalesce(
            pl.when(zone == name).then(
                pl.col(stamp).dt.convert_time_zone(name).dt.replace_time_zone(None)
            )
            for name in ZONES
        ).alias(f"{stamp}_local")
        for stamp in ("offered_at", "answered_at", "ended_at")
    ).drop("offset", "__answered")  # fmt: skip


def events_in(folder: Path) -> Events:
    """Open the contacts of a folder as event tables."""
    contacts = pl.scan_parquet(folder / "contacts-*.parquet")
    return Events(
        tables={"contacts": contacts},
        mapped={"contacts": frozenset(contacts.collect_schema().names())},
        missing={},
        teams={name: Team(name, name, zone) for name, zone in TEAMS.items()},
        default_timezone="UTC",
        week_start="monday",
        as_of=AS_OF,
        as_of_origin="asked",
    )
