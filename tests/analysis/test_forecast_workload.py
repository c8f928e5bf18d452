"""Erlang C figures equal to pyworkforce's to 12 digits and a public calculator's; workload split.

Erlang: 100 calls in 30 min, AHT 180 s, 80/20, and 360 calls, AHT 240 s, 55 agents, 15 s (Mitan's
example input). Split: 1,100 x 330 s came, 1,200 x 300 s were forecast.
"""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitools.analysis import erlang_agents, erlang_c, service_effect, workload_error
from kpitools.analysis.forecast_workload import ServiceAssumptions, workload_rows
from kpitools.errors import AnalysisError


def rows(*lines):
    names = ["forecast_offered", "actual_offered", "forecast_aht_s", "actual_aht_s"]
    return pl.DataFrame(lines, schema=dict.fromkeys(names, pl.Float64), orient="row")


class TestErlang:
    def test_public_calculator(self):
        found = erlang_c(100, 180, 14)
        assert (found.load, round(found.service_level, 6)) == (10, 0.888350)
        assert (round(found.waits, 6), round(found.asa_s, 4)) == (0.174132, 7.8359)
        assert round(found.occupancy, 6) == 0.714286
        assert erlang_agents(100, 180) == 14
        assert round(14 / (1 - 0.30)) == 20

    @pytest.mark.parametrize(("agents", "level"), [(13, 0.795595), (12, 0.640158), (11, 0.389614)])
    def test_fewer_agents(self, agents, level):
        assert round(erlang_c(100, 180, agents).service_level, 6) == level

    def test_thirteen_wait_longer(self):
        assert round(erlang_c(100, 180, 13).asa_s, 3) == 17.116

    def test_fifty_five_agents(self):
        found = erlang_c(360, 240, 55, threshold_s=15)
        assert (round(found.waits, 6), round(found.asa_s, 3)) == (0.238701, 8.184)
        assert (round(found.service_level, 6), round(found.occupancy, 6)) == (0.845883, 0.872727)

    def test_an_hour(self):
        assert erlang_agents(100, 180, interval_s=3600) == 8
        assert round(erlang_c(100, 180, 8, interval_s=3600).service_level, 6) == 0.880148

    def test_too_much_work_is_no_service_and_no_work_is_full_service(self):
        found = erlang_c(100, 180, 10)
        assert (found.service_level, found.asa_s, found.occupancy) == (0, None, 1)
        assert erlang_c(0, 0, 0).service_level == 1
        assert erlang_agents(0, 180) == 0

    def test_large_centres_do_not_overflow(self):
        agents = erlang_agents(20_000, 300)
        assert 3333 < agents < 3450
        assert erlang_c(20_000, 300, agents).service_level >= 0.8
        assert erlang_c(20_000, 300, agents - 1).service_level < 0.8

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: erlang_c(-1, 180, 3), "from 0 upwards"),
            (lambda: erlang_c(1, float("nan"), 3), "from 0 upwards"),
            (lambda: erlang_c(1, 0, 3), "take time"),
            (lambda: erlang_c(1, 10, -3), "fewer than 0"),
            (lambda: erlang_agents(1, 10, service_level=1), "is a part"),
            (lambda: erlang_agents(1, 10, interval_s=0), "from 0 upwards"),
        ],
    )
    def test_no_load_is_refused(self, call, message):
        with pytest.raises(AnalysisError, match=message):
            call()


class TestSplit:
    def test_fixture(self):
        found = workload_error(rows((1200, 1100, 300, 330)))
        assert (round(found.actual_h, 2), round(found.forecast_h, 2)) == (100.83, 100.00)
        assert round(found.volume_h, 2) == 8.75
        assert round(found.aht_h, 2) == -9.58
        assert round(found.net_h, 2) == -0.83
        assert found.volume_h + found.aht_h + found.interaction_h == found.net_h
        assert found.net_h == pytest.approx(found.forecast_h - found.actual_h, abs=1e-12)
        assert found.cancelled_h == pytest.approx(8.75)

    def test_interaction_by_itself(self):
        found = workload_error(rows((1200, 1100, 300, 330)), split="actual")
        assert found.volume_h == pytest.approx(100 * 330 / 3600)
        assert found.aht_h == pytest.approx(-30 * 1100 / 3600)
        assert found.interaction_h == pytest.approx(-100 * 30 / 3600)
        assert found.volume_h + found.aht_h + found.interaction_h == found.net_h
        assert round(found.net_h, 2) == -0.83

    def test_people(self):
        found = workload_error(
            rows((1200, 1000, 360, 360)), fte_hours=40, occupancy=0.8, shrinkage=0.3
        )
        assert found.net_h == 20
        assert found.fte == pytest.approx(20 / (40 * 0.8 * 0.7))
        assert workload_error(rows((1, 1, 1, 1))).fte is None

    def test_intervals_without_contacts_take_the_time_forecast(self):
        found = workload_error(rows((10, 0, 360, None), (10, 5, 360, None), (None, 5, 1, 1)))
        assert (found.n, found.net_h, found.aht_h) == (1, 1.0, 0.0)
        empty = workload_error(rows())
        assert (empty.n, empty.net_h) == (0, 0)


