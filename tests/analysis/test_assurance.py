"""The classic verdict as published, and chances that come true as often as they say."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.analysis.assurance import assurance
from kpitools.analysis.outlook import outlook_of_cases, outlook_of_level, outlook_of_record
from kpitools.analysis.series import build_series
from kpitools.analysis.xmr import xmr_limits
from kpitools.catalog.model import Target
from kpitools.errors import AnalysisError

FALLING = [82, 79, 84, 80, 81, 83, 78, 82, 80, 81, 79, 83, 77, 76, 75, 74, 73, 72, 71, 70]
MEAN = {"kind": "mean", "unit": "seconds"}


def facts(values, **given):
    return build_series(values, **{"start": date(2016, 4, 1), "kpi": "csat", **given})


@pytest.fixture
def mean(kpi):
    return lambda **given: kpi(**{**MEAN, **given})


@pytest.mark.parametrize(
    ("target", "higher", "lower"),
    [(60, "pass", "fail"), (80, "hit_and_miss", "hit_and_miss"), (95, "fail", "pass")],
)
def test_t3_classic_icons(mean, target, higher, lower):
    found = xmr_limits(facts(FALLING))
    assert assurance(found, mean(), target=target).icon == higher
    assert assurance(found, mean(good="lower"), target=target).icon == lower


def test_a_target_on_a_limit_is_hit_and_miss(mean):
    found = xmr_limits(facts(FALLING))
    lower, upper = found.select("lower", "upper").row(-1)
    assert assurance(found, mean(), target=lower).icon == "hit_and_miss"
    assert assurance(found, mean(), target=upper).icon == "hit_and_miss"
    assert assurance(found, mean(), target=np.nextafter(upper, 1000)).icon == "fail"


def test_limits_since_the_last_rebase_count(mean):
    values = [10.0, 11, 9, 10, 11, 9, 10, 11, 9, 10, 11, 9] * 2
    values[12:] = [value + 20 for value in values[12:]]
    found = xmr_limits(facts(values), rebase=[date(2017, 4, 1)])
    said = assurance(found, mean(), target=25)
    assert (said.icon, said.since, said.points) == ("pass", date(2017, 4, 1), 12)
    assert (said.level, said.gap) == (30, 5)
    assert said.chance_next > 0.99
    whole = assurance(facts(values), mean(), target=25)
    # limits over both levels say the contrary of the chance since the change
    assert (whole.icon, whole.since, whole.level) == ("fail", date(2017, 4, 1), 30)
    assert whole.chance_next > 0.99


def test_a_lasting_change_is_the_new_level_and_a_single_month_is_not(mean):
    values = [10.0, 11, 9, 10, 11, 9] * 3
    lasting = assurance(facts([*values, 20.0, 21, 19, 20]), mean(), target=15)
    assert (lasting.level, lasting.points, lasting.since) == (20, 4, date(2017, 10, 1))
    once = assurance(facts([*values, 20.0]), mean(), target=15)
    assert once.points == 19
    assert once.chance_next < 0.1


def test_the_record_holds_each_period_against_its_own_target(mean):
    kpi = mean(
        targets={
            "default": {"value": 10},
            "start": date(2017, 1, 1),
            "earlier": [{"default": {"value": 5}}],
        }
    )
    said = assurance(facts([1.0, 9, 6, 4, 6, 7, 8, 9, 6, 10, 11, 9, 12, 3]), kpi)
    # the last 12: 6 (met 5), 4 (missed), 6, 7, 8, 9, 6 (met 5), then 10 and 11 met 10, ...
    assert (said.hits, said.hits_of) == (9, 12)
    assert said.target == 10


def test_the_record_leaves_out_periods_with_too_few_cases(kpi):
    cases = [100] * 20 + [10] * 4
    said = assurance(facts([0.9] * 24, cases=cases), kpi(), target=0.8)
    assert (said.hits, said.hits_of) == (12, 12)
    few = assurance(facts([0.9] * 24, cases=10), kpi(), target=0.8)
    assert few.hits_of == 0


def test_the_team_of_the_rows_has_its_own_target(mean):
    targets = {"default": {"value": 10}, "teams": {"billing": {"value": 20}}}
    own = mean(targets=targets)
    assert assurance(facts(FALLING, team="billing"), own).target == 20
    assert assurance(facts(FALLING, team="sales"), own).target == 10
    assert assurance(facts(FALLING), own).target == 10


def test_without_a_target_or_points_it_says_why(mean):
    assert assurance(facts(FALLING), mean()).why_none == "no target is set"
    few = assurance(facts(FALLING[:8]), mean(), target=80)
    assert (few.icon, few.why_none) == ("none", "8 periods are too few for limits")
    assert few.chance_next is not None
    fewer = assurance(facts(FALLING[:5]), mean(), target=80)
    assert (fewer.chance_next, fewer.hits, fewer.hits_of) == (None, 4, 5)
    nothing = assurance(facts(FALLING).clear(), mean(), target=80)
    assert nothing.why_none == "no data for the period"
    missing = assurance(facts([None] * 14), mean(), target=80)
    assert (missing.icon, missing.chance_next, missing.hits_of) == ("none", None, 0)


def test_a_range_has_a_chance_but_no_icon(mean):
    values = list(np.random.default_rng(4).normal(50, 5, 24))
    aim = Target(value=50, low=45, high=55)
    said = assurance(facts(values), mean(good="within"), target=aim)
    assert said.icon == "none"
    assert said.chance_next == pytest.approx(0.68, abs=0.12)
    assert said.gap == 0
    outside = assurance(facts([value + 20 for value in values]), mean(good="within"), target=aim)
    assert outside.gap == pytest.approx(outside.level - 55)


def test_a_series_that_never_varied_has_the_chance_of_its_record(mean):
    said = assurance(facts([100.0] * 22), mean(), target=90)
    assert said.chance_next == pytest.approx(23 / 24)
    assert (said.icon, said.expected_high) == ("pass", 12)


def test_excluded_points_count_in_the_record_only(mean):
    values = [10.0, 11, 9] * 6 + [99.0] + [10.0, 11, 9]
    marks = [value == 99 for value in values]
    without = assurance(xmr_limits(facts(values), excluded=marks), mean(), target=50)
    assert without.level == 10
    assert (without.hits, without.points) == (1, 21)


def test_more_than_one_series_is_refused(mean):
    both = pl.concat([facts(FALLING, team="a"), facts(FALLING, team="b")])
    with pytest.raises(AnalysisError, match="more than one series"):
        assurance(both, mean(), target=80)


def unreliable(pairs, *, bins=4):
    """Tell in which bins what came lies over 3.5 standard errors from what was said."""
    off = []
    said, came = np.array(pairs).T
    edges = np.quantile(said, np.linspace(0, 1, bins + 1)[1:-1])
    for at in range(bins):
        here = np.digitize(said, edges) == at
        chance = said[here].mean()
        error = np.sqrt(max(chance * (1 - chance), 0.01) / here.sum())
        if abs(came[here].mean() - chance) > 3.5 * error:
            off.append((chance, came[here].mean()))
    return off


@pytest.mark.slow
def test_chances_come_true_as_often_as_they_say(mean):
    source, pairs, inside = np.random.default_rng(8), [], []
    for _ in range(300):
        values = source.normal(source.normal(0, 1.5), 1, 36)
        said = assurance(facts(values[:24].tolist()), mean(), target=0.0)
        hits = int((values[24:] >= 0).sum())
        pairs.append((said.chance_next, values[24] >= 0))
        inside.append(said.expected_low <= hits <= said.expected_high)
        assert said.expected_hits == pytest.approx(12 * said.chance_next)
    assert unreliable(pairs) == []
    assert np.mean(inside) >= 0.9 - 3 * np.sqrt(0.09 / 300)


@pytest.mark.slow
def test_chances_of_shares_come_true_as_often_as_they_say(kpi):
    source, pairs = np.random.default_rng(9), []
    for n in range(300):
        cases = (40, 200)[n % 2]
        share = 1 / (1 + np.exp(-source.normal(1.7, 0.4)))
        extra = source.normal(0, 0.3 * (n % 3 == 0), 25)  # every third varies more
        shares = 1 / (1 + np.exp(-(np.log(share / (1 - share)) + extra)))
        values = source.binomial(cases, shares) / cases
        said = assurance(facts(values[:24].tolist(), cases=cases), kpi(), target=0.85)
        pairs.append((said.chance_next, values[24] >= 0.85))
    assert unreliable(pairs) == []


def test_chance_by_level_is_the_t_distribution():
    from scipy.stats import t

    found = outlook_of_level(10.0, 2.0, edges=(9.0, 13.0), points=16, freedom=15)
    wide = 2.0 * np.sqrt(1 + 1 / 16)
    assert found.chance == pytest.approx(t.cdf(3 / wide, 15) - t.cdf(-1 / wide, 15))


def test_chance_by_cases_is_beta_binomial():
    from scipy.stats import betabinom

    found = outlook_of_cases(850, 1000, cases=20, edges=(16, None))
    assert found.chance == pytest.approx(betabinom.sf(15, 20, 850.5, 150.5), abs=2e-3)
    below = outlook_of_cases(850, 1000, cases=20, edges=(None, 15))
    assert below.chance == pytest.approx(1 - found.chance)
    assert outlook_of_cases(850, 1000, cases=20, edges=(None, None)).chance == 1
    assert outlook_of_cases(850, 1000, cases=20, edges=(21, None)).chance == 0


def test_the_range_of_hits_is_that_of_a_simulation():
    source = np.random.default_rng(6)
    sigma = np.sqrt(23 / source.chisquare(23, 40_000))
    mu = 0.5 + sigma / np.sqrt(24) * source.normal(size=40_000)
    hits = (mu[:, None] + sigma[:, None] * source.normal(size=(40_000, 12)) >= 0).sum(axis=1)
    found = outlook_of_level(0.5, 1.0, edges=(0.0, None), points=24, freedom=23)
    assert found.expected == pytest.approx(hits.mean(), abs=0.05)
    assert (found.low, found.high) == tuple(np.quantile(hits, [0.05, 0.95]))


def test_the_range_is_wider_where_neighbours_resemble_each_other():
    source = np.random.default_rng(7)
    walk = source.normal(size=(40_000, 12))
    for at in range(1, 12):
        walk[:, at] = 0.6 * walk[:, at - 1] + 0.8 * walk[:, at]
    level = 0.3 + source.normal(size=(40_000, 1)) * np.sqrt(1 / 6)
    hits = (walk + level >= 0).sum(axis=1)
    found = outlook_of_level(0.3, 1.0, edges=(0.0, None), points=6, freedom=1e6, lag1=0.6)
    assert np.mean((hits >= found.low) & (hits <= found.high)) >= 0.9
    alone = outlook_of_level(0.3, 1.0, edges=(0.0, None), points=6, freedom=1e6)
    assert (alone.high - alone.low) < (found.high - found.low)
    assert alone.chance == found.chance


def test_the_record_alone_never_says_always():
    assert outlook_of_record(0, 22).chance == pytest.approx(1 / 24)
    assert outlook_of_record(0, 22).low == 0
    assert outlook_of_record(22, 22).high == 12


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(-99, 99), min_size=12, max_size=30, unique=True),
    st.integers(1, 50),
    st.integers(-500, 500),
    st.integers(-99, 99),
)
def test_shift_and_scale_carry_through(values, scale, shift, target):
    from kpitools.catalog.model import Kpi

    made = Kpi.model_validate(
        {
            "kpi": "csat",
            "version": 1,
            "name": {"en": "-"},
            "definition": {"en": "-"},
            "purpose": {"en": "-"},
            "good": "higher",
            "table": "contacts",
            "period_of": "ended_at",
            "roles": {"accountable": "team_lead"},
            **MEAN,
        }
    )
    one = assurance(facts([float(value) for value in values]), made, target=target + 0.5)
    moved = assurance(
        facts([float(value * scale + shift) for value in values]),
        made,
        target=(target + 0.5) * scale + shift,
    )
    assert moved.icon == one.icon
    assert moved.chance_next == pytest.approx(one.chance_next, abs=1e-6)
    assert (moved.hits, moved.expected_low) == (one.hits, one.expected_low)
    assert moved.gap == pytest.approx(one.gap * scale, abs=1e-6)
