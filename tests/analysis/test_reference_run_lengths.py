"""How long until a rule signals: average run lengths, limits known, independent normal values.

Figures simulated elsewhere (100,000 to 200,000 runs); those of Champ & Woodall 1987 (Technometrics
29:393) in brackets: 370.4, 225.4, 152.7 and 91.75 without a shift. The rules are those that
`xmr_limits` applies; here they meet limits of -3 and 3 that are known beforehand.
"""

import numpy as np
import polars as pl
import pytest

from kpitools.analysis.xmr_profiles import PROFILES
from kpitools.analysis.xmr_rules import Rule, add_signals

RUNS = 4000
WIDEST = 9
"""Points that the longest of these rules looks at."""
SHIFTS = (0, 0.5, 1, 1.5, 2, 3)
LIMIT = Rule("outside", 1)
TWO = Rule("two_of_three", 3)
TWO_CLOSE = Rule("two_of_three", 3, "between")
ABSPC = (LIMIT, Rule("trend", 6), TWO_CLOSE, Rule("shift", 8))
TABLE = [
    ((LIMIT,), (370.7, 155.0, 43.9, 15.0, 6.3, 2.0)),
    ((LIMIT, TWO), (225.6, 78.0, 20.0, 7.3, 3.7, 1.7)),
    ((LIMIT, Rule("shift", 7)), (95.8, 32.6, 12.2, 6.9, 4.6, 2.0)),
    ((LIMIT, Rule("shift", 8)), (152.9, 44.2, 14.6, 7.7, 4.9, 2.0)),
    ((LIMIT, Rule("shift", 9)), (217.2, 58.0, 17.1, 8.5, 5.1, 2.0)),
    (PROFILES["western_electric"].rules, (91.8, 27.3, 9.2, 4.9, 3.1, 1.7)),
    (PROFILES["mdc_r"].rules, (86.1, 29.3, 10.6, 5.7, 3.6, 1.8)),
    (PROFILES["mdc_excel_6"].rules, (48.2, 21.1, 9.0, 5.2, 3.5, 1.8)),
    (ABSPC, (103.7, 35.7, 12.0, 6.1, 3.7, 1.8)),
]
ALONE = [
    (Rule("shift", 6), 0, 63.3),
    (Rule("shift", 7), 0, 127.6),
    (Rule("shift", 8), 0, 255.8),
    (Rule("shift", 9), 0, 510.0),
    (Rule("trend", 6), 0, 422),
    (Rule("trend", 7), 0, 2881),
    (TWO_CLOSE, 0, 921),
    (TWO_CLOSE, 1, 39.9),
    (TWO_CLOSE, 2, 8.4),
]
CORRELATED = [
    (PROFILES["mdc_r"].rules, (51, 31, 20)),
    (PROFILES["western_electric"].rules, (55, 34, 22)),
    ((LIMIT,), (376, 388, 422)),
]


def signals(values, rules):
    """Tell which points of which rows are signals; NaN is no point."""
    rows, wide = values.shape
    known = pl.DataFrame({"run": np.repeat(np.arange(rows), wide), "value": values.ravel()})
    ends = {"centre": 0, "lower": -3, "upper": 3, "near_lower": -2, "near_upper": 2}
    placed = known.with_row_index("at").filter(pl.col("value").is_not_nan())
    placed = placed.with_columns(
        *(pl.lit(float(end)).alias(name) for name, end in ends.items()),
        pl.lit(0.0).alias("_tolerance"),
        pl.lit(value=False).alias("_runless"),
    )
    flagged = np.zeros(rows * wide, dtype=bool)
    flagged[add_signals(placed, ["run"], rules).filter(pl.col("signal") != "")["at"]] = True
    return flagged.reshape(rows, wide)


def run_lengths(rules, *, shift=0.0, lag1=0.0, runs=RUNS, seed=20):
    """Draw until the first signal of each run; return how many points that took."""
    rng, size = np.random.default_rng(seed), 30 if shift else 150
    # a rule that may be complete before its window is full meets a window that is full
    before = 4 if TWO in rules else 0
    seen, last = np.zeros((runs, before)), rng.standard_normal(runs)
    took, alive, gone = np.zeros(runs, dtype=int), np.arange(runs), -before
    while len(alive):
        new = rng.standard_normal((len(alive), size))
        if lag1:
            for at in range(size):
                last = new[:, at] = lag1 * last + np.sqrt(1 - lag1**2) * new[:, at]
        values = np.hstack([seen, new + shift])
        flagged = signals(values, rules)
        hit = flagged.any(axis=1)
        if hit.any():
            found = complete(values[hit], flagged[hit].argmax(axis=1), rules)
            took[alive[hit]] = gone + found + 1
        kept = ~hit
        gone += values.shape[1] - 2 * WIDEST
        alive, last, seen = alive[kept], last[kept], values[kept, -2 * WIDEST :]
    return took


def complete(values, first, rules):
    """Find the point with which a signal is complete, whose first marked point is known."""
    rows, wide = values.shape
    ends = np.minimum(first[:, None] + np.arange(WIDEST), wide - 1).ravel()
    places = ends[:, None] - np.arange(2 * WIDEST)[::-1]
    owners = np.repeat(np.arange(rows), WIDEST)
    cut = np.where(places >= 0, values[owners[:, None], np.maximum(places, 0)], np.nan)
    told = signals(cut, rules).any(axis=1)
    return np.where(told, ends, wide).reshape(rows, WIDEST).min(axis=1)


def assert_holds(lengths, printed):
    error = lengths.std() / np.sqrt(len(lengths))
    assert lengths.mean() == pytest.approx(printed, abs=3.5 * error + 0.004 * printed + 0.05)


@pytest.mark.slow
@pytest.mark.parametrize(("rules", "printed"), TABLE)
def test_run_lengths_by_shift(rules, printed):
    for shift, one in zip(SHIFTS, printed, strict=True):
        assert_holds(run_lengths(rules, shift=shift), one)


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "shift", "printed"), ALONE)
def test_run_lengths_of_one_rule(rule, shift, printed):
    assert_holds(run_lengths((rule,), shift=shift, runs=RUNS // 2), printed)


@pytest.mark.slow
@pytest.mark.parametrize(("rules", "printed"), CORRELATED)
def test_run_lengths_where_neighbours_resemble_each_other(rules, printed):
    for lag1, one in zip((0.2, 0.4, 0.6), printed, strict=True):
        found = run_lengths(rules, lag1=lag1)
        assert found.mean() == pytest.approx(one, abs=3.5 * found.std() / np.sqrt(RUNS) + 0.6)


@pytest.mark.slow
@pytest.mark.parametrize("points", [6, 7, 8, 9])
def test_a_run_on_one_side_takes_two_to_its_length_less_one(points):
    """Theory: 2^k - 1 = 63, 127, 255, 511."""
    assert_holds(run_lengths((Rule("shift", points),)), 2**points - 1)
