"""Facts through a database are those of polars, to the last bit."""

from datetime import date

import duckdb
import polars as pl
import pytest
import sqlglot
from engines.comparing import asked_of, unlike
from engines.rows import make_ground
from facts.conftest import make_events, make_kpi
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from kpitools.catalog import load_builtin
from kpitools.catalog.compiled import compile_kpi
from kpitools.errors import CatalogError, FactsError
from kpitools.facts.asked import Asked
from kpitools.facts.build import build_facts
from kpitools.facts.engines.database import DatabaseEngine
from kpitools.facts.engines.kpi_sql import kpi_sql
from kpitools.sources.fiscal import FiscalCalendar
from kpitools.tables import TABLES


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


@pytest.fixture(scope="module")
def engine(connection, places):
    return DatabaseEngine(connection, tables=places)


@pytest.mark.parametrize(
    ("grain", "by"),
    [
        pytest.param("day", (), marks=pytest.mark.slow),
        pytest.param("week", ("team",), marks=pytest.mark.slow),
        pytest.param("month", ("team", "channel"), marks=pytest.mark.slow),
        ("quarter", ("channel",)),
        pytest.param("half_year", ("team",), marks=pytest.mark.slow),
        pytest.param("year", (), marks=pytest.mark.slow),
        pytest.param("60min", (), marks=pytest.mark.slow),
    ],
)
def test_every_kpi_of_one_table_is_equal(engine, kpis, events, grain, by):
    assert len(kpis) > 50
    assert unlike(asked_of(kpis, by, grain=grain), events, engine) == []


def test_a_dimension_that_a_formula_reads_stays_null_within_it(engine, kpis, events):
    read = [
        kpi for kpi in kpis if "agent" in compile_fields(kpi) or "reason" in compile_fields(kpi)
    ]
    assert {kpi.table for kpi in read} > {"contacts", "tickets"}
    for name in ("agent", "reason"):
        some = [kpi for kpi in read if name in TABLES[kpi.table].dimensions]
        assert unlike(asked_of(some, (name,), grain="quarter"), events, engine) == []


def compile_fields(kpi):
    return frozenset().union(*(part.fields for part in compile_kpi(kpi).all))


@pytest.mark.slow
def test_weeks_from_sunday_are_equal(engine, kpis, rows):
    events = make_ground(rows, week_start="sunday")
    assert unlike(asked_of(kpis, ("team",), grain="week"), events, engine) == []


def test_fiscal_months_are_equal(engine, kpis, events):
    from dataclasses import replace

    fiscal = replace(events, fiscal=FiscalCalendar(starts=4))
    some = [kpi for kpi in kpis if kpi.kpi in {"offered", "asa", "backlog", "tfr_p90"}]
    for grain in ("fiscal_month", "fiscal_quarter", "fiscal_year"):
        assert unlike(asked_of(some, (), grain=grain), fiscal, engine) == []
    shifted = replace(events, fiscal=FiscalCalendar(starts=2))
    assert unlike(asked_of(some, ("team",), grain="fiscal_quarter"), shifted, engine) == []


@pytest.mark.slow
def test_a_range_a_filter_and_parameters_are_equal(engine, kpis, events):
    split = [kpi for kpi in kpis if "channel" in TABLES[kpi.table].dimensions]
    asked = asked_of(
        split,
        ("team",),
        grain="month",
        start=date(2026, 3, 5),
        end=date(2026, 10, 31),
        where={"team": ("london", "(not recorded)"), "channel": ("voice",)},
        parameters={"service_level_offered": {"threshold_s": 19, "inclusive": False}},
    )
    assert unlike(asked, events, engine) == []


@pytest.mark.slow
def test_what_is_later_than_as_of_is_unknown(engine, kpis, rows):
    early = make_ground(rows, as_of="2026-03-29T01:00:00")
    assert unlike(asked_of(kpis, ("team",), grain="week"), early, engine) == []


@pytest.mark.slow
def test_no_local_times_in_the_database_are_made_from_the_teams_zones(
    connection, kpis, rows, events, tmp_path
):
    places = {}
    for name, frame in rows.items():
        frame.write_parquet(tmp_path / f"{name}.parquet")
        places[name] = str(tmp_path / f"{name}.parquet")
    engine = DatabaseEngine(connection, tables=places)
    assert unlike(asked_of(kpis, ("team",), grain="day"), events, engine) == []


def _hold(connection, name, frame):
    """Make a frame a table of the database, for every cursor."""
    connection.register("given", frame.to_arrow())
    connection.execute(f"create or replace table {name} as from given")
    connection.unregister("given")


CONTACT = st.fixed_dictionaries(
    {
        "team": st.sampled_from(["london", "istanbul", "denver", "elsewhere", None]),
        "offered_at": st.sampled_from(
            ["2026-03-29T00:59:59", "2026-03-28T23:59:59", "2026-10-25T01:30:00", "2026-11-01"]
        ),
        "outcome": st.sampled_from(["answered", "abandoned", None]),
        "wait_ms": st.none() | st.integers(-5, 10**13),
    }
)
SCHEMA = dict.fromkeys(("team", "offered_at", "outcome"), pl.String) | {"wait_ms": pl.Int64}


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(rows=st.lists(CONTACT, max_size=12), sunday=st.booleans())
def test_random_tables_agree(connection, rows, sunday):
    kpis = [
        make_kpi("seen", numerator="count(*)"),
        make_kpi("third", where="outcome = 'answered'", numerator="sum(wait_ms / 3)"),
        make_kpi("mean", numerator="avg(wait_ms / 7)", denominator="count(*)"),
        make_kpi("p7", kind="percentile", numerator="percentile(wait_ms / 3, 0.7)"),
        make_kpi("rate", numerator="hours(sum(wait_ms))", denominator="sum(wait_ms) / 9"),
    ]
    events = make_events(
        contacts=pl.DataFrame(rows, schema=SCHEMA),
        week_start="sunday" if sunday else "monday",
        default="America/New_York",
    )
    held = events.tables["contacts"].collect()
    _hold(connection, "random_rows", held)
    engine = DatabaseEngine(connection, tables={"contacts": "random_rows"})
    asked = Asked(kpis=tuple(kpis), by=("team",), grain="week")
    ours, theirs = build_facts(asked, events), build_facts(asked, events, engine=engine)
    assert ours.equals(theirs), (ours, theirs)


