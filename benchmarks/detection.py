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
from dataclasses import dataclass

import numpy as np
from detection_rules import marked
from numpy.typing import NDArray

from kpitools.analysis.detection import Ends, end_statistics, null_of
from kpitools.analysis.latest import ALPHA, FLAT, SURE, SURE_TOGETHER, _chance_edge, _unbiased
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


def draw(rng: np.random.Generator, series: int, n: int, lag1: float = 0.0) -> Values:
    """Draw normal series of mean 0 and sd 1 whose neighbours are correlated."""
    values = rng.standard_normal((series, n))
    for at in range(1, n):
        values[:, at] = lag1 * values[:, at - 1] + np.sqrt(1 - lag1**2) * values[:, at]
    return values


def ours(values: Values, *, cases: int | None = None, teams: int = 1) -> Called:
    """Judge the latest period of many series as `latest_verdict` does.

    Args:
        values: one series a row; with `cases`, numbers of successes.
        cases: denominator of every period, for shares.
        teams: over so many rows the correlation of neighbours is pooled; 1: each its own.
    """
    scale, ends = _on_scale(values, cases)
    lag1 = _own_lag1(scale, ends) if teams == 1 else _pooled(values, teams)
    p_values, high = np.ones(len(scale)), np.zeros(len(scale), dtype=bool)
    up = _upwards(scale, ends.since)
    for lag in np.unique(lag1):
        rows = np.flatnonzero((lag1 == lag) & np.isfinite(ends.latest) & np.isfinite(ends.scan))
        null = null_of(scale.shape[1], float(lag))
        each = [
            null.p_values("latest", np.abs(ends.latest[rows])),
            null.p_values("scan", ends.scan[rows]),
        ]
        p_values[rows] = null.p_values("both", np.minimum(*each))
        high[rows] = np.where(each[0] <= each[1], ends.latest[rows] > 0, up[rows])
    return Called(p_values <= ALPHA, high)


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


def _own_lag1(scale: Values, ends: Ends) -> Values:
    """Estimate each series' own correlation, counted where it is beyond chance."""
    count, n = scale.shape
    found = _without_change(scale, ends.since)
    sure = (found > _chance_edge(n, SURE)) & (ends.since > 0)
    unbiased = np.array([_unbiased(float(one), n) for one in found])
    lag1: Values = np.round(np.where(sure, unbiased, np.zeros(count)) / STEP) * STEP
    return lag1


def _pooled(values: Values, teams: int) -> Values:
    """Pool the correlation of neighbours over each block of teams, as `pooled_lag1` does."""
    n = values.shape[1]
    found = _without_change(values, end_statistics(values).since)
    blocks = found[: len(found) // teams * teams].reshape(-1, teams).mean(axis=1)
    edge = _chance_edge(n, SURE_TOGETHER, teams)
    pooled = [_unbiased(float(one), n) if one > edge else 0.0 for one in blocks]
    lag1 = np.repeat(np.round(np.array(pooled) / STEP) * STEP, teams)
    return np.concatenate([lag1, np.full(len(found) - len(lag1), lag1[-1])])


def _without_change(values: Values, since: NDArray[np.int64]) -> Values:
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


def line(name: str, found: list[float]) -> str:
    """Write one row of a table."""
    return f"{name:<30}" + "".join(f"{value:>13.3f}" for value in found)


def head(name: str) -> str:
    """Write the first row of a table."""
    shown = ["own lag1", "pooled lag1", *(one.replace("western_", "w_") for one in PROFILES)]
    return f"\n{name:<30}" + "".join(f"{one:>13}" for one in shown)


def false_alarms(series: int) -> None:
    """Print how often the latest point is called changed though nothing changed."""
    print(head("false alarms: n, lag-1"))
    for n in LENGTHS:
        for lag in LAGS:
            values = draw(np.random.default_rng([SEED, n, round(10 * lag)]), series, n, lag)
            each = [ours(values).rate, ours(values, teams=TEAMS).rate]
            each += [classic(values, name).rate for name in PROFILES]
            print(line(f"{n}, {lag:.1f}", each), flush=True)
    print(head("false alarms: shares, n 24"))
    for cases, share in CASES:
        values = small_cell(cases, share, series=series)
        each = [ours(values, cases=cases, teams=teams).rate for teams in (1, TEAMS)]
        each += [classic(values / cases, name).rate for name in PROFILES]
        print(line(f"{cases} a month, {share:.0%}", each), flush=True)


def power(series: int) -> None:
    """Print how often a change of the last months is seen, in the right direction."""
    print(head("power, n 24: sigma, months"))
    for size in SIZES:
        for lasting in LASTING:
            values = power_cell(size, lasting, series=series)
            each = [ours(values).power, ours(values, teams=TEAMS).power]
            each += [classic(values, name).power for name in PROFILES]
            print(line(f"{size:.1f}, {lasting}", each), flush=True)


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
    error = np.sqrt(ALPHA * (1 - ALPHA) / asked.series)
    print(f"{asked.series:,} series a row; standard error {error:.4f} at {ALPHA}")
    false_alarms(asked.series)
    power(asked.series)


if __name__ == "__main__":
    main()
