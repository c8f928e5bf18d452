"""Targets and ranges, from what the file says to values in the KPI's unit."""

from datetime import date

import pytest

from kpitools.catalog.entry import TargetEntry, read_span
from kpitools.catalog.limits import AmountError, read_amount, resolve_targets


def resolve(target, unit="share", good="higher"):
    made, faults = resolve_targets((TargetEntry.model_validate(target),), unit=unit, good=good)
    limits = made.default
    return (limits and (limits.value, limits.low, limits.high)), [str(f) for _, f in faults]


@pytest.mark.parametrize(
    ("target", "unit", "good", "expected"),
    [
        ({"value": "85%", "range": "10%"}, "share", "higher", (0.85, 0.765, None)),
        ({"value": 0.85, "range": ["83%", "90%"]}, "share", "higher", (0.85, 0.83, None)),
        ({"value": "85%"}, "share", "higher", (0.85, 0.85, None)),
        ({"value": "30s", "range": "50%"}, "seconds", "lower", (30, None, 45)),
        ({"value": "4h", "range": [None, "1d"]}, "seconds", "lower", (14_400, None, 86_400)),
        ({"value": 360, "range": "10%"}, "seconds", "within", (360, 324, 396)),
        ({"value": "0%", "range": ["-5%", "5%"]}, "share", "within", (0, -0.05, 0.05)),
        ({"value": "70%", "range": [50, None]}, "points", "higher", (70, 50, None)),
        ({"value": -10, "range": "10%"}, "points", "higher", (-10, -11, None)),
        ({"value": 500, "range": "10%"}, "count", "higher", (500, 450, None)),
    ],
)
def test_resolves(target, unit, good, expected):
    assert resolve(target, unit, good) == (expected, [])


@pytest.mark.parametrize(
    ("target", "unit", "good", "expected"),
    [
        ({"value": 0, "range": "10%"}, "share", "within", "percentage of 0"),
        ({"value": 85}, "share", "higher", "write 85%"),
        ({"value": "85%"}, "seconds", "lower", "a percentage is no amount in seconds"),
        ({"value": "x%"}, "share", "lower", "no percentage"),
        ({"value": "30s"}, "share", "lower", "no amount in share"),
        ({"value": "30 sec"}, "seconds", "lower", "no span"),
        ({"value": "85%", "range": 0.1}, "share", "higher", "write 10% or [start, end]"),
        ({"value": "85%", "range": "abc"}, "share", "higher", "write 10% or [start, end]"),
        ({"value": "85%", "range": "-5%"}, "share", "higher", "write 10% or [start, end]"),
        ({"value": 5, "range": [6, 4]}, "number", "within", "starts after its end"),
        ({"value": 5, "range": [6, 7]}, "number", "within", "does not contain the target"),
        ({"value": 5, "range": [None, 7]}, "number", "higher", "no lower end"),
        ({"value": 5, "range": [4, None]}, "number", "lower", "no upper end"),
        ({"value": 5, "range": [4, None]}, "number", "within", "not closed"),
        ({"value": 5}, "number", "within", "not closed"),
    ],
)
def test_refuses(target, unit, good, expected):
    _, faults = resolve(target, unit, good)
    assert expected in " ".join(faults)


def test_team_with_a_value_only_takes_the_percentage_of_the_default():
    entry = TargetEntry.model_validate(
        {
            "value": 300,
            "range": "10%",
            "teams": {"a": {"value": 400}, "b": {"value": 5, "range": 1}},
        }
    )
    made, faults = resolve_targets((entry,), unit="seconds", good="lower")
    assert made.teams["a"].high == 440
    assert [path for path, _ in faults] == [("target", 0, "teams", "b")]


def test_no_target():
    made, faults = resolve_targets((), unit="share", good="lower")
    assert (made.default, faults) == (None, [])


def test_spans():
    assert [read_span(text) for text in ("30s", "5min", "4 h", "2d")] == [30, 300, 14_400, 172_800]
    with pytest.raises(ValueError, match="no span"):
        read_span("2w")


def test_amount_of_another_unit():
    with pytest.raises(AmountError):
        read_amount("5min", "count")


def dated(*targets, unit="count", good="higher"):
    entries = tuple(TargetEntry.model_validate(item) for item in targets)
    return resolve_targets(entries, unit=unit, good=good)


def test_the_target_of_the_day_counts():
    made, faults = dated(
        {"value": 100, "range": "10%", "teams": {"billing": {"value": 50}}},
        {"from": date(2026, 7, 1), "value": 120},
        {"from": date(2027, 1, 1), "value": 140},
    )
    assert not faults
    days = (date(2026, 6, 30), date(2026, 7, 1), date(2026, 12, 31), date(2027, 1, 1), None)
    assert [made.target(on=day).value for day in days] == [100, 120, 120, 140, 140]
    assert made.target(team="billing", on=date(2026, 1, 1)).low == 45
    assert made.target(team="billing").value == 140


def test_before_the_first_day_there_is_no_target():
    made, _ = dated({"from": date(2026, 7, 1), "value": 120})
    assert made.target(on=date(2026, 6, 30)) is None
    assert made.target(on=date(2026, 7, 1)).value == 120


def test_order_in_the_file_does_not_matter():
    one = {"from": date(2026, 7, 1), "value": 120}
    other = {"value": 100}
    assert dated(one, other)[0] == dated(other, one)[0]


@pytest.mark.parametrize("day", [None, date(2026, 7, 1)])
def test_two_targets_from_one_day_are_a_fault(day):
    one = {"value": 1} if day is None else {"from": day, "value": 1}
    _, faults = dated(one, {**one, "value": 2})
    assert [path for path, _ in faults] == [("target", 1)]
    assert "the same day" in str(faults[0][1])


def test_a_count_is_meant_for_one_period_length():
    made, _ = dated(
        {
            "value": 1200,
            "per": "month",
            "range": "10%",
            "periods": {"week": {"value": 300}},
            "teams": {
                "billing": {"value": 500, "periods": {"week": {"value": 120}}},
            },
        }
    )
    assert made.target(grain="month").value == 1200
    assert made.target(grain="week").low == 270
    assert made.target(grain="quarter") is None
    assert made.target(team="billing", grain="month").value == 500
    assert made.target(team="billing", grain="quarter") is None
    assert made.target(team="billing", grain="week").low == 108


def test_texts_that_hang_on_a_target_pass_down():
    made, _ = dated(
        {
            "value": 100,
            "consequence": "Coaching.",
            "incentive": {"en": "Bonus of 2%."},
            "teams": {"a": {"value": 80, "note": "Two people are new."}},
        }
    )
    team = made.teams["a"]
    assert team.consequence == {"en": "Coaching."}
    assert team.incentive == {"en": "Bonus of 2%."}
    assert (team.note, made.default.note) == ({"en": "Two people are new."}, {})
