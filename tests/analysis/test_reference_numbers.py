"""Numbers of other tools that no other test holds: funnels, trends, intervals, forecasts, Erlang.

Each was printed by the tool that is named beside it. Where this package has no function of its
own (Clopper-Pearson intervals, other variants of Mann-Kendall, PELT), no number is held here.
"""

import math
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from analysis.test_forecast_models import AIR

from kpitools.analysis import (
    accuracy,
    diebold_mariano,
    erlang_c,
    forecast_ahead,
    funnel_limits,
    mann_kendall,
    poisson_floor,
    rmsse,
    robust_outliers,
    wilson_interval,
    xmr_limits,
)
from kpitools.analysis.budget import benjamini_hochberg
from kpitools.analysis.series import build_series
from kpitools.analysis.shesd import hybrid_esd
from kpitools.catalog import load_builtin

TAXI = Path(__file__).parents[1] / "published" / "nyc_taxi" / "nyc_taxi_daily.csv"
JULY = date(2014, 7, 1)
EVENTS = (
    (date(2014, 10, 30), date(2014, 11, 3)),
    (date(2014, 11, 25), date(2014, 11, 29)),
    (date(2014, 12, 23), date(2014, 12, 27)),
    (date(2014, 12, 29), date(2015, 1, 3)),
    (date(2015, 1, 24), date(2015, 1, 29)),
)
"""Marathon, Thanksgiving, Christmas, New Year, snow: windows of the Numenta Anomaly Benchmark."""


@pytest.fixture(scope="module")
def taxi():
    return build_series(pl.read_csv(TAXI)["taxi"].to_list(), start=JULY, grain="day")


def scored(days):
    """Give days flagged, events hit, and days outside their windows."""
    hit = sum(any(start <= day <= end for day in days) for start, end in EVENTS)
    return len(days), hit, sum(not any(a <= day <= b for a, b in EVENTS) for day in days)


class TestTaxiDays:
    def test_limits_of_raw_days_flag_saturdays(self, taxi):
        found = xmr_limits(taxi)
        limits = found.select("centre", "lower", "upper").row(0)
        assert limits == pytest.approx((726603.33, 578847.28, 874359.38), abs=5e-3)
        days = found.filter(signal="outside")["period"]
        assert scored(days.to_list()) == (25, 4, 19)
        assert (days.dt.weekday() == 6).sum() > 12

    def test_limits_of_days_less_the_median_of_their_weekday(self, taxi):
        median = pl.col("value").median().over(pl.col("period").dt.weekday())
        found = xmr_limits(taxi.with_columns(pl.col("value") - median))
        assert scored(found.filter(signal="outside")["period"].to_list()) == (28, 5, 15)

    def test_hybrid_esd_on_the_remainder_of_a_periodic_decomposition(self, taxi):
        """S-H-ESD with statsmodels' STL (seasonal = 10 n + 1): 16 days, 4 events, 6 outside."""
        stl = pytest.importorskip("statsmodels.tsa.seasonal").STL
        values = taxi["value"].to_numpy()
        fitted = stl(values, period=7, seasonal=10 * len(values) + 1, robust=True).fit()
        found = hybrid_esd(values - fitted.seasonal - np.median(values), most=0.1)
        days = sorted(taxi["period"][place] for place in found.order[: found.found])
        assert scored(days) == (16, 4, 6)
        assert [day.isoformat()[2:] for day in days[:4]] == [
            *("14-07-04", "14-07-05", "14-07-06", "14-08-30"),
        ]

    def test_ours_hits_as_many_with_fewer_days_outside(self, taxi):
        days, hit, outside = scored(robust_outliers(taxi).filter("outlier")["period"].to_list())
        assert (days <= 16, hit >= 4, outside <= 6) == (True, True, True)


def test_a_funnel_on_the_arcsine_scale_is_that_of_controlchartspy():
    """controlchartspy 0.1.3 on 22 of 105 among ten members: 9.1002 to 32.6314 %."""
    met = [22, 26, 23, 27, 38, 27, 35, 26, 46, 35]
    cases = [105, 121, 122, 137, 161, 170, 178, 184, 190, 197]
    rows = [
        build_series([m / n], start=JULY, cases=n, team=f"{at}", kpi="csat")
        for at, (m, n) in enumerate(zip(met, cases, strict=True))
    ]
    csat = load_builtin().kpi("csat")
    found = funnel_limits(pl.concat(rows), csat, by="team", method="arcsine", overdispersion=False)
    row = found.row(0, named=True)
    assert round(100 * row["low_998"], 4) == 9.1002
    assert round(100 * row["high_998"], 4) == 32.6314


def swapped(values, times):
    """Sort a falling series step by step: each exchange of neighbours adds 2 to Kendall's S."""
    values = list(values)
    for _ in range(times):
        at = next(n for n in range(len(values) - 1) if values[n] > values[n + 1])
        values[at], values[at + 1] = values[at + 1], values[at]
    return values


def test_mann_kendall_with_ties():
    """pymannkendall 1.4.3 on 36 counts with ties: S -330, variance 5347.3333, z -4.499117.

    The counts (C. difficile infections, qicharts2) are not ours to publish; z and p follow from
    S and the ties alone: one value five times, three values four times.
    """
    ties = [30] * 5 + [25] * 4 + [20] * 4 + [15] * 4
    falling = sorted([*ties, *range(50, 69)], reverse=True)
    found = mann_kendall(swapped(falling, 136), correction="none")
    assert found.s == -330
    assert round(found.variance, 4) == 5347.3333
    assert round(found.z, 6) == -4.499117
    assert found.p_value == pytest.approx(6.82364e-6, abs=5e-12)


