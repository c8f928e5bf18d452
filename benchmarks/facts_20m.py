"""Facts over many contacts, beside the same question by hand in polars and in DuckDB.

    python benchmarks/facts_20m.py [--rows 20000000]

Writes contacts as Parquet into a temporary folder (fixed seed, piece by piece), asks for ten
contact KPIs by team and day three ways, each in a process of its own, checks that all three
give the same numbers, and prints CPU seconds, wall seconds, peak memory and their ratios.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

SEED = 20261103
PIECE = 1_000_000
ZONES = ("Europe/Istanbul", "Europe/London", "America/Denver")
TEAMS = {f"team {number:02}": ZONES[number % len(ZONES)] for number in range(12)}
FIRST = datetime(2024, 11, 1, tzinfo=UTC)
DAYS = 730
KPIS = (
    "offered", "answered", "asa", "service_level_answered", "service_level_offered",
    "abandon_rate", "transfer_rate", "talk_time", "aht", "acw",
)  # fmt: skip
TRANSFERRED = 0.1
QUICK_MS = 20_000
NEARLY = 1e-6
MEGA = 1024


def write_contacts(folder: Path, rows: int) -> None:
    """Write canonical contacts, ordered by time, in pieces."""
    chance = np.random.default_rng(SEED)
    span = DAYS * 86_400_000 // rows
    for number, begin in enumerate(range(0, rows, PIECE)):
        count = min(PIECE, rows - begin)
        team = chance.integers(0, len(TEAMS), count)
        outcome = chance.choice(
            ["answered", "abandoned", "short_abandon"], count, p=[0.9, 0.08, 0.02]
        )
        piece = pl.DataFrame(
            {
                "contact_id": pl.int_range(begin, begin + count, eager=True).cast(pl.String),
                "team": pl.Series(list(TEAMS)).gather(team),
                "agent": (team * 20 + chance.integers(0, 20, count)).astype(str),
                "channel": chance.choice(["voice", "chat", "email"], count, p=[0.6, 0.3, 0.1]),
                "offset": (begin + np.arange(count)) * span,
                "outcome": outcome,
                "wait_ms": chance.gamma(1.5, 20_000, count).astype(np.int64),
                "talk_ms": chance.gamma(2, 120_000, count).astype(np.int64),
                "hold_ms": chance.gamma(1, 10_000, count).astype(np.int64),
                "acw_ms": chance.gamma(2, 30_000, count).astype(np.int64),
                "transferred": chance.random(count) < TRANSFERRED,
            }
        )
        _with_clocks(piece).write_parquet(folder / f"contacts-{number:04}.parquet")


def _with_clocks(piece: pl.DataFrame) -> pl.DataFrame:
    handled = pl.col("wait_ms", "talk_ms", "hold_ms", "acw_ms")
    start = pl.lit(FIRST, dtype=pl.Datetime("ms", "UTC"))
    stamps = piece.with_columns(
        offered_at=start + pl.duration(milliseconds="offset"),
    ).with_columns(
        ended_at=pl.col("offered_at") + pl.duration(milliseconds=pl.sum_horizontal(handled)),
    )
    zone = pl.col("team").replace_strict(TEAMS)
    return stamps.with_columns(
        pl.coalesce(
            pl.when(zone == name).then(
                pl.col(stamp).dt.convert_time_zone(name).dt.replace_time_zone(None)
            )
            for name in ZONES
        ).alias(f"{stamp}_local")
        for stamp in ("offered_at", "ended_at")
    ).drop("offset")


def by_kpitools(folder: Path) -> Callable[[], pl.DataFrame]:
    """Ask kpitools, with the built-in catalogue's definitions."""
    from kpitools.catalog import load_builtin
    from kpitools.facts import Asked, build_facts
    from kpitools.sources import Events, Team

    contacts = pl.scan_parquet(folder / "contacts-*.parquet")
    names = frozenset(contacts.collect_schema().names())
    events = Events(
        tables={"contacts": contacts},
        mapped={"contacts": names},
        missing={},
        teams={name: Team(name, name, zone) for name, zone in TEAMS.items()},
        default_timezone="UTC",
        week_start="monday",
        as_of=datetime(2027, 1, 1, tzinfo=UTC),
        as_of_origin="asked",
    )
    catalog = load_builtin()
    asked = Asked(tuple(catalog.kpi(name) for name in KPIS), by=("team",), grain="day")
    columns = ("kpi", "team", "period", "numerator", "denominator")
    return lambda: build_facts(asked, events).select(columns)


