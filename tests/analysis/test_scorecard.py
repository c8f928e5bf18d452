from datetime import date

import polars as pl
import pytest

from kpitools.analysis.assurance import assurance
from kpitools.analysis.process_limits import process_limits
from kpitools.analysis.scorecard import SCHEMA, scorecard
from kpitools.analysis.series import build_series
from kpitools.analysis.verdicts import verdict
from kpitools.errors import AnalysisError
from kpitools.facts.periods import parse_period
from kpitools.sources import FiscalCalendar, WeekPattern

OCTOBER = parse_period("2026-10")
SHARES = [0.86, 0.85, 0.87, 0.86, 0.85, 0.86, 0.87, 0.85, 0.86, 0.85, 0.86, 0.87]
FALL = [0.86, 0.85, 0.84, 0.83, 0.82, 0.81, 0.80, 0.79, 0.78, 0.77]


@pytest.fixture
def csat(kpi):
    return kpi(targets={"default": {"value": 0.85, "low": 0.83}})


@pytest.fixture
def facts():
    return build_series([*SHARES, *FALL], start=date(2025, 1, 1), kpi="csat", cases=400)


def one(card):
    return card.row(0, named=True)


def test_a_line_tells_value_target_change_and_chart(facts, csat):
    card = scorecard(facts, [csat], team=None, period=OCTOBER)
    line = one(card)
    assert card.schema == pl.Schema(SCHEMA)
    assert (line["name"], line["unit"], line["good"]) == ("Satisfied customers", "share", "higher")
    assert (line["value"], line["cases"], line["final"]) == (0.77, 400, True)
    assert (line["target"], line["low"], line["high"]) == (0.85, 0.83, None)
    assert line["status"] == "outside"
    assert line["judged_text"].startswith("Outside: 77")
    assert line["interval_low"] < 0.77 < line["interval_high"]
    assert (line["tone"], line["signal_high"]) == ("worse", False)
    assert line["onset_first"] <= date(2026, 4, 1) <= line["since"] <= line["onset_last"]
    assert line["effect_low"] < line["effect"] < line["effect_high"] < 0
    assert line["p_value"] < 0.001
    assert line["lower"] <= line["centre"] <= line["upper"]


def test_changes_are_later_minus_earlier_with_intervals(facts, csat):
    line = one(scorecard(facts, [csat], team=None, period=OCTOBER))
    assert line["previous"] == 0.85
    assert line["change"] == pytest.approx(-0.08)
    assert line["change_low"] < -0.08 < line["change_high"] < 0
    assert line["before"] == 0.78
    assert line["before_change"] == pytest.approx(-0.01)
    assert line["before_low"] < 0 < line["before_high"]


def test_history_and_hits_look_back_from_the_period(facts, csat):
    line = one(scorecard(facts, [csat], team=None, period=OCTOBER, history=13))
    assert line["history"] == [*SHARES[9:], *FALL]
    assert line["history_periods"][0] == date(2025, 10, 1)
    assert line["history_periods"][-1] == date(2026, 10, 1)
    assert (line["hits"], line["hits_of"]) == (4, 12)
    short = one(scorecard(facts, [csat], team=None, period=OCTOBER, history=3))
    assert short["history"] == FALL[-3:]
    assert short["hits_of"] == 12
    none = one(scorecard(facts, [csat], team=None, period=OCTOBER, history=0))
    assert none["history"] == []


def test_the_target_is_judged_by_the_same_limits_and_verdict_as_the_chart(facts, csat):
    line = one(scorecard(facts, [csat], team=None, period=OCTOBER))
    findings = process_limits(facts, csat)
    said = verdict(findings, csat, period=OCTOBER.start)
    found = assurance(findings, csat, period=OCTOBER.start, said=said)
    assert (line["tone"], line["signal_high"]) == (said.tone, said.high)
    assert line["assurance"] == found.icon == "hit_and_miss"
    assert (line["expected_low"], line["expected_high"], line["expected_of"]) == (0, 1, 12)
    for name in ("chance_next", "expected_hits", "gap"):
        assert line[name] == getattr(found, name)
    assert line["gap"] < 0 < line["chance_next"] < 0.05


def test_without_target_or_past_nothing_is_said_of_meeting_it(facts, csat, kpi):
    bare = one(scorecard(facts, [kpi(targets={})], team=None, period=OCTOBER))
    assert (bare["assurance"], bare["expected_hits"], bare["expected_of"]) == ("none", None, None)
    short = one(scorecard(facts.tail(5), [csat], team=None, period=OCTOBER))
    assert (short["assurance"], short["chance_next"], short["hits_of"]) == ("none", None, 5)
    empty = one(scorecard(facts.clear(), [csat], team=None, period=OCTOBER))
    assert (empty["assurance"], empty["gap"], empty["hits_of"]) == ("none", None, 0)


