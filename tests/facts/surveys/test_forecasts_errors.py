"""What forecast errors count: which forecast, which actual, which base, which length."""

import pytest

HEAD = (
    "team | queue | interval_at | interval_ms | made_at | step | offered | aht_ms | required_agents"
)


def tables(forecasts, contacts=()):
    """Half hours on 5 October: (start, forecast, made); contacts (start, outcome, talk)."""
    plans = [
        f"t | q | 2026-10-05 {at} | 30min | {made} | final | {offered} | 100s | 2"
        for at, offered, made in forecasts
    ]
    head = "contact_id | team | queue | offered_at | outcome | talk_ms | hold_ms | acw_ms"
    calls = [
        f"{n} | t | q | 2026-10-05 {at} | {outcome} | {talk} | 0s | 0s"
        for n, (at, outcome, talk) in enumerate(contacts)
    ]
    return {"forecasts": "\n".join([HEAD, *plans]), "contacts": "\n".join([head, *calls])}


def calls(at, number, outcome="answered", talk="100s"):
    return [(at, outcome, talk)] * number


EARLY, LATE = "2026-09-20", "2026-10-04"


def test_customers_who_gave_up_were_offered_all_the_same(facts_of):
    made = tables([("09:00", 4, LATE)], [*calls("09:00", 2), *calls("09:01", 2, "abandoned", "")])
    assert facts_of("forecast_wape", made)["value"].item() == 0


def test_the_forecast_that_people_were_scheduled_by_is_judged_when_locked(values_of):
    made = tables([("09:00", 8, EARLY), ("09:00", 4, LATE)], calls("09:00", 4))
    names = "forecast_wape forecast_wape:locked"
    assert values_of(names, made) == {"forecast_wape": 0, "forecast_wape:locked": 1}
    longer = {"forecast_wape:locked": {"lock_days": 20}}
    assert values_of("forecast_wape:locked", made, parameters=longer) == {}


def test_a_forecast_made_after_the_interval_began_is_no_forecast(facts_of):
    made = tables([("09:00", 8, LATE), ("09:00", 4, "2026-10-05 09:01")], calls("09:00", 4))
    assert facts_of("forecast_wape", made)["value"].item() == 1


def test_an_interval_in_which_nothing_came_has_no_percentage_error(facts_of):
    made = tables([("09:00", 4, LATE), ("09:30", 3, LATE)], calls("09:00", 2))
    facts = facts_of("forecast_mape forecast_mape:left_out forecast_wape", made)
    assert facts.select("numerator", "denominator").rows() == [(1.0, 1.0), (1.0, 2.0), (5.0, 2.0)]


def test_the_other_base_is_another_number(values_of):
    made = tables([("09:00", 12, LATE)], calls("09:00", 11))
    names = ["forecast_accuracy", "forecast_accuracy:base_forecast"]
    found = values_of(names, made)
    assert found["forecast_accuracy"] == pytest.approx(1 - 1 / 11)
    assert found["forecast_accuracy:base_forecast"] == pytest.approx(1 - 1 / 12)


def test_accuracy_falls_below_nothing_when_errors_exceed_contacts(values_of):
    made = tables([("09:00", 5, LATE)], calls("09:00", 1))
    assert values_of("forecast_accuracy", made) == {"forecast_accuracy": -3}


def test_intervals_of_a_day_cancel_and_days_do_not(values_of):
    made = tables(
        [("09:00", 4, LATE), ("09:30", 2, LATE)], [*calls("09:00", 2), *calls("09:30", 4)]
    )
    names = "forecast_deviation forecast_deviation:signed forecast_wape"
    assert list(values_of(names, made).values()) == [0, 0, pytest.approx(2 / 3)]
    days = HEAD + "".join(
        f"\nt | q | 2026-10-0{day} 09:00 | 30min | {LATE} | final | {offered} | 100s | 2"
        for day, offered in ((5, 4), (6, 2))
    )
    head = "contact_id | team | queue | offered_at | outcome\n"
    came = [f"{n} | t | q | 2026-10-0{5 + (n > 1)} 09:00 | answered" for n in range(6)]
    over = {"forecasts": days, "contacts": head + "\n".join(came)}
    assert list(values_of("forecast_deviation forecast_deviation:signed", over).values()) == [
        pytest.approx(2 / 3),
        0,
    ]


