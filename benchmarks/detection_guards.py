"""How much of its own correlation of neighbours one series should count: the choice, measured.

    python benchmarks/detection_guards.py                   # 20,000 series a row, a minute
    python benchmarks/detection_guards.py --series 4000

One series of 24 months cannot tell a change from months that are alike: whatever counts more of
the likeness calls fewer false changes where it is true, and sees fewer changes where it is not.
For each rule: false alarms by lag-1 correlation, and by how much its power stays at most behind
the combination of both tests with neighbours known to be independent (28 cells of
`detection.py`; n = 24). The library's rule is `kpitools.analysis.likeness.counted`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
from detection import (
    COMBINATION,
    LAGS,
    LASTING,
    LENGTHS,
    MONTHS,
    SEED,
    SERIES,
    SIZES,
    TEAMS,
    Values,
    draw,
    ours,
    power_cell,
)

from kpitools.analysis.likeness import chance_edge, counted, unbiased

Counting = Callable[[float, int], float]


def nothing(_found: float, _n: int) -> float:
    """Count nothing."""
    return 0.0


def whole(found: float, n: int) -> float:
    """Count the whole estimate."""
    return unbiased(found, n)


def sure(found: float, n: int) -> float:
    """Count the whole estimate where chance gives less with 99.5 % certainty, else nothing."""
    return unbiased(found, n) if found > chance_edge(n, 2.576) else 0.0


def likely(found: float, n: int) -> float:
    """Count the whole estimate where chance gives less with 90 % certainty, else nothing."""
    return unbiased(found, n) if found > chance_edge(n, 1.282) else 0.0


def beyond(found: float, n: int) -> float:
    """Count what the estimate is above 1.3 standard errors."""
    return max(unbiased(found, n) - unbiased(chance_edge(n, 1.3), n), 0.0)


RULES: dict[str, Counting] = {
    "nothing": nothing,
    "whole, where 99.5 % sure": sure,
    "ramp from 1.8 s.e. (ours)": counted,
    "above 1.3 s.e.": beyond,
    "whole, where 90 % sure": likely,
    "whole": whole,
}


def behind(rule: Counting, series: int) -> float:
    """Give the most by which the power stays behind that of the combination."""
    away = [
        COMBINATION[size][place]
        - ours(power_cell(size, lasting, series=series), counting=rule).power
        for size in SIZES
        for place, lasting in enumerate(LASTING)
    ]
    return max(away)


def false_alarms(rule: Counting, series: int, *, n: int) -> list[float]:
    """Give the false alarms of one rule by correlation."""
    return [ours(values, counting=rule).rate for values in unchanged(series, n)]


def unchanged(series: int, n: int) -> list[Values]:
    """Draw series without a change for each correlation."""
    return [draw(np.random.default_rng([SEED, n, round(10 * lag)]), series, n, lag) for lag in LAGS]


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--series", type=int, default=SERIES)
    series = options.parse_args().series
    print(f"{series:,} series a row; standard error of a rate near 0.1: {0.3 / series**0.5:.4f}")
    print("| counted of its own likeness, n | " + " | ".join(map(str, LAGS)) + " | power lost |")
    print("|---|" + "---|" * (len(LAGS) + 1))
    for name, rule in RULES.items():
        for n in LENGTHS:
            rates = " | ".join(f"{rate:.3f}" for rate in false_alarms(rule, series, n=n))
            lost = f"{behind(rule, series):.3f}" if n == MONTHS else ""
            print(f"| {name}, {n} | {rates} | {lost} |", flush=True)
    for n in LENGTHS:
        each = [
            draw(np.random.default_rng([SEED, n, round(10 * lag)]), series, n, lag) for lag in LAGS
        ]
        rates = " | ".join(f"{ours(values, teams=TEAMS).rate:.3f}" for values in each)
        print(f"| pooled over {TEAMS} teams, {n} | {rates} | |", flush=True)


if __name__ == "__main__":
    main()
