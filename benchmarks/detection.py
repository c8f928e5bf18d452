"""How often the latest period is called changed: false alarms and power, against the usual rules.

    python benchmarks/detection.py                    # 20,000 series a row, about a minute
    python benchmarks/detection.py --series 4000
    python benchmarks/detection.py --speed            # cost of one verdict instead

False alarms: series without any change whose latest point is called changed. Power: series whose
last k months lie higher, called changed and in the right direction. Ours is `latest_verdict` at
its own level of 1.6 %, with the correlation of neighbours unknown; the usual rules are the
profiles of `xmr_limits`, at their latest point. The seed is fixed. Both are stated again here
over many series at once; `tests/analysis/test_power.py` holds them to the library's own.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from detection_rules import marked
from numpy.typing import NDArray

from kpitools.analysis.detection import (
    FEWEST,
    Ends,
    end_statistics,
    null_of,
    without_fitted,
)
from kpitools.analysis.latest import ALPHA, FLAT
from kpitools.analysis.likeness import counted, together
from kpitools.analysis.xmr_profiles import PROFILES

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]
SEED = 20_261_105
SERIES = 20_000
TEAMS = 8
SIZES = (1.0, 1.5, 2.0, 3.0)
LASTING = (1, 2, 3, 6, 7, 9, 12)
LENGTHS = (12, 24, 36)
LAGS = (0.0, 0.2, 0.4, 0.6)
CASES = ((10, 0.9), (20, 0.9), (50, 0.95), (200, 0.95))
MONTHS = 24
COMBINATION = {
    1.0: (0.053, 0.066, 0.087, 0.160, 0.181, 0.207, 0.196),
    1.5: (0.114, 0.145, 0.219, 0.430, 0.482, 0.554, 0.556),
    2.0: (0.221, 0.294, 0.438, 0.754, 0.809, 0.866, 0.876),
    3.0: (0.544, 0.698, 0.878, 0.993, 0.997, 0.999, 0.999),
}
"""Power that both tests together have at n = 24 with neighbours known to be independent, by size
and then by months: simulated apart from this, and what ours is held to."""
STEP = 0.01
"""Correlations are rounded to this, so that one null serves many series."""


@dataclass(frozen=True)
class Called:
    """Which series are called changed, and which of them upwards."""

    changed: Flags
    high: Flags

    @property
    def rate(self) -> float:
        """Share of series called changed."""
        return float(self.changed.mean())

    @property
    def power(self) -> float:
        """Share of series called changed upwards."""
        return float((self.changed & self.high).mean())


@dataclass(frozen=True)
class Taken:
    """What a season took from each series: how many numbers, and how alike its months made them."""

    fitted: NDArray[np.int64]
    swing: Values


def draw(rng: np.random.Generator, series: int, n: int, lag1: float = 0.0) -> Values:
    """Draw normal series of mean 0 and sd 1 whose neighbours are correlated."""
    values = rng.standard_normal((series, n))
    for at in range(1, n):
        values[:, at] = lag1 * values[:, at - 1] + np.sqrt(1 - lag1**2) * values[:, at]
    return values


def ours(
    values: Values,
    *,
    cases: int | None = None,
    teams: int = 1,
    season: Taken | None = None,
    counting: Callable[[float, int], float] = counted,
) -> Called:
    """Judge the latest period of many series as `latest_verdict` does.

    Args:
        values: one series a row; with `cases`, numbers of successes.
        cases: denominator of every period, for shares.
        teams: over so many rows the correlation of neighbours is pooled; 1: each its own.
        season: what was taken out of each series before.
        counting: how much of its own correlation of neighbours a series counts.
    """
    count, n = values.shape
    taken = season or Taken(np.zeros(count, dtype=np.int64), np.zeros(count))
    scale, ends = _on_scale(values, cases)
    ends = _without_fitted(ends, n, taken.fitted)
    lag1 = _own_lag1(scale, ends, counting) if teams == 1 else _pooled(values, teams, taken.swing)
    p_values, high = np.ones(count), np.zeros(count, dtype=bool)
    up = _upwards(scale, ends.since)
    for lag, fitted in {*zip(lag1.tolist(), taken.fitted.tolist(), strict=True)}:
        judged = (lag1 == lag) & (taken.fitted == fitted)
        rows = np.flatnonzero(judged & np.isfinite(ends.latest) & np.isfinite(ends.scan))
        null = null_of(max(n - fitted, FEWEST), lag)
        each = [
            null.p_values("latest", np.abs(ends.latest[rows])),
            null.p_values("scan", ends.scan[rows]),
        ]
        p_values[rows] = null.p_values("both", np.minimum(*each))
        high[rows] = np.where(each[0] <= each[1], ends.latest[rows] > 0, up[rows])
    return Called(p_values <= ALPHA, high)


def _without_fitted(ends: Ends, n: int, fitted: NDArray[np.int64]) -> Ends:
    """Allow for what a season took from the periods."""
    latest, scan = ends.latest.copy(), ends.scan.copy()
    for one in np.unique(fitted):
        rows = fitted == one
        part = without_fitted(Ends(latest[rows], scan[rows], ends.since[rows]), n, float(one))
        latest[rows], scan[rows] = part.latest, part.scan
    return Ends(latest, scan, ends.since)


def _on_scale(values: Values, cases: int | None) -> tuple[Values, Ends]:
    """Put shares on the arcsine scale, with the spread that so many cases give at least."""
    if cases is None:
        return values, end_statistics(values)
    scale = np.arcsin(np.sqrt((values + 0.375) / (cases + 0.75)))
    ends, least = end_statistics(scale), np.sqrt(1 / (4 * cases))
    before = scale[:, :-1]
    shrunk = np.minimum(before.std(axis=1, ddof=1) / least, 1.0)
    never = shrunk < FLAT
    n = scale.shape[1]
    floor = (scale[:, -1] - before.mean(axis=1)) / (least * np.sqrt(1 + 1 / (n - 1)))
    with np.errstate(invalid="ignore"):
        return scale, Ends(
            np.where(never, floor, ends.latest * shrunk),
            np.where(never, np.abs(floor), ends.scan * shrunk),
            np.where(never, 1, ends.since),
        )


def _upwards(scale: Values, since: NDArray[np.int64]) -> Flags:
    end = np.arange(scale.shape[1]) >= scale.shape[1] - since[:, None]
    inside = (scale * end).sum(axis=1) / np.maximum(since, 1)
    rest = (scale * ~end).sum(axis=1) / (~end).sum(axis=1)
    found: Flags = inside > rest
    return found


def _own_lag1(scale: Values, ends: Ends, counting: Callable[[float, int], float]) -> Values:
    """Estimate each series' own correlation, counted as far as it is sure."""
    n = scale.shape[1]
    found = np.where(ends.since > 0, without_change(scale, ends.since), -1.0)
    lag1: Values = np.round([counting(float(one), n) / STEP for one in found]) * STEP
    return lag1


