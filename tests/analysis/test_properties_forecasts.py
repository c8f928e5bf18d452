"""What must hold of every judgement of a forecast, whatever came and whatever was forecast."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.analysis import (
    forecast_accuracy,
    forecast_benchmarks,
    forecast_ledger,
    forecast_value_added,
)

FEW = settings(max_examples=8, deadline=None)
MONDAY = datetime(2026, 6, 1, 9, tzinfo=UTC)
RELATIVE = ("wape", "bias", "mape", "smape", "within_5", "within_10", "naive_wape", "mase")
SIMPLE = ("seasonal_naive", "slot_mean")
pairs = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=12, max_size=40)


def made(rows, *, scale=1):
    """One interval a day; rows hold what came and what was forecast, None where unknown."""
    return pl.DataFrame(
        {
            "queue": ["a"] * len(rows),
            "interval_at": [MONDAY + timedelta(days=place) for place in range(len(rows))],
            "forecast_offered": [None if f is None else float(f * scale) for _, f in rows],
            "actual_offered": [None if y is None else float(y * scale) for y, _ in rows],
        },
        schema_overrides={
            "queue": pl.String,
            "interval_at": pl.Datetime("us", "UTC"),
            "forecast_offered": pl.Float64,
            "actual_offered": pl.Float64,
        },
    )


def ledger(rows, *, scale=1):
    """Two steps: the second half-way between the first and what came."""
    forecasts, came = [], []
    for place, (y, f) in enumerate(rows):
        at = MONDAY + timedelta(days=place)
        came.append(("a", at, y * scale))
        for step, offered in (("naive", f), ("final", (f + y) / 2)):
            forecasts.append(("a", at, at - timedelta(days=7), step, float(offered * scale)))
    names = ["queue", "interval_at", "made_at", "step", "offered"]
    return forecast_ledger(
        pl.DataFrame(forecasts, schema=names, orient="row"),
        pl.DataFrame(came, schema=["queue", "interval_at", "actual_offered"], orient="row"),
    )


def shuffled(rows, seed):
    return rows.sample(fraction=1.0, shuffle=True, seed=seed)


def alike(one, other):
    return one == (None if other is None else pytest.approx(other, rel=1e-9, abs=1e-12))


class TestAccuracy:
    @FEW
    @given(rows=pairs, scale=st.sampled_from([2, 7]), seed=st.integers(0, 999))
    @pytest.mark.parametrize("grain", ["interval", "day", "week", "month"])
    def test_scale_and_order_do_not_matter(self, grain, rows, scale, seed):
        plain = forecast_accuracy(made(rows), grain=grain).row(0, named=True)
        larger = shuffled(made(rows, scale=scale), seed)
        other = forecast_accuracy(larger, grain=grain).row(0, named=True)
        for name in RELATIVE:
            assert alike(other[name], plain[name]), name
        assert alike(other["mae"], None if plain["mae"] is None else plain["mae"] * scale)

    @FEW
    @given(rows=pairs, grain=st.sampled_from(["interval", "day", "week", "month"]))
    def test_a_perfect_forecast_has_no_error(self, rows, grain):
        perfect = made([(y, y) for y, _ in rows])
        found = forecast_accuracy(perfect, grain=grain).row(0, named=True)
        assert (found["mae"], found["rmse"], found["within_5"]) == (0, 0, 1)
        assert found["wape"] in {0, None}
        assert found["tracking_signal"] is None

    @FEW
    @given(rows=pairs)
    def test_longer_periods_never_have_larger_errors(self, rows):
        wapes = [
            forecast_accuracy(made(rows), grain=grain)["wape"].item()
            for grain in ("day", "week", "month")
        ]
        if None not in wapes:
            assert wapes[0] >= wapes[1] - 1e-12
            assert wapes[0] >= wapes[2] - 1e-12

    @pytest.mark.parametrize("grain", ["interval", "day", "week", "month"])
    @pytest.mark.parametrize(
        ("rows", "n", "wape"),
        [
            ([(100, 110)], 1, 0.1),
            ([(0, 0)], 1, None),
            ([(None, 5)], 0, None),
            ([(5, None)] * 3, 0, None),
            ([(None, None)] * 21, 0, None),
        ],
    )
    def test_one_period_and_none_at_all(self, grain, rows, n, wape):
        found = forecast_accuracy(made(rows), grain=grain).row(0, named=True)
        assert found["n"] == n
        assert alike(found["wape"], wape)
        assert found["naive_wape"] is None

    def test_what_never_varies_is_forecast_by_itself(self):
        found = forecast_accuracy(made([(50, 50)] * 30)).row(0, named=True)
        assert (found["wape"], found["bias"], found["naive_wape"]) == (0, 0, 0)
        assert found["mase"] is None or found["mase"] == 0


class TestValueAdded:
    @FEW
    @given(rows=pairs, scale=st.sampled_from([2, 7]), seed=st.integers(0, 999))
    def test_scale_and_order_do_not_matter(self, rows, scale, seed):
        plain = forecast_value_added(ledger(rows))
        other = forecast_value_added(shuffled(ledger(rows, scale=scale), seed))
        assert other["step"].equals(plain["step"])
        for name in ("wape", "bias", "added", "added_low", "added_high", "p_value"):
            for one, two in zip(other[name], plain[name], strict=True):
                assert alike(one, two) or abs(one - two) < 1e-6, name
        assert other["tripped"].equals(plain["tripped"])

    @FEW
    @given(rows=pairs)
    def test_halving_every_error_adds_half_of_it(self, rows):
        first, final = forecast_value_added(ledger(rows)).rows(named=True)
        if first["wape"] is not None:
            assert final["wape"] == pytest.approx(first["wape"] / 2)
            assert final["added"] == pytest.approx(first["wape"] / 2)
        assert first["added"] is None

    def test_a_perfect_forecast_cannot_be_improved(self):
        found = forecast_value_added(ledger([(50 + n, 50 + n) for n in range(30)]))
        assert found["wape"].to_list() == [0, 0]
        assert found["added"].to_list() == [None, 0]
        assert found["p_value"].to_list() == [None, None]

    @pytest.mark.parametrize("rows", [[(100, 110)], [(0, 0)] * 20, [(100, 110)] * 20])
    def test_one_day_no_contacts_and_days_all_alike(self, rows):
        found = forecast_value_added(ledger(rows))
        assert found["days"].to_list() == [len(rows)] * 2
        assert all(p is None or 0 <= p <= 1 for p in found["p_value"])
        for row in found.rows(named=True):
            assert row["added_low"] is None or row["added_low"] <= row["added"]


class TestBenchmarks:
    @FEW
    @given(
        rows=st.lists(
            st.tuples(st.integers(1, 300), st.integers(0, 300)), min_size=60, max_size=60
        ),
        scale=st.sampled_from([2, 7]),
        seed=st.integers(0, 999),
    )
    def test_scale_and_order_do_not_matter(self, rows, scale, seed):
        plain = forecast_benchmarks(made(rows), models=SIMPLE)
        other = forecast_benchmarks(shuffled(made(rows, scale=scale), seed), models=SIMPLE)
        assert other["better"].equals(plain["better"])
        for name in ("wape", "bias", "gain", "p_value"):
            assert all(alike(a, b) for a, b in zip(other[name], plain[name], strict=True)), name
        first = plain["wape"][0]
        assert plain["gain"].to_list()[1:] == pytest.approx(
            [first - wape for wape in plain["wape"].to_list()[1:]]
        )

    @pytest.mark.parametrize("models", [SIMPLE, ("theta", "ets", "stl_ets")])
    def test_what_never_varies_is_forecast_without_error_by_all(self, models):
        found = forecast_benchmarks(made([(50, 60)] * 70), models=models)
        lines = {row["model"]: row for row in found.rows(named=True)}
        assert lines["forecast"]["wape"] == pytest.approx(0.2)
        for name in models:
            assert lines[name]["wape"] == pytest.approx(0, abs=1e-6)
            assert lines[name]["gain"] == pytest.approx(0.2, abs=1e-6)

    @pytest.mark.parametrize(
        "rows", [[], [(100, 110)], [(None, None)] * 70, [(None, 5)] * 70, [(5, None)] * 70]
    )
    def test_with_nothing_to_score_there_is_no_better_one(self, rows):
        found = forecast_benchmarks(made(rows), models=SIMPLE)
        assert found["model"][0] == "forecast"
        assert found["better"].null_count() == found.height
        assert found["p_value"].null_count() == found.height
