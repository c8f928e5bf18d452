import itertools
from datetime import date

import polars as pl
import pytest
from visuals.specs import check_reading, check_spec, unquoted

from kpitools.analysis.annotations import ANNOTATIONS
from kpitools.analysis.funnel import funnel_limits
from kpitools.analysis.series import build_series
from kpitools.errors import VisualsError
from kpitools.visuals import chart_funnel, say_funnel, table_funnel

TEAMS = {
    **{f"a-{number:02}": (255 + number % 5, 300) for number in range(1, 13)},
    "odd": (180, 300),
    "few": (11, 12),
    "tiny": (1, 3),
}


def members(counts, kpi, **given_):
    frames = [
        build_series([met / n], start=date(2026, 10, 1), cases=n, team=name, kpi=kpi.kpi)
        for name, (met, n) in counts.items()
    ]
    facts = pl.concat(frames).rename({"team": "agent"})
    return funnel_limits(facts, kpi, by="agent", **given_)


def test_who_differs_is_marked_by_meaning_and_named(kpi):
    csat = kpi()
    chart = chart_funnel(members(TEAMS, csat), csat, about="Orders, October 2026").block
    check_spec(chart.spec)
    points = {row["member"]: row for row in chart.spec["datasets"]["points"]}
    assert (points["odd"]["meaning"], points["odd"]["shape"]) == ("worse", "triangle-down")
    assert (points["a-01"]["meaning"], points["a-01"]["shape"]) == ("common", "circle")
    assert [row["member"] for row in chart.spec["datasets"]["names"]] == ["odd"]
    assert chart.title == (
        "Satisfied customers: 1 of 13 agents differs by more than chance from 83.7 % of all: "
        "odd with 60.0 %"
    )
    assert "Funnel chart of Satisfied customers by agent, Orders, October 2026" in chart.alt
    assert "2 with too few cases are not judged." in chart.alt


def test_limits_are_curves_and_names_stay_inside(kpi):
    csat = kpi()
    found = members({**TEAMS, "big": (560, 800)}, csat, overdispersion=False)
    spec = chart_funnel(found, csat).block.spec
    limits = spec["datasets"]["limits"]
    widths = [row["high_95"] - row["low_95"] for row in limits]
    assert len(limits) == 40
    assert all(later < earlier for earlier, later in itertools.pairwise(widths))
    sides = {row["member"]: row["align"] for row in spec["datasets"]["names"]}
    assert (sides["odd"], sides["big"]) == ("left", "right")


def test_small_groups_are_shaded_and_the_smallest_kept_back(kpi):
    csat = kpi()
    chart = chart_funnel(members(TEAMS, csat), csat).block
    points = {row["member"]: row for row in chart.spec["datasets"]["points"]}
    assert "tiny" not in points
    assert points["few"]["hollow"]
    assert chart.spec["datasets"]["few"] == [{"from": 0.0, "to": 30.0}]
    lines = {row[0].text: [cell.text for cell in row] for row in chart.twin.rows}
    assert lines["tiny"][1:4] == [lines["tiny"][1]] * 3
    assert lines["tiny"][4] == "? under 5 cases"
    assert lines["few"][4] == "? too few cases to judge"
    assert lines["odd"][4] == "▼ below the others, beyond chance"
    assert lines["a-01"][4] == "● as the others"


def test_the_table_is_not_ranked_and_has_intervals(kpi):
    csat = kpi()
    table = table_funnel(members(TEAMS, csat), csat).block
    names = [row[0].text for row in table.rows]
    assert names == sorted(names)
    assert all(row[1].sub for row in table.rows if not row[4].text.startswith("? under"))
    volume = table_funnel(members(TEAMS, csat, order="volume"), csat).block
    assert [row[0].text for row in volume.rows][-2:] == ["few", "tiny"]
    assert "not ranked" in table.subtitle


def test_the_sentence_has_only_numbers_of_the_findings(kpi):
    csat = kpi()
    said = say_funnel(members(TEAMS, csat), csat).block
    assert unquoted(said, names=["odd"]) == []
    assert said.tone == "worse"
    alike = dict.fromkeys("abc", (85, 100))
    said = say_funnel(members(alike, csat), csat).block
    assert said.text.startswith("Satisfied customers: no agent of 3 differs by more than chance")
    assert unquoted(said) == []
    few = say_funnel(members({"a": (1, 3), "b": (2, 3)}, csat), csat).block
    assert few.text == "Satisfied customers: not enough cases to judge any of 2 agents."
    assert few.tone == "unknown"


def test_widened_limits_are_said_with_phi_and_tau(kpi):
    csat = kpi()
    spread = {f"m{n}": (150 + 15 * n, 300) for n in range(9)}
    found = members(spread, csat)
    phi, tau2 = found.select("phi", "tau2").row(0)
    assert chart_funnel(found, csat).block.notes[0] == (
        f"The limits allow for how far the agents usually lie apart (phi {phi:.1f}: so many times "
        f"the variance of chance alone; tau² {tau2:.2g})."
    )
    assert " by more than chance and the usual spread from " in say_funnel(found, csat).block.text
    plain = members(spread, csat, overdispersion=False)
    assert " by more than chance from " in say_funnel(plain, csat).block.text


def noted(*rows):
    empty = dict.fromkeys(ANNOTATIONS) | {"dimension": "agent", "author": "Ana", "exclude": False}
    return pl.DataFrame([empty | row for row in rows], schema=ANNOTATIONS)


