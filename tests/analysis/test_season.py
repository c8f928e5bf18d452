"""Season of months and weekdays: found where it is, not where it is not."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.analysis.neighbours import neighbours
from kpitools.analysis.season import yearly_season
from kpitools.analysis.season_days import weekday_season

SERIES = 300


def months(n):
    return [date(2022 + at // 12, at % 12 + 1, 1) for at in range(n)]


def days(n):
    return [date(2024, 1, 1) + timedelta(days=at) for at in range(n)]


def correlated(rng, count, n, lag1):
    noise = rng.standard_normal((count, n))
    values = noise.copy()
    for at in range(1, n):
        values[:, at] = lag1 * values[:, at - 1] + np.sqrt(1 - lag1**2) * noise[:, at]
    return values


def found(periods, many, **given):
    return np.mean([yearly_season(periods, values, **given).found for values in many])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "lag1", "most"), [(24, 0.0, 0.03), (36, 0.0, 0.03), (24, 0.6, 0.15), (36, 0.6, 0.08)]
)
def test_where_there_is_no_season_few_are_found(n, lag1, most):
    many = correlated(np.random.default_rng(1), SERIES, n, lag1)
    assert found(months(n), many) <= most


@pytest.mark.parametrize(("n", "least"), [(24, 0.7), (36, 0.93)])
def test_a_season_as_large_as_chance_is_mostly_found(n, least):
    swing = np.sqrt(2) * np.cos(2 * np.pi * (np.arange(n) + 3) / 12)
    many = correlated(np.random.default_rng(2), SERIES, n, 0.0) + swing
    assert found(months(n), many) >= least


def test_a_december_peak_needs_factors_of_months():
    n = 60
    many = correlated(np.random.default_rng(3), 60, n, 0.0) + 4.0 * (np.arange(n) % 12 == 11)
    seasons = [yearly_season(months(n), values) for values in many]
    factors = [season for season in seasons if season.kind == "month_factors"]
    assert len(factors) >= 45
    assert np.mean([season.offset[11] - season.offset[5] for season in factors]) > 2.5


def test_the_latest_month_has_no_part_in_its_season():
    rng = np.random.default_rng(4)
    values = rng.standard_normal(36) + 3 * np.cos(2 * np.pi * np.arange(36) / 12)
    moved = values.copy()
    moved[-1] += 50
    plain, shifted = (yearly_season(months(36), one) for one in (values, moved))
    assert plain.found
    assert shifted.offset.tolist() == plain.offset.tolist()
    assert plain.stretch[-1] > 1
    assert (plain.stretch[:-1] == 1).all()


def test_an_earlier_outlier_does_not_become_season():
    rng = np.random.default_rng(5)
    values = rng.standard_normal(36) + 3 * np.cos(2 * np.pi * np.arange(36) / 12)
    moved = values.copy()
    moved[20] += 30
    plain, shifted = (yearly_season(months(36), one) for one in (values, moved))
    assert np.abs(shifted.offset - plain.offset).max() < 0.5


@settings(deadline=None, max_examples=25)
@given(shift=st.floats(-100, 100), scale=st.floats(0.01, 100), seed=st.integers(0, 50))
def test_shift_and_scale_carry_through(shift, scale, seed):
    rng = np.random.default_rng(seed)
    values = rng.standard_normal(36) + 2 * np.cos(2 * np.pi * np.arange(36) / 12)
    plain = yearly_season(months(36), values, kind="harmonic")
    moved = yearly_season(months(36), values * scale + shift, kind="harmonic")
    assert moved.offset == pytest.approx(plain.offset * scale, rel=1e-5, abs=1e-6 * scale)
    assert abs(plain.offset[:12].sum()) < 1e-8


def test_each_phase_has_its_own_level():
    values = np.concatenate([np.zeros(18), np.full(18, 9.0)])
    values = values + np.cos(2 * np.pi * np.arange(36) / 12)
    phases = np.repeat([0, 1], 18)
    season = yearly_season(months(36), values, kind="harmonic", phases=phases)
    assert np.ptp(season.offset) == pytest.approx(2.0, abs=1e-6)


@pytest.mark.parametrize(
    ("n", "grain", "says"),
    [
        (23, "month", "23 periods, a season needs 24"),
        (100, "week", "100 periods, a season needs 104"),
        (40, "year", "no yearly season"),
    ],
)
def test_too_short_or_too_coarse_to_see_a_season(n, grain, says):
    periods = months(n) if grain == "month" else days(7 * n)[::7]
    season = yearly_season(periods, np.arange(n) % 7 * 1.0, grain=grain)
    assert not season.found
    assert says in season.why_none


@pytest.mark.parametrize("value", [np.nan, 3.0])
def test_constant_and_missing_series_have_no_season(value):
    season = yearly_season(months(36), np.full(36, value))
    assert not season.found
    assert season.offset.tolist() == [0.0] * 36
    assert not weekday_season(days(60), np.full(60, value)).found


def test_weeks_with_holidays_are_expected_to_be_lower():
    n = 120
    weeks = days(7 * n)[::7]
    holidays = {weeks[at] + timedelta(days=2): "closed" for at in range(3, n, 9)}
    closed = np.isin(np.arange(n), list(range(3, n, 9)))
    rng = np.random.default_rng(6)
    values = 100 + rng.standard_normal(n) - 10 * closed
    values = values + 5 * np.cos(2 * np.pi * np.arange(n) / 52.18)
    season = yearly_season(weeks, values, grain="week", kind="harmonic", holidays=holidays)
    assert season.found
    rest = values - season.offset
    assert abs(rest[closed].mean() - rest[~closed].mean()) < 1.5


@pytest.mark.slow
def test_weekdays_are_found_and_noise_is_not():
    rng = np.random.default_rng(7)
    noise = correlated(rng, 40, 84, 0.5)
    profile = 2.0 * (np.arange(84) % 7 > 4)
    assert np.mean([weekday_season(days(84), one).found for one in noise]) <= 0.05
    assert np.mean([weekday_season(days(84), one + profile).found for one in noise]) >= 0.9


def test_a_holiday_known_from_the_year_before_is_expected_low_and_another_not_at_all():
    n = 400
    rng = np.random.default_rng(8)
    values = 100 + rng.standard_normal(n) - 30 * (np.arange(n) % 7 > 4)
    first, again, unknown = date(2024, 1, 10), date(2025, 1, 10), date(2025, 1, 16)
    for day in (first, again):
        values[days(n).index(day)] *= 0.5
    names = {first: "feast", again: "feast", unknown: "new"}
    season = weekday_season(days(n), values, holidays=names)
    at = days(n).index(again)
    usual = float(np.median(values[np.arange(n) % 7 == at % 7]))
    expected = season.offset[at] + np.median(values)
    assert expected == pytest.approx(usual / 2, rel=0.06)
    assert np.isnan(season.offset[days(n).index(unknown)])


def test_likeness_of_neighbours_is_noticed_and_a_step_told_from_it():
    rng = np.random.default_rng(9)
    plain = correlated(rng, SERIES, 36, 0.0)
    alike = correlated(rng, SERIES, 36, 0.6)
    stepped = plain + 2.0 * (np.arange(36) >= 18)
    used = [np.mean([neighbours(one).used > 0 for one in many]) for many in (plain, alike, stepped)]
    assert used[0] <= 0.08
    assert used[1] >= 0.85
    assert used[2] <= 0.12


@pytest.mark.parametrize("values", [np.array([]), np.ones(5), np.ones(30)])
def test_no_likeness_of_few_or_equal_values(values):
    assert neighbours(values).lag1 is None
