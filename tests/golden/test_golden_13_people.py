"""G13, the part of people: heartbeats after signing out, and intervals delivered twice."""

from kpitools.catalog import load_builtin
from kpitools.facts.asked import Asked
from kpitools.facts.build import build_facts
from kpitools.facts.examples import example_events
from kpitools.facts.periods import parse_period

CLEAN = """
    agent | team | state     | started_at       | duration_ms | paid
    a     | t    | contact   | 2026-10-05 09:00 | 4h          | true
    a     | t    | available | 2026-10-05 13:00 | 4h          | true
    a     | t    | offline   | 2026-10-05 17:00 | 16h         | false
"""
DIRTY = """
    agent | team | state     | started_at       | duration_ms | paid
    a     | t    | contact   | 2026-10-05 09:00 | 4h          | true
    a     | t    | contact   | 2026-10-05 09:00 | 4h          | true
    a     | t    | available | 2026-10-05 13:00 | 5h          | true
    a     | t    | offline   | 2026-10-05 17:00 | 16h         | false
    a     | t    | offline   | 2026-10-05 17:00 | 16h         | false
    a     | t    | available | 2026-10-05 17:02 | 2min        | true
    a     | t    | available | 2026-10-05 17:04 | 56min       | true
"""


def facts_of(text):
    catalog = load_builtin()
    names = ("utilisation", "occupancy", "shrinkage", "time_after_logout")
    kpis = tuple(catalog.kpi(name) for name in names)
    october = parse_period("2026-10")
    example = kpis[0].example.model_copy(update={"tables": {"agent_time": text}})
    return build_facts(Asked(kpis=kpis, start=october, end=october), example_events(example))


def test_golden_13_heartbeats_after_logout_count_once_and_as_a_fault_of_the_feed():
    """Heartbeats go on for an hour after signing out and repeat what was delivered.

    The hour from 17:00 to 18:00 is work for nobody, however many rows report it; it stands in
    the KPI of the feed itself. Source: Amazon Connect's agent event
    stream sends heartbeats for up to an hour after logoff.
    """
    clean, dirty = facts_of(CLEAN), facts_of(DIRTY)
    shown = ["kpi", "numerator", "denominator", "value"]
    assert dirty.select(shown).head(3).equals(clean.select(shown).head(3))
    assert clean["value"].to_list() == [0.5, 0.5, 0, 0]
    assert dirty["value"].to_list()[3] == 1 / 9
