"""What was planned beside what was done: adherence, conformance, absence, planned shrinkage."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.catalog import load_builtin
from kpitools.facts import refusals, roll_up

CATALOG = load_builtin()
MINUTE = 60_000
TEN_TO_MIDNIGHT = datetime(2026, 6, 1, 22, tzinfo=UTC)


def at(text):
    return text if "T" in text else f"2026-06-01T{text}"


def plan(agent, start, end, activity="work", **other):
    productive = other.pop("productive", activity == "work")
    return {
        "agent": agent,
        "team": "utc",
        "activity": activity,
        "started_at": at(start),
        "ended_at": at(end),
        "version_at": None,
        "productive": productive,
        "paid": True,
        "counts_for_adherence": True,
    } | {key: at(item) if key == "version_at" else item for key, item in other.items()}


def spell(agent, state, start, minutes, **other):
    return {
        "agent": agent,
        "team": "utc",
        "state": state,
        "started_at": at(start),
        "duration_ms": minutes * MINUTE,
        "paid": True,
    } | other


@pytest.fixture(scope="session")
def facts_of(ask, events_of):
    def computing(name, schedules, agent_time, parts=None, *, as_of="2026-12-31", **asked):
        kpi = CATALOG.kpi(name)
        events = events_of(schedules=schedules, agent_time=agent_time, as_of=as_of)
        return ask(kpi, events, parameters={name: parts or {}}, **asked)

    return computing


@pytest.fixture(scope="session")
def value(facts_of):
    def computing(*given, **more):
        return facts_of(*given, **more)["value"].item()

    return computing


def test_work_outside_the_schedule_does_not_repair_adherence(value):
    plans, spells = [plan("a", "09:00", "10:00")], [spell("a", "available", "09:30", 60)]
    assert value("adherence", plans, spells) == 0.5
    assert value("conformance", plans, spells) == 1


def test_signed_out_is_never_right_even_when_the_phone_is_not_planned(value):
    plans = [plan("a", "09:00", "10:00", "training")]
    assert value("adherence", plans, [spell("a", "offline", "09:00", 60)]) == 0
    assert value("adherence", plans, [spell("a", "meeting", "09:00", 60)]) == 1
    assert value("adherence", plans, [spell("a", "contact", "09:00", 60)]) == 0
    assert value("adherence:presence", plans, [spell("a", "contact", "09:00", 60)]) == 1


def test_nobody_is_right_in_a_custom_state_while_productive_work_is_planned(value):
    plans = [plan("a", "09:00", "10:00")]
    assert value("adherence", plans, [spell("a", "back office", "09:00", 60)]) == 0
    assert value("adherence", plans, [spell("a", "ring", "09:00", 60)]) == 1


def test_an_exception_that_overlaps_the_shift_counts_once(facts_of):
    plans = [
        plan("a", "09:00", "17:00"),
        plan("a", "13:00", "14:00", "training"),
        plan("a", "12:00", "12:30", "meal", counts_for_adherence=False),
        plan("a", "09:00", "17:00"),
    ]
    spells = [
        spell("a", "available", "09:00", 4 * 60),
        spell("a", "training", "13:00", 60),
        spell("a", "available", "14:00", 3 * 60),
    ]
    row = facts_of("adherence", plans, spells).row(0, named=True)
    assert (row["numerator"], row["denominator"]) == (7.5 * 3600, 7.5 * 3600)


def test_the_schedule_as_it_was_known_counts_and_changes_later(facts_of):
    plans = [
        plan("a", "09:00", "10:00", version_at="2026-05-20T12:00"),
        plan("a", "11:00", "12:00", version_at="2026-06-10T12:00"),
    ]
    spells = [spell("a", "available", "11:00", 60)]
    before = facts_of("adherence", plans, spells, as_of="2026-06-10T11:00")
    after = facts_of("adherence", plans, spells, as_of="2026-08-15")
    assert before["value"].to_list() == [0]
    assert after["value"].to_list() == [1]
    assert before["final"].to_list() == [False]
    assert after["final"].to_list() == [True]


def test_a_value_is_final_thirty_days_after_the_period_is_over_on_the_last_clock(facts_of):
    plans, spells = [plan("a", "09:00", "10:00")], [spell("a", "available", "09:00", 60)]
    for as_of, final in (("2026-07-31T05:59", False), ("2026-07-31T06:00", True)):
        assert facts_of("adherence", plans, spells, as_of=as_of)["final"].to_list() == [final]


def test_a_new_version_replaces_the_whole_day_and_no_other(facts_of):
    plans = [
        plan("a", "09:00", "17:00", version_at="2026-05-20T12:00"),
        plan("a", "18:00", "19:00", version_at="2026-05-21T12:00"),
        plan("a", "2026-06-02T09:00", "2026-06-02T10:00", version_at="2026-05-20T12:00"),
    ]
    facts = facts_of("adherence", plans, [spell("a", "contact", "09:00", 60)])
    assert facts["denominator"].to_list() == [2 * 3600]


def test_what_is_planned_after_as_of_is_not_missed_yet(facts_of):
    plans, spells = [plan("a", "09:00", "17:00")], [spell("a", "available", "09:00", 60)]
    row = facts_of("adherence", plans, spells, as_of="2026-06-01T11:00").row(0, named=True)
    assert (row["numerator"], row["denominator"]) == (3600, 7200)


def test_a_few_minutes_are_forgiven_only_when_asked_and_never_by_a_cut_at_midnight(value):
    plans = [plan("a", "22:00", "2026-06-02T02:00")]
    spells = [
        spell("a", "available", "22:00", 118),
        spell("a", "available", "2026-06-02T00:02", 118),
    ]
    assert value("adherence", plans, spells) == 236 / 240
    assert value("adherence", plans, spells, {"grace_s": 180}) == 236 / 240
    assert value("adherence", plans, spells, {"grace_s": 240}) == 1
    assert value("adherence:grace", plans, spells) == 236 / 240


def test_a_shift_across_midnight_is_judged_on_both_days(facts_of):
    plans = [plan("a", "22:00", "2026-06-02T02:00")]
    spells = [spell("a", "available", "22:00", 120)]
    facts = facts_of("adherence", plans, spells, grain="day")
    assert facts.select("denominator", "value").rows() == [(7200, 1), (7200, 0)]


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [("2026-03-28T21:00", "2026-03-29T04:00", 7), ("2026-10-24T21:00", "2026-10-25T05:00", 8)],
)
def test_a_night_on_which_clocks_change_has_the_hours_that_passed(facts_of, start, end, hours):
    plans = [plan("a", start, end, team="london")]
    rows = facts_of("conformance", plans, [spell("a", "available", start, 60, team="london")])
    assert rows.select("numerator", "denominator").rows() == [(3600, hours * 3600)]


def test_intervals_of_adherence_add_up_to_the_day(facts_of):
    plans = [plan("a", "09:00", "10:10"), plan("b", "09:20", "10:00", "meeting")]
    spells = [spell("a", "available", "09:05", 50), spell("b", "meeting", "09:21", 60)]
    day = facts_of("adherence", plans, spells, grain="day")
    parts = facts_of("adherence", plans, spells, grain="15min")
    whole = roll_up(parts, [CATALOG.kpi("adherence")], grain="60min")
    assert whole["numerator"].sum() == parts["numerator"].sum() == day["numerator"].item()
    assert whole["denominator"].sum() == parts["denominator"].sum() == day["denominator"].item()


def test_the_mean_of_agents_adherence_is_not_the_adherence(facts_of):
    plans = [plan("a", "09:00", "17:00"), plan("b", "09:00", "10:00")]
    spells = [spell("a", "available", "09:00", 8 * 60)]
    by_agent = facts_of("adherence", plans, spells, by=("agent",))
    assert by_agent["value"].mean() == 0.5
    assert facts_of("adherence", plans, spells)["value"].item() == pytest.approx(8 / 9)


def test_an_agent_planned_in_two_teams_on_one_day_counts_for_each_its_part(facts_of):
    plans = [
        plan("a", "09:00", "12:00", team="london"),
        plan("a", "13:00", "15:00", team="denver"),
    ]
    spells = [
        spell("a", "available", "09:00", 180, team="london"),
        spell("a", "available", "13:00", 60, team="denver"),
    ]
    facts = facts_of("adherence", plans, spells, by=("team",))
    assert facts.select("team", "denominator", "value").rows() == [
        ("denver", 7200, 0.5),
        ("london", 10800, 1),
    ]


def test_time_and_plans_without_an_agent_are_not_laid_over_each_other(facts_of):
    plans = [plan(None, "09:00", "10:00"), plan("a", "09:00", "10:00")]
    facts = facts_of("adherence", plans, [spell(None, "available", "09:00", 60)])
    assert facts.select("numerator", "denominator").rows() == [(0, 3600)]


def test_breaks_in_which_agents_stay_signed_in_do_not_lift_conformance(value):
    plans = [
        plan("a", "09:00", "12:00"),
        plan("a", "12:00", "12:30", "meal", counts_for_adherence=False),
    ]
    spells = [spell("a", "available", "09:00", 180), spell("a", "meal", "12:00", 30)]
    assert value("conformance", plans, spells) == 1
    assert value("conformance:signed_in", plans, spells) == 210 / 180


def test_a_break_that_is_scheduled_to_count_is_worked(value):
    plans = [plan("a", "09:00", "10:00"), plan("a", "10:00", "10:15", "break")]
    spells = [spell("a", "available", "09:00", 60), spell("a", "break", "10:00", 15)]
    assert value("conformance", plans, spells) == 1
    assert value("adherence", plans, spells) == 1


def test_sickness_entered_afterwards_does_not_make_absence_vanish(value):
    spells = [spell("b", "available", "09:00", 60)]
    missed = [plan("a", "09:00", "17:00"), plan("b", "09:00", "10:00")]
    entered = [plan("a", "09:00", "17:00", "sick", counts_for_adherence=False), missed[1]]
    for plans in (missed, entered):
        assert value("absenteeism", plans, spells) == pytest.approx(8 / 9)
        assert value("absenteeism:heads", plans, spells) == 0.5
    assert value("absenteeism:entered", missed, spells) == 0
    assert value("absenteeism:entered", entered, spells) == pytest.approx(8 / 9)


def test_planned_leave_is_no_absence(facts_of):
    plans = [plan("a", "09:00", "17:00", "leave"), plan("b", "09:00", "10:00")]
    facts = facts_of("absenteeism", plans, [spell("b", "available", "09:00", 60)])
    assert facts.select("numerator", "denominator").rows() == [(0, 3600)]


def test_coming_late_is_not_absence(value):
    plans, spells = [plan("a", "09:00", "17:00")], [spell("a", "available", "09:59", 421)]
    assert value("absenteeism", plans, spells) == 0
    assert value("absenteeism", plans, spells, {"least_min": 30}) == 59 / 480
    assert value("absenteeism:heads", plans, spells) == 0


def test_heads_missing_are_counted_once_a_day_whatever_the_grain(facts_of):
    plans = [
        plan("a", "09:00", "12:00"),
        plan("a", "13:00", "17:00"),
        plan("b", "09:00", "17:00"),
    ]
    spells = [spell("b", "available", "09:00", 480)]
    for grain in ("day", "60min", "month"):
        facts = facts_of("absenteeism:heads", plans, spells, grain=grain)
        assert (facts["numerator"].sum(), facts["denominator"].sum()) == (1, 2)


def test_planned_and_unplanned_shrinkage_add_up_to_that_of_scheduled_time(value):
    plans = [
        plan("a", "09:00", "13:00"),
        plan("a", "13:00", "14:00", "training"),
        plan("a", "14:00", "15:00", "break", paid=False),
        plan("b", "09:00", "14:00"),
    ]
    spells = [
        spell("a", "available", "09:00", 180),
        spell("a", "contact", "13:00", 60),
        spell("b", "available", "09:00", 120),
    ]
    total, planned, unplanned = (
        value(f"shrinkage:{name}", plans, spells)
        for name in ("of_scheduled", "planned", "unplanned")
    )
    assert (total, planned, unplanned) == (0.5, 0.1, 0.4)


def test_without_a_schedule_adherence_is_refused_with_the_reason(events_of):
    events = events_of(agent_time=[spell("a", "contact", "09:00", 60)])
    found = refusals([CATALOG.kpi("adherence"), CATALOG.kpi("attrition")], events)
    assert found["adherence"] == "no source feeds the table 'schedules'"
    assert found["attrition"] == "no source feeds the table 'headcount'"


def test_a_schedule_without_activities_gives_adherence_but_no_absence(events_of):
    plans = [plan("a", "09:00", "10:00")]
    plans = [{key: item for key, item in row.items() if key != "activity"} for row in plans]
    events = events_of(agent_time=[spell("a", "contact", "09:00", 60)], schedules=plans)
    found = refusals([CATALOG.kpi("adherence"), CATALOG.kpi("absenteeism")], events)
    assert found == {"absenteeism": "the field 'activity' of 'schedules' is not mapped"}


minutes = st.tuples(st.integers(0, 60), st.integers(1, 40))
plans_of = st.lists(st.tuples(st.sampled_from(["work", "meeting", "meal"]), minutes), max_size=4)
spells_of = st.lists(
    st.tuples(st.sampled_from(["contact", "meeting", "offline"]), minutes), max_size=4
)


def clock(minute):
    return (TEN_TO_MIDNIGHT + timedelta(minutes=minute)).isoformat()


@settings(deadline=None, max_examples=5)
@given(plans_of, spells_of)
def test_every_planned_minute_is_judged_by_the_rules_as_they_are_written(facts_of, plans, spells):
    planned, running = {}, {}
    order = {"meal": 0, "meeting": 1, "work": 2}
    for activity, (start, length) in sorted(plans, key=lambda item: -order[item[0]]):
        planned |= dict.fromkeys(range(start, start + length), activity)
    logouts = [start for state, (start, _) in spells if state == "offline"]
    for state, (start, length) in sorted(spells, key=lambda item: item[0] == "contact"):
        end = min([start + length, *(at for at in logouts if at > start)])
        if state != "offline":
            running |= dict.fromkeys(range(start, end), state)
    for state, (start, length) in spells:
        if state == "offline":
            running |= dict.fromkeys(range(start, start + length), state)
    judged = [minute for minute, activity in planned.items() if activity != "meal"]
    right = {"work": "contact", "meeting": "meeting"}
    good = sum(running.get(minute) == right[planned[minute]] for minute in judged)
    facts = facts_of(
        "adherence",
        [
            plan("a", clock(start), clock(start + n), name, counts_for_adherence=name != "meal")
            for name, (start, n) in [*plans, ("work", (500, 1))]
        ],
        [
            spell("a", name, clock(start), n)
            for name, (start, n) in [*spells, ("contact", (500, 1))]
        ],
    )
    found = (facts["numerator"].item() / 60, facts["denominator"].item() / 60)
    assert found == (good + 1, len(judged) + 1)


def test_time_out_of_adherence_can_be_split_by_what_was_done_instead(facts_of):
    plans = [plan("a", "09:00", "10:00"), plan("a", "10:00", "11:00", "meeting")]
    spells = [
        spell("a", "back office", "09:00", 20),
        spell("a", "available", "09:20", 40),
        spell("a", "contact", "10:00", 15),
    ]
    facts = facts_of("adherence", plans, spells, by=("planned", "state"))
    lost = (facts["denominator"] - facts["numerator"]).rename("lost")
    found = facts.select("planned", "state", lost).filter(lost > 0).rows()
    assert found == [
        ("other", "(not recorded)", 45 * 60),
        ("other", "contact", 15 * 60),
        ("productive", "other", 20 * 60),
    ]
