from datetime import date

import polars as pl
import pytest

from kpitools.analysis.process_limits import process_limits
from kpitools.analysis.verdicts import tone_of, verdict
from kpitools.analysis.xmr import xmr_limits
from kpitools.errors import AnalysisError

FALLING = [82, 79, 84, 80, 81, 83, 78, 82, 80, 81, 79, 83, 77, 76, 75, 74, 73, 72, 71, 70]
STEADY = [10, 12, 11, 13, 9, 11, 12, 10, 11, 12, 10, 13]


@pytest.mark.parametrize(
    ("good", "tone"), [("higher", "worse"), ("lower", "better"), ("within", "neutral")]
)
def test_a_fall_means_what_the_good_direction_says(kpi, series, good, tone):
    found = verdict(xmr_limits(series(FALLING)), kpi(good=good, unit="number"))
    assert found.tone == tone
    assert (found.signal, found.high, found.n) == ("scan", False, 20)
    assert found.since == date(2025, 1, 1)
    assert found.run == 8
    assert found.effect == pytest.approx(sum(FALLING[-8:]) / 8 - sum(FALLING[:-8]) / 12)
    assert found.effect_low < found.effect < found.effect_high < 0
    assert found.onset_first <= found.since <= found.onset_last
    assert found.p_value < 0.001


def test_common_variation_asks_for_no_explanation(kpi, series):
    found = verdict(xmr_limits(series(STEADY, team="billing")), kpi())
    assert (found.tone, found.signal, found.since) == ("common", "", None)
    assert found.slice == "team=billing"


def test_eleven_periods_are_not_enough(kpi, series):
    found = verdict(xmr_limits(series(FALLING[-11:])), kpi())
    assert found.tone == "unknown"
    assert found.why_unknown == "11 periods, at least 12 are needed"


def test_fewer_cases_than_the_minimum_are_not_enough(kpi, series):
    cases = [100] * 19 + [29]
    found = verdict(xmr_limits(series(FALLING, cases=cases)), kpi(minimum=30))
    assert (found.tone, found.cases) == ("unknown", 29)
    assert found.why_unknown == "29 cases, at least 30 are needed"


def test_a_period_that_a_reason_leaves_out_has_no_verdict(kpi, series):
    values = [*STEADY, 40]
    assert verdict(xmr_limits(series(values)), kpi()).tone in {"better", "worse"}
    mask = [False] * len(STEADY) + [True]
    found = verdict(xmr_limits(series(values), excluded=mask), kpi())
    assert (found.tone, found.signal, found.p_value) == ("unknown", "", None)
    assert found.why_unknown == "left out by a recorded reason"


def test_points_that_reasons_leave_out_take_no_part(kpi, series):
    odd = [*STEADY[:6], 400, *STEADY[6:]]
    mask = [value == 400 for value in odd]
    found = verdict(xmr_limits(series(odd), excluded=mask), kpi())
    plain = verdict(xmr_limits(series(STEADY)), kpi())
    assert (found.p_value, found.effect, found.n) == (plain.p_value, plain.effect, plain.n)


def test_a_missing_latest_period_is_unknown(kpi, series):
    found = verdict(xmr_limits(series(STEADY)), kpi(), period=date(2025, 1, 1))
    assert (found.tone, found.why_unknown) == ("unknown", "no data for the period")
    null = verdict(xmr_limits(series([*STEADY, None])), kpi())
    assert (null.tone, null.period) == ("unknown", date(2025, 1, 1))


def test_no_rows_at_all_are_unknown(kpi, series):
    assert verdict(xmr_limits(series(STEADY)).clear(), kpi()).tone == "unknown"


def test_a_point_outside_the_limits_long_ago_is_no_change_now(kpi, series):
    values = [*STEADY[:6], 40, *STEADY[6:], *STEADY]
    limits = xmr_limits(series(values))
    assert "outside" in limits["signal"].to_list()
    assert verdict(limits, kpi(unit="number")).tone == "common"


def test_after_a_rebase_only_the_points_of_the_new_phase_count(kpi, series):
    values = [*STEADY, *(value + 50 for value in STEADY)]
    whole = verdict(xmr_limits(series(values)), kpi(unit="number"))
    rebased = xmr_limits(series(values), rebase=[date(2025, 1, 1)])
    assert whole.tone == "better"
    assert (verdict(rebased, kpi(unit="number")).tone, whole.n) == ("common", 24)
    assert verdict(rebased, kpi(unit="number")).n == 12


def test_a_point_that_a_reason_leaves_out_does_not_count(kpi, series):
    values = [*STEADY, 60, 61, *STEADY[:4]]
    mask = [value > 50 for value in values]
    plain = verdict(xmr_limits(series(values)), kpi(unit="number"))
    left_out = verdict(xmr_limits(series(values), excluded=mask), kpi(unit="number"))
    assert left_out.detectable < plain.detectable / 3
    assert left_out.tone == "common"


def test_an_earlier_period_can_be_asked_about(kpi, series):
    asked = kpi(unit="number")
    found = verdict(xmr_limits(series(FALLING)), asked, period=date(2025, 2, 1))
    assert found.period == date(2025, 2, 1)
    assert found.p_value > verdict(xmr_limits(series(FALLING)), asked).p_value


def test_only_findings_of_one_series_are_taken(kpi, series):
    with pytest.raises(AnalysisError, match="no findings of `xmr_limits`"):
        verdict(series(STEADY), kpi())
    two = pl.concat([series(STEADY, team="a"), series(STEADY, team="b")])
    with pytest.raises(AnalysisError, match="more than one series"):
        verdict(xmr_limits(two), kpi())


def test_tones():
    assert tone_of("higher", high=True) == tone_of("lower", high=False) == "better"
    assert tone_of("higher", high=False) == tone_of("lower", high=True) == "worse"
    assert tone_of("within", high=False) == "neutral"


def test_nothing_ever_among_many_cases_goes_on_and_a_few_at_once_are_a_change(kpi, series):
    asked = kpi(good="lower", minimum=1)
    none = series([0.0] * 24, kpi="csat", cases=[1200.0] * 24)
    calm = verdict(process_limits(none, asked), asked)
    assert (calm.tone, calm.p_value, calm.why_unknown) == ("common", 1.0, "")
    last = pl.col("period") == none["period"][-1]
    some = none.with_columns(
        numerator=pl.when(last).then(24.0).otherwise(0.0),
        value=pl.when(last).then(0.02).otherwise(0.0),
    )
    found = verdict(process_limits(some, asked), asked)
    assert (found.tone, found.high) == ("worse", True)
