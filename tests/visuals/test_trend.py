import itertools
from datetime import date

import polars as pl
import pytest
from visuals.specs import check_reading, check_spec, unquoted

from kpitools.analysis.xmr import xmr_limits
from kpitools.catalog.model import Target
from kpitools.errors import AnalysisError, VisualsError
from kpitools.facts import Period
from kpitools.language import display
from kpitools.visuals import chart_trend, say_trend

NAMES = {"billing": "Billing"}


def test_the_message_is_the_title_and_the_subtitle_gives_the_latest_value(falling, kpi):
    chart = chart_trend(falling, kpi(), names=NAMES).block
    assert chart.title == (
        "Satisfied customers: lower since about March 2026 by 2.4 pts (1.5 to 3.2), "
        "a change for the worse"
    )
    assert chart.subtitle == (
        "82.4 % in October 2026, against a mean of 85.4 % and natural limits of 82.7 % to 88.1 %"
    )
    assert chart.source.startswith("Satisfied customers (percent) by month, Billing, ")
    assert chart.source.startswith("Satisfied customers (percent) by month, Billing, Nov 2024")
    assert "2,311 cases a month" in chart.source
    assert "profile mdc_r, limits from 24 months" in chart.source


def test_the_specification_is_valid_and_names_only_fields_that_it_has(falling, kpi):
    check_spec(chart_trend(falling, kpi()).block.spec)


def test_the_same_findings_give_the_same_chart_in_any_row_order(falling, kpi):
    one = chart_trend(falling, kpi()).block
    assert chart_trend(falling, kpi()).block == one
    assert chart_trend(falling.reverse(), kpi()).block == one


def test_the_twin_has_every_point_of_the_chart(falling, kpi):
    chart = chart_trend(falling, kpi()).block
    points = chart.spec["datasets"]["points"]
    assert len(chart.twin.rows) == len(points) == 24
    last = [cell.text for cell in chart.twin.rows[-1]]
    assert last == [
        *("Oct 2026", "82.4 %", "2,311", "82.7 %", "85.4 %", "88.1 %"),
        *("below its lower limit", "provisional"),
    ]
    assert [row[1].text for row in chart.twin.rows] == [point["shown"] for point in points]


def test_meaning_is_told_by_shape_and_by_colour(falling, kpi):
    points = chart_trend(falling, kpi()).block.spec["datasets"]["points"]
    assert (points[-1]["meaning"], points[-1]["shape"]) == ("worse", "triangle-down")
    assert (points[15]["meaning"], points[15]["shape"]) == ("better", "triangle-up")
    assert (points[0]["meaning"], points[0]["shape"]) == ("common", "circle")
    assert [point["hollow"] for point in points[-2:]] == [False, True]


def test_a_kpi_without_a_good_side_is_neither_better_nor_worse(falling, kpi):
    chart = chart_trend(falling, kpi(good="within")).block
    assert chart.spec["datasets"]["points"][-1]["meaning"] == "neutral"
    assert chart.title.endswith(": lower since about March 2026 by 2.4 pts (1.5 to 3.2)")


def test_lines_are_named_at_their_end_and_names_do_not_overlap(falling, kpi):
    spec = chart_trend(falling, kpi()).block.spec
    labels = spec["datasets"]["labels"]
    assert [label["text"] for label in labels] == [
        *("upper limit 88.1 %", "mean 85.4 %", "lower limit 82.7 %", "target 85 %"),
        "Oct 2026: 82.4 %",
    ]
    axis = next(
        layer["encoding"]["y"]
        for layer in spec["layer"]
        if layer["encoding"]["y"].get("field") == "level"
    )
    low, high = axis["scale"]["domain"]
    levels = sorted(label["level"] for label in labels)
    gaps = [after - before for before, after in itertools.pairwise(levels)]
    assert min(gaps) / (high - low) * 220 >= 12.9


def test_a_period_without_data_is_a_gap_and_is_said(months, kpi):
    values = [0.85, 0.86, None, 0.84] + [0.85, 0.86] * 10
    chart = chart_trend(xmr_limits(months(values).filter(pl.col("value").is_not_null())), kpi())
    points = chart.block.spec["datasets"]["points"]
    assert points[2]["value"] is None
    assert points[1]["run"] != points[3]["run"]
    assert "1 of 24 periods have no data and are left as gaps." in chart.block.notes
    assert chart.block.twin.rows[2][1].text == "no data"


def test_a_latest_month_that_is_missing_is_not_common_variation(months, kpi):
    findings = xmr_limits(months([0.85, 0.86] * 12))
    chart = chart_trend(findings, kpi(), period=Period("month", date(2026, 11, 1))).block
    assert chart.title == "Satisfied customers: not enough evidence to judge a change (no data)"
    assert chart.twin.rows[-1][0].text == "Nov 2026"
    said = say_trend(findings, kpi(), period=date(2026, 11, 1)).block.text
    assert said.endswith("not enough evidence to judge a change (no data).")


def test_few_points_are_not_judged_and_the_chart_says_so(months, kpi):
    chart = chart_trend(xmr_limits(months([0.5, 0.9, 0.7])), kpi()).block
    assert chart.title.endswith("not enough evidence to judge a change (3 months of 12)")
    assert "Limits rest on 3 points and are trial limits: no signal is judged from them." in (
        chart.notes
    )
    assert chart.spec["datasets"]["points"][-1]["meaning"] == "unknown"


def test_few_cases_are_not_judged(months, kpi):
    chart = chart_trend(xmr_limits(months([0.8, 0.9] * 12, cases=26)), kpi()).block
    assert chart.title.endswith("not enough evidence to judge a change (26 cases of 30)")