def test_a_recorded_reason_is_at_the_point_in_the_table_and_in_the_text(kpi):
    csat = kpi()
    found = members(TEAMS, csat, annotations=noted({"member": "odd", "text": "Hard cases"}))
    chart = chart_funnel(found, csat).block
    check_spec(chart.spec)
    (name,) = chart.spec["datasets"]["names"]
    assert (name["label"], name["reason"]) == ("odd ◆ Hard cases", "Hard cases (Ana)")
    assert chart.title.endswith("odd with 60.0 % (a reason is recorded)")
    assert "◆ odd: Hard cases (Ana)." in chart.notes
    assert "◆ odd: Hard cases (Ana)." in chart.alt
    table = table_funnel(found.filter("stands_out"), csat).block
    assert [column.label for column in table.columns][-1] == "Recorded reason"
    assert [row[-1].text for row in table.rows] == ["◆ Hard cases (Ana)"]
    assert not any("kpitools annotate" in note for note in table.notes)
    assert not any("Hard cases" in note for note in table.notes)
    said = say_funnel(found, csat).block
    assert unquoted(said, names=["odd"]) == []


def test_without_a_reason_there_is_no_column_for_it_but_a_way_to_record_one(kpi):
    table = table_funnel(members(TEAMS, kpi()), kpi()).block
    assert table.notes[-1] == (
        "1 agent has no recorded reason. To record one: kpitools annotate --kpi csat "
        '--entity agent=odd --text "..." --author "..."'
    )
    assert [column.key for column in table.columns][-1] == "status"
    assert {len(row) for row in table.rows} == {len(table.columns)}


def test_a_member_left_out_is_drawn_apart_and_named(kpi):
    csat = kpi()
    reason = {"member": "odd", "text": "In training", "exclude": True}
    found = members(TEAMS, csat, annotations=noted(reason))
    chart = chart_funnel(found, csat).block
    check_spec(chart.spec)
    points = {row["member"]: row for row in chart.spec["datasets"]["points"]}
    assert (points["odd"]["shape"], points["odd"]["hollow"]) == ("diamond", True)
    assert points["odd"]["says"] == "◆ left out by a recorded reason"
    assert [row["label"] for row in chart.spec["datasets"]["names"]] == ["odd ◆ In training"]
    assert "no agent of 12 differs" in chart.title
    assert "2 with too few cases are not judged." in chart.alt
    assert (
        "◆ odd: In training (Ana); left out of the value of all and of the limits." in chart.notes
    )
    lines = {row[0].text: row for row in chart.twin.rows}
    assert lines["odd"][1].text == "60.0 %"
    assert (lines["odd"][4].tone, lines["odd"][4].text) == (
        *("unknown", "◆ left out by a recorded reason"),
    )


def test_where_everybody_is_left_out_that_is_said(kpi):
    csat = kpi()
    every = {"dimension": None, "text": "Migration", "exclude": True}
    found = members({"a": (80, 100), "b": (90, 100)}, csat, annotations=noted(every))
    chart = chart_funnel(found, csat).block
    check_spec(chart.spec)
    assert chart.title == "Satisfied customers: recorded reasons leave out all of 2 agents"


def test_periods_that_do_not_count_are_said(kpi):
    csat = kpi()
    months = [
        build_series([0.8, 0.85], start=date(2026, 9, 1), cases=200, team=name, kpi=csat.kpi)
        for name in "ab"
    ]
    facts = pl.concat(months).rename({"team": "agent"})
    month = {"from": date(2026, 9, 1), "to": date(2026, 9, 30), "exclude": True, "text": "Outage"}
    of_all = funnel_limits(facts, csat, by="agent", annotations=noted(month | {"dimension": None}))
    assert "Periods that recorded reasons leave out do not count (up to 1 period)." in (
        chart_funnel(of_all, csat).block.notes
    )
    of_a = funnel_limits(facts, csat, by="agent", annotations=noted(month | {"member": "a"}))
    assert "◆ a: Outage (Ana); 1 period left out." in chart_funnel(of_a, csat).block.notes


@pytest.mark.parametrize("show", [chart_funnel, table_funnel, say_funnel])
def test_what_is_no_funnel_is_refused(show, kpi):
    csat = kpi()
    with pytest.raises(VisualsError, match="no column 'target'"):
        show(members(TEAMS, csat).drop("target"), csat)
    with pytest.raises(VisualsError, match="no member to compare"):
        show(members(TEAMS, csat).clear(), csat)


def test_a_hostile_name_is_text(kpi, hostile):
    csat = kpi()
    found = members({**TEAMS, hostile: (100, 300)}, csat)
    chart = chart_funnel(found, csat, about=hostile).block
    check_reading(chart.spec)
    text = {"text": hostile or "-", "author": hostile or "-", "member": hostile}
    told = members({**TEAMS, hostile: (100, 300)}, csat, annotations=noted(text))
    check_reading(chart_funnel(told, csat, about=hostile).block.spec)
    assert all(len(note) < 400 for note in chart_funnel(told, csat).block.notes)
    assert len(chart.title + chart.subtitle + chart.source) < 1200


@pytest.mark.parametrize("widened", [True, False])
@pytest.mark.parametrize("odd", [{}, {"x": (120, 300)}, {"x": (120, 300), "y": (299, 300)}])
def test_every_number_of_the_sentence_is_one_of_the_finding(kpi, odd, widened):
    csat = kpi()
    found = members({**TEAMS, **odd}, csat, overdispersion=widened)
    said = say_funnel(found, csat).block
    called = found["stands_out"].sum()
    counts = (found["judged"].sum(), called, called - 4)  # four are named, the rest counted
    numbers = {*found["value"], *found["target"], *map(float, counts)}
    assert said.numbers
    for quoted in said.numbers:
        assert any(quoted.value == pytest.approx(number, rel=1e-12) for number in numbers), quoted
    assert unquoted(said, names=[*TEAMS, *odd]) == []
