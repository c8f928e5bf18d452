"""Service level and abandonment: every trap of their definitions, on a few contacts."""

from __future__ import annotations

import pytest

from kpitools.catalog import load_builtin
from kpitools.errors import FactsError
from kpitools.facts.asked import Asked
from kpitools.facts.build import ground_of
from kpitools.facts.derived import BUILDERS
from kpitools.facts.roll_up import roll_up

CATALOG = load_builtin()
LEVEL = "service_level_offered"


def kpi(name):
    return CATALOG.kpi(name)


def contact(wait, outcome="answered", at="2026-06-01T10:00:00", **other):
    identifier = f"{at}/{outcome}/{wait}/{len(other)}"
    return {
        "contact_id": identifier,
        "leg_id": "1",
        "team": "london",
        "offered_at": at,
        "enqueued_at": at,
        "outcome": outcome,
        "wait_ms": None if wait is None else wait * 1000,
        "in_business_hours": True,
    } | other


@pytest.fixture
def value(ask, events_of):
    def valued(name, rows, *, events=None, **parts):
        found = ask(kpi(name), events or events_of(contacts=rows), **parts)
        return found["value"].item() if found.height else None

    return valued


# --- the boundary


@pytest.mark.parametrize("name", [LEVEL, *(f"{LEVEL}:sl{n}" for n in (2, 3, 4, 6, 7, 9))])
def test_exactly_the_threshold_is_in_time_unless_strict(name, value):
    rows = [contact(19), contact(20), contact(21), contact(40)]
    assert value(name, rows) == 0.5
    assert value(name, rows, parameters={name: {"inclusive": False}}) == 0.25


def test_a_millisecond_decides(value):
    rows = [contact(20) | {"wait_ms": 20_000}, contact(20) | {"wait_ms": 20_001}]
    assert value(LEVEL, rows) == 0.5


def test_the_strict_variant_is_the_strict_parameter(value):
    rows = [contact(19), contact(20), contact(21)]
    strict = value(LEVEL, rows, parameters={LEVEL: {"inclusive": False}})
    assert value(f"{LEVEL}:strict", rows) == strict == pytest.approx(1 / 3)


def test_a_quick_abandon_exactly_at_the_threshold_goes_with_the_answers(value):
    rows = [contact(20), contact(20, "abandoned"), contact(60, "abandoned")]
    assert value(f"{LEVEL}:sl1", rows) == pytest.approx(2 / 3)
    assert value(f"{LEVEL}:sl4", rows) == pytest.approx(1 / 2)
    strict = {"inclusive": False}
    assert value(f"{LEVEL}:sl1", rows, parameters={f"{LEVEL}:sl1": strict}) == 0.0
    assert value(f"{LEVEL}:sl4", rows, parameters={f"{LEVEL}:sl4": strict}) == 0.0


# --- what hanging up does


def test_quick_hang_ups_raise_the_levels_that_credit_them_and_no_other(value):
    before = [contact(10), contact(60)]
    after = [*before, *(contact(n, "abandoned") for n in (6, 7, 8))]
    for name in ("sl1", "sl9"):
        assert value(f"{LEVEL}:{name}", after) > value(f"{LEVEL}:{name}", before)
    for name in ("sl2", "sl4"):
        assert value(f"{LEVEL}:{name}", after) == value(f"{LEVEL}:{name}", before)
    assert value(LEVEL, after) < value(LEVEL, before)
    assert value(f"{LEVEL}:sl3", after) < value(f"{LEVEL}:sl3", before)


def test_answered_only_forgets_who_gave_up(value):
    rows = [contact(10), *(contact(n, "abandoned") for n in (30, 40, 50))]
    assert value("service_level_answered", rows) == 1.0
    assert value(LEVEL, rows) == 0.25


def test_speed_of_answer_falls_when_the_longest_waiters_give_up(value):
    patient = [contact(10), contact(20), contact(300)]
    hasty = [contact(10), contact(20), contact(120, "abandoned")]
    assert value("asa", patient) == 110.0
    assert value("asa", hasty) == 15.0
    assert value("abandon_rate", hasty) == pytest.approx(1 / 3)
    assert value("abandon_time", hasty) == 120.0


# --- averages of intervals


def test_the_mean_of_interval_values_is_not_the_value(ask, events_of):
    rows = [contact(10, at=f"2026-06-01T10:{n:02}:00") for n in range(9)]
    rows += [contact(100, at="2026-06-01T10:31:00")]
    events = events_of(contacts=rows)
    for name, mean, true in (("asa", 55.0, 19.0), (LEVEL, 0.5, 0.9)):
        parts = ask(kpi(name), events, grain="30min")
        assert parts["value"].mean() == pytest.approx(mean)
        assert ask(kpi(name), events, grain="60min")["value"].item() == pytest.approx(true)
        rolled = roll_up(parts, [kpi(name)], grain="60min")
        assert rolled["value"].item() == pytest.approx(true)


