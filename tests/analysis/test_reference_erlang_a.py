"""Erlang A: 100 contacts in half an hour, handle time 180 s, patience 120 s, within 20 s.

Figures to eight digits agree with pyworkforce's (repository, 0.5.4) to five and more.
"""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.analysis.erlang import erlang_c
from kpitools.analysis.erlang_a import erlang_a
from kpitools.analysis.forecast_workload import ServiceAssumptions, service_effect
from kpitools.errors import AnalysisError


@pytest.mark.parametrize(
    ("agents", "waits", "abandoned", "occupancy", "level"),
    [
        (11, 0.38281649, 0.09415503, 0.82349542, 0.74220898),
        (12, 0.27980702, 0.06159738, 0.78200219, 0.82558264),
        (13, 0.19372223, 0.03842637, 0.73967202, 0.88855050),
        (14, 0.12697634, 0.02283929, 0.69797194, 0.93272958),
    ],
)
def test_published_figures(agents, waits, abandoned, occupancy, level):
    found = erlang_a(100, 180, agents, patience_s=120)
    assert found.waits == pytest.approx(waits, abs=5e-9)
    assert found.abandoned == pytest.approx(abandoned, abs=5e-9)
    assert found.occupancy == pytest.approx(occupancy, abs=5e-9)
    assert found.service_level == pytest.approx(level, abs=5e-9)


def test_one_queue_has_three_service_levels():
    found = erlang_a(100, 180, 12, patience_s=120)
    assert round(found.of_answered, 5) == 0.87977
    assert round(found.of_lasting, 5) == 0.85464
    assert round(found.wait_s, 5) == 7.39169


def test_twelve_agents_reach_what_takes_fourteen_by_erlang_c():
    levels = {n: erlang_a(100, 180, n, patience_s=120).service_level for n in range(11, 15)}
    assert min(n for n, level in levels.items() if level >= 0.8) == 12
    assert min(n for n in range(11, 16) if erlang_c(100, 180, n).service_level >= 0.8) == 14


def test_callers_who_never_hang_up_are_those_of_erlang_c():
    patient, c = erlang_a(100, 180, 14, patience_s=1e9), erlang_c(100, 180, 14)
    assert patient.service_level == pytest.approx(c.service_level, abs=1e-5)
    assert patient.wait_s == pytest.approx(c.asa_s, rel=1e-4)
    assert patient.abandoned < 1e-6


def test_a_simulated_queue_gives_the_same():
    rng = np.random.default_rng(4)
    free, served, soon, left, callers = np.zeros(5), 0, 0, 0, 60_000
    arrivals = np.cumsum(rng.exponential(18, callers))
    for at, patience, handling in zip(
        arrivals, rng.exponential(60, callers), rng.exponential(90, callers), strict=True
    ):
        first = int(free.argmin())
        wait = max(free[first] - at, 0)
        if wait > patience:
            left += 1
            continue
        served += 1
        soon += wait <= 20
        free[first] = at + wait + handling
    found = erlang_a(100, 90, 5, patience_s=60)
    assert soon / callers == pytest.approx(found.service_level, abs=0.012)
    assert left / callers == pytest.approx(found.abandoned, abs=0.012)


@settings(max_examples=30, deadline=None)
@given(
    st.floats(1, 3000),
    st.floats(10, 600),
    st.integers(1, 300),
    st.floats(5, 2000),
    st.floats(0, 90),
)
def test_what_must_hold_of_every_queue(contacts, aht, agents, patience, threshold):
    found = erlang_a(contacts, aht, agents, patience_s=patience, threshold_s=threshold)
    assert 0 <= found.service_level <= found.of_lasting + 1e-9 <= found.of_answered + 2e-9
    assert found.of_answered <= 1 + 1e-9
    assert 0 <= found.abandoned <= found.waits + 1e-12 <= 1 + 1e-9
    # who is not lost is handled
    handled = found.load * (1 - found.abandoned)
    assert found.occupancy * agents == pytest.approx(handled, rel=1e-6, abs=1e-9)
    assert found.wait_s == pytest.approx(found.abandoned * patience, rel=1e-6, abs=1e-9)
    more = erlang_a(contacts, aht, agents + 1, patience_s=patience, threshold_s=threshold)
    assert more.service_level >= found.service_level - 1e-9


def test_the_cost_of_a_forecast_error_with_and_without_patience():
    columns = ("forecast_offered", "actual_offered", "forecast_aht_s", "actual_aht_s")
    rows = pl.DataFrame([(100.0, 110.0, 180.0, 180.0)], schema=columns, orient="row")
    patient = service_effect(rows, assumptions=ServiceAssumptions(patience_s=120))
    assert round(patient.planned, 6) == 0.825583  # twelve agents
    assert patient.expected == erlang_a(110, 180, 12, patience_s=120).service_level
    assert patient.expected < patient.planned
    assert patient.too_few_h == 0.5
    never = service_effect(rows)
    assert round(never.planned, 6) == 0.888350  # fourteen
    assert never.points < patient.points + 0.05
    flooded = rows.with_columns(actual_offered=pl.lit(200.0))
    crowded = service_effect(flooded, assumptions=ServiceAssumptions(patience_s=120))
    assert (crowded.overloaded, service_effect(flooded).expected) == (1, 0)
    assert crowded.expected > 0


def test_without_contacts_and_with_far_too_many():
    assert erlang_a(0, 0, 1, patience_s=60).service_level == 1
    flooded = erlang_a(20_000, 300, 100, patience_s=60)
    assert flooded.abandoned == pytest.approx(1 - 100 / (20_000 * 300 / 1800), rel=1e-3)
    assert flooded.service_level < 0.05


@pytest.mark.parametrize(
    "call",
    [
        lambda: erlang_a(10, 100, 0, patience_s=60),
        lambda: erlang_a(10, 100, 1, patience_s=0),
        lambda: erlang_a(-1, 100, 1, patience_s=10),
        lambda: erlang_a(10, 0, 1, patience_s=10),
    ],
)
def test_what_is_no_queue_is_refused(call):
    with pytest.raises(AnalysisError):
        call()
