import re
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpitools.analysis.targets import RULE, RULE_TEXT, judge_target


def aimed(kpi, good="higher", **target):
    return kpi(good=good, targets={"default": target})


@pytest.mark.parametrize(
    ("good", "value", "status"),
    [
        ("higher", 0.85, "met"),
        ("higher", 0.95, "met"),
        ("higher", 0.84, "within"),
        ("higher", 0.83, "within"),
        ("higher", 0.8299, "outside"),
        ("lower", 0.85, "met"),
        ("lower", 0.2, "met"),
        ("lower", 0.87, "within"),
        ("lower", 0.8701, "outside"),
        ("within", 0.83, "met"),
        ("within", 0.87, "met"),
        ("within", 0.82, "outside"),
        ("within", 0.88, "outside"),
    ],
)
def test_status_follows_the_good_direction(kpi, good, value, status):
    found = judge_target(value, None, 100, aimed(kpi, good, value=0.85, low=0.83, high=0.87))
    assert found.status == status
    assert (found.target, found.low, found.high) == (0.85, 0.83, 0.87)


@pytest.mark.parametrize(
    ("good", "value", "status"),
    [
        ("higher", 0.85, "met"),
        ("higher", 0.8499, "outside"),
        ("lower", 0.85, "met"),
        ("lower", 0.8501, "outside"),
        ("within", 0.85, "met"),
        ("within", 0.8501, "outside"),
    ],
)
def test_without_a_range_there_is_no_room(kpi, good, value, status):
    found = judge_target(value, None, 100, aimed(kpi, good, value=0.85))
    assert found.status == status
    assert "no range" in found.reason


def test_a_half_open_range_within(kpi):
    open_below = aimed(kpi, "within", value=0.85, high=0.9)
    assert judge_target(0.1, None, 100, open_below).status == "met"
    assert judge_target(0.91, None, 100, open_below).status == "outside"


def test_too_few_cases_are_not_judged(kpi):
    found = judge_target(0.9, 26, 29, aimed(kpi, value=0.85))
    assert found.status == "not_judged"
    assert "29 cases" in found.reason
    assert "30" in found.reason
    assert judge_target(0.9, 27, 30, aimed(kpi, value=0.85)).status == "met"


def test_a_count_has_no_minimum(kpi):
    backlog = kpi(kind="snapshot", unit="count", good="lower", targets={"default": {"value": 5}})
    assert judge_target(3.0, 3.0, None, backlog).status == "met"


def test_no_data_and_no_target(kpi):
    assert judge_target(None, None, None, aimed(kpi, value=0.85)).status == "no_data"
    assert judge_target(None, None, None, kpi()).target is None
    assert judge_target(0.5, 50, 100, kpi()).status == "no_target"


def test_the_teams_own_target_counts_before_the_period_lengths(kpi):
    several = kpi(
        targets={
            "default": {"value": 0.85},
            "teams": {"billing": {"value": 0.6}},
            "periods": {"week": {"value": 0.7}},
        }
    )
    assert judge_target(0.65, 65, 100, several, team="billing", grain="week").target == 0.6
    assert judge_target(0.65, 65, 100, several, team="orders", grain="week").target == 0.7
    assert judge_target(0.65, 65, 100, several).target == 0.85


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.floats(0, 1), target=st.floats(0, 1), room=st.floats(0, 0.5))
def test_every_number_of_the_reason_is_a_number_of_the_judgement(kpi, value, target, room):
    csat = aimed(kpi, value=target, low=target - room)
    found = judge_target(value, None, 100, csat)
    spoken = [float(text) / 100 for text in re.findall(r"\d+(?:\.\d+)?", found.reason)]
    said = [value, found.target, abs(found.low)]
    assert spoken == pytest.approx(said, abs=6e-4)


def test_numbers_that_differ_read_differently(kpi):
    found = judge_target(0.8296, 8296, 10_000, aimed(kpi, value=0.85, low=0.83))
    assert re.sub(r"\s", " ", found.reason).startswith(
        "Outside: 82.96 %; target at least 85.00 %, range from 83.00 %."
    )


@pytest.mark.parametrize(
    ("good", "target", "words"),
    [
        ("higher", {"value": 85.0, "low": 83.0}, "target at least 85.0 s, range from 83.0 s."),
        ("lower", {"value": 85.0, "high": 90.0}, "target at most 85.0 s, range up to 90.0 s."),
        ("within", {"value": 85.0, "low": 80.0, "high": 90.0}, "85.0 s, range 80.0 s to 90.0 s."),
    ],
)
def test_the_reason_names_target_and_range(kpi, good, target, words):
    found = judge_target(
        85.0, 850, 100, kpi(unit="seconds", good=good, targets={"default": target})
    )
    assert re.sub(r"\s", " ", found.reason).endswith(words)
    assert found.reason.startswith("Met: 85.0")


def test_the_rule_has_a_name_and_a_text(kpi):
    assert judge_target(0.9, None, 100, kpi()).rule == RULE == "S1"
    assert RULE in RULE_TEXT


