"""Net scores and their margins; means and their t intervals."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from kpitools.analysis import mean_interval, net_interval, net_parts, nps_margin, scorecard
from kpitools.analysis.net_scores import NetCounts, net_change, net_counts, net_span
from kpitools.catalog import load_builtin
from kpitools.errors import AnalysisError, CatalogError

NPS = load_builtin().kpi("nps")
counts = st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60)).filter(sum)


def facts_of(*rows, names=("nps", "nps:promoters", "nps:detractors"), team=None):
    """Months of 2026 with promoters, detractors and answers."""
    made = []
    for month, (promoters, detractors, n) in enumerate(rows, start=1):
        tops = (promoters - detractors, promoters, detractors)
        for name, top in zip(names, tops, strict=True):
            scale = 100 if name == "nps" else 1
            made.append(
                {
                    "kpi": name,
                    "version": 1,
                    "grain": "month",
                    "period": date(2026, month, 1),
                    **({"team": team} if team else {}),
                    "numerator": float(top),
                    "denominator": float(n),
                    "value": scale * top / n,
                    "final": True,
                }
            )
    return pl.DataFrame(made)


def test_the_margin_shrinks_with_the_root_of_the_answers():
    assert nps_margin(60, 20, 100) == pytest.approx(2 * nps_margin(240, 80, 400))


def test_a_margin_of_nothing_is_replaced_by_an_interval_where_answers_are_few():
    assert nps_margin(5, 0, 5) == 0
    assert net_span(NetCounts(5, 0, 5)).low < 30
    assert net_span(NetCounts(18, 6, 30)).low == pytest.approx(40 - nps_margin(18, 6, 30))
    assert net_span(NetCounts(18, 6, 29)) == net_interval(18, 6, 29)


@settings(deadline=None)
@given(counts)
def test_intervals_of_net_scores_stay_on_the_scale_and_mirror(parts):
    promoters, detractors, rest = parts
    n = promoters + detractors + rest
    found, mirrored = net_interval(promoters, detractors, n), net_interval(detractors, promoters, n)
    assert -100 <= found.low < found.high <= 100
    assert (mirrored.low, mirrored.high) == pytest.approx((-found.high, -found.low), abs=1e-9)
    span = net_span(NetCounts(promoters, detractors, n))
    assert -100 <= span.low <= span.high <= 100


@settings(deadline=None)
@given(counts, counts)
def test_the_interval_of_a_change_holds_the_change_and_turns_with_it(one, two):
    later, earlier = (NetCounts(p, d, p + d + rest) for p, d, rest in (one, two))
    there, back = net_change(later, earlier), net_change(earlier, later)
    if min(later.n, earlier.n) >= 30:
        assert there.low <= later.score - earlier.score + 1e-9
        assert there.high >= later.score - earlier.score - 1e-9
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=1e-9)


def test_an_interval_of_few_answers_holds_the_truth_as_often_as_it_says():
    """Every outcome of 12 answers with true shares 50, 30 and 20 %: covered 93 % or more."""
    from math import comb

    n, p, d = 12, 0.5, 0.2
    covered = 0.0
    for promoters in range(n + 1):
        for detractors in range(n + 1 - promoters):
            rest = n - promoters - detractors
            ways = comb(n, promoters) * comb(n - promoters, detractors)
            chance = ways * p**promoters * d**detractors * (1 - p - d) ** rest
            found = net_interval(promoters, detractors, n)
            covered += chance * (found.low <= 100 * (p - d) <= found.high)
    assert 0.93 < covered < 0.98


@pytest.mark.parametrize("wrong", [(-1, 0, 5), (0, -1, 5), (3, 3, 5), (0, 0, 0)])
def test_counts_that_make_no_net_score_are_refused(wrong):
    for function in (nps_margin, net_interval):
        with pytest.raises(AnalysisError, match="no net score"):
            function(*wrong)


def test_a_level_that_is_none_is_refused():
    for function in (nps_margin, net_interval):
        with pytest.raises(AnalysisError, match="no such level"):
            function(3, 1, 5, level=1.0)


def test_parts_are_those_that_the_catalogue_has():
    assert net_parts(load_builtin(), ["nps", "csat", "ces"]) == ["nps:promoters", "nps:detractors"]
    assert net_parts(load_builtin("2026.1"), ["nps"]) == []
    with pytest.raises(CatalogError, match="no KPI"):
        net_parts(load_builtin(), ["npss"])


def test_counts_come_from_the_facts_of_the_parts():
    facts = facts_of((30, 10, 50), (5, 0, 5))
    found = net_counts(facts, NPS)
    assert found == {date(2026, 1, 1): NetCounts(30, 10, 50), date(2026, 2, 1): NetCounts(5, 0, 5)}
    assert net_counts(facts.filter(kpi="nps"), NPS) == {}


def test_a_score_card_prints_the_margin_of_a_score_and_of_its_change():
    facts = facts_of((30, 10, 50), (20, 20, 50))
    card = scorecard(facts, [NPS], team=None, period=date(2026, 2, 1)).row(0, named=True)
    span = net_span(NetCounts(20, 20, 50))
    assert (card["interval_low"], card["interval_high"]) == pytest.approx((span.low, span.high))
    change = net_change(NetCounts(20, 20, 50), NetCounts(30, 10, 50))
    assert (card["before_low"], card["before_high"]) == pytest.approx((change.low, change.high))


def test_a_score_card_without_the_parts_claims_no_margin():
    facts = facts_of((30, 10, 50)).filter(kpi="nps")
    card = scorecard(facts, [NPS], team=None, period=date(2026, 1, 1))
    assert card["interval_low"].item() is None


def test_margins_of_one_team_are_not_those_of_another():
    facts = pl.concat([facts_of((30, 10, 50), team="a"), facts_of((5, 0, 5), team="b")])
    card = scorecard(facts, [NPS], team="b", period=date(2026, 1, 1)).row(0, named=True)
    assert card["interval_low"] == pytest.approx(net_interval(5, 0, 5).low)


@settings(deadline=None)
@given(st.floats(-5, 5), st.floats(0, 3), st.integers(2, 400), st.sampled_from([0.8, 0.95]))
def test_means_have_the_interval_that_scipy_gives(mean, deviation, n, level):
    found = mean_interval(mean, deviation, n, level=level)
    half = student.ppf(0.5 + level / 2, n - 1) * deviation / n**0.5
    assert found is not None
    assert (found.low, found.high) == pytest.approx((mean - half, mean + half), abs=1e-9)


def test_one_case_has_no_interval_and_a_negative_spread_is_refused():
    assert mean_interval(0.8, 0.0, 1) is None
    with pytest.raises(AnalysisError, match="below 0"):
        mean_interval(0.8, -0.1, 5)
    with pytest.raises(AnalysisError, match="no such level"):
        mean_interval(0.8, 0.1, 5, level=0)


def test_a_score_card_gives_a_mean_with_spread_its_interval():
    kpi = load_builtin().kpi("qa_score")
    facts = facts_of((30, 10, 50), names=("qa_score", "x", "y")).filter(kpi="qa_score")
    facts = facts.with_columns(squares=pl.lit(9.0), spread=pl.lit(0.1))
    card = scorecard(facts, [kpi], team=None, period=date(2026, 1, 1)).row(0, named=True)
    wanted = mean_interval(card["value"], 0.1, 50)
    assert (card["interval_low"], card["interval_high"]) == (wanted.low, wanted.high)
