"""Packs of all groups of the incident log: packs a minute, failures, memory.

    KPITOOLS_REAL_DATA=../shared/data python benchmarks/incident_packs.py [--groups N] [--jobs N]

The log (141,712 events, 71 groups, one of them unnamed) is no part of the repository: without
KPITOOLS_REAL_DATA this says so and ends. Scorecard and trend for each group, an overview over
all, HTML and PDF, by the command itself; the export is read into an empty cache first.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from meter import MEGA, Meter

WORKSPACE = Path(__file__).resolve().parents[1] / "tests" / "real" / "incidents"
PERIOD = "2016-04"
MINUTE_S = 60
RECIPE = """\
title: Incidents in review
forum: {name: Service review, cadence: monthly}
team: [scorecard, trend]
overview: [overview]
kpis: [tickets_created, tickets_resolved, trt_median, trt_p90, sla_met, backlog_unclosed]
"""


def largest_groups(most: int) -> list[str]:
    """Name the groups with the most incidents."""
    import polars as pl

    from kpitools.workspace import open_workspace

    facts = open_workspace(WORKSPACE).facts("tickets_created", by="team")
    totals = facts.group_by("team").agg(pl.col("value").sum())
    return totals.sort("value", "team", descending=[True, False])["team"].head(most).to_list()


def make_packs(folder: Path, out: Path, given: argparse.Namespace) -> tuple[int, Meter]:
    """Run the command; give its exit code and what it took."""
    recipe = folder / "incidents.yaml"
    recipe.write_text(RECIPE, encoding="utf-8")
    groups = largest_groups(given.groups) if given.groups else []
    os.environ["KPITOOLS_CACHE"] = str(folder / "cache")
    command = [sys.executable, "-m", "kpitools", "pack", str(recipe), "-w", str(WORKSPACE)]
    command += ["--period", given.period, "--jobs", str(given.jobs), "--out", str(out)]
    command += [word for group in groups for word in ("--team", group)]
    with Meter() as meter:
        code = subprocess.run(command, check=False).returncode
    return code, meter


def show(folder: Path, code: int, meter: Meter) -> None:
    """Print packs a minute, what failed and why, and the most memory."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    taken, times, teams = meter.taken, manifest["timings"], manifest["teams"]
    made = sum(team["status"] == "ok" for team in teams)
    sizes = sum(path.stat().st_size for path in folder.glob("*.*")) / MEGA
    print(f"exit code {code}: {made} of {len(teams)} packs, overview {manifest['overview']}")
    print(
        f"{taken.wall_s:.1f} s wall, {taken.cpu_s:.1f} s CPU, peak {taken.peak_mb:.0f} MB, "
        f"{sizes:.0f} MB of files; notebooks {times['notebooks_s']:.1f} s, packs "
        f"{times['packs_s']:.1f} s"
    )
    print(f"{made / taken.wall_s * MINUTE_S:.1f} packs a minute")
    reasons = Counter(team["reason"] for team in teams if team["status"] != "ok")
    for reason, count in reasons.most_common():
        names = [team["name"] for team in teams if team["reason"] == reason]
        print(f"failed, {count}: {reason}\n    {', '.join(names)}")


def main() -> None:
    """Make the packs and print what it took."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--groups", type=int, help="only so many groups, the largest first")
    options.add_argument("--jobs", type=int, default=2, help="notebooks side by side")
    options.add_argument("--period", default=PERIOD)
    options.add_argument("--out", type=Path, help="keep the packs here")
    given = options.parse_args()
    if not os.environ.get("KPITOOLS_REAL_DATA"):
        print("KPITOOLS_REAL_DATA is unset: the incident log is not part of the repository")
        return
    with tempfile.TemporaryDirectory(prefix="kpi-") as name:
        out = given.out or Path(name) / "packs"
        code, meter = make_packs(Path(name), out, given)
        show(out / given.period, code, meter)


if __name__ == "__main__":
    main()
