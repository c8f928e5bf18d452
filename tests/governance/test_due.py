from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitools.errors import GovernanceError
from kpitools.governance import DueRule, due_date, parse_due

TUESDAY = date(2026, 11, 3)


@pytest.mark.parametrize(
    ("text", "count", "unit"),
    [
        ("10 business days", 10, "business days"),
        ("1 working day", 1, "business days"),
        (" Within 5  Business Days ", 5, "business days"),
        ("14 days", 14, "days"),
        ("2 weeks", 2, "weeks"),
        ("1 month", 1, "months"),
    ],
)
def test_due_rules_are_read(text, count, unit):
    assert parse_due(text) == DueRule(count, unit)


@pytest.mark.parametrize(
    "text", ["", "soon", "days", "2 business weeks", "1.5 days", "-1 days", "9999 days"]
)
def test_what_is_no_due_rule_is_refused(text):
    with pytest.raises(GovernanceError, match="no due rule"):
        due_date(text, start=TUESDAY)


@pytest.mark.parametrize(
    ("rule", "day"),
    [
        ("0 days", TUESDAY),
        ("3 business days", date(2026, 11, 6)),
        ("4 business days", date(2026, 11, 9)),
        ("10 business days", date(2026, 11, 17)),
        ("10 days", date(2026, 11, 13)),
        ("2 weeks", date(2026, 11, 17)),
        ("3 months", date(2027, 2, 3)),
    ],
)
def test_days_are_counted_from_the_day_after(rule, day):
    assert due_date(rule, start=TUESDAY) == day


def test_holidays_and_other_weeks_count():
    assert due_date("3 business days", start=TUESDAY, holidays=[date(2026, 11, 5)]) == date(
        2026, 11, 9
    )
    sunday_week = {7, 1, 2, 3, 4}
    assert due_date("3 business days", start=TUESDAY, working_days=sunday_week) == date(2026, 11, 8)


def test_a_month_later_is_that_day_or_the_last():
    assert due_date("1 month", start=date(2024, 1, 31)) == date(2024, 2, 29)
    assert due_date("12 months", start=date(2024, 2, 29)) == date(2025, 2, 28)


def test_without_working_days_there_is_no_business_day():
    with pytest.raises(GovernanceError, match="no weekday"):
        due_date("1 business day", start=TUESDAY, working_days=[])


@given(st.integers(0, 400), st.integers(0, 6))
def test_business_days_never_end_on_a_weekend_and_never_come_early(count, shift):
    start = TUESDAY + timedelta(days=shift)
    found = due_date(DueRule(count, "business days"), start=start)
    assert found >= start + timedelta(days=count)
    if count:
        assert found.isoweekday() <= 5
        after = due_date(DueRule(count - 1, "business days"), start=start)
        assert due_date(DueRule(1, "business days"), start=after) == found
