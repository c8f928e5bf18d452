"""141,712 events of 24,918 incidents: figures to the printed digits."""

from datetime import date

import polars as pl
import pytest

from kpitools.catalog import compile_kpi
from kpitools.facts import Asked, build_facts

pytestmark = pytest.mark.slow
HOUR = 3_600
SPRING = [date(2016, month, 1) for month in (2, 3, 4, 5)]


@pytest.fixture(scope="session")
def incidents(open_real):
    return open_real("incidents")


@pytest.fixture(scope="session")
def monthly(incidents):
    """Give the monthly values of a KPI from February to May 2016, maybe by another time."""

    def asking(name, **other):
        kpi = incidents.kpi(name).model_copy(update=other)
        asked = Asked((kpi,), start=SPRING[0], end=SPRING[-1])
        facts = build_facts(asked, incidents.events)
        assert facts["period"].to_list() == SPRING[-facts.height :]
        return facts["value"].to_list()

    return asking


def test_one_row_per_incident(incidents):
    tickets = incidents.table("tickets").collect()
    assert tickets.height == tickets["ticket_id"].n_unique() == 24_918
    assert tickets["solved_at"].null_count() == 1_556


def test_the_target_was_met_per_incident(incidents, total):
    facts = incidents.facts("sla_met")
    assert facts["numerator"].sum() == 15_803
    assert facts["denominator"].sum() == 24_918
    assert round(total(facts), 4) == 0.6342


def test_the_target_by_priority(incidents, total):
    facts = incidents.facts("sla_met", by="priority")
    found = {
        name[0]: round(total(part) * 100, 2)
        for (name,), part in facts.partition_by("priority", as_dict=True).items()
    }
    assert found == {"1": 1.85, "2": 0.49, "3": 64.54, "4": 84.11}


def test_the_target_by_month_of_opening(monthly):
    assert [round(value * 100, 2) for value in monthly("sla_met")[1:]] == [39.86, 76.70, 77.52]


def test_the_mean_time_to_resolve(incidents, total):
    facts = incidents.facts("trt")
    assert facts["denominator"].sum() == 23_362
    assert round(total(facts) / HOUR, 3) == 178.172


@pytest.mark.parametrize(("kpi", "hours"), [("trt_median", 22.1), ("trt_p90", 381.548)])
def test_percentiles_over_all_incidents(incidents, kpi, hours):
    formula = compile_kpi(incidents.kpi(kpi)).numerator
    found = incidents.table("tickets").select(formula.to_polars()).collect().item()
    assert round(found / 1_000 / HOUR, 3) == hours


def test_a_percentile_by_month_is_that_of_the_month(incidents):
    facts = incidents.facts("trt_p90", start=SPRING[1], end=SPRING[1])
    in_march = pl.col("solved_at").dt.date().is_between(SPRING[1], date(2016, 3, 31))
    tickets = incidents.table("tickets").filter(in_march).collect()
    taken = (tickets["solved_at"] - tickets["created_at"]).dt.total_milliseconds() / 1_000
    assert facts["denominator"].to_list() == [tickets.height]
    assert facts["value"][0] == pytest.approx(taken.quantile(0.9, "linear"))


def test_reopened_incidents(incidents, total):
    opened = incidents.kpi("reopen_rate").model_copy(update={"period_of": "created_at"})
    facts = build_facts(Asked((opened,)), incidents.events)
    assert facts["numerator"].sum() == 275
    assert round(total(facts), 5) == 0.01104


def test_opened_and_closed_by_month(monthly):
    assert monthly("tickets_created") == [207, 8_995, 7_934, 7_508]
    assert monthly("tickets_created", period_of="closed_at") == [1, 5_848, 8_326, 8_425]


def test_backlog_at_the_ends_of_months(monthly):
    assert monthly("backlog_unclosed")[1:] == [3_353, 2_961, 2_044]
    assert monthly("backlog")[1:] == [1_825, 1_340, 1_272]
    assert monthly("backlog", leaves="solved_at")[1:] == [2_288, 2_428, 2_786]


def test_the_backlog_is_what_came_less_what_went(incidents):
    created = incidents.facts("tickets_created", by="team")
    closed = incidents.kpi("tickets_created").model_copy(update={"period_of": "closed_at"})
    gone = build_facts(Asked((closed,), by=("team",)), incidents.events)
    change = pl.concat([created, gone.with_columns(-pl.col("value"))])
    last = incidents.facts("backlog_unclosed", by="team").filter(period=date(2016, 5, 1))
    expected = (
        change.filter(pl.col("period") <= date(2016, 5, 1))
        .group_by("team")
        .agg(pl.col("value").sum())
    )
    joined = last.join(expected, on="team", how="left")
    assert (joined["value"] == joined["value_right"].fill_null(0)).all()


def test_teams_of_the_last_state(incidents):
    facts = incidents.facts("tickets_created", by="team")
    assert facts["team"].n_unique() == 71
    assert "(not recorded)" in facts["team"].to_list()


def test_dates_are_proven_day_first(incidents):
    proven = {each.field: each for each in incidents.findings if each.kind == "date_order"}
    assert set(proven) >= {"created_at", "solved_at", "closed_at"}
    assert "day first" in proven["created_at"].message


def test_no_event_is_lost_silently(incidents):
    (kept,) = [each for each in incidents.findings if each.kind == "latest_state"]
    assert kept.count == 141_712 - 24_918
    assert not [each for each in incidents.findings if each.severity == "blocking"]
