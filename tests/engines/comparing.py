"""Facts of two engines beside one another."""

from kpitools.facts.asked import Asked
from kpitools.facts.build import build_facts
from kpitools.tables import TABLES

FIGURES = ("numerator", "denominator", "value", "final")


def asked_of(kpis, by, **parts):
    """Ask for the KPIs whose table has these dimensions."""
    able = [kpi for kpi in kpis if set(by) <= set(TABLES[kpi.table].dimensions)]
    return Asked(kpis=tuple(able), by=by, **parts)


def unlike(asked, events, engine):
    """Give the rows in which two engines differ by as much as a bit, at most five."""
    ours, theirs = build_facts(asked, events), build_facts(asked, events, engine=engine)
    assert ours.schema == theirs.schema
    assert ours.height > 0
    if ours.equals(theirs):
        return []
    keys = [name for name in ours.columns if name not in FIGURES]
    both = ours.join(theirs, on=keys, how="full", suffix="_there", coalesce=True)
    found = [
        row
        for row in both.iter_rows(named=True)
        if any(row[name] != row[f"{name}_there"] for name in FIGURES)
    ]
    return found[:5] or ["the rows come in another order"]
