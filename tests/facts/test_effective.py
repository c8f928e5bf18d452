"""Versions over time: each period by the one that counted on its first day; side by side too."""

from datetime import date

import pytest

from kpitools.errors import FactsError
from kpitools.facts.asked import Asked
from kpitools.facts.compare import compare_definitions
from kpitools.facts.effective import check_versions, effective_facts
from kpitools.facts.periods import Period

from .conftest import make_events, make_kpi

OCTOBER = Period("month", date(2026, 10, 1))
CONTACTS = [
    {"contact_id": f"{month}{n}", "team": "london", "offered_at": f"2026-{month:02}-05T10:00:00",
     "outcome": "answered" if n else "abandoned", "wait_ms": n * 1000}
    for month in range(5, 11)
    for n in range(4)
]  # fmt: skip
EVENTS = make_events(contacts=CONTACTS)


def version(number, start=None, end=None, **parts):
    given = {"from": start, "to": end}
    return make_kpi("kpi", version=number, effective=given, **{"numerator": "count(*)", **parts})


OLD = version(1, end=date(2026, 7, 14))
NEW = version(2, start=date(2026, 7, 15), numerator="count(*) filter (where outcome = 'answered')")


def facts_of(*versions, **given):
    asked = Asked(kpis=(versions[-1],), **given)
    return effective_facts(asked, EVENTS, versions={"kpi": versions})


def test_each_period_goes_by_the_version_of_its_first_day():
    found = facts_of(OLD, NEW)
    assert found.select("period", "version", "value").rows() == [
        (date(2026, 5, 1), 1, 4.0),
        (date(2026, 6, 1), 1, 4.0),
        (date(2026, 7, 1), 1, 4.0),
        (date(2026, 8, 1), 2, 3.0),
        (date(2026, 9, 1), 2, 3.0),
        (date(2026, 10, 1), 2, 3.0),
    ]


def test_only_the_asked_range_is_given():
    found = facts_of(OLD, NEW, start=date(2026, 7, 20), end=date(2026, 8, 1))
    assert found.select("period", "version").rows() == [
        (date(2026, 7, 1), 1),
        (date(2026, 8, 1), 2),
    ]


def test_a_range_within_one_version_asks_that_one_only():
    found = facts_of(OLD, NEW, start=date(2026, 9, 1))
    assert found["version"].unique().to_list() == [2]


def test_a_period_without_a_version_has_no_row():
    late = version(1, start=date(2026, 9, 1))
    assert facts_of(late)["period"].to_list() == [date(2026, 9, 1), date(2026, 10, 1)]


def test_kpis_keep_their_order_and_split_by_dimensions():
    other = make_kpi("a_last", numerator="count(*)")
    asked = Asked(kpis=(NEW, other), by=("team",), start=date(2026, 7, 1), end=date(2026, 8, 31))
    found = effective_facts(asked, EVENTS, versions={"kpi": (OLD, NEW)})
    assert found.select("kpi", "version", "team").rows() == [
        ("kpi", 1, "london"),
        ("kpi", 2, "london"),
        ("a_last", 1, "london"),
        ("a_last", 1, "london"),
    ]


def test_parameters_of_one_kpi_do_not_disturb_the_other():
    limited = make_kpi(
        "limited", numerator="count(*) filter (where wait_ms >= :s * 1000)", parameters={"s": 1}
    )
    asked = Asked(kpis=(NEW, limited), parameters={"limited": {"s": 3}}, start=date(2026, 10, 1))
    found = effective_facts(asked, EVENTS, versions={"kpi": (OLD, NEW)})
    assert found.filter(kpi="limited")["value"].to_list() == [1.0]


def test_versions_are_latest_or_effective():
    check_versions("latest")
    with pytest.raises(FactsError, match="did you mean 'effective'"):
        check_versions("efective")


def compared(*kpis, **given):
    asked = Asked(kpis=kpis[:1], start=OCTOBER, end=OCTOBER, **given)
    return compare_definitions(kpis, EVENTS, asked=asked)


def test_old_and_new_definition_over_the_same_period():
    found = compared(OLD, NEW)
    assert found.select("version", "value", "difference").rows() == [(1, 4.0, 0.0), (2, 3.0, -1.0)]


def test_a_definition_that_the_data_cannot_give_is_listed_with_the_reason():
    variant = make_kpi("kpi:paid", numerator="sum(talk_ms)", unit="seconds", variant_of="kpi",
                       differs={"en": "Talk  time\nonly."}, used_by="A vendor")  # fmt: skip
    found = compared(OLD, variant)
    row = found.row(1, named=True)
    assert (row["variant"], row["value"], row["difference"]) == ("paid", None, None)
    assert "'talk_ms'" in row["refused"]
    assert (row["differs"], row["used_by"]) == ("Talk time only.", "A vendor")


def test_values_in_other_units_have_no_difference():
    shares = make_kpi(
        "kpi:share", unit="share", denominator="count(*)", numerator="count(*)", variant_of="kpi"
    )
    assert compared(OLD, shares)["difference"].to_list() == [0.0, None]


def test_all_variants_of_one_table_agree_with_the_facts_asked_alone():
    waits = [
        make_kpi(f"kpi:v{n}", numerator=f"count(*) filter (where wait_ms >= {n * 1000})")
        for n in range(4)
    ]
    assert compared(*waits)["value"].to_list() == [4.0, 3.0, 2.0, 1.0]


def test_a_comparison_is_of_one_period_and_of_something():
    with pytest.raises(FactsError, match="no definition"):
        compare_definitions((), EVENTS, asked=Asked(kpis=(OLD,)))
    with pytest.raises(FactsError, match="one period"):
        compare_definitions((OLD,), EVENTS, asked=Asked(kpis=(OLD,)))
    with pytest.raises(FactsError, match="by team"):
        compared(OLD, by=("team",))
