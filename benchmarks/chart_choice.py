"""How many points of series in which nothing changed are flagged: the chart that fits, and XmR.

    python benchmarks/chart_choice.py                # 400 series a row, about a minute
    python benchmarks/chart_choice.py --series 40

Flagged points of series without any change are false alarms. `mdc_r` judges all of them alike;
`process_limits` takes the chart that fits, and counts season and correlation in. Seeds are fixed.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kpitools.analysis.process_limits import process_limits
from kpitools.analysis.series import build_series
from kpitools.analysis.xmr import xmr_limits
from kpitools.catalog import Kpi, load_builtin

Values = NDArray[np.float64]
SEED = 20_261_104
SERIES = 400
MONTHS = 24
START = date(2024, 1, 1)


@dataclass(frozen=True)
class Kind:
    """A kind of series in which nothing changes: shares of few cases, or numbers."""

    name: str
    lag1: float = 0.0
    season: float = 0.0
    cases: int | None = None
    share: float = 0.9
    n: int = MONTHS

    def draw(self, rng: np.random.Generator) -> tuple[Kpi, pl.DataFrame]:
        """Draw one series as facts of a KPI."""
        if self.cases is not None:
            counts = rng.binomial(self.cases, self.share, self.n)
            return _facts("csat", counts / self.cases, cases=self.cases)
        values = _correlated(rng, self.n, self.lag1)
        swing = np.cos(2 * np.pi * (np.arange(self.n) / 12 + rng.random()))
        return _facts("offered", 1000 + 100 * (values + self.season * np.sqrt(2) * swing))


KINDS = (
    Kind("independent"),
    Kind("independent, 36 months", n=36),
    Kind("lag-1 correlation .4", lag1=0.4),
    Kind("lag-1 correlation .6", lag1=0.6),
    Kind("lag-1 correlation .6, 36 months", lag1=0.6, n=36),
    Kind("season as large as chance", season=1.0),
    Kind("season twice as large", season=2.0),
    Kind("season twice as large, 36 months", season=2.0, n=36),
    Kind("share .9 of 10 cases", cases=10),
    Kind("share .9 of 20 cases", cases=20),
    Kind("share .95 of 50 cases", cases=50, share=0.95),
    Kind("share .95 of 200 cases", cases=200, share=0.95),
)


def flagged(kind: Kind, series: int, *, seed: int = SEED) -> dict[str, float]:
    """Measure the share of points flagged, and of latest points, by both ways.

    Returns:
        `plain` and `fitting` (share of all points), `plain_last` and `fitting_last`.
    """
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    counts = dict.fromkeys(("plain", "fitting", "plain_last", "fitting_last"), 0.0)
    for _ in range(series):
        kpi, facts = kind.draw(rng)
        for name, found in (("plain", xmr_limits(facts)), ("fitting", process_limits(facts, kpi))):
            signals = found["signal"] != ""
            counts[name] += signals.mean() / series
            counts[f"{name}_last"] += bool(signals[-1]) / series
    return counts


def _correlated(rng: np.random.Generator, n: int, lag1: float) -> Values:
    noise = rng.standard_normal(n)
    values = noise.copy()
    for at in range(1, n):
        values[at] = lag1 * values[at - 1] + np.sqrt(1 - lag1**2) * noise[at]
    return values


def _facts(name: str, values: Values, cases: int | None = None) -> tuple[Kpi, pl.DataFrame]:
    facts = build_series(values.tolist(), start=START, kpi=name, cases=cases)
    return load_builtin().kpi(name), facts


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=SERIES)
    series = parser.parse_args().series
    print("| nothing changed | XmR mdc_r: points | latest | fitting: points | latest |")
    print("|---|---|---|---|---|")
    for kind in KINDS:
        found = flagged(kind, series)
        shown = " | ".join(
            f"{100 * value:.1f} %"
            for value in (
                found["plain"],
                found["plain_last"],
                found["fitting"],
                found["fitting_last"],
            )
        )
        print(f"| {kind.name} | {shown} |")


if __name__ == "__main__":
    main()