def by_polars(folder: Path) -> Callable[[], pl.DataFrame]:
    """Ask the same by hand in polars."""
    contacts = pl.scan_parquet(folder / "contacts-*.parquet")
    answered = pl.col("outcome") == "answered"
    quick = answered & (pl.col("wait_ms") <= QUICK_MS)
    offered_queries = contacts.group_by("team", period=pl.col("offered_at_local").dt.date()).agg(
        pl.len().alias("n"),
        answered.sum().alias("answered"),
        pl.col("wait_ms").filter(answered).sum().alias("wait"),
        quick.sum().alias("quick"),
        pl.col("outcome").is_in(["abandoned", "short_abandon"]).sum().alias("abandoned"),
        (answered & pl.col("transferred")).sum().alias("transferred"),
    )
    handled = pl.col("talk_ms") + pl.col("hold_ms") + pl.col("acw_ms")
    ended_queries = contacts.group_by("team", period=pl.col("ended_at_local").dt.date()).agg(
        answered.sum().alias("answered"),
        pl.col("talk_ms").filter(answered).sum().alias("talk"),
        handled.filter(answered).sum().alias("handled"),
        pl.col("acw_ms").filter(answered).sum().alias("acw"),
    )
    queries = [offered_queries, ended_queries]
    return lambda: _long(*pl.collect_all(queries, engine="streaming"))


def by_duckdb(folder: Path) -> Callable[[], pl.DataFrame]:
    """Ask the same by hand in DuckDB."""
    import duckdb

    source = f"read_parquet('{folder}/contacts-*.parquet')"
    offered = f"""
        select team, cast(offered_at_local as date) as period, count(*) as n,
            count(*) filter (where outcome = 'answered') as answered,
            coalesce(sum(wait_ms) filter (where outcome = 'answered'), 0)::bigint as wait,
            count(*) filter (where outcome = 'answered' and wait_ms <= 20000) as quick,
            count(*) filter (where outcome in ('abandoned', 'short_abandon')) as abandoned,
            count(*) filter (where outcome = 'answered' and transferred) as transferred
        from {source} group by all"""  # noqa: S608  our own folder
    ended = f"""
        select team, cast(ended_at_local as date) as period,
            count(*) filter (where outcome = 'answered') as answered,
            coalesce(sum(talk_ms) filter (where outcome = 'answered'), 0)::bigint as talk,
            coalesce(sum(talk_ms + hold_ms + acw_ms)
                filter (where outcome = 'answered'), 0)::bigint as handled,
            coalesce(sum(acw_ms) filter (where outcome = 'answered'), 0)::bigint as acw
        from {source} group by all"""  # noqa: S608  our own folder
    return lambda: _long(duckdb.sql(offered).pl(), duckdb.sql(ended).pl())