def test_an_exact_interval_is_wider_than_ours():
    """Clopper-Pearson (statsmodels): 45 of 50 .781865-.966725, 22 of 105 .136211-.299858."""
    for met, cases, low, high in ((45, 50, 0.781865, 0.966725), (22, 105, 0.136211, 0.299858)):
        ours = wilson_interval(met, cases)
        assert low < ours.low < ours.high < high


def test_three_of_eight_are_called_changed_at_five_per_cent():
    adjusted = benjamini_hochberg([0.001, 0.008, 0.012, 0.03, 0.04, 0.2, 0.6, 0.9])
    assert sum(p <= 0.05 for p in adjusted) == 3
    harmonic = sum(1 / rank for rank in range(1, 9))
    yekutieli = [round(p * harmonic, 6) for p in adjusted[:3]]
    assert yekutieli == [0.021743, 0.086971, 0.086971]  # one of eight, as the docstring says


class TestForecasts:
    """utilsforecast 0.2.17 and R forecast 8.20."""

    def test_mean_error_of_the_zero_row_fixture(self):
        """Forecast less actual: -1.667; darts and R print it the other way round."""
        found = accuracy([100, 120, 80, 150, 200, 0], [110, 115, 90, 140, 180, 5])
        assert (found.forecast - found.actual) / found.n == pytest.approx(-1.6666666666666667)
        assert found.bias * found.actual / found.n == pytest.approx(-1.6666666666666667)

    def test_spread_of_a_seasonal_naive_forecast(self):
        """R snaive on AirPassengers to 1959: sigma 34.54828, January 1960 292.2866 to 427.7134."""
        sigma = 1 / rmsse([0], [1], train=AIR[:132], season=12)
        assert round(sigma, 5) == 34.54828
        made = forecast_ahead(AIR[:132], model="seasonal_naive", season=12, horizon=1)[0]
        assert round(made - 1.959964 * sigma, 4) == 292.2866
        assert round(made + 1.959964 * sigma, 4) == 427.7134

    def test_diebold_mariano_in_one_direction(self):
        e1 = [0.8, -1.2, 0.5, 1.9, -0.7, 1.1, -1.6, 0.3, 2.0, -0.9, 1.4, -0.2]
        e2 = [1.1, -1.0, 1.3, 2.4, -1.5, 0.9, -2.2, 0.8, 2.6, -1.4, 1.9, -0.6]
        assert diebold_mariano(e1, e2).p_value / 2 == pytest.approx(0.001400178, abs=5e-10)

    def test_defaults_of_statsmodels_are_another_test(self):
        """Its own lags and the normal distribution: -6.0287, p 1.65e-9 on the same errors."""
        theirs = getattr(
            pytest.importorskip("statsmodels.tsa.stattools"), "diebold_mariano_test", None
        )
        if theirs is None:
            pytest.skip("this statsmodels has no diebold_mariano_test (0.15 has)")
        e1 = np.array([0.8, -1.2, 0.5, 1.9, -0.7, 1.1, -1.6, 0.3, 2.0, -0.9, 1.4, -0.2])
        e2 = np.array([1.1, -1.0, 1.3, 2.4, -1.5, 0.9, -2.2, 0.8, 2.6, -1.4, 1.9, -0.6])
        plain = theirs(np.zeros(12), e1, e2)
        assert round(plain.statistic, 4) == -6.0287
        assert plain.pvalue == pytest.approx(1.65e-9, abs=5e-12)
        ours = diebold_mariano(e1, e2)
        assert ours.p_value > 1e6 * plain.pvalue

    def test_the_floor_in_a_closed_form(self):
        for mean in (5, 25, 100, 400):
            whole = math.floor(mean)
            log = (whole + 1) * math.log(mean) - mean - math.lgamma(whole + 1)
            assert poisson_floor([mean]) == pytest.approx(2 * math.exp(log) / mean, rel=1e-9)


@pytest.mark.parametrize(
    ("agents", "waits", "level", "asa"),
    [
        (11, 0.6821182046893323, 0.38961381172915344, 122.78127684407981),
        (12, 0.4493882242982709, 0.6401580403740066, 40.444940186844384),
        (13, 0.285270453036493, 0.7955947884177831, 17.11622718218958),
        (14, 0.17413193359504983, 0.8883500191794669, 7.835937011777243),
    ],
)
def test_erlang_c_to_twelve_digits(agents, waits, level, asa):
    """pyworkforce: 100 contacts in half an hour, handle time 180 s, 80 % within 20 s."""
    found = erlang_c(100, 180, agents)
    assert found.waits == pytest.approx(waits, rel=1e-12)
    assert found.service_level == pytest.approx(level, rel=1e-12)
    assert found.asa_s == pytest.approx(asa, rel=1e-12)
    blocked = found.waits * (agents - 10) / (agents - 10 * found.waits)
    if agents == 14:  # Erlang B follows from the chance to wait
        assert blocked == pytest.approx(0.056819143386520866, rel=1e-10)
        assert math.ceil(14 / (1 - 0.3)) == 20
