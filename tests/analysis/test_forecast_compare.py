"""Diebold-Mariano as R forecast 8.20 `dm.test` and statsmodels print it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitools.analysis import diebold_mariano
from kpitools.analysis.forecast_compare import compare_losses
from kpitools.errors import AnalysisError

E1 = [0.8, -1.2, 0.5, 1.9, -0.7, 1.1, -1.6, 0.3, 2.0, -0.9, 1.4, -0.2]
E2 = [1.1, -1.0, 1.3, 2.4, -1.5, 0.9, -2.2, 0.8, 2.6, -1.4, 1.9, -0.6]


@pytest.mark.parametrize(
    ("power", "horizon", "statistic", "p_value"),
    [
        (2, 1, -3.828768622996972, 0.0028003564303701713),
        (1, 1, -4.528761135162114, 0.0008595791851159898),
        (2, 2, -4.1346372600550305, 0.00165903629806512),
        (1, 2, -5.106736049209127, 0.00034044556511248386),
        (2, 3, -3.828422465107954, 0.0028020327704750235),
    ],
)
def test_fixture_of_r_forecast(power, horizon, statistic, p_value):
    found = diebold_mariano(E1, E2, power=power, horizon=horizon)
    assert found.statistic == pytest.approx(statistic, rel=1e-12)
    assert found.p_value == pytest.approx(p_value, rel=1e-10)
    assert found.low < found.difference < found.high < 0


def test_printed_digits_and_the_defaults_that_mislead():
    found = diebold_mariano(E1, E2)
    assert (round(found.statistic, 7), round(found.p_value, 10)) == (-3.8287686, 0.0028003564)
    assert found.p_value > 1e6 * 1.65e-9 / 10


@pytest.mark.parametrize("horizon", [1, 2, 5])
def test_statsmodels_says_the_same(horizon):
    tools = pytest.importorskip("statsmodels.tsa.stattools")
    if not hasattr(tools, "diebold_mariano_test"):
        pytest.skip("this statsmodels has no diebold_mariano_test (0.15 has)")
    draw = np.random.default_rng(3)
    y, a, b = draw.normal(size=(3, 40))
    theirs = tools.diebold_mariano_test(
        y, a, b, lags=horizon - 1, harvey_adj=True, horizon=horizon, criterion="mae"
    )
    ours = diebold_mariano(a - y, b - y, horizon=horizon, power=1)
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-10)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-10)


def test_losses_that_do_not_differ_have_no_test():
    same = diebold_mariano(E1, E1)
    assert (same.difference, same.statistic, same.p_value, same.low) == (0, None, None, None)
    assert compare_losses([2.0, 2.0, 2.0]).p_value is None


errors = st.lists(st.tuples(*[st.floats(-50, 50)] * 2), min_size=5, max_size=30)


@given(errors, st.floats(0.1, 10))
def test_turning_it_round_turns_the_sign_and_scale_cancels(rows, scale):
    a, b = [x for x, _ in rows], [x for _, x in rows]
    one, other = diebold_mariano(a, b, power=1), diebold_mariano(b, a, power=1)
    if one.statistic is None:
        assert other.statistic is None
        return
    assert other.statistic == pytest.approx(-one.statistic)
    assert (one.low <= 0 <= one.high) == (one.p_value >= 0.05)
    larger = diebold_mariano([x * scale for x in a], [x * scale for x in b], power=1)
    if larger.statistic is not None:
        assert larger.statistic == pytest.approx(one.statistic, rel=1e-6)


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        (([1], [2]), "losses cannot"),
        (([1, 2], [1]), "same periods"),
        (([1, float("nan")], [1, 2]), "losses cannot"),
    ],
)
def test_too_few_or_no_numbers_are_refused(given_, message):
    with pytest.raises(AnalysisError, match=message):
        diebold_mariano(*given_)
    with pytest.raises(AnalysisError, match="horizon"):
        diebold_mariano(E1, E2, horizon=12)
    with pytest.raises(AnalysisError, match="horizon"):
        diebold_mariano(E1, E2, horizon=0)
    with pytest.raises(AnalysisError, match="power"):
        diebold_mariano(E1, E2, power=0)
