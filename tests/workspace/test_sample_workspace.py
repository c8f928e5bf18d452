"""The sample read as a user reads it: no fault in the way, every KPI with a value."""

import json
import os
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

import kpitools as kt
from kpitools.tables import TABLES

pytestmark = pytest.mark.slow
SAMPLE = Path(__file__).resolve().parents[2] / "data_samples"
TRUTH = {
    fact["id"]: fact
    for fact in json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))["facts"]
}


@pytest.fixture(scope="module")
def workspace():
    for name in ("KPITOOLS_AS_OF", "KPITOOLS_WORKSPACE", "KPITOOLS_PRIVACY_KEY"):
        assert name not in os.environ
    return kt.open(SAMPLE)


@pytest.fixture(scope="module")
def october(workspace):
    return workspace.facts(None, by="team", grain="month", start="2026-10", end="2026-10")


def test_all_canonical_tables_have_rows(workspace):
    assert set(workspace.events.tables) == set(TABLES)
    for name in TABLES:
        assert workspace.table(name).select(pl.len()).collect().item() > 100, name


def test_nothing_stands_in_the_way_of_a_pack(workspace):
    assert [item for item in workspace.findings if item.severity == "blocking"] == []
    quiet = {"unreadable_values", "unmapped_values", "broken_lines", "negative_durations"}
    quiet |= {"end_before_start", "times_in_the_future", "unknown_teams", "mixed_date_order"}
    assert [item for item in workspace.findings if item.kind in quiet] == []


def test_revised_rows_are_the_only_duplicates(workspace):
    found = [item for item in workspace.findings if item.kind == "duplicates"]
    late = pl.read_parquet(SAMPLE / "exports" / "contacts" / "revised_2026-09.parquet")
    first = pl.read_parquet(SAMPLE / "exports" / "contacts" / "technical.parquet")
    again = late.join(first, on=["contact_id", "leg_id"], how="semi").height
    assert [(item.source, item.count) for item in found] == [("contacts", again)]


def test_revised_rows_count_as_last_changed(workspace):
    arrived = datetime.fromisoformat(TRUTH["late_data"]["arrived"]).astimezone(UTC)
    table = workspace.table("contacts").filter(pl.col("updated_at") == arrived).collect()
    assert table.height == TRUTH["late_data"]["size"]


def test_control_totals_agree(workspace):
    found = [item for item in workspace.findings if item.kind == "control_total"]
    assert len(found) == 6
    assert {(item.severity, item.count) for item in found} == {("info", 0)}


NOT_EXPORTED = {
    "coaching_coverage": "'coached_at'",
    "sla_breach_rate": "'due_at', 'target'",
}
"""KPIs of which the sample's systems export too little, and the fields that lack."""
NEVER_ASKED = {"ces", "nrt", "nrt_median"}
"""KPIs of which the sample has the columns and no case: no effort question, no second message."""


EVERYWHERE = ("offered", "answered", "aht", "tickets_created", "backlog", "csat", "qa_score")
"""KPIs that every team has; in a queue of letters, say, nobody waits."""


def test_a_kpi_is_refused_only_where_a_field_is_not_exported(workspace):
    refused = workspace.refused()
    assert set(refused) == set(NOT_EXPORTED)
    for name, fields in NOT_EXPORTED.items():
        assert refused[name].endswith(f"maps no column to {fields}")


def test_every_kpi_has_a_value_in_every_team_of_any_size(workspace, october):
    named = {kpi.kpi for kpi in workspace.catalog.entries}
    assert set(october["kpi"]) == named - set(NOT_EXPORTED) - NEVER_ASKED
    teams = october.group_by("kpi").agg(pl.col("value").is_not_null().sum().alias("teams"))
    assert teams.filter(pl.col("kpi").is_in(list(EVERYWHERE)))["teams"].to_list() == [8] * len(
        EVERYWHERE
    )
    assert teams["teams"].min() >= 1
    assert teams.filter(pl.col("teams") >= 7).height >= 0.9 * teams.height


def test_planted_step_shows_in_the_facts(workspace):
    facts = workspace.facts("aht", by="team", team="billing", start="2026-05", end="2026-06")
    may, june = facts.sort("period")["value"]
    assert june - may == pytest.approx(TRUTH["aht_step"]["size"], abs=15)


def test_planted_bias_shows_in_the_facts(workspace):
    fact = TRUTH["forecast_bias"]
    facts = workspace.facts(
        "forecast_bias", by="queue", start="2026-04", end="2026-10", where={"queue": fact["queue"]}
    )
    bias = facts["numerator"].sum() / facts["denominator"].sum()
    assert bias == pytest.approx(fact["size"], abs=0.03)


def test_october_looks_like_a_contact_centre(october):
    values = {
        (kpi, team): value
        for kpi, team, value in october.select("kpi", "team", "value").iter_rows()
    }
    live = ("orders", "billing", "technical", "chat_care", "premium", "müşteri")
    for team in live:
        assert 5 < values["asa", team] < 40
        assert 0.75 < values["service_level_answered", team] < 0.98
        assert 0.01 < values["abandon_rate", team] < 0.15
        assert 0.5 < values["occupancy", team] < 0.9
        assert 0.4 < values["utilisation", team] < 0.8
        assert 0.9 < values["staffing_vs_forecast", team] < 1.3
        assert 2 < values["cost_per_contact", team] < 40
    assert set(october["period"]) == {date(2026, 10, 1)}


def test_agents_are_shown_as_pseudonyms(workspace):
    agents = workspace.table("contacts").select(pl.col("agent").drop_nulls().unique()).collect()
    assert agents["agent"].str.starts_with("agent-").all()
    assert agents.height > 60


def test_holidays_of_all_teams_are_the_days_that_most_have_off(workspace):
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    of_all = workspace.holidays(None, first, last)
    by_team = {team: set(workspace.holidays(team, first, last)) for team in workspace.teams}
    for day in {day for days in by_team.values() for day in days}:
        off = sum(day in days for days in by_team.values())
        assert (day in of_all) == (off > len(by_team) / 2), day
    assert date(2026, 1, 1) in of_all
    assert list(of_all) == sorted(of_all)
    assert workspace.holidays("(not recorded)", first, last) == of_all
