"""False alarms and power of the verdict where the time of year plays a part.

    python benchmarks/detection_season.py                 # 4,000 series a row, some minutes
    python benchmarks/detection_season.py --series 400

The whole way of a number: `process_limits` looks for a season, without the latest month, and
takes out what it finds; `verdict` judges what is left. Series are normal months of sd 1 with a
yearly swing whose sd is so many times that. `product` goes the way itself, one series at a time;
the tables come from the same steps over many series at once, and
`tests/analysis/test_power_season.py` holds them to it. The seed is fixed.
"""

from __future__ import annotations

import argparse
from datetime import date

import numpy as np
from detection import LAGS, SEED, TEAMS, Called, Flags, Taken, Values, classic, draw, ours

from kpitools.analysis.process_limits import process_limits
from kpitools.analysis.season import FITTED, yearly_season
from kpitools.analysis.series import build_series
from kpitools.analysis.verdicts import verdict
from kpitools.catalog import load_builtin

SERIES = 4000
LENGTHS = (24, 36)
RATIOS = (0.0, 0.5, 1.0, 2.0)
CHANGES = ((2.0, 1), (2.0, 3), (2.0, 6), (3.0, 1))
FIRST = date(2024, 1, 1)
ALIKE_BY_SWING = 2 * float(np.cos(2 * np.pi / 12))


def months(n: int) -> list[date]:
    """Name the first days of so many months."""
    return [date(FIRST.year + at // 12, at % 12 + 1, 1) for at in range(n)]


def swinging(ratio: float, *, series: int, n: int, lag1: float = 0.0) -> Values:
    """Draw series with a yearly swing that begins anywhere in the year."""
    rng = np.random.default_rng([SEED, n, round(10 * ratio), round(10 * lag1)])
    year = np.arange(n) / 12 + rng.random((series, 1))
    found: Values = draw(rng, series, n, lag1) + ratio * np.sqrt(2) * np.cos(2 * np.pi * year)
    return found


def judged(values: Values, *, teams: int = 1) -> Called:
    """Judge many series as `verdict` judges the findings of `process_limits`."""
    rest, taken = without_season(values)
    return ours(rest, teams=teams, season=taken)


def without_season(values: Values) -> tuple[Values, Taken]:
    """Take out of each series the season that the library finds in it."""
    names = months(values.shape[1])
    found = [yearly_season(names, row) for row in values]
    fitted = np.array([FITTED[one.kind] for one in found])
    rest: Values = values - np.array([one.offset for one in found])
    return rest, Taken(fitted, np.where(fitted > 0, ALIKE_BY_SWING, 0.0))


def product(values: Values, *, lag1: float | None = None) -> Flags:
    """Tell which series the library itself calls changed, from facts to verdict."""
    kpi = load_builtin().kpi("offered")
    found = []
    for row in values:
        facts = build_series((1000 + 100 * row).tolist(), start=FIRST, kpi=kpi.kpi)
        said = verdict(process_limits(facts, kpi, lag1=lag1), kpi, lag1=lag1)
        found.append(said.tone in {"better", "worse", "neutral"})
    return np.array(found)


def cell(rate: float, series: int) -> str:
    """Write a rate with its standard error."""
    error = np.sqrt(rate * (1 - rate) / max(series, 1))
    return f"{rate:>8.3f} ({error:.4f})".replace("(0.", "(.")


def false_alarms(series: int) -> None:
    """Print how often the latest month is called changed though nothing but the season moved."""
    names = ("found", "own lag1", "where found", "pooled lag1", "season kept", "mdc_r")
    print(f"\n{'false alarms: n, season, lag-1':<32}" + "".join(f"{one:>16}" for one in names))
    for n in LENGTHS:
        for ratio in RATIOS:
            for lag in LAGS[::2]:
                values = swinging(ratio, series=series, n=n, lag1=lag)
                rest, taken = without_season(values)
                found, own = taken.fitted > 0, ours(rest, season=taken)
                cells = cell(float(found.mean()), series) + cell(own.rate, series)
                there = own.changed[found]
                cells += cell(float(there.mean()) if len(there) else 0.0, len(there))
                each = [ours(rest, teams=TEAMS, season=taken), ours(values)]
                cells += "".join(
                    cell(one.rate, series) for one in (*each, classic(values, "mdc_r"))
                )
                print(f"{n}, {ratio:.1f}, {lag:.1f}".ljust(32) + cells, flush=True)


def power(series: int) -> None:
    """Print how often a change of the last months is seen beside a season."""
    names = ("own lag1", "pooled lag1", "season kept", "mdc_r")
    print(f"\n{'power: n, season, sigma, months':<32}" + "".join(f"{one:>16}" for one in names))
    for n in LENGTHS:
        for ratio in RATIOS:
            for size, lasting in CHANGES:
                values = swinging(ratio, series=series, n=n)
                values[:, -lasting:] += size
                rest, taken = without_season(values)
                each = [ours(rest, season=taken), ours(rest, teams=TEAMS, season=taken)]
                each += [ours(values), classic(values, "mdc_r")]
                cells = "".join(cell(one.power, series) for one in each)
                print(f"{n}, {ratio:.1f}, {size:.0f}, {lasting}".ljust(32) + cells, flush=True)


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--series", type=int, default=SERIES)
    series = options.parse_args().series
    print(f"{series:,} series a row; rates, and in brackets their standard errors")
    false_alarms(series)
    power(series)


if __name__ == "__main__":
    main()