def test_errors_to_both_sides_hide_in_the_bias(values_of):
    made = tables(
        [("09:00", 4, LATE), ("09:30", 0, LATE)], [*calls("09:00", 2), *calls("09:30", 2)]
    )
    assert values_of("forecast_bias forecast_wape", made) == {
        "forecast_bias": 0,
        "forecast_wape": 1,
    }


def test_handle_time_weighs_by_contacts_not_by_intervals(values_of):
    busy = [*calls("09:00", 9, talk="100s"), *calls("09:30", 1, talk="300s")]
    made = tables([("09:00", 9, LATE), ("09:30", 1, LATE)], busy)
    found = values_of("forecast_aht_error forecast_aht_error:bias", made)
    assert found["forecast_aht_error"] == pytest.approx(200 / 1200)
    assert found["forecast_aht_error:bias"] == pytest.approx(-200 / 1200)


def test_a_contact_without_all_its_times_says_nothing_of_handle_time(facts_of):
    made = tables([("09:00", 2, LATE)], [*calls("09:00", 1), *calls("09:01", 1, talk="")])
    facts = facts_of("forecast_aht_error forecast_wape", made)
    assert facts.select("numerator", "denominator").rows() == [(0.0, 100.0), (0.0, 2.0)]


TIME = """
    agent | team | state     | started_at       | duration_ms
    a     | t    | available | 2026-10-05 09:00 | 60min
    b     | t    | contact   | 2026-10-05 09:00 | 30min
    c     | t    | contact   | 2026-10-05 09:00 | 30min
    d     | t    | meeting   | 2026-10-05 09:00 | 60min
    e     | t    | offline   | 2026-10-05 09:00 | 60min
"""
STAFFED = {**tables([("09:00", 4, LATE), ("09:30", 4, LATE)]), "agent_time": TIME}


def test_net_staffing_hides_too_many_and_too_few(values_of):
    names = (
        "staffing_vs_forecast staffed_intervals_within "
        "understaffed_intervals staffed_intervals_within:over"
    )
    assert values_of(names, STAFFED) == {
        "staffing_vs_forecast": 1,
        "staffed_intervals_within": 0,
        "understaffed_intervals": 0.5,
        "staffed_intervals_within:over": 0.5,
    }


def test_people_in_meetings_are_signed_in_and_not_there(values_of):
    names = "staffing_vs_forecast staffing_vs_forecast:signed_in"
    assert list(values_of(names, STAFFED).values()) == [1, 1.5]


PLANS = """
    agent | team | activity | started_at       | ended_at         | version_at | productive
    a     | t    | phones   | 2026-10-05 09:00 | 2026-10-05 10:00 | 2026-10-01 | true
    b     | t    | phones   | 2026-10-05 09:00 | 2026-10-05 10:00 | 2026-10-01 | true
    b     | t    | phones   | 2026-10-05 09:00 | 2026-10-05 09:30 | 2026-11-01 | true
"""


def test_a_plan_is_not_presence_and_counts_as_last_made(values_of):
    made = {**STAFFED, "schedules": PLANS}
    name = "staffing_vs_forecast:scheduled"
    assert values_of(name, made, as_of="2026-10-31") == {name: 1}
    assert values_of(name, made, as_of="2026-11-02") == {name: 0.75}


def test_the_limits_of_staffed_as_required_are_included(values_of):
    wider = {"staffed_intervals_within": {"low": 0.5, "high": 1.5}}
    assert values_of("staffed_intervals_within", STAFFED, parameters=wider) == {
        "staffed_intervals_within": 1
    }
