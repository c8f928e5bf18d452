"""All contact KPIs over many contacts, beside the same by hand in polars and the SQL in DuckDB.

    python benchmarks/facts_20m.py [--rows 20000000]

Writes contacts as Parquet into a temporary folder (fixed seed, piece by piece), asks for every
KPI of contacts, with all variants, by team and day, three ways: kpitools; the same aggregates
written by hand in polars (`contacts_by_hand.py`); DuckDB running the SQL that kpitools emits.
Each runs in a process of its own. Checks that all three give the same numbers, and prints CPU
seconds, wall seconds, peak memory, their ratios, and how often each plan reads the table.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import contacts_by_hand
import polars as pl
from contacts_made import contact_kpis, events_in, write_contacts

from kpitools.facts import Asked, build_facts

if TYPE_CHECKING:
    from polars._typing import EngineType

COLUMNS = ("kpi", "team", "period", "numerator", "denominator")
NEARLY = 1e-6
MEGA = 1024


def asked() -> Asked:
    """Ask for every contact KPI by team and day."""
    return Asked(contact_kpis(), by=("team",), grain="day")


def by_kpitools(folder: Path) -> Callable[[], pl.DataFrame]:
    """Ask kpitools, with the built-in catalogue's definitions."""
    events = events_in(folder)
    return lambda: _components(build_facts(asked(), events))


def by_polars(folder: Path) -> Callable[[], pl.DataFrame]:
    """Ask the same by hand in polars."""
    queries = contacts_by_hand.queries(folder)
    return lambda: contacts_by_hand.components(*pl.collect_all(queries, engine="streaming"))


def by_duckdb(folder: Path) -> Callable[[], pl.DataFrame]:
    """Ask DuckDB, in the SQL that kpitools emits for it."""
    import duckdb

    from kpitools.facts.engines.database import DatabaseEngine

    engine = DatabaseEngine(
        duckdb.connect(), "duckdb", {"contacts": str(folder / "contacts-*.parquet")}
    )
    events = events_in(folder)
    return lambda: _components(build_facts(asked(), events, engine=engine))


def _components(facts: pl.DataFrame) -> pl.DataFrame:
    """Take the components; a percentile has its value instead of a numerator."""
    return facts.select(*COLUMNS[:3], pl.coalesce("numerator", "value"), "denominator")


WAYS: dict[str, Callable[[Path], Callable[[], pl.DataFrame]]] = {
    "kpitools": by_kpitools,
    "polars by hand": by_polars,
    "DuckDB, same SQL": by_duckdb,
}


def count_scans(folder: Path) -> dict[str, int]:
    """Count how often the plans of kpitools and those by hand read the table."""
    plans: list[str] = []
    ask, run = by_kpitools(folder), pl.collect_all

    def noting(
        queries: list[pl.LazyFrame], *, optimizations: pl.QueryOptFlags, engine: EngineType
    ) -> list[pl.DataFrame]:
        plans.append(pl.explain_all(queries, optimizations=optimizations))
        return run(queries, optimizations=optimizations, engine=engine)

    pl.collect_all = noting
    try:
        ask()
    finally:
        pl.collect_all = run
    by_hand = pl.explain_all(contacts_by_hand.queries(folder))
    scans = {f"kpitools, step {n}": plan for n, plan in enumerate(plans, start=1) if plan}
    return {
        name: plan.count("Parquet SCAN") for name, plan in (scans | {"by hand": by_hand}).items()
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
        joined = first.join(other, on=COLUMNS[:3], how="full", suffix="_other", coalesce=True)
        far = joined.filter(
            pl.any_horizontal(
                ~pl.col(name).eq_missing(pl.col(f"{name}_other"))
                & ((pl.col(name) - pl.col(f"{name}_other")).abs() > NEARLY).fill_null(value=True)
                for name in COLUMNS[3:]
            )
        )
        if far.height:
            sys.stderr.write(f"{far.head(5)}\n")
            names = ", ".join(far["kpi"].unique().sort())
            raise SystemExit(f"kpitools and {way} give different numbers: {names}")


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
            f"{given.rows:,} contacts, {size:,.0f} MB of Parquet, "
            f"{len(contact_kpis())} KPIs by team and day"
        )
        taken = {way: _best(way, folder, given.repeat) for way in WAYS}
        compare(folder)
        scans = count_scans(folder)
    _print(taken)
    print("scans of the table: " + ", ".join(f"{name} {count}" for name, count in scans.items()))


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
    print(f"{'':18}{'CPU s':>10}{'wall s':>10}{'peak MB':>10}   kpitools / this: CPU, wall, peak")
    for way, run in taken.items():
        ratios = [base[key] / run[key] for key in ("cpu_s", "wall_s", "peak_mb")]
        print(
            f"{way:18}{run['cpu_s']:>10.2f}{run['wall_s']:>10.2f}{run['peak_mb']:>10.0f}   "
            + ", ".join(f"{ratio:.2f}" for ratio in ratios)
        )
    print(f"the three answers are equal: {base['rows']:,.0f} rows")


if __name__ == "__main__":
    main()
