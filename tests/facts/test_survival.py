"""Durations of which some are not over: Kaplan-Meier, risk tables, naive figures beside them."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from kpitools.errors import FactsError
from kpitools.facts.asked import Asked
from kpitools.facts.roll_up import roll_up
from kpitools.facts.survival import (
    censored_summary,
    km_quantiles,
    merge_survival,
    survival_table,
    with_survival,
)

FIRST = datetime(2026, 10, 1, tzinfo=UTC)
HOUR = 3_600.0
SCHEMA = {
    "ticket_id": pl.String,
    "team": pl.String,
    "created_at": pl.Datetime("ms", "UTC"),
    "solved_at": pl.Datetime("ms", "UTC"),
}
cases = st.tuples(
    st.sampled_from(["london", "denver", None]),
    st.integers(0, 80 * 24),
    st.none() | st.integers(0, 200),
)


@pytest.fixture(scope="session")
def to_solve(kpi_of):
    return kpi_of(
        "to_solve",
        kind="censored",
        unit="seconds",
        good="lower",
        table="tickets",
        period_of="created_at",
        starts="created_at",
        ends="solved_at",
    )


def frame_of(rows):
    """Tickets by team, hour of opening, and hours until solved (None: not solved)."""
    made = []
    for number, (team, opened, taken) in enumerate(rows):
        start = FIRST + timedelta(hours=opened)
        end = None if taken is None else start + timedelta(hours=taken)
        made.append((str(number), team, start, end))
    return pl.DataFrame(made, schema=SCHEMA, orient="row")


def test_the_median_counts_open_cases_as_long_as_they_have_lasted(ask, events_of, to_solve):
    # Five at risk, one ends at 1 h (4/5 last longer), one at 2 h (3/5); then one leaves open
    # at 3 h; of two at risk one ends at 4 h (3/10): more than half have ended.
    rows = [("london", 0, 1), ("london", 0, 2), ("london", 7, None), ("london", 0, 4)]
    rows.append(("london", 0, None))
    (row,) = ask(to_solve, events_of(tickets=frame_of(rows), as_of="2026-10-01T10:00")).iter_rows(
        named=True
    )
    assert (row["numerator"], row["denominator"], row["value"]) == (3.0, 5.0, 4 * HOUR)


def test_not_reached_is_unknown(ask, events_of, to_solve):
    rows = [("london", 0, 1), ("london", 0, None), ("london", 0, None)]
    (row,) = ask(to_solve, events_of(tickets=frame_of(rows), as_of="2026-11-10")).iter_rows(
        named=True
    )
    assert (row["numerator"], row["denominator"], row["value"]) == (1.0, 3.0, None)
    assert not row["final"]


def test_on_a_plateau_the_beginning_counts():
    counts = pl.DataFrame(
        {"k": [0, 0], "duration_ms": [10, 30], "ended": [1, 1], "still_open": [0, 0]}
    )
    table = with_survival(counts, keys=["k"])
    assert table["survival"].to_list() == [0.5, 0.0]
    assert km_quantiles(table, {"median": 0.5}, keys=["k"])["median"].item() == 10


def test_a_plateau_is_seen_though_products_are_not_exact():
    # 10 of 20 have ended one by one: the product of 19/20, 18/19, ... is not exactly a half.
    counts = pl.DataFrame(
        {
            "k": [0] * 20,
            "duration_ms": list(range(1, 21)),
            "ended": [1] * 20,
            "still_open": [0] * 20,
        }
    )
    table = with_survival(counts, keys=["k"])
    assert km_quantiles(table, {"median": 0.5}, keys=["k"])["median"].item() == 10


def test_an_end_after_as_of_is_not_known(ask, events_of, to_solve):
    events = events_of(tickets=frame_of([("london", 0, 2), ("london", 0, 50)]))
    found = ask(to_solve, events, as_of=FIRST + timedelta(hours=10))
    assert found["numerator"].item() == 1
    assert found["value"].item() == 2 * HOUR


def test_a_case_that_starts_after_as_of_is_no_case(ask, events_of, to_solve):
    events = events_of(tickets=frame_of([("london", 0, 2), ("london", 30, 1)]))
    found = ask(to_solve, events, as_of=FIRST + timedelta(hours=10))
    assert found["denominator"].item() == 1


def test_a_case_that_ends_before_it_starts_is_counted_apart(events_of, to_solve):
    events = events_of(tickets=frame_of([("london", 5, -3), ("london", 0, 2)]))
    (row,) = censored_summary(Asked((to_solve,)), events).iter_rows(named=True)
    assert (row["cases"], row["ended"], row["still_open"], row["excluded"]) == (1, 1, 0, 1)


def test_final_when_no_open_case_is_younger_than_the_value(ask, events_of, to_solve):
    tickets = frame_of([("london", 0, 2), ("london", 0, 2), ("london", 30 * 24 + 22, None)])
    early = ask(to_solve, events_of(tickets=tickets, as_of="2026-11-01T00:30"))
    assert early["value"].item() == 2 * HOUR
    assert not early["final"].item()
    late = ask(to_solve, events_of(tickets=tickets, as_of="2026-11-02"))
    assert late["value"].item() == 2 * HOUR
    assert late["final"].item()


def test_the_summary_puts_both_beside_each_other(events_of, to_solve):
    rows = [("london", 0, hours) for hours in (1, 2, 3, 4)] + [("london", 0, None)] * 4
    events = events_of(tickets=frame_of(rows), as_of="2026-10-20")
    (row,) = censored_summary(Asked((to_solve,), by=("team",)), events).iter_rows(named=True)
    assert row["period"] == date(2026, 10, 1)
    assert (row["cases"], row["share_open"]) == (8, 0.5)
    assert (row["km_p25"], row["km_median"], row["km_p75"]) == (2 * HOUR, 4 * HOUR, None)
    assert (row["naive_mean"], row["naive_median"]) == (2.5 * HOUR, 2.5 * HOUR)
    assert row["naive_p90"] == pytest.approx(3.7 * HOUR)


def test_where_nothing_has_ended_there_is_no_naive_figure(events_of, to_solve):
    events = events_of(tickets=frame_of([("london", 0, None)]), as_of="2026-10-20")
    (row,) = censored_summary(Asked((to_solve,)), events).iter_rows(named=True)
    assert (row["share_open"], row["naive_mean"], row["naive_median"]) == (1.0, None, None)


@settings(max_examples=40, deadline=None)
@given(st.lists(cases, min_size=1, max_size=60))
def test_survival_is_that_of_statsmodels(events_of, to_solve, rows):
    frame = frame_of(rows)
    asked = Asked((to_solve,), grain="year", as_of=FIRST + timedelta(days=90))
    table = survival_table(asked, events_of(tickets=frame))
    ended = [taken is not None and opened + taken <= 90 * 24 for _, opened, taken in rows]
    lasted = [
        taken if over else 90 * 24 - opened
        for (_, opened, taken), over in zip(rows, ended, strict=True)
    ]
    if not any(ended):  # statsmodels knows no times then
        assert table["ended"].sum() == 0
        return
    oracle = SurvfuncRight(np.array(lasted), np.array(ended, dtype=int))
    ours = table.filter(pl.col("ended") > 0)
    assert ours["duration_ms"].to_list() == [int(hours * 3_600_000) for hours in oracle.surv_times]
    assert ours["at_risk"].to_list() == list(oracle.n_risk)
    assert np.allclose(ours["survival"].to_numpy(), oracle.surv_prob, atol=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.lists(cases, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_merged_risk_tables_are_those_of_all_cases(events_of, to_solve, rows, chance):
    at = FIRST + timedelta(days=90)
    whole = Asked((to_solve,), as_of=at)
    events = events_of(tickets=frame_of(rows))
    direct = survival_table(whole, events)
    by_team = survival_table(Asked((to_solve,), by=("team",), as_of=at), events)
    assert merge_survival(by_team, drop=("team",)).equals(direct)
    chance.shuffle(rows)
    cut = chance.randrange(len(rows))
    parts = [part for part in (rows[cut:], rows[:cut]) if part]
    tables = [survival_table(whole, events_of(tickets=frame_of(part))) for part in parts]
    assert merge_survival(pl.concat(tables)).equals(direct)
    days = survival_table(Asked((to_solve,), grain="day", as_of=at), events)
    months = days.with_columns(pl.col("period").dt.truncate("1mo"), pl.lit("month").alias("grain"))
    assert merge_survival(months).equals(direct)


@settings(max_examples=20, deadline=None)
@given(st.lists(cases, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_rows_in_another_order_give_the_same_bits(ask, events_of, to_solve, rows, chance):
    straight = ask(to_solve, events_of(tickets=frame_of(rows)), by=("team",))
    chance.shuffle(rows)
    assert straight.equals(ask(to_solve, events_of(tickets=frame_of(rows)), by=("team",)))


def test_a_kpi_that_is_not_censored_has_no_risk_table(events_of, offered):
    with pytest.raises(FactsError, match="only a censored duration"):
        survival_table(Asked((offered,)), events_of(contacts=pl.DataFrame({"offered_at": []})))


def test_a_quantile_is_not_added_up(ask, events_of, to_solve):
    days = ask(to_solve, events_of(tickets=frame_of([("london", 0, 1)])), grain="day")
    with pytest.raises(FactsError, match="merge_survival"):
        roll_up(days, [to_solve], grain="month")