def share_aimed(kpi, good="higher", **target):
    formulas = {"numerator": "count(*) filter (where solved)", "denominator": "count(*)"}
    return kpi(good=good, targets={"default": target}, **formulas)


@pytest.mark.parametrize(
    ("good", "cases", "target", "judged"),
    [
        # Wilson 95 %: 80 of 95 is 75.6 to 90.2 %, 800 of 950 is 81.8 to 86.4 %
        ("higher", (80, 95), {"value": 0.8, "low": 0.7}, ("met", False)),
        ("higher", (800, 950), {"value": 0.8, "low": 0.7}, ("met", True)),
        ("higher", (80, 95), {"value": 0.88, "low": 0.7}, ("within", False)),
        ("higher", (800, 950), {"value": 0.88, "low": 0.7}, ("within", True)),
        ("higher", (800, 950), {"value": 0.9, "low": 0.83}, ("within", False)),
        ("higher", (80, 95), {"value": 0.95, "low": 0.9}, ("outside", False)),
        ("higher", (800, 950), {"value": 0.95, "low": 0.9}, ("outside", True)),
        ("lower", (80, 95), {"value": 0.8, "high": 0.83}, ("outside", False)),
        ("lower", (800, 950), {"value": 0.95, "high": 0.97}, ("met", True)),
        ("within", (80, 95), {"value": 0.84, "low": 0.74, "high": 0.94}, ("met", True)),
        ("within", (80, 95), {"value": 0.84, "low": 0.8, "high": 0.94}, ("met", False)),
        ("within", (80, 95), {"value": 0.86, "low": 0.85, "high": 0.87}, ("outside", False)),
    ],
)
def test_a_share_is_certain_when_no_share_of_its_interval_is_judged_otherwise(
    kpi, good, cases, target, judged
):
    some, n = cases
    status, certain = judged
    found = judge_target(some / n, some, n, share_aimed(kpi, good, **target))
    assert (found.status, found.certain, found.rule) == (status, certain, "S2")
    assert found.interval_low < some / n < found.interval_high
    assert ("cannot tell it from" in found.reason) is not certain


def test_an_uncertain_judgement_says_from_which_limit_it_cannot_be_told(kpi):
    near = judge_target(80 / 95, 80, 95, share_aimed(kpi, value=0.8, low=0.7))
    assert near.reason.endswith(
        "But 80 of 95 cases cannot tell it from the target (95 % interval 75.6 % to 90.2 %)."
    )
    beyond = judge_target(800 / 950, 800, 950, share_aimed(kpi, value=0.9, low=0.83))
    assert "cannot tell it from the end of its range" in beyond.reason


def test_without_an_interval_nothing_is_said_of_certainty(kpi):
    found = judge_target(0.84, None, 100, aimed(kpi, value=0.8))
    assert (found.certain, found.interval_low, found.rule) == (None, None, "S1")
    assert "S2" in RULE_TEXT


def test_the_target_of_the_period_counts(kpi):
    targets = {
        "default": {"value": 0.9},
        "start": "2026-07-01",
        "earlier": [{"default": {"value": 0.8}}],
    }
    one = kpi(targets=targets)
    before, after = date(2026, 6, 1), date(2026, 7, 1)
    assert judge_target(0.85, None, 100, one, on=before).status == "met"
    assert judge_target(0.85, None, 100, one, on=after).status == "outside"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    n=st.integers(1, 400),
    some=st.integers(0, 400),
    limits=st.lists(st.floats(0, 1), min_size=3, max_size=3),
    good=st.sampled_from(["higher", "lower", "within"]),
)
def test_certain_is_when_every_share_of_the_interval_has_the_status(kpi, n, some, limits, good):
    some = min(some, n)
    low, value, high = sorted(limits)
    aim = share_aimed(kpi, good, value=value, low=low, high=high).model_copy(update={"minimum": 1})
    found = judge_target(some / n, some, n, aim)
    width = found.interval_high - found.interval_low
    inside = [found.interval_low + width * step / 50 for step in range(51)]
    inside += [limit for limit in limits if found.interval_low <= limit <= found.interval_high]
    statuses = {judge_target(share, None, n, aim).status for share in (*inside, some / n)}
    if found.certain:
        assert statuses == {found.status}
    elif statuses == {found.status}:
        assert any(found.interval_low <= limit <= found.interval_high for limit in limits)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days=st.lists(st.dates(date(2025, 1, 1), date(2027, 12, 31)), min_size=1, unique=True),
    asked=st.dates(date(2024, 1, 1), date(2028, 12, 31)),
)
def test_the_target_of_a_day_is_the_latest_that_began(kpi, days, asked):
    sets = [{"default": {"value": n}, "start": day} for n, day in enumerate(sorted(days))]
    one = kpi(targets={**sets[-1], "earlier": sets[:-1]})
    found = one.targets.target(on=asked)
    begun = [n for n, day in enumerate(sorted(days)) if day <= asked]
    assert (None if found is None else found.value) == (begun[-1] if begun else None)
