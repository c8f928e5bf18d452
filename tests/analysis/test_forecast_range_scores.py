"""Ranges: what is covered, at which price, and when that is more than chance."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.analysis import forecast_ledger, pinball, range_score
from kpitools.analysis.forecast_range_scores import RANGE_SCHEMA, forecast_range_scores
from kpitools.errors import AnalysisError

FIRST = datetime(2026, 8, 3, 8, tzinfo=UTC)
HALF = 1_800_000


def ledger(actual, low, high, *, level=0.8, middle=None, **more):
    """Put ranges of half hours beside what came, ten on each day."""
    count = len(actual)
    at = [FIRST + timedelta(days=n // 10, minutes=30 * (n % 10)) for n in range(count)]
    forecasts = pl.DataFrame(
        {
            "interval_at": at,
            "made_at": [time - timedelta(days=4) for time in at],
            "step": ["statistical"] * count,
            "offered": middle or [(a + b) / 2 for a, b in zip(low, high, strict=True)],
            "offered_low": low,
            "offered_high": high,
            "range_level": [level] * count,
            "interval_ms": [HALF] * count,
        },
        schema_overrides=dict.fromkeys(("offered", "offered_low", "offered_high"), pl.Float64),
    ).with_columns(**{name: pl.lit(value) for name, value in more.items()})
    came = pl.DataFrame({"interval_at": at, "actual_offered": actual}).with_columns(
        **{name: pl.lit(value) for name, value in more.items()}
    )
    return forecast_ledger(forecasts, came, by=tuple(more))


def drawn(*, factor=1.0, days=60, shock=0.0, seed=1):
    """Draw Poisson contacts of mean 40 with 80 % ranges `factor` times as wide as they should."""
    draw = np.random.default_rng(seed)
    level = np.repeat(np.exp(shock * draw.standard_normal(days)), 10)
    half = factor * 1.2816 * 40**0.5
    ends = [40 - half] * (10 * days), [40 + half] * (10 * days)
    return ledger(draw.poisson(40 * level).tolist(), *ends)


def test_scores_are_those_of_the_single_measures():
    actual, low, high = [10, 20, 30, 40], [8, 21, 25, 41], [12, 25, 33, 44]
    row = forecast_range_scores(ledger(actual, low, high)).row(0, named=True)
    plain = range_score(actual, low, high, level=0.8)
    assert (row["n"], row["coverage"], row["width"]) == (4, 0.5, plain.width)
    assert row["winkler"] == pytest.approx(plain.winkler)
    assert row["pinball_low"] == pytest.approx(pinball(actual, low, quantile=0.1))
    assert row["pinball_high"] == pytest.approx(pinball(actual, high, quantile=0.9))
    assert row["winkler"] == pytest.approx(10 * (row["pinball_low"] + row["pinball_high"]))
    assert (row["below"], row["above"]) == (0.5, 0.0)
    assert (row["days"], row["coverage_low"], row["verdict"]) == (1, None, None)


@pytest.mark.parametrize(
    ("factor", "verdict"), [(1.0, "as_stated"), (0.7, "too_narrow"), (1.6, "too_wide")]
)
def test_a_width_that_is_wrong_is_found(factor, verdict):
    row = forecast_range_scores(drawn(factor=factor)).row(0, named=True)
    assert row["verdict"] == verdict
    assert row["coverage_low"] < row["coverage"] < row["coverage_high"]
    assert row["winkler"] > row["floor_winkler"] * 0.95
    assert row["phi"] == pytest.approx(1, abs=0.2)


@pytest.mark.slow
def test_honest_ranges_are_rarely_called_wrong_even_when_days_err_together():
    wrong = [
        forecast_range_scores(drawn(days=30, seed=seed))["verdict"].item() != "as_stated"
        for seed in range(120)
    ]
    assert sum(wrong) <= 12
    alone, together = (
        forecast_range_scores(drawn(shock=shock)).row(0, named=True) for shock in (0.0, 0.3)
    )
    widths = [row["coverage_high"] - row["coverage_low"] for row in (alone, together)]
    assert widths[1] > 1.5 * widths[0]


def test_whole_numbers_do_not_make_perfect_ranges_too_wide():
    """Contacts of mean 1: the 10 % and 90 % quantiles, 0 and 2, hold 92 %."""
    draw = np.random.default_rng(4).poisson(1.0, 900).tolist()
    found = forecast_range_scores(ledger(draw, [0] * 900, [2] * 900)).row(0, named=True)
    assert found["coverage"] > 0.89
    assert found["floor_coverage"] == pytest.approx(0.9197, abs=0.01)
    assert found["verdict"] == "as_stated"


def test_levels_steps_lengths_and_lead_times_are_kept_apart():
    one = ledger([10] * 20, [8] * 20, [12] * 20)
    other = ledger([10] * 20, [9] * 20, [11] * 20, level=0.5)
    whole = pl.concat([one, other.with_columns(interval_ms=pl.lit(86_400_000, pl.Int64))])
    found = forecast_range_scores(whole)
    assert found.columns == list(RANGE_SCHEMA)
    assert found.select("interval_ms", "level").rows() == [(HALF, 0.8), (86_400_000, 0.5)]
    lead = forecast_range_scores(one, edges=(1, 3))
    assert lead.select("lead_from", "lead_to", "n").rows() == [(3.0, None, 20)]
    assert found["lead_to"].to_list() == [None, None]
    assert forecast_range_scores(one, start=date(2026, 8, 4))["n"].item() == 10
    assert forecast_range_scores(one, start=date(2027, 1, 1)).height == 0


def test_queues_stay_apart_where_asked_and_ranges_are_never_added_up():
    parts = [ledger([10] * 20, [8] * 20, [12] * 20, queue=name) for name in ("a", "b")]
    both = pl.concat(parts)
    assert forecast_range_scores(both)["n"].to_list() == [40]
    assert forecast_range_scores(both, by=["queue"])["n"].to_list() == [20, 20]
    shuffled = both.sample(fraction=1, shuffle=True, seed=2)
    assert forecast_range_scores(shuffled, by=["queue"]).equals(
        forecast_range_scores(both, by=["queue"])
    )
    at = [FIRST] * 2
    forecasts = pl.DataFrame(
        {"queue": ["a", "b"], "team": ["t"] * 2, "interval_at": at, "offered": [10.0] * 2,
         "offered_low": [8.0] * 2, "offered_high": [12.0] * 2, "range_level": [0.8] * 2,
         "interval_ms": [HALF] * 2}
    )  # fmt: skip
    came = pl.DataFrame({"team": ["t"], "interval_at": [FIRST], "actual_offered": [20]})
    summed = forecast_ledger(forecasts, came, by=("team",))
    assert summed.select("forecast_offered", "forecast_low").rows() == [(20.0, None)]
    assert forecast_range_scores(summed).height == 0


def test_faulty_ranges_take_no_part():
    low, high = [12.0, None, 8.0, 8.0], [8.0, 12.0, 12.0, None]
    found = forecast_range_scores(ledger([10] * 4, low, high, middle=[10.0] * 4))
    assert found["n"].to_list() == [1]
    assert forecast_range_scores(ledger([10], [8], [12], level=80.0)).height == 0


def test_a_ledger_without_ranges_is_refused():
    plain = ledger([10], [8], [12]).drop("range_level")
    with pytest.raises(AnalysisError, match="range_level"):
        forecast_range_scores(plain)
    with pytest.raises(AnalysisError, match="do not rise"):
        forecast_range_scores(ledger([10], [8], [12]), edges=(3, 1))


pairs = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 30)), min_size=1, max_size=30
)


@settings(max_examples=25, deadline=None)
@given(pairs, st.sampled_from([0.5, 0.8, 0.95]))
def test_scores_hold_for_any_ranges(rows, level):
    actual, low = [y for y, _, _ in rows], [a for _, a, _ in rows]
    high = [a + wide for _, a, wide in rows]
    row = forecast_range_scores(ledger(actual, low, high, level=level)).row(0, named=True)
    assert row["coverage"] + row["below"] + row["above"] == pytest.approx(1)
    assert row["winkler"] >= row["width"] - 1e-9
    price = 2 / (1 - level)
    assert row["winkler"] == pytest.approx(price * (row["pinball_low"] + row["pinball_high"]))
    exact = forecast_range_scores(ledger(actual, actual, actual, level=level))
    assert exact["winkler"].item() == exact["width"].item() == 0