def test_a_kpi_of_several_tables_is_refused(engine, events):
    asked = Asked(kpis=(load_builtin().kpi("forecast_wape"),))
    events = make_events(
        contacts=[{"offered_at": "2026-01-01"}],
        forecasts=[
            {"interval_at": "2026-01-01", "interval_ms": 1, "offered": 1.0, "made_at": "2026-01-01"}
        ],
    )
    with pytest.raises(FactsError, match="'forecast_wape' rests on several tables: polars engine"):
        build_facts(asked, events, engine=engine)


def test_fiscal_weeks_are_refused(engine, events):
    from dataclasses import replace

    from kpitools.sources.fiscal import WeekPattern

    retail = FiscalCalendar(weeks=WeekPattern((4, 5, 4), 5, 1, "nearest"))
    asked = Asked(kpis=(load_builtin().kpi("offered"),), grain="fiscal_month")
    with pytest.raises(FactsError, match="fiscal periods of weeks are cut by polars only"):
        build_facts(asked, replace(events, fiscal=retail), engine=engine)


def test_an_absent_table_is_named(connection, events):
    engine = DatabaseEngine(connection, tables={"contacts": "lake.calls"})
    with pytest.raises(FactsError, match="cannot read the table 'contacts'") as caught:
        build_facts(Asked(kpis=(load_builtin().kpi("offered"),)), events, engine=engine)
    assert caught.value.faults[0].where == "lake.calls"


def test_an_absent_column_is_named(connection, events):
    connection.execute("create or replace table bare as select now() as offered_at")
    engine = DatabaseEngine(connection, tables={"contacts": "bare"})
    with pytest.raises(FactsError, match="no outcome, wait_ms"):
        build_facts(Asked(kpis=(load_builtin().kpi("asa"),)), events, engine=engine)


def test_a_refused_question_says_why(connection):
    engine = DatabaseEngine(connection)
    with pytest.raises(FactsError, match="'duckdb' could not answer"):
        engine.run("select nonsense")


def test_an_unknown_dialect_or_table(connection):
    with pytest.raises(CatalogError, match="no SQL dialect 'oracle'"):
        DatabaseEngine(connection, dialect="oracle")
    with pytest.raises(FactsError, match="no table 'contact' for an engine"):
        DatabaseEngine(connection, tables={"contact": "x"})


def test_currencies_are_not_mixed(connection):
    costs = [
        {"posted_at": "2026-01-01", "amount": 1, "currency": currency, "team": "london"}
        for currency in ("EUR", None)
    ]
    events = make_events(costs=costs)
    _hold(connection, "mixed_costs", events.tables["costs"].collect())
    engine = DatabaseEngine(connection, tables={"costs": "mixed_costs"})
    spent = make_kpi(
        "spent", table="costs", period_of="posted_at", unit="money", numerator="sum(amount)"
    )
    with pytest.raises(FactsError, match="several currencies"):
        build_facts(Asked(kpis=(spent,)), events, engine=engine)
    facts = build_facts(Asked(kpis=(spent,), by=("currency",)), events, engine=engine)
    assert facts["value"].to_list() == [0.01, 0.01]


@pytest.mark.slow
def test_sql_to_read_gives_the_values_of_the_facts(connection, kpis, rows, places):
    for table, place in places.items():
        connection.execute(f"create or replace view {table} as from read_parquet('{place}')")
    events = make_ground(rows, as_of="2027-01-01")
    apart = [kpi for kpi in kpis if kpi.kind in {"snapshot", "censored"}]
    for kpi in apart:
        name = "period_end" if kpi.kind == "snapshot" else "as_of"
        assert connection.execute(kpi_sql(kpi), {name: events.as_of}).fetchall()
    plain = tuple(kpi for kpi in kpis if kpi not in apart)
    facts = build_facts(Asked(kpis=plain, grain="quarter"), events)
    wrong = []
    for kpi in plain:
        read = connection.sql(kpi_sql(kpi, grain="quarter")).select("period, value").fetchall()
        found = dict(read)
        known = facts.filter(kpi=kpi.kpi).select("period", "value").rows()
        wrong += [
            (kpi.kpi, period, value, found.get(period))
            for period, value in known
            if not _near(value, found.get(period, 0))  # where no row is left, a count is 0
        ]
    assert wrong == []


@pytest.mark.slow
def test_sql_to_read_is_there_for_every_kpi_and_dialect():
    catalog = load_builtin()
    for name in [each for own in catalog.names() for each in (own, *_variants(catalog, own))]:
        kpi = catalog.kpi(name)
        for dialect in ("duckdb", "spark"):
            text = kpi_sql(kpi, dialect)
            assert sqlglot.parse_one(text, dialect=dialect).find(exp.Table).name == kpi.table
            assert text.startswith("-- ") == (kpi.table not in TABLES)


def _variants(catalog, name):
    return [kpi.kpi for kpi in catalog.variants(name)]


def _near(left, right):
    if left is None or right is None:
        return left is right
    return left == pytest.approx(float(right), rel=1e-9, abs=1e-7)
