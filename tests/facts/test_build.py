"""Facts of every kind, checked by hand."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from kpitools.errors import FactsError

CALLS = [
    ("1", "london", "a", "2026-03-30T10:00", "answered", 10_000),
    ("2", "london", "a", "2026-03-31T10:00", "answered", 20_000),
    ("3", "london", "b", "2026-03-31T11:00", "abandoned", 99_000),
    ("4", "denver", "c", "2026-04-01T03:00", "answered", 30_001),
    ("5", "denver", None, "2026-04-01T20:00", "answered", 5_000),
]


@pytest.fixture
def calls(events_of):
    names = ("contact_id", "team", "agent", "offered_at", "outcome", "wait_ms")
    return events_of(contacts=[dict(zip(names, row, strict=True)) for row in CALLS])


def test_facts_have_the_columns_of_the_fact_table(ask, calls, offered, asa):
    facts = ask([offered, asa], calls, by=("team", "agent"), grain="day")
    assert facts.schema == {
        "kpi": pl.String,
        "version": pl.Int64,
        "grain": pl.String,
        "period": pl.Date,
        "team": pl.String,
        "agent": pl.String,
        "numerator": pl.Float64,
        "denominator": pl.Float64,
        "value": pl.Float64,
        "final": pl.Boolean,
    }
    order = facts.select("kpi", "team", "agent", "period").rows()
    keys = [(["offered", "asa"].index(kpi), *rest) for kpi, *rest in order]
    assert keys == sorted(keys)
    assert "(not recorded)" in facts["agent"].to_list()


def test_a_count_has_no_denominator_and_a_duration_is_in_seconds(ask, calls, offered, asa):
    facts = ask([offered, asa], calls)
    assert facts.drop("version", "grain").rows() == [
        ("offered", date(2026, 3, 1), 4.0, None, 4.0, True),
        ("offered", date(2026, 4, 1), 1.0, None, 1.0, True),
        ("asa", date(2026, 3, 1), 60.001, 3.0, 60.001 / 3, True),
        ("asa", date(2026, 4, 1), 5.0, 1.0, 5.0, True),
    ]


def test_each_team_goes_by_its_own_calendar_day(ask, calls, offered):
    days = ask(offered, calls, grain="day").select("period", "value").rows()
    assert days == [
        (date(2026, 3, 30), 1.0),
        (date(2026, 3, 31), 3.0),
        (date(2026, 4, 1), 1.0),
    ]


def test_minute_grains_are_cut_on_utc(ask, calls, offered):
    facts = ask(offered, calls, grain="30min", start=date(2026, 4, 1), end=date(2026, 4, 1))
    assert facts.schema["period"] == pl.Datetime("ms", "UTC")
    assert facts.select("period", "value", "final").rows() == [
        (datetime(2026, 4, 1, 3, 0, tzinfo=UTC), 1.0, True),
        (datetime(2026, 4, 1, 20, 0, tzinfo=UTC), 1.0, True),
    ]


def test_weeks_start_where_the_workspace_says(ask, events_of, offered):
    rows = [{"contact_id": "1", "offered_at": f"2026-10-{day:02}T12:00"} for day in (4, 5, 11)]
    monday = ask(offered, events_of(contacts=rows), grain="week")
    sunday = ask(offered, events_of(contacts=rows, week_start="sunday"), grain="week")
    assert monday.select("period", "value").rows() == [
        (date(2026, 9, 28), 1.0),
        (date(2026, 10, 5), 2.0),
    ]
    assert sunday.select("period", "value").rows() == [
        (date(2026, 10, 4), 2.0),
        (date(2026, 10, 11), 1.0),
    ]


def test_a_range_takes_whole_periods(ask, calls, offered):
    facts = ask(offered, calls, grain="quarter", start=date(2026, 2, 14), end=date(2026, 3, 1))
    assert facts.select("period", "value").rows() == [(date(2026, 1, 1), 4.0)]


def test_parameters_move_the_threshold(ask, calls, service_level):
    def met(**settings):
        return ask(service_level, calls, parameters={"service_level": settings})["numerator"].sum()

    assert met() == 3.0
    assert met(inclusive=False) == 2.0
    assert met(threshold_s=60) == 4.0


def test_a_filter_keeps_rows_and_knows_what_is_not_recorded(ask, calls, offered):
    of_denver = ask(offered, calls, where={"team": ("denver",)})
    assert of_denver["value"].sum() == 2.0
    unnamed = ask(offered, calls, where={"agent": ("(not recorded)", "a")})
    assert unnamed["value"].sum() == 3.0


def test_conditions_of_one_kpi_do_not_touch_another(ask, calls, offered, asa, service_level):
    together = ask([offered, asa, service_level], calls, by=("team",))
    alone = [ask(kpi, calls, by=("team",)) for kpi in (offered, asa, service_level)]
    assert together.equals(pl.concat(alone))


def test_a_ratio_over_no_case_is_no_row_but_a_cost_without_contacts_is(ask, events_of, kpi_of):
    rows = [
        {"contact_id": "1", "team": "london", "offered_at": "2026-01-05", "outcome": "abandoned",
         "wait_ms": 1, "talk_ms": 7},
    ]  # fmt: skip
    answered = kpi_of(
        where="outcome = 'answered'", numerator="sum(wait_ms)", denominator="count(wait_ms)"
    )
    assert ask(answered, events_of(contacts=rows)).height == 0
    odd = kpi_of(numerator="sum(talk_ms)", denominator="count(*) filter (where wait_ms > 5)")
    assert ask(odd, events_of(contacts=rows)).select(
        "numerator", "denominator", "value"
    ).rows() == [(0.007, 0.0, None)]


def test_a_percentile_interpolates_and_tells_its_cases(ask, events_of, kpi_of):
    waits = [1_000, 2_000, 3_000, 10_000, None]
    rows = [
        {"contact_id": str(n), "offered_at": "2026-01-05", "wait_ms": wait}
        for n, wait in enumerate(waits)
    ]
    p90 = kpi_of(kind="percentile", unit="seconds", numerator="percentile(wait_ms, 0.9)")
    facts = ask(p90, events_of(contacts=rows))
    assert facts.select("numerator", "denominator").rows() == [(None, 4.0)]
    assert facts["value"][0] == pytest.approx(3.0 + 0.7 * 7.0)


def test_a_distinct_count_counts_once(ask, calls, kpi_of):
    agents = kpi_of(kind="distinct", numerator="count(distinct agent)")
    assert ask(agents, calls, grain="quarter").select("numerator", "value").rows() == [
        (3.0, 3.0),
        (0.0, 0.0),
    ]


def test_points_are_a_hundredfold_and_money_is_in_major_units(ask, events_of, kpi_of):
    surveys = [
        {"survey_id": str(n), "instrument": "nps", "answered_at": "2026-01-05", "score": score}
        for n, score in enumerate([10, 9, 7, 3])
    ]
    nps = kpi_of(
        table="surveys",
        period_of="answered_at",
        unit="points",
        numerator="count(*) filter (where score >= 9) - count(*) filter (where score <= 6)",
        denominator="count(score)",
    )
    assert ask(nps, events_of(surveys=surveys)).select(
        "numerator", "denominator", "value"
    ).rows() == [(1.0, 4.0, 25.0)]
    costs = [{"posted_at": "2026-01-05", "currency": "EUR", "amount": 12_345}]
    cost = kpi_of(table="costs", period_of="posted_at", unit="money", numerator="sum(amount)")
    assert ask(cost, events_of(costs=costs))["value"].to_list() == [123.45]


def test_amounts_in_two_currencies_are_not_added(ask, events_of, kpi_of):
    costs = [
        {"posted_at": "2026-01-05", "currency": code, "amount": 100} for code in ("EUR", "TRY")
    ]
    cost = kpi_of(table="costs", period_of="posted_at", unit="money", numerator="sum(amount)")
    events = events_of(costs=costs)
    with pytest.raises(FactsError, match="several currencies"):
        ask(cost, events)
    assert ask(cost, events, by=("currency",))["value"].to_list() == [1.0, 1.0]
    assert ask(cost, events, where={"currency": ("TRY",)})["value"].to_list() == [1.0]


def test_the_catalogue_unit_does_not_scale_what_is_seconds_already(ask, events_of, kpi_of):
    rows = [{"contact_id": "1", "offered_at": "2026-01-05T00:00", "ended_at": "2026-01-05T00:01"}]
    taken = kpi_of(
        unit="seconds", numerator="sum(seconds(offered_at, ended_at))", denominator="count(*)"
    )
    same = kpi_of(
        unit="seconds", numerator="sum(milliseconds(offered_at, ended_at))", denominator="count(*)"
    )
    events = events_of(contacts=rows)
    assert ask(taken, events)["value"][0] == ask(same, events)["value"][0] == 60.0


def test_no_rows_give_no_facts_in_the_right_shape(ask, events_of, offered):
    empty = events_of(contacts=pl.DataFrame({"contact_id": [], "offered_at": []}, schema={
        "contact_id": pl.String, "offered_at": pl.Datetime("ms", "UTC")}))  # fmt: skip
    facts = ask(offered, empty, grain="15min")
    assert facts.height == 0
    assert facts.schema["period"] == pl.Datetime("ms", "UTC")
