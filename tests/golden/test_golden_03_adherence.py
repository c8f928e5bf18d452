"""G3: the same hour worked at another time of day."""

from kpitools.catalog import load_builtin
from kpitools.facts.asked import Asked
from kpitools.facts.build import build_facts
from kpitools.facts.examples import example_events
from kpitools.facts.periods import parse_period

TABLES = {
    "schedules": """
        agent | team | activity | started_at | ended_at | productive | counts_for_adherence
        a     | t    | work     | 2026-10-05 09:00 | 2026-10-05 10:00 | true       | true
    """,
    "agent_time": """
        agent | team | state     | started_at       | duration_ms
        a     | t    | available | 2026-10-05 09:15 | 1h
    """,
}


def test_golden_03_adherence_and_conformance():
    """Scheduled 9-10, worked 9:15-10:15: adherence 75 %, conformance 100 %.

    Source: cxcentral's worked example.
    """
    kpis = tuple(load_builtin().kpi(name) for name in ("adherence", "conformance"))
    october = parse_period("2026-10")
    example = load_builtin().kpi("adherence").example
    events = example_events(example.model_copy(update={"tables": TABLES}))
    facts = build_facts(Asked(kpis=kpis, start=october, end=october), events)
    assert facts["value"].to_list() == [0.75, 1.0]
    assert facts["numerator"].to_list() == [45 * 60, 60 * 60]
