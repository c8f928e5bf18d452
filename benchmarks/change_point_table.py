"""Simulate how clear a split of a series is by chance alone, and write the table of it.

    python benchmarks/change_point_table.py   # writes kpitools/analysis/tables/change_point.json

Independent (lag 0) and autocorrelated (AR(1)) normal values without any change. The seed is
fixed: the same numpy gives the same table.
"""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray

from kpitools.analysis.change_point import FEWEST, TABLE, split_statistics

LENGTHS = (FEWEST, 9, 10, 12, 15, 18, 24, 36, 60, 104)
LAGS = (0.0, 0.2, 0.4, 0.6, 0.8)
CHANCES = (0.7, 0.5, 0.3, 0.2, 0.15, 0.1, 0.07, 0.05, 0.03, 0.02, 0.01, 0.005, 0.002, 0.001)
SERIES = 100_000
SEED = 20_261_104
BATCH = 25_000


def critical(n: int, lag1: float, *, series: int = SERIES, seed: int = SEED) -> list[float]:
    """Return the statistic that is reached with each chance."""
    rng = np.random.default_rng([seed, n, round(100 * lag1)])
    found = [
        split_statistics(_walk(rng.standard_normal((min(BATCH, series), n)), lag1))
        for _ in range(max(series // BATCH, 1))
    ]
    levels = np.quantile(np.concatenate(found), [1 - chance for chance in CHANCES])
    return [round(float(level), 4) for level in levels]


def _walk(noise: NDArray[np.float64], lag1: float) -> NDArray[np.float64]:
    for at in range(1, noise.shape[1]):
        noise[:, at] = lag1 * noise[:, at - 1] + np.sqrt(1 - lag1**2) * noise[:, at]
    return noise


def main() -> None:
    """Write the table."""
    table = {
        "about": "critical values of the best split by benchmarks/change_point_table.py",
        "series": SERIES,
        "seed": SEED,
        "lengths": LENGTHS,
        "lags": LAGS,
        "chances": CHANCES,
        "critical": [[critical(n, lag1) for lag1 in LAGS] for n in LENGTHS],
    }
    TABLE.write_text(json.dumps(table) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