def test_the_longest_wait_cannot_be_added_up(ask, events_of):
    rows = [contact(40, at="2026-06-01T10:00"), contact(70, "abandoned", at="2026-06-02T10:00")]
    days = ask(kpi("queue_wait_max"), events_of(contacts=rows), grain="day")
    assert days["value"].to_list() == [40.0, 70.0]
    with pytest.raises(FactsError, match="cannot be added up"):
        roll_up(days, [kpi("queue_wait_max")], grain="month")


# --- the clock and who is counted


def test_the_clock_may_begin_in_the_menu(value):
    rows = [contact(10, ivr_ms=5_000), contact(10, ivr_ms=15_000)]
    assert value(LEVEL, rows) == 1.0
    assert value(f"{LEVEL}:from_menu", rows) == 0.5
    assert value("asa:from_menu", rows) == 20.0


def test_a_contact_without_a_menu_time_is_left_out_when_the_menu_counts(value):
    rows = [contact(10, ivr_ms=5_000), contact(10, ivr_ms=15_000), contact(10, ivr_ms=None)]
    assert value(f"{LEVEL}:from_menu", rows) == 0.5


def test_a_contact_queued_again_counts_on_each_leg_or_on_the_first_only(value):
    rows = [
        contact(10, contact_id="a"),
        contact(60, contact_id="a", leg_id="2", at="2026-06-01T11:00"),
    ]
    assert value(LEVEL, rows) == 0.5
    assert value(f"{LEVEL}:first_leg", rows) == 1.0


def test_blocked_voicemail_and_flow_out_hurt_only_where_all_offered_count(value):
    rows = [
        contact(10),
        contact(None, "blocked"),
        contact(30, "voicemail"),
        contact(30, "flow_out"),
    ]
    assert value(LEVEL, rows) == 0.25
    assert value(f"{LEVEL}:sl3", rows) == 1.0
    assert value(f"{LEVEL}:sl6_contacts", rows) == 0.5


def test_counts_within_a_time_make_up_the_levels(value):
    rows = [contact(10), contact(25), contact(5, "abandoned"), contact(40, "abandoned")]
    answered, abandoned = value("answered_within", rows), value("answered_within:abandoned", rows)
    assert value(f"{LEVEL}:sl1", rows) == (answered + abandoned) / 4
    assert value(f"{LEVEL}:sl3", rows) == answered / 4
    assert value("answered_within", rows, parameters={"answered_within": {"threshold_s": 30}}) == 2


def test_a_callback_is_no_abandon(value):
    rows = [contact(30, "callback_requested"), contact(30, "voicemail"), contact(30, "flow_out")]
    assert value("abandon_rate", rows) == 0.0
    assert value("abandon_rate", [*rows, contact(30, "abandoned")]) == 0.25


def test_a_callback_within_the_threshold_counts_for_amazon_only(value):
    rows = [contact(10, "callback_requested"), contact(10)]
    assert value(f"{LEVEL}:sl9", rows) == 1.0
    assert value(LEVEL, rows) == 0.5
    assert value(f"{LEVEL}:sl3", rows) == 1.0


def test_after_hours_count_for_all_but_the_calls_model(value):
    rows = [contact(10), contact(60, in_business_hours=False)]
    assert value(f"{LEVEL}:sl8", rows) == 1.0
    assert value(LEVEL, rows) == 0.5


def test_by_agent_nobody_gives_up(ask, events_of):
    rows = [contact(10, agent="ann"), contact(60, "abandoned", agent=None)]
    found = ask(kpi("abandon_rate"), events_of(contacts=rows), by=("agent",))
    assert dict(found.select("agent", "value").rows()) == {"ann": 0.0, "(not recorded)": 1.0}


@pytest.mark.parametrize(
    ("switches", "expected"),
    [
        ({}, 2 / 6),
        ({"with_flow_outs": True}, 2 / 7),
        ({"without_short_abandons": True}, 2 / 4),
        ({"without_abandons": True}, 2 / 3),
        ({"without_abandons": True, "with_flow_outs": True}, 2 / 4),
        ({"without_short_abandons": True, "short_s": 2}, 2 / 5),
    ],
)
def test_each_switch_changes_what_stands_below_the_line(switches, expected, value):
    name = f"{LEVEL}:sl7"
    rows = [
        *(contact(10), contact(20), contact(60)),
        *(contact(3, "abandoned"), contact(None, "short_abandon"), contact(60, "abandoned")),
        contact(60, "flow_out"),
    ]
    assert value(name, rows, parameters={name: switches}) == pytest.approx(expected)


