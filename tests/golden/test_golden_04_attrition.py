"""G4: five leavers of a headcount that grows from 90 to 110."""

import polars as pl

from kpitools.catalog import load_builtin
from kpitools.facts.asked import Asked
from kpitools.facts.build import build_facts
from kpitools.facts.examples import example_events
from kpitools.facts.periods import parse_period


def people(day, numbers, leavers=()):
    rows = (
        f"p{n:03} | t | active | 2026-10-{day:02} 12:00 | "
        + ("2026-10-20 17:00 | voluntary" if n in leavers else " | ")
        for n in numbers
    )
    return "\n".join(rows)


def test_golden_04_attrition_of_mean_and_of_opening_headcount():
    """Headcount 90 to 110, five left: 5 / ((90 + 110) / 2) = 5.0 %; of the opening 5.56 %.

    Source: practitioners' worked example; TechTarget divides by the opening headcount.
    """
    head = "agent | team | status | at | left_at | leave_type\n"
    first = people(1, range(90), leavers=range(5))
    last = people(31, range(5, 115))
    catalog = load_builtin()
    kpis = (catalog.kpi("attrition"), *catalog.variants("attrition"))
    october = parse_period("2026-10")
    example = kpis[0].example.model_copy(update={"tables": {"headcount": f"{head}{first}\n{last}"}})
    facts = build_facts(Asked(kpis=kpis, start=october, end=october), example_events(example))
    values = dict(facts.select("kpi", "value").iter_rows())
    assert values["attrition"] == 0.05
    assert values["attrition:ends"] == 0.05
    assert round(values["attrition:opening"], 4) == 0.0556
    assert facts.filter(pl.col("kpi") == "attrition")["denominator"].item() == 100
