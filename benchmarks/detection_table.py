"""Simulate what chance alone gives at the end of a series, and write the table of it.

    python benchmarks/detection_table.py            # writes kpitools/analysis/tables/detection.json
    python benchmarks/detection_table.py --check    # simulates some cells again and compares

Independent (lag 0) and autocorrelated (AR(1)) normal values without any change. The seed is
fixed: the same numpy gives the same table.
"""

from __future__ import annotations

import argparse
import json

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

from kpitools.analysis.detection import STATISTICS, TABLE, Null, end_statistics

LENGTHS = (12, 13, 14, 16, 18, 20, 24, 30, 36, 48, 60)
LAGS = (0.0, 0.2, 0.4, 0.6, 0.8)
CHANCES = (
    0.7,
    0.5,
    0.3,
    0.2,
    0.15,
    0.1,
    0.07,
    0.05,
    0.035,
    0.025,
    0.016,
    0.01,
    0.006,
    0.003,
    0.001,
)
SERIES = 200_000
SEED = 20_261_103
BATCH = 50_000


def simulate(n: int, lag1: float, series: int, seed: int) -> tuple[NDArray[np.float64], ...]:
    """Draw series without a change; return |latest| and scan of each."""
    rng = np.random.default_rng([seed, n, round(100 * lag1)])
    latest, scan = [], []
    for _ in range(series // BATCH):
        noise = rng.standard_normal((BATCH, n))
        values = noise.copy()
        for at in range(1, n):
            values[:, at] = lag1 * values[:, at - 1] + np.sqrt(1 - lag1**2) * noise[:, at]
        ends = end_statistics(values)
        latest.append(np.abs(ends.latest))
        scan.append(ends.scan)
    return np.concatenate(latest), np.concatenate(scan)


def critical(
    n: int, lag1: float, *, series: int = SERIES, seed: int = SEED
) -> dict[str, list[float]]:
    """Return the critical values of the three statistics for each chance."""
    latest, scan = simulate(n, lag1, series, seed)
    high = [1 - chance for chance in CHANCES]
    found = {"latest": np.quantile(latest, high), "scan": np.quantile(scan, high)}
    if lag1 == 0:
        found["latest"] = t.isf(np.array(CHANCES) / 2, n - 2)
    null = Null(n, lag1, CHANCES, {name: tuple(map(float, found[name])) for name in found})
    smaller = np.minimum(null.p_values("latest", latest), null.p_values("scan", scan))
    found["both"] = np.quantile(smaller, CHANCES)
    return {name: [round(float(value), 5) for value in found[name]] for name in STATISTICS}


def main() -> None:
    """Write the table, or check it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--check", action="store_true")
    if options.parse_args().check:
        check()
        return
    cells = {(n, lag): critical(n, lag) for n in LENGTHS for lag in LAGS}
    table = {
        "about": "critical values by length, lag-1 correlation and chance; see detection_table.py",
        "series": SERIES,
        "seed": SEED,
        "lengths": LENGTHS,
        "lags": LAGS,
        "chances": CHANCES,
        **{name: [[cells[n, lag][name] for lag in LAGS] for n in LENGTHS] for name in STATISTICS},
    }
    TABLE.write_text(json.dumps(table) + "\n", encoding="utf-8")
    print(f"written: {TABLE.name}, {len(cells)} cells of {SERIES:,} series")


def check() -> None:
    """Simulate some cells with another seed and print how far apart the two are."""
    kept = json.loads(TABLE.read_text(encoding="utf-8"))
    for n, lag in ((12, 0.0), (24, 0.0), (24, 0.4), (36, 0.6)):
        again = critical(n, lag, series=100_000, seed=SEED + 1)
        for name in STATISTICS:
            row = kept[name][LENGTHS.index(n)][LAGS.index(lag)]
            apart = max(abs(a / b - 1) for a, b in zip(row, again[name], strict=True))
            print(f"n {n}, lag {lag}, {name}: at most {apart:.1%} apart")


if __name__ == "__main__":
    main()