def test_a_value_on_fewer_cases_than_the_minimum_group_is_neither_drawn_nor_said(months, kpi):
    findings = xmr_limits(months([0.25, 0.75] * 12, cases=4))
    chart = chart_trend(findings, kpi(), minimum_group=5).block
    assert all(point["value"] is None for point in chart.spec["datasets"]["points"])
    assert "Values on under 5 cases are not drawn." in chart.notes
    assert "75" not in chart.alt
    assert say_trend(findings, kpi(), minimum_group=5).block.text.endswith("(under 5 cases).")


def test_a_limit_beyond_what_a_share_can_be_is_not_drawn_but_named(months, kpi):
    values = [1.0, 0.98, 0.99, 1.0] * 6
    spec = chart_trend(xmr_limits(months(values)), kpi(targets={})).block.spec
    assert all(point["upper_line"] is None for point in spec["datasets"]["points"])
    assert spec["datasets"]["labels"][0]["text"] == "upper limit over 100.0 %"


def test_a_far_target_does_not_flatten_the_line(months, kpi):
    findings = xmr_limits(months([0.85, 0.86] * 12))
    spec = chart_trend(findings, kpi(), target=Target(value=0.1)).block.spec
    assert spec["datasets"]["targets"] == []
    assert "target 10 %, off the scale" in [row["text"] for row in spec["datasets"]["labels"]]


def test_the_team_has_its_own_target(falling, kpi):
    targets = {"default": {"value": 0.85}, "teams": {"billing": {"value": 0.9}}}
    chart = chart_trend(falling, kpi(targets=targets)).block
    assert "Target 90.0 %." in chart.alt


def test_the_alternative_text_has_the_numbers_of_the_chart(falling, kpi):
    alt = chart_trend(falling, kpi(), names=NAMES).block.alt
    for part in (
        "Line chart of Satisfied customers, Billing, by month, Nov 2024 to Oct 2026.",
        "Latest: 82.4 % of 2,311 cases in October 2026 (provisional).",
        "Mean 85.4 %, natural limits 82.7 % to 88.1 %.",
        "Lowest 82.4 % in Oct 2026, highest 88.1 % in Feb 2026.",
        "Target 85.0 %.",
    ):
        assert part in alt


@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter"])
def test_every_period_length_is_drawn(kpi, grain):
    from kpitools.analysis.series import build_series

    facts = build_series([10.0, 12.0] * 10, start=date(2024, 1, 8), kpi="csat", grain=grain)
    chart = chart_trend(xmr_limits(facts), kpi(unit="seconds", show="hours", targets={})).block
    check_spec(chart.spec)
    assert f"by {grain}" in chart.source


def test_durations_are_drawn_in_the_unit_that_is_shown(months, kpi):
    findings = xmr_limits(months([7200.0, 10800.0] * 12))
    hours = kpi(unit="seconds", show="hours", good="lower", targets={})
    points = chart_trend(findings, hours).block.spec["datasets"]["points"]
    assert [point["value"] for point in points[:2]] == [2.0, 3.0]


def test_a_sentence_quotes_only_numbers_of_the_finding(falling, kpi):
    said = say_trend(falling, kpi()).block
    assert said.text == (
        "Satisfied customers: 82.4 % in October 2026, against a mean of 85.4 % and natural "
        "limits of 82.7 % to 88.1 %; lower since about March 2026 by 2.4 pts (1.5 to 3.2), "
        "a change for the worse."
    )
    assert unquoted(said) == []
    assert said.tone == "worse"
    assert [round(number.value, 3) for number in said.numbers] == [
        *(0.824, 20261001.0, 0.854, 0.827, 0.881, 20260301.0, 0.024, 0.015, 0.032)
    ]


def test_no_change_is_an_answer(months, kpi):
    said = say_trend(xmr_limits(months([0.85, 0.86] * 12)), kpi()).block
    assert said.text.startswith("Satisfied customers: 86.0 % in October 2026, against a mean")
    assert said.text.endswith("; no change beyond common variation.")
    assert said.tone == "neutral"


def test_a_hostile_name_is_text_everywhere(months, kpi, hostile):
    findings = xmr_limits(months([0.85, 0.86] * 12, team="t"))
    named = kpi(name={"en": hostile or "-"})
    chart = chart_trend(findings, named, names={"t": hostile}).block
    check_reading(chart.spec)
    texts = (chart.title, chart.subtitle, chart.alt, chart.source)
    assert all(len(text) < 1500 for text in texts)
    assert not any(sign in text for text in texts for sign in "\u0000\u0007\u202e")
    assert unquoted(say_trend(findings, named).block, names=[display(hostile or "-", 60)]) == []


def test_findings_without_limits_are_refused(months, kpi):
    with pytest.raises(VisualsError, match="no column 'centre'"):
        chart_trend(months([0.85] * 24), kpi())


def test_rows_of_another_kpi_are_refused(falling, kpi):
    with pytest.raises(VisualsError, match="the rows are of another KPI"):
        chart_trend(falling, kpi("aht"))


def test_no_rows_are_refused(falling, kpi):
    with pytest.raises(VisualsError, match="nothing to draw for csat"):
        chart_trend(falling.clear(), kpi())


def test_two_series_are_refused(falling, kpi):
    other = falling.with_columns(team=pl.lit("orders"))
    with pytest.raises(AnalysisError, match="more than one series"):
        chart_trend(pl.concat([falling, other]), kpi())


def test_the_target_of_the_last_period_is_drawn_not_one_to_come(falling, kpi):
    targets = {
        "default": {"value": 0.95},
        "start": "2027-01-01",
        "earlier": [{"default": {"value": 0.86}}],
    }
    datasets = chart_trend(falling, kpi(targets=targets)).block.spec["datasets"]
    assert datasets["targets"] == [{"level": pytest.approx(0.86)}]
