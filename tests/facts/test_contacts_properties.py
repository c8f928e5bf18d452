"""What holds for every KPI of contacts, on any rows: order, parts, and adding up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.catalog import load_builtin
from kpitools.facts.components import additive, read_formulas
from kpitools.facts.ground import DTYPES
from kpitools.facts.roll_up import roll_up
from kpitools.tables import CONTACTS

CATALOG = load_builtin()
TABLES = {"contacts", "contact_chains", "service_level_events", "contact_repeats"}
START = datetime(2026, 5, 30, 20, tzinfo=UTC)
KPIS = tuple(
    kpi
    for kpi in (
        *CATALOG.entries,
        *(each for some in CATALOG.variant_entries.values() for each in some),
    )
    if kpi.table in TABLES and kpi.kind not in {"snapshot", "censored"}
)
ADDED = tuple(
    kpi
    for kpi in KPIS
    if kpi.kind not in {"percentile", "distinct"} and additive(read_formulas(kpi, kpi.parameters))
)

MAYBE = st.one_of(st.none(), st.booleans())
SPAN = st.one_of(st.none(), st.integers(0, 90_000))
LEGS = st.lists(
    st.fixed_dictionaries(
        {
            "contact_id": st.sampled_from("abcde"),
            "leg_id": st.sampled_from("123"),
            "initial_contact_id": st.sampled_from([None, None, "a", "b"]),
            "previous_leg_id": st.sampled_from([None, None, "1", "a"]),
            "minutes": st.integers(0, 40 * 24 * 60),
            "team": st.sampled_from(["london", "denver", None]),
            "agent": st.sampled_from(["ann", "bob", None]),
            "channel": st.sampled_from(["voice", "chat"]),
            "reason": st.sampled_from(["billing", "orders", None]),
            "customer": st.sampled_from(["c1", "c2", None]),
            "issue": st.sampled_from([None, None, "i1"]),
            "direction": st.sampled_from(["inbound", "inbound", "outbound", None]),
            "initiation": st.sampled_from(["inbound", "transfer", "queue_transfer", None]),
            "outcome": st.sampled_from(
                ["answered", "answered", "abandoned", "short_abandon", "missed", "flow_out", None]
            ),
            "transfer_type": st.sampled_from([None, "warm", "consult", "external"]),
            **dict.fromkeys(("ivr_ms", "wait_ms", "ring_ms", "talk_ms", "hold_ms"), SPAN),
            **dict.fromkeys(("acw_ms", "dial_ms"), SPAN),
            **dict.fromkeys(("transferred", "escalated", "resolved", "first_level"), MAYBE),
            "in_business_hours": MAYBE,
        }
    ),
    min_size=1,
    max_size=15,
    unique_by=lambda row: (row["contact_id"], row["leg_id"]),
)


def rows_of(legs):
    """Give each leg its time stamps."""
    made = []
    for leg in legs:
        at = START + timedelta(minutes=leg["minutes"])
        answer = at + timedelta(milliseconds=leg["wait_ms"] or 0)
        stamps = {
            "offered_at": at,
            "enqueued_at": at if leg["ivr_ms"] is not None else None,
            "answered_at": answer if leg["outcome"] == "answered" else None,
            "dequeued_at": answer,
            "ended_at": answer + timedelta(milliseconds=leg["talk_ms"] or 0),
        }
        texts = {name: None if stamp is None else stamp.isoformat(timespec="milliseconds")[:-6]
                 for name, stamp in stamps.items()}  # fmt: skip
        made.append({key: item for key, item in leg.items() if key != "minutes"} | texts)
    return made


@pytest.mark.slow
@settings(deadline=None, max_examples=12)
@given(LEGS, st.randoms())
def test_the_order_of_the_rows_changes_nothing(ask, events_of, legs, random):
    rows = rows_of(legs)
    found = ask(KPIS, events_of(contacts=frame_of(rows)), by=("team",))
    random.shuffle(rows)
    assert ask(KPIS, events_of(contacts=frame_of(rows)), by=("team",)).equals(found)


@pytest.mark.slow
@settings(deadline=None, max_examples=8)
@given(LEGS)
def test_days_add_up_to_months_and_teams_to_the_whole(ask, events_of, legs):
    events = events_of(contacts=frame_of(rows_of(legs)))
    days = ask(ADDED, events, grain="day", by=("team",))
    rolled = roll_up(days, ADDED, grain="month", drop=("team",)).sort("kpi", "period")
    month = ask(ADDED, events).sort("kpi", "period")
    names = ("kpi", "period", "numerator", "denominator")
    for kpi in ADDED:
        mine, whole = (each.filter(kpi=kpi.kpi).select(names) for each in (rolled, month))
        assert mine.equals(whole), kpi.kpi


def frame_of(rows):
    """Make a frame whose columns have their kinds although a column may be all null."""
    kinds = {item.name: DTYPES[item.kind] for item in CONTACTS.fields if item.kind != "timestamp"}
    texts = {item.name: pl.String for item in CONTACTS.fields if item.kind == "timestamp"}
    schema = {name: (kinds | texts)[name] for name in rows[0]}
    return pl.DataFrame(rows, schema=schema)