def test_points_that_a_reason_leaves_out_are_left_out_here_too(facts, csat):
    marked = facts.with_columns(excluded=pl.col("period") >= date(2026, 1, 1))
    line = one(scorecard(marked, [csat], team=None, period=OCTOBER))
    assert line["lower"] > one(scorecard(facts, [csat], team=None, period=OCTOBER))["lower"]
    findings = process_limits(marked, csat)
    assert line["tone"] == verdict(findings, csat, period=OCTOBER.start).tone
    assert (line["hits"], line["hits_of"]) == (4, 12)


def test_a_later_period_is_not_looked_at(facts, csat):
    line = one(scorecard(facts, [csat], team=None, period=date(2025, 12, 1)))
    assert (line["value"], line["points"], line["previous"]) == (0.87, 12, None)
    assert line["change"] is None
    assert line["tone"] == "common"


def test_a_mean_has_no_interval(facts, kpi):
    aht = kpi(kpi="aht", unit="seconds", good="within", numerator="sum(talk_ms)")
    line = one(scorecard(facts.with_columns(kpi=pl.lit("aht")), [aht], team=None, period=OCTOBER))
    assert (line["interval_low"], line["change_low"], line["tone"]) == (None, None, "neutral")
    assert (line["status"], line["hits_of"]) == ("no_target", 0)


def test_a_count_is_its_own_number_of_cases(kpi):
    offered = build_series([5.0, 7.0], start=date(2026, 9, 1), kpi="offered")
    card = scorecard(
        offered, [kpi(kpi="offered", kind="count", unit="count")], team=None, period=OCTOBER
    )
    assert one(card)["cases"] == 7
    assert one(card)["tone"] == "unknown"


def test_kpis_stand_in_the_order_asked_and_without_data_too(facts, csat, kpi):
    missing = kpi(kpi="nps", unit="points", targets={"default": {"value": 40}})
    card = scorecard(facts, [missing, csat], team=None, period=OCTOBER)
    assert card["kpi"].to_list() == ["nps", "csat"]
    line = one(card)
    assert (line["value"], line["status"], line["tone"]) == (None, "no_data", "unknown")
    assert line["why_unknown"] == "no data for the period"
    assert line["history"] == [None] * 13


def test_only_the_asked_version_counts(facts, csat, kpi):
    second = kpi(version=2, targets=csat.targets)
    assert one(scorecard(facts, [second], team=None, period=OCTOBER))["status"] == "no_data"


def test_the_teams_rows_and_target_count(facts, kpi):
    both = pl.concat(
        [
            build_series([*SHARES, *FALL], start=date(2025, 1, 1), kpi="csat", cases=400, team="a"),
            build_series([*FALL, *SHARES], start=date(2025, 1, 1), kpi="csat", cases=400, team="b"),
        ]
    )
    csat = kpi(targets={"default": {"value": 0.9}, "teams": {"b": {"value": 0.8}}})
    card = scorecard(
        both.sample(fraction=1, shuffle=True, seed=1), [csat], team="b", period=OCTOBER
    )
    assert (one(card)["team"], one(card)["value"], one(card)["status"]) == ("b", 0.87, "met")
    alone = scorecard(facts, [csat], team="b", period=OCTOBER)
    assert one(alone)["value"] == 0.77


def test_names_speak_the_asked_language(facts, kpi):
    csat = kpi(name={"en": "Satisfied customers", "tr": "Memnun müşteriler"})
    line = one(scorecard(facts, [csat], team=None, period=OCTOBER, lang="tr"))
    assert line["name"] == "Memnun müşteriler"


@pytest.mark.parametrize(
    ("change", "team", "period", "message"),
    [
        (lambda rows: rows.drop("value"), None, OCTOBER, "no column 'value'"),
        (lambda rows: rows, "a", parse_period("2026-Q4"), "facts of one period length"),
        (lambda rows: rows.clear(), "a", date(2026, 10, 1), "facts of one period length"),
        (lambda rows: rows, None, OCTOBER, "no team is named"),
        (lambda rows: rows, "aa", OCTOBER, "no team 'aa'"),
        (lambda rows: rows.rename({"team": "channel"}), "a", OCTOBER, "facts by team alone"),
    ],
)
def test_what_makes_no_scorecard_is_refused(csat, change, team, period, message):
    facts = change(build_series(SHARES, start=date(2026, 1, 1), kpi="csat", cases=400, team="a"))
    with pytest.raises(AnalysisError, match=message):
        scorecard(facts, [csat], team=team, period=period)