def _long(offered: pl.DataFrame, ended: pl.DataFrame) -> pl.DataFrame:
    """Bring what was found by hand into the rows of facts."""
    made = {
        "offered": (offered, "n", None, 1),
        "answered": (offered, "answered", None, 1),
        "asa": (offered, "wait", "answered", 1_000),
        "service_level_answered": (offered, "quick", "answered", 1),
        "service_level_offered": (offered, "quick", "n", 1),
        "abandon_rate": (offered, "abandoned", "n", 1),
        "transfer_rate": (offered, "transferred", "answered", 1),
        "talk_time": (ended, "talk", "answered", 1_000),
        "aht": (ended, "handled", "answered", 1_000),
        "acw": (ended, "acw", "answered", 1_000),
    }
    rows = [
        frame.filter(pl.col(base) > 0 if base else True).select(
            pl.lit(kpi).alias("kpi"),
            "team",
            "period",
            (pl.col(top).cast(pl.Float64) / scale).alias("numerator"),
            (pl.col(base).cast(pl.Float64) if base else pl.lit(None, dtype=pl.Float64)).alias(
                "denominator"
            ),
        )
        for kpi, (frame, top, base, scale) in made.items()
    ]
    return pl.concat(rows)


WAYS: dict[str, Callable[[Path], Callable[[], pl.DataFrame]]] = {
    "kpitools": by_kpitools,
    "polars by hand": by_polars,
    "DuckDB by hand": by_duckdb,
}


def measure(way: str, folder: Path) -> dict[str, float]:
    """Run one way in this process: its answer into a file, what it took as a record."""
    ask = WAYS[way](folder)
    wall, cpu = time.perf_counter(), time.process_time()
    found = ask()
    taken = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
    found.sort("kpi", "team", "period").write_parquet(folder / f"{way}.answer")
    return {**taken, "peak_mb": peak_memory(), "rows": found.height}


def peak_memory() -> float:
    """Most memory that this process has held, in MB; of its own, not of the one it came from."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (each for each in status.read_text().splitlines() if each.startswith("VmHWM"))
        return float(line.split()[1]) / MEGA
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGA


def compare(folder: Path) -> None:
    """Stop where the three answers are not the same."""
    first, *others = (pl.read_parquet(folder / f"{way}.answer") for way in WAYS)
    for way, other in zip(list(WAYS)[1:], others, strict=True):
        keys = ["kpi", "team", "period", "denominator"]
        far = (first["numerator"] - other["numerator"]).abs().max()
        if not first.select(keys).equals(other.select(keys)) or far > NEARLY:
            raise SystemExit(f"kpitools and {way} give different numbers")


def main() -> None:
    """Generate, measure each way in a process of its own, compare, print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=20_000_000)
    options.add_argument("--repeat", type=int, default=3, help="runs of each way; the best counts")
    options.add_argument("--measure", choices=list(WAYS), help=argparse.SUPPRESS)
    options.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure, given.folder)))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_contacts(folder, given.rows)
        size = sum(path.stat().st_size for path in folder.iterdir()) / MEGA**2
        print(
            f"{given.rows:,} contacts, {size:,.0f} MB of Parquet, {len(KPIS)} KPIs by team and day"
        )
        taken = {way: _best(way, folder, given.repeat) for way in WAYS}
        compare(folder)
    _print(taken)


def _best(way: str, folder: Path, repeat: int) -> dict[str, float]:
    """Measure one way several times, each in a new process; keep the fewest CPU seconds."""
    command = [sys.executable, __file__, "--measure", way, "--folder", str(folder)]
    runs = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for _ in range(repeat)
    ]
    return min(runs, key=lambda run: run["cpu_s"])


def _print(taken: dict[str, dict[str, float]]) -> None:
    base = taken["kpitools"]
    print(f"{'':16}{'CPU s':>10}{'wall s':>10}{'peak MB':>10}   kpitools / this: CPU, wall, peak")
    for way, run in taken.items():
        ratios = [base[key] / run[key] for key in ("cpu_s", "wall_s", "peak_mb")]
        print(
            f"{way:16}{run['cpu_s']:>10.2f}{run['wall_s']:>10.2f}{run['peak_mb']:>10.0f}   "
            + ", ".join(f"{ratio:.2f}" for ratio in ratios)
        )
    print(f"the three answers are equal: {base['rows']:,.0f} rows")


if __name__ == "__main__":
    main()