part = st.tuples(*[st.floats(0, 500)] * 4)


@given(st.lists(part, max_size=15), st.randoms())
def test_parts_add_up_in_any_order_and_a_perfect_forecast_has_none(lines, random):
    for split in ("midpoint", "actual"):
        found = workload_error(rows(*lines), split=split)
        assert found.volume_h + found.aht_h + found.interaction_h == found.net_h
        assert found.net_h == pytest.approx(found.forecast_h - found.actual_h, abs=1e-6)
        mixed = lines[:]
        random.shuffle(mixed)
        assert workload_error(rows(*mixed), split=split).net_h == pytest.approx(
            found.net_h, abs=1e-9
        )
    perfect = workload_error(rows(*[(y, y, a, a) for _, y, _, a in lines]))
    assert (perfect.volume_h, perfect.aht_h, perfect.cancelled_h) == (0, 0, 0)


class TestService:
    def test_too_low_a_forecast_costs_service(self):
        found = service_effect(rows((90, 100, 180, 180)))
        assert round(found.expected, 6) == 0.640158
        assert found.points == pytest.approx(found.expected - found.planned)
        assert (found.too_few_h, found.too_many_h, found.overloaded) == (1.0, 0.0, 0)

    def test_a_right_forecast_costs_nothing_and_levels_are_weighted_by_contacts(self):
        assert service_effect(rows((100, 100, 180, 180))).points == 0
        one, other = rows((90, 100, 180, 180)), rows((300, 30, 180, 180))
        both = service_effect(pl.concat([one, other]))
        parts = service_effect(one).expected * 100 + service_effect(other).expected * 30
        assert both.expected == pytest.approx(parts / 130)
        assert both.too_many_h > 0

    def test_an_overloaded_interval_is_counted(self):
        found = service_effect(rows((50, 100, 180, 180)))
        assert (found.overloaded, found.expected) == (1, 0)

    def test_the_assumptions_travel_with_the_number(self):
        easy = ServiceAssumptions(service_level=0.5, threshold_s=60, interval_s=3600)
        found = service_effect(rows((90, 100, 180, 180)), assumptions=easy)
        assert found.assumptions == easy
        assert found.planned >= 0.5
        assert service_effect(rows()).points is None


def test_rows_of_the_derived_table_are_turned_into_seconds():
    frame = pl.DataFrame(
        {
            "interval_at": [1, 2],
            "queue": ["a", "a"],
            "forecast_offered": [10.0, 5.0],
            "actual_offered": [8, 0],
            "forecast_aht_ms": [300_000, 300_000],
            "actual_handled": [6, 0],
            "actual_handle_ms": [1_980_000, None],
        }
    )
    found = workload_rows(frame)
    assert found["actual_aht_s"].to_list() == [330.0, None]
    assert workload_error(found).n == 2
    with pytest.raises(AnalysisError, match="no column 'queue'"):
        workload_rows(frame.drop("queue"))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: workload_error(pl.DataFrame({"a": [1]})), "no column"),
        (lambda: workload_error(rows((-1, 1, 1, 1))), "no numbers"),
        (lambda: service_effect(rows((1, 1, float("inf"), 1))), "no numbers"),
        (lambda: workload_error(rows((1, 1, 1, 1)), split="midpiont"), "did you mean"),
        (lambda: workload_error(rows((1, 1, 1, 1)), fte_hours=0), "people cannot"),
        (lambda: workload_error(rows((1, 1, 1, 1)), fte_hours=1, shrinkage=1), "people cannot"),
    ],
)
def test_what_is_no_workload_is_refused(call, message):
    with pytest.raises(AnalysisError, match=message):
        call()