def _pooled(values: Values, teams: int, swing: Values) -> Values:
    """Pool the correlation of neighbours over each block of teams, as `pooled_lag1` does."""
    count, n = values.shape
    found = without_change(values, end_statistics(values).since) + swing / n
    blocks = found[: count // teams * teams].reshape(-1, teams)
    each = [together([float(one) for one in block], [n] * teams) for block in blocks]
    lag1 = np.repeat(np.round(np.array(each) / STEP) * STEP, teams)
    return np.concatenate([lag1, np.full(count - len(lag1), lag1[-1])])


def without_change(values: Values, since: NDArray[np.int64]) -> Values:
    """Return the correlation of neighbours that neither a step nor a drift explains."""
    end = np.arange(values.shape[1]) >= values.shape[1] - since[:, None]
    inside = (values * end).sum(axis=1) / np.maximum(since, 1)
    rest = (values * ~end).sum(axis=1) / (~end).sum(axis=1)
    stepped = values - np.where(end, inside[:, None], rest[:, None])
    time = np.arange(values.shape[1]) - (values.shape[1] - 1) / 2
    drifted = values - values.mean(axis=1, keepdims=True)
    drifted -= (drifted @ time / (time @ time))[:, None] * time
    return np.minimum(_neighbours(stepped), _neighbours(drifted))


def _neighbours(away: Values) -> Values:
    with np.errstate(invalid="ignore"):
        found = (away[:, 1:] * away[:, :-1]).sum(axis=1) / (away**2).sum(axis=1)
    return np.nan_to_num(found)


def classic(values: Values, profile: str) -> Called:
    """Judge the latest point of many series by the rules of one school."""
    return Called(*marked(values, PROFILES[profile]))


def power_cell(size: float, lasting: int, *, series: int, n: int = 24) -> Values:
    """Draw series whose last months lie higher by so many standard deviations."""
    values = draw(np.random.default_rng([SEED, round(10 * size), lasting]), series, n)
    values[:, -lasting:] += size
    return values


def small_cell(cases: int, share: float, *, series: int, n: int = 24) -> Values:
    """Draw numbers of successes among few cases, without any change."""
    rng = np.random.default_rng([SEED, cases])
    return rng.binomial(cases, share, (series, n)).astype(np.float64)


def line(name: str, found: list[float | None], series: int) -> str:
    """Write one row of a table: each rate with its standard error."""
    cells = [
        f"{'-':>14}" if rate is None else f"{rate:>7.3f} {_error(rate, series)}" for rate in found
    ]
    return f"{name:<24}" + "".join(cells)


def _error(rate: float, series: int) -> str:
    return f"({np.sqrt(rate * (1 - rate) / series):.4f})".rjust(6).replace("(0.", "(.")


def head(name: str, *more: str) -> str:
    """Write the first row of a table."""
    shown = ["own lag1", "pooled lag1", *more, *(one.replace("western_", "w_") for one in PROFILES)]
    return f"\n{name:<24}" + "".join(f"{one:>14}" for one in shown)


def false_alarms(series: int) -> None:
    """Print how often the latest point is called changed though nothing changed."""
    print(head("false alarms: n, lag-1"))
    for n in LENGTHS:
        for lag in LAGS:
            values = draw(np.random.default_rng([SEED, n, round(10 * lag)]), series, n, lag)
            each: list[float | None] = [ours(values).rate, ours(values, teams=TEAMS).rate]
            each += [classic(values, name).rate for name in PROFILES]
            print(line(f"{n}, {lag:.1f}", each, series), flush=True)
    print(head("false alarms: n, shares"))
    for n in LENGTHS:
        for cases, share in CASES:
            values = small_cell(cases, share, series=series, n=n)
            each = [ours(values, cases=cases, teams=teams).rate for teams in (1, TEAMS)]
            each += [classic(values / cases, name).rate for name in PROFILES]
            print(line(f"{n}, {share:.0%} of {cases}", each, series), flush=True)


def power(series: int) -> None:
    """Print how often a change of the last months is seen, in the right direction."""
    for n in LENGTHS:
        print(head(f"power, n {n}: sigma, months", "combination"))
        for size in SIZES:
            for place, lasting in enumerate(LASTING):
                if lasting > n / 2:
                    continue
                values = power_cell(size, lasting, series=series, n=n)
                each: list[float | None] = [ours(values).power, ours(values, teams=TEAMS).power]
                each.append(COMBINATION[size][place] if n == MONTHS else None)
                each += [classic(values, name).power for name in PROFILES]
                print(line(f"{size:.1f}, {lasting}", each, series), flush=True)


def speed() -> None:
    """Print the CPU time of one full verdict, imports and first call apart."""
    import time
    from datetime import date

    from kpitools.analysis.assumptions import check_assumptions
    from kpitools.analysis.latest import latest_verdict
    from kpitools.analysis.series import build_series
    from kpitools.analysis.xmr import xmr_limits
    from kpitools.catalog import load_builtin

    kpi = load_builtin().kpi("csat")
    rng, times = np.random.default_rng(SEED), []
    for _ in range(21):
        values = list(rng.binomial(200, 0.9, 24) / 200)
        facts = build_series(values, start=date(2024, 1, 1), kpi="csat", cases=200)
        began = [time.process_time()]
        limits = xmr_limits(facts)
        began.append(time.process_time())
        check_assumptions(limits, kpi)
        began.append(time.process_time())
        latest_verdict(facts, kpi)
        began.append(time.process_time())
        times.append(np.diff(began) * 1000)
    print(f"first call of all: {times[0].sum():.0f} ms CPU")
    middle = np.median(times[1:], axis=0)
    parts = zip(("limits", "assumptions", "verdict"), middle, strict=True)
    print(*(f"{name} {cost:.1f} ms" for name, cost in parts), sep=", ")
    print(f"one KPI and team: {middle.sum():.1f} ms CPU (at most 30)")


def notebook(times: int = 3) -> None:
    """Print the CPU time of the trend notebook's cells over 12 KPIs of a team of the sample.

    The first round imports what is used; the parts of the last are printed.
    """
    import json
    import os
    import time
    from pathlib import Path

    import yaml

    root = Path(__file__).resolve().parents[1]
    os.environ["KPITOOLS_WORKSPACE"] = str(root / "data_samples")
    recipe = yaml.safe_load((root / "reports" / "monthly_review.yaml").read_text(encoding="utf-8"))
    cells = json.loads((root / "notebooks" / "trend.ipynb").read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    asked = f"team, kpis, charts = 'billing', {recipe['kpis']!r}, {len(recipe['kpis'])}"
    for number in range(times):
        names: dict[str, object] = {"display": lambda shown: shown._repr_mimebundle_()}
        spent = []
        for source in (f"{code[0]}\n{asked}", *code[1:]):
            began = time.process_time()
            exec(compile(source, "trend.ipynb", "exec"), names)  # noqa: S102 - our own notebook
            spent.append(time.process_time() - began)
        print(f"trend notebook, 12 KPIs, round {number + 1}: {sum(spent):.2f} s CPU (at most 1.5)")
    print("by cell: " + ", ".join(f"{one:.2f}" for one in spent))


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--series", type=int, default=SERIES)
    options.add_argument("--speed", action="store_true")
    asked = options.parse_args()
    if asked.speed:
        speed()
        notebook()
        return
    print(f"{asked.series:,} series a row; rates, and in brackets their standard errors")
    false_alarms(asked.series)
    power(asked.series)


if __name__ == "__main__":
    main()
