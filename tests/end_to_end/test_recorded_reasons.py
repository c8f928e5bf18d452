"""What the sample records itself is still found, and shown as explained."""

import json
from datetime import date

import polars as pl
import pytest

import kpitools as kt
from kpitools.sources.pseudonyms import pseudonym
from kpitools.workspace.shipped import shipped

pytestmark = pytest.mark.slow
SAMPLE = shipped("data_samples")
FACTS = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))["facts"]
PLANTED = {fact["id"]: fact for fact in FACTS}
LAST = kt.Period("day", date(2026, 10, 31))


@pytest.fixture(scope="module")
def ws():
    return kt.open(SAMPLE)


def test_the_day_of_the_outage_is_found_and_explained(ws):
    outage = PLANTED["outage_day"]
    team = outage["team"]
    facts = ws.facts("offered", team=team, by="team", grain="day", start=LAST.previous(200))
    found = kt.robust_outliers(facts, kpis=[ws.kpi("offered")], annotations=ws.annotations)
    day = found.row(by_predicate=pl.col("period") == date.fromisoformat(outage["from"]), named=True)
    assert day["outlier"]
    assert (day["annotation"], day["excluded"]) == ("Outage of the network provider", True)
    table = kt.table_outliers(found, ws.kpi("offered")).block
    (line,) = [row for row in table.rows if "14 Oct 2026" in row[0].text]
    assert line[-1].text == "◆ Outage of the network provider (Operations manager)"


def test_one_bad_day_does_not_silence_its_month(ws):
    team = PLANTED["outage_day"]["team"]
    facts = kt.annotated(ws.facts("abandon_rate", by="team"), ws.annotations)
    card = kt.scorecard(facts, [ws.kpi("abandon_rate")], team=team, period=ws.latest_period()).row(
        0, named=True
    )
    assert card["annotation"] == "Outage of the network provider"
    assert (card["excluded"], card["left_out"], card["tone"]) == (False, [], "worse")


def test_the_slow_agent_stands_out_with_the_reason(ws):
    slow = PLANTED["agent_slow"]
    end = kt.Period("week", date(2026, 10, 19))
    facts = ws.facts(
        "aht",
        team=slow["team"],
        by=["agent", "team"],
        grain="week",
        start=end.previous(12),
        end=end,
    )
    found = kt.funnel_limits(facts, ws.kpi("aht"), by="agent", annotations=ws.annotations)
    shown = pseudonym(slow["agent"], b"public-sample-key")
    odd = found.filter("stands_out")
    assert odd.select("agent", "annotation_author", "excluded").rows() == [
        (shown, "Team lead", False)
    ]
    assert slow["agent"] not in repr(kt.chart_funnel(found, ws.kpi("aht")).block)
