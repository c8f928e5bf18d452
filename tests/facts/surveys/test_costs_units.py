"""What money is divided by, which money it is, and when it is known."""

import pytest

from kpitools.errors import FactsError

COSTS = """
    posted_at  | team | cost_class | currency | amount
    2026-10-31 | t    | salaries   | EUR      | 8000
    2026-10-31 | t    | software   | EUR      | 2000
"""
CONTACTS = """
    contact_id | team | offered_at | outcome   | resolved
    a          | t    | 2026-10-05 | answered  | true
    b          | t    | 2026-10-05 | answered  | false
    c          | t    | 2026-10-05 | answered  | false
    d          | t    | 2026-10-05 | answered  | false
    e          | t    | 2026-10-05 | abandoned | false
"""
TICKETS = """
    ticket_id | team | created_at | solved_at  | merged_into | deleted | spam
    1         | t    | 2026-10-01 | 2026-10-05 |             | false   | false
    2         | t    | 2026-10-01 | 2026-10-05 |             | false   | false
    3         | t    | 2026-10-01 | 2026-10-05 | 2           | false   | false
    4         | t    | 2026-10-01 | 2026-10-05 |             | true    | false
    5         | t    | 2026-10-01 | 2026-10-05 |             | false   | true
    6         | t    | 2026-10-01 | 2026-09-05 |             | false   | false
"""
TABLES = {"costs": COSTS, "contacts": CONTACTS, "tickets": TICKETS}


def test_the_same_money_by_another_unit_is_another_number(values_of):
    names = (
        "cost_per_contact cost_per_contact:offered cost_per_resolution cost_per_resolution:tickets"
    )
    assert values_of(names, TABLES) == {
        "cost_per_contact": 25,
        "cost_per_contact:offered": 20,
        "cost_per_resolution": 100,
        "cost_per_resolution:tickets": 50,
    }


def test_salaries_alone_are_not_what_service_costs(values_of):
    names = "cost_per_contact cost_per_contact:of_class cost_per_resolution:of_class"
    found = values_of(names, TABLES)
    assert list(found.values()) == [25, 20, 80]
    software = {"cost_per_contact:of_class": {"cost_class": "software"}}
    asked = values_of("cost_per_contact:of_class", TABLES, parameters=software)
    assert asked == {"cost_per_contact:of_class": 5}


def test_a_class_that_nobody_posted_costs_nothing(values_of):
    nothing = {"cost_per_contact:of_class": {"cost_class": "travel"}}
    found = values_of("cost_per_contact:of_class", TABLES, parameters=nothing)
    assert found == {"cost_per_contact:of_class": 0}


@pytest.mark.parametrize(
    "name", ["cost_per_contact", "cost_per_contact:of_class", "cost_per_resolution:tickets"]
)
def test_two_currencies_are_never_added(facts_of, name):
    two = {**TABLES, "costs": COSTS + "    2026-10-31 | t | salaries | USD | 1000\n"}
    with pytest.raises(FactsError, match="several currencies"):
        facts_of(name, two)
    assert facts_of(name, two, by=("currency",)).height == 2


def test_a_month_without_postings_is_no_cheap_month(facts_of):
    more = CONTACTS + "    f | t | 2026-11-05 | answered | true\n"
    facts = facts_of("cost_per_contact", {**TABLES, "contacts": more}, period=None)
    assert facts["period"].dt.month().to_list() == [10]


def test_costs_are_provisional_until_late_postings_are_in(facts_of):
    early = facts_of("cost_per_contact", TABLES, as_of="2026-11-15")
    late = facts_of("cost_per_contact", TABLES, as_of="2026-11-16")
    assert (early["final"].item(), late["final"].item()) == (False, True)


def test_a_posting_that_comes_later_is_not_known_before(facts_of):
    later = {**TABLES, "costs": COSTS + "    2026-10-31 20:00 | t | telecom | EUR | 6000\n"}
    before = facts_of("cost_per_contact", later, as_of="2026-10-31T12:00")
    assert before["numerator"].item() == 100