def test_a_line_says_whether_its_judgement_is_certain(facts, csat, kpi):
    assert one(scorecard(facts, [csat], team=None, period=OCTOBER))["certain"] is True
    near = kpi(targets={"default": {"value": 0.8, "low": 0.76}})
    line = one(scorecard(facts, [near], team=None, period=OCTOBER))
    assert (line["status"], line["certain"]) == ("within", False)
    assert "308 of 400 cases cannot tell it from the target" in line["judged_text"]
    seconds = kpi(unit="seconds", numerator="sum(talk_ms)", targets={"default": {"value": 0.8}})
    assert one(scorecard(facts, [seconds], team=None, period=OCTOBER))["certain"] is None


def test_hits_are_counted_by_the_target_of_their_day(facts, kpi):
    targets = {
        "default": {"value": 0.95},
        "start": "2026-10-01",
        "earlier": [{"default": {"value": 0.5}}],
    }
    line = one(scorecard(facts, [kpi(targets=targets)], team=None, period=OCTOBER))
    assert (line["target"], line["status"]) == (0.95, "outside")
    assert (line["hits"], line["hits_of"]) == (11, 12)


def test_a_fiscal_period_is_compared_with_the_one_before_and_a_year_ago(csat):
    retail = FiscalCalendar(named_by="start", weeks=WeekPattern((4, 5, 4), 5, 1, "nearest"))
    months = [
        start for year in (2022, 2023, 2024) for start in retail.starts_in("fiscal_month", year)
    ]
    facts = build_series([0.5 + n / 100 for n in range(36)], start=date(2022, 1, 1), kpi="csat")
    facts = facts.with_columns(
        pl.Series("period", months), pl.lit("fiscal_month").alias("grain"), denominator=400.0
    ).with_columns(numerator=pl.col("value") * 400)
    period = parse_period("FY2024-P01", fiscal=retail)
    line = one(scorecard(facts, [csat], team=None, period=period))
    assert line["period"] == date(2024, 2, 4)
    assert (line["value"], line["before"], line["previous"]) == (0.74, 0.73, 0.62)
    assert line["hits_of"] == 12
    bare = one(scorecard(facts, [csat], team=None, period=period.start))
    assert (bare["before"], bare["previous"]) == (None, None)


def test_a_correlation_that_is_known_makes_a_change_less_sure(csat):
    values = [0.86, 0.85, 0.87, 0.86, 0.85, 0.86, 0.87, 0.85] * 2 + [0.85, 0.845, 0.84, 0.842]
    facts = build_series(values, start=date(2025, 3, 1), kpi="csat", cases=4000)
    own = one(scorecard(facts, [csat], team=None, period=OCTOBER))
    known = one(scorecard(facts, [csat], team=None, period=OCTOBER, lag1={"csat": 0.6}))
    other = one(scorecard(facts, [csat], team=None, period=OCTOBER, lag1={"aht": 0.6}))
    assert own["p_value"] < known["p_value"]
    assert other["p_value"] == own["p_value"]


def test_recorded_reasons_stand_beside_the_verdict(facts, csat):
    october = pl.col("period") == OCTOBER.start
    march = pl.col("period") == date(2026, 3, 1)
    marked = facts.with_columns(
        annotation=pl.when(october | march).then(pl.lit("Move of the office")),
        annotation_author=pl.when(october | march).then(pl.lit("Ana")),
        excluded=march,
    )
    line = one(scorecard(marked, [csat], team=None, period=OCTOBER))
    assert (line["annotation"], line["annotation_author"]) == ("Move of the office", "Ana")
    assert (line["excluded"], line["left_out"]) == (False, [date(2026, 3, 1)])
    assert line["tone"] == "worse"
    left_out = marked.with_columns(excluded=october | march)
    line = one(scorecard(left_out, [csat], team=None, period=OCTOBER))
    assert (line["tone"], line["why_unknown"]) == ("unknown", "left out by a recorded reason")
    assert (line["excluded"], line["left_out"]) == (True, [date(2026, 3, 1), OCTOBER.start])
    plain = one(scorecard(facts, [csat], team=None, period=OCTOBER))
    assert (plain["annotation"], plain["excluded"], plain["left_out"]) == (None, False, [])
