"""Every kind of KPI: the order and split of the rows change nothing, parts add up to the whole."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.catalog import compile_kpi, load_builtin
from kpitools.facts.roll_up import roll_up, why_not_added

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
STAMP = pl.Datetime("ms", "UTC")
CONTACTS = {
    "contact_id": pl.String,
    "team": pl.String,
    "channel": pl.String,
    "agent": pl.String,
    "outcome": pl.String,
    "direction": pl.String,
    "offered_at": STAMP,
    "answered_at": STAMP,
    "ended_at": STAMP,
    "wait_ms": pl.Int64,
    "talk_ms": pl.Int64,
    "hold_ms": pl.Int64,
    "acw_ms": pl.Int64,
    "transferred": pl.Boolean,
}
MISSING = {
    "reason": pl.String,
    "transfer_type": pl.String,
    "enqueued_at": STAMP,
    "dequeued_at": STAMP,
    "ivr_ms": pl.Int64,
    "ring_ms": pl.Int64,
    "dial_ms": pl.Int64,
    "escalated": pl.Boolean,
    "resolved": pl.Boolean,
    "in_business_hours": pl.Boolean,
}
lengths = st.none() | st.integers(0, 90_000)
contacts = st.builds(
    lambda start, wait, work, rest: (
        *rest[:5],
        start,
        start + wait,
        start + wait + work,
        *rest[5:],
    ),
    st.integers(0, 420 * 24 * 60).map(lambda minute: FIRST + timedelta(minutes=minute)),
    st.integers(0, 90).map(lambda seconds: timedelta(seconds=seconds)),
    st.integers(0, 40 * 60).map(lambda minutes: timedelta(minutes=minutes)),
    st.tuples(
        st.sampled_from(["london", "istanbul", "denver", None]),
        st.sampled_from(["voice", "chat"]),
        st.sampled_from(["ann", "bob", None]),
        st.sampled_from(["answered", "abandoned", "short_abandon", "missed"]),
        st.sampled_from(["inbound", "outbound", None]),
        lengths,
        lengths,
        lengths,
        lengths,
        st.none() | st.booleans(),
    ),
)


def frame_of(rows):
    numbered = [(str(number), *row) for number, row in enumerate(rows)]
    frame = pl.DataFrame(numbered, schema=CONTACTS, orient="row")
    return frame.with_columns(
        pl.lit(None, dtype=kind).alias(name) for name, kind in MISSING.items()
    )


def values(facts):
    """Facts without what depends on how far each clock is."""
    return facts.drop("final")


@pytest.fixture(scope="session")
def every_kind(kpi_of):
    handled = {"period_of": "ended_at", "unit": "seconds", "where": "outcome = 'answered'"}
    return [
        kpi_of("count", numerator="count(*) filter (where outcome = 'answered')"),
        kpi_of("ratio", unit="share", numerator="count(agent)", denominator="count(*)"),
        kpi_of(
            "mean",
            kind="mean",
            numerator="sum(talk_ms + hold_ms)",
            denominator="count(talk_ms + hold_ms)",
            **handled,
        ),
        kpi_of(
            "index",
            kind="index",
            unit="points",
            numerator="count(*) filter (where not transferred)",
            denominator="count(transferred)",
        ),
        kpi_of("percentile", kind="percentile", numerator="percentile(talk_ms, 0.9)", **handled),
        kpi_of("distinct", kind="distinct", numerator="count(distinct agent)"),
        kpi_of("snapshot", kind="snapshot", enters="offered_at", leaves="ended_at"),
        kpi_of("censored", kind="censored", unit="seconds", starts="offered_at", ends="ended_at"),
    ]


def test_these_are_all_kinds(every_kind):
    from typing import get_args

    from kpitools.catalog.model import KpiKind

    assert {kpi.kind for kpi in every_kind} == set(get_args(KpiKind))


@settings(max_examples=10, deadline=None)
@given(st.lists(contacts, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_order_and_split_of_the_rows_change_no_bit(ask, events_of, every_kind, rows, chance):
    frame = frame_of(rows)
    asked = {"by": ("team",), "grain": "week"}
    straight = ask(every_kind, events_of(contacts=frame, as_of="2028-01-01"), **asked)
    order = list(range(len(rows)))
    chance.shuffle(order)
    cut = chance.randrange(len(rows))
    pieces = pl.concat([frame[order][cut:], frame[order][:cut]], rechunk=False)
    assert straight.equals(ask(every_kind, events_of(contacts=pieces, as_of="2028-01-01"), **asked))


@settings(max_examples=10, deadline=None)
@given(st.lists(contacts, min_size=1, max_size=40))
def test_one_pass_gives_what_many_give(ask, events_of, every_kind, rows):
    events = events_of(contacts=frame_of(rows), as_of="2027-01-20")
    together = ask(every_kind, events, by=("team", "channel"))
    alone = [ask(kpi, events, by=("team", "channel")) for kpi in every_kind]
    assert together.equals(pl.concat(alone))


@settings(max_examples=10, deadline=None)
@given(st.lists(contacts, min_size=1, max_size=40))
def test_nesting_grains_and_teams_add_up(ask, events_of, every_kind, rows):
    kpis = [kpi for kpi in every_kind if not why_not_added(kpi, longer=True)]
    assert {kpi.kind for kpi in kpis} == {"count", "ratio", "mean", "index"}
    events = events_of(contacts=frame_of(rows), as_of="2028-01-01")
    found = ask(kpis, events, grain="day", by=("team", "channel"))
    for grain in ("month", "quarter", "half_year", "year"):
        found = roll_up(found, kpis, grain=grain)
        direct = ask(kpis, events, grain=grain, by=("team", "channel"))
        assert values(found).equals(values(direct))
        total = ask(kpis, events, grain=grain)
        assert values(roll_up(found, kpis, drop=("team", "channel"))).equals(values(total))


def contact_kpis():
    """All KPIs of contacts, with variants, that add up."""
    catalog = load_builtin("2026.2")
    variants = (each for made in catalog.variant_entries.values() for each in made)
    return [
        kpi
        for kpi in (*catalog.entries, *variants)
        if kpi.table == "contacts" and not why_not_added(kpi, longer=True)
    ]


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(st.lists(contacts, min_size=1, max_size=30))
def test_the_contact_kpis_of_the_catalogue_add_up(ask, events_of, rows):
    kpis = contact_kpis()
    assert len(kpis) > 40
    events = events_of(contacts=frame_of(rows), as_of="2028-01-01")
    days = ask(kpis, events, grain="day", by=("team",))
    months = ask(kpis, events, grain="month")
    assert values(roll_up(days, kpis, grain="month", drop=("team",))).equals(values(months))


def test_all_contact_kpis_share_one_reading():
    from kpitools.facts.asked import Asked
    from kpitools.facts.query import readings_of

    kpis = tuple(contact_kpis())
    assert {kpi.period_of for kpi in kpis} == {"offered_at", "answered_at", "ended_at"}
    (reading,) = readings_of(Asked(kpis, by=("team",), grain="day"))
    components = [
        each
        for kpi in kpis
        for each in (compile_kpi(kpi).numerator, compile_kpi(kpi).denominator)
        if each is not None
    ]
    assert len(reading.pieces.names) < len(components)