def test_the_short_time_is_a_parameter(value):
    rows = [contact(30), contact(8, "abandoned"), contact(30, "abandoned")]
    name = "abandon_rate:net_of_short"
    assert value(name, rows) == pytest.approx(2 / 3)
    assert value(name, rows, parameters={name: {"short_s": 10}}) == pytest.approx(1 / 2)


def test_an_outcome_that_is_not_recorded_is_no_short_abandon(value):
    rows = [contact(3, None), contact(30), contact(30, "abandoned")]
    assert value("abandon_rate:net_of_short", rows) == pytest.approx(1 / 3)


def test_rings_are_not_contacts(value):
    rows = [
        contact(None, "missed", contact_id="a", leg_id=str(n), at=f"2026-06-01T10:00:{n:02}")
        for n in range(3)
    ]
    rows += [contact(40, contact_id="a", leg_id="9", at="2026-06-01T10:01:00")]
    rows += [contact(None, "missed", contact_id="b", at="2026-06-01T11:00:00")]
    assert value("missed_rings", rows) == 4.0
    assert value("missed_rings:per_contact", rows) == 2.0
    assert value("missed_rings:lost", rows) == 1.0


# --- SL10: counted when it is decided


def test_a_level_is_decided_when_the_threshold_passes(ask, events_of):
    rows = [
        contact(10, at="2026-06-30T22:59:45"),
        contact(40, at="2026-06-30T22:59:50"),
        contact(15, at="2026-06-30T22:59:50"),
    ]
    events = events_of(contacts=rows)
    base = ask(kpi(LEVEL), events)
    assert base.select("numerator", "denominator").rows() == [(2.0, 3.0)]
    decided = ask(kpi(f"{LEVEL}:sl10"), events)
    assert decided.select("numerator", "denominator").rows() == [(1.0, 1.0), (1.0, 2.0)]
    assert [str(day) for day in decided["period"]] == ["2026-06-01", "2026-07-01"], "in London"


@pytest.mark.parametrize(
    ("as_of", "counted"),
    [("2026-06-01T10:00:19", 0), ("2026-06-01T10:00:20", 1), ("2026-06-01T10:05:00", 1)],
)
def test_a_contact_still_waiting_counts_once_the_threshold_passed(as_of, counted, ask, events_of):
    rows = [contact(120), contact(None, None) | {"contact_id": "live"}]
    found = ask(kpi(f"{LEVEL}:sl10"), events_of(as_of=as_of, contacts=rows))
    assert found["denominator"].to_list() == ([2.0] if counted else [])
    assert found["numerator"].to_list() == ([0.0] if counted else [])


def test_an_answer_later_than_as_of_is_not_known_yet(ask, events_of):
    rows = [contact(15), contact(5)]
    events = events_of(as_of="2026-06-01T10:00:10", contacts=rows)
    found = ask(kpi(f"{LEVEL}:sl10"), events)
    assert found.select("numerator", "denominator").rows() == [(1.0, 1.0)]


def test_quick_abandons_hurt_help_or_stay_out(value):
    rows = [contact(10), contact(60), contact(10, "abandoned"), contact(60, "abandoned")]
    name = f"{LEVEL}:sl10"
    assert value(name, rows) == 1 / 4
    credit, leave = {"credit_quick_abandons": True}, {"leave_out_quick_abandons": True}
    assert value(name, rows, parameters={name: credit}) == 2 / 4
    assert value(name, rows, parameters={name: leave}) == pytest.approx(1 / 3)


def test_a_callback_in_time_decides_nothing_and_later_the_threshold_does(value):
    rows = [contact(10), contact(10, "callback_requested"), contact(60, "callback_requested")]
    assert value(f"{LEVEL}:sl10", rows) == 0.5


def test_each_kpi_has_events_of_its_own_threshold(ask, events_of):
    rows = [contact(10), contact(40)]
    sl10 = kpi(f"{LEVEL}:sl10")
    minute = sl10.model_copy(update={"kpi": "minute", "parameters": {
        **sl10.parameters, "threshold_s": 60}})  # fmt: skip
    found = ask([sl10, minute], events_of(contacts=rows))
    assert dict(found.select("kpi", "value").rows()) == {sl10.kpi: 0.5, "minute": 1.0}
    asked = ask(sl10, events_of(contacts=rows), parameters={sl10.kpi: {"threshold_s": 60}})
    assert asked["value"].item() == 1.0


def test_events_need_the_threshold_of_a_kpi(events_of):
    ground = ground_of(Asked(kpis=(kpi(LEVEL),)), events_of(contacts=[contact(1)]))
    with pytest.raises(FactsError, match="need the parameter 'threshold_s'"):
        BUILDERS["service_level_events"](ground)
