"""The end of a series: statistics by hand, and chances that hold when they are simulated again."""

import numpy as np
import pytest
from scipy.stats import t

from kpitools.analysis.detection import end_statistics, null_of
from kpitools.errors import AnalysisError

SIXTEEN = 0.016


def noise(seed, series, n, lag1=0.0):
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((series, n))
    for at in range(1, n):
        values[:, at] = lag1 * values[:, at - 1] + np.sqrt(1 - lag1**2) * values[:, at]
    return values


def rate(values, lag1=0.0, alpha=SIXTEEN):
    null = null_of(values.shape[1], lag1)
    return float((null.combined_many(end_statistics(values)) <= alpha).mean())


def test_the_latest_value_is_left_out_of_its_own_limits():
    values = np.array([[10.0, 12, 11, 13, 9, 11, 12, 10, 11, 12, 10, 20]])
    before = values[0, :-1]
    expected = (20 - before.mean()) / (before.std(ddof=1) * np.sqrt(1 + 1 / 11))
    assert end_statistics(values).latest[0] == pytest.approx(expected)


def test_the_scan_finds_where_the_level_changed():
    values = np.array([[1.0, 2, 1, 2, 1, 2, 1, 2, 1, 2, 6, 7, 6, 7]])
    found = end_statistics(values)
    assert found.since[0] == 4
    rest, end = values[0, :-4], values[0, -4:]
    within = ((rest - rest.mean()) ** 2).sum() + ((end - end.mean()) ** 2).sum()
    expected = (end.mean() - rest.mean()) / np.sqrt(within / 12 * (1 / 4 + 1 / 10))
    assert found.scan[0] == pytest.approx(expected)


def test_shift_and_scale_change_nothing():
    values = noise(1, 50, 20)
    first, second = end_statistics(values), end_statistics(values * 7 - 1000)
    assert np.allclose(first.latest, second.latest)
    assert np.allclose(first.scan, second.scan)
    assert (first.since == second.since).all()


@pytest.mark.parametrize("n", [12, 24, 36])
def test_the_latest_statistic_is_a_t_for_independent_values(n):
    null = null_of(n)
    assert null.p_value("latest", t.isf(0.008, n - 2)) == pytest.approx(0.016, rel=1e-3)
    assert null.p_value("latest", 9.0) == pytest.approx(2 * t.sf(9.0, n - 2), rel=1e-3)


def test_the_combination_has_the_published_thresholds_at_24_periods():
    null = null_of(24)
    assert null.combined(2.8789, 0.5)[0] == pytest.approx(SIXTEEN, abs=0.001)
    assert null.combined(0.5, 3.7617)[0] == pytest.approx(SIXTEEN, abs=0.001)
    assert null.combined(2.8789, 0.5)[1] == "latest"
    assert null.combined(0.5, 3.7617)[1] == "scan"


@pytest.mark.parametrize("n", [12, 15, 24, 40, 60])
def test_independent_series_are_called_changed_as_often_as_said(n):
    assert rate(noise(n, 20_000, n)) == pytest.approx(SIXTEEN, abs=0.0036)


@pytest.mark.parametrize("lag1", [0.2, 0.5])
def test_with_the_right_correlation_autocorrelated_series_are_not_called_more_often(lag1):
    values = noise(7, 20_000, 24, lag1)
    assert rate(values, lag1) == pytest.approx(SIXTEEN, abs=0.0045)
    assert rate(values) > 2 * SIXTEEN


@pytest.mark.parametrize(
    ("size", "lasting", "published"),
    [(1.5, 1, 0.114), (1.5, 6, 0.430), (1.5, 12, 0.556), (2, 3, 0.438), (3, 1, 0.544)],
)
def test_power_is_that_of_the_published_combination(size, lasting, published):
    values = noise(3, 20_000, 24)
    values[:, -lasting:] += size
    assert rate(values) == pytest.approx(published, abs=0.012)


def test_a_larger_statistic_is_never_likelier():
    null = null_of(30, 0.3)
    for name in ("latest", "scan"):
        found = [null.p_value(name, x) for x in np.linspace(0.1, 12, 120)]
        assert found == sorted(found, reverse=True)
        assert 0 < found[-1] < found[0] <= 1


def test_a_short_series_is_refused():
    with pytest.raises(AnalysisError, match="too short"):
        end_statistics(np.zeros((1, 11)))
    with pytest.raises(AnalysisError, match="too short"):
        null_of(11)
