"""All contact KPIs over 10 and 100 million contacts: seconds, memory, and how both grow.

    python benchmarks/facts_100m.py [--rows 100000000]

Writes contacts in pieces of a million as Parquet into a temporary folder, removed after, and
asks for every KPI of contacts, with all variants and percentiles, by team and day: first of a
tenth of the rows, then of all. Each runs in a process of its own. Fails where the most memory
held is 2 GiB or more, or where ten times the rows take more than twelve times the time.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from contacts_made import DAYS, contact_kpis, events_in, write_contacts
from facts_20m import MEGA, asked, peak_memory

from kpitools.facts import build_facts

MOST_MB = 2048
MOST_TIMES = 12
BYTES_PER_ROW = 60
"""Room asked for on the disk."""


def measure(folder: Path) -> dict[str, float]:
    """Compute the facts in this process; say what it took."""
    events, question = events_in(folder), asked()
    wall, cpu = time.perf_counter(), time.process_time()
    facts = build_facts(question, events)
    return {
        "wall_s": time.perf_counter() - wall,
        "cpu_s": time.process_time() - cpu,
        "peak_mb": peak_memory(),
        "rows": facts.height,
        "percentiles": facts.filter(kpi="wait_p90").height,
    }


def run(rows: int, days: int) -> dict[str, float]:
    """Generate so many contacts over so many days, measure in a process of its own, remove."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if shutil.disk_usage(folder).free < rows * BYTES_PER_ROW:
            raise SystemExit(f"{rows:,} contacts do not fit on the disk of {folder}")
        write_contacts(folder, rows, days=days)
        size = sum(path.stat().st_size for path in folder.iterdir()) / MEGA**2
        command = [sys.executable, __file__, "--measure", str(folder)]
        taken = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(taken)
    print(
        f"{rows:>13,} contacts, {size:>6,.0f} MB: {found['wall_s']:.1f} s, "
        f"{found['cpu_s']:.1f} CPU s, peak {found['peak_mb']:,.0f} MB, "
        f"{found['rows']:,} facts, {found['percentiles']:,} of them 90th percentiles",
        flush=True,
    )
    return found


def main() -> None:
    """Measure a tenth and the whole, and judge."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=100_000_000)
    options.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure)))
        return
    print(f"{len(contact_kpis())} KPIs by team and day", flush=True)
    part, whole = (run(given.rows // parts, DAYS // parts) for parts in (10, 1))
    times = {name: whole[name] / part[name] for name in ("wall_s", "cpu_s", "peak_mb")}
    print(
        f"ten times the rows: {times['wall_s']:.1f} times the seconds, "
        f"{times['cpu_s']:.1f} times the CPU seconds, {times['peak_mb']:.1f} times the memory"
    )
    if whole["peak_mb"] >= MOST_MB or times["cpu_s"] > MOST_TIMES:
        raise SystemExit(f"more than {MOST_MB:,} MB or {MOST_TIMES} times the CPU seconds")


if __name__ == "__main__":
    main()
