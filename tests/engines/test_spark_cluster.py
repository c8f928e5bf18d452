"""A real cluster of one master and two workers gives the facts of polars, to the last bit."""

import os
import random
from datetime import UTC, datetime

import pytest
from catalog import test_formula_engines as formulas
from catalog.engines import FIELDS, PARAMETERS, formula, make_frame, same
from engines.cluster import OPTIONS, end_driver, spark_home, standalone_cluster
from engines.comparing import asked_of, unlike
from engines.rows import make_ground, write_tables
from facts.conftest import make_events, make_kpi

from kpitools.catalog import load_builtin
from kpitools.catalog.expressions.to_sql import sql_expression
from kpitools.errors import FactsError
from kpitools.facts.asked import Asked
from kpitools.facts.build import build_facts
from kpitools.facts.engines.spark import SparkEngine

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        spark_home() is None, reason="pyspark (extra 'spark') or Java is not installed"
    ),
    pytest.mark.xdist_group("spark"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
SMALL = {
    **OPTIONS,
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
"""Few rows: planning is what takes time."""


@pytest.fixture(scope="module")
def engine(places, tmp_path_factory):
    before = os.environ.get("SPARK_LOCAL_IP")
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    try:
        with standalone_cluster(tmp_path_factory.mktemp("spark")) as master:
            made = SparkEngine(master=master, tables=places, options=SMALL)
            try:
                yield made
            finally:
                made.stop()
                end_driver()
    finally:
        del os.environ["SPARK_LOCAL_IP"]
        if before is not None:
            os.environ["SPARK_LOCAL_IP"] = before


@pytest.mark.parametrize(
    ("grain", "by"), [("day", ()), ("week", ("team",)), ("month", ("team", "channel"))]
)
def test_every_kpi_of_one_table_is_equal(engine, kpis, events, grain, by):
    assert len(kpis) > 50
    assert unlike(asked_of(kpis, by, grain=grain), events, engine) == []


def test_the_work_is_done_by_two_workers(engine):
    assert engine.run("SELECT 1 AS n").item() == 1
    context = engine.connected.sparkContext
    assert context.master.startswith("spark://127.0.0.1:")
    hosts = context._jsc.sc().statusTracker().getExecutorInfos()  # noqa: SLF001 - pyspark has no other way
    assert len(hosts) == 3  # the driver and two workers


def test_other_cuts_of_time_are_equal(engine, kpis, rows):
    names = {"offered", "asa", "tickets_resolved", "backlog", "tfr_p90"}
    some = [kpi for kpi in kpis if kpi.kpi in names]
    sunday = make_ground(rows, week_start="sunday")
    for grain in ("week", "60min", "half_year"):
        assert unlike(asked_of(some, ("team",), grain=grain), sunday, engine) == []


def test_sums_of_fractions_are_equal_far_beyond_64_bits(engine, tmp_path):
    waits = [1, 2, 10**6 + 1, 10**13 + 7, 9 * 10**14 + 1, -(10**12) - 1, None]
    events = make_events(contacts=[{"offered_at": "2026-01-01", "wait_ms": ms} for ms in waits])
    kpis = (
        make_kpi("third", numerator="sum(wait_ms / 3)", denominator="sum(wait_ms / 7)"),
        make_kpi("mean", numerator="avg(wait_ms / 3) filter (where wait_ms > 1)"),
        make_kpi("p7", kind="percentile", numerator="percentile(wait_ms / 3, 0.7)"),
    )
    other = SparkEngine(session=engine.connected, tables=write_tables(events, tmp_path))
    assert unlike(Asked(kpis=kpis), events, other) == []


def test_every_formula_of_the_language_is_equal(engine, tmp_path):
    texts = {
        "aggregates": [*formulas.AGGREGATES, "sum(score) filter (where resolved)"],
        "rows": [*formulas.ROWS, "least(wait_ms)", "round(score, 2)", "outcome like 'a\\_%'"],
    }
    frame = make_frame(_awkward_rows())
    path = tmp_path / "formula_rows.parquet"
    frame.write_parquet(path)
    for kind, group in texts.items():
        asked = [formula(text) for text in group]
        ours = frame.select(
            item.to_polars(PARAMETERS).alias(f"f{n}") for n, item in enumerate(asked)
        )
        parts = [
            sql_expression(item.node, PARAMETERS, dialect="spark").sql(dialect="spark")
            for item in asked
        ]
        select = ", ".join(f"{part} AS f{n}" for n, part in enumerate(parts))
        theirs = engine.run(f"SELECT {select} FROM parquet.`{path}`")  # noqa: S608 - formulas are the point here
        wrong = [
            (kind, item.text)
            for n, item in enumerate(asked)
            if not same(ours[f"f{n}"].to_list(), theirs[f"f{n}"].to_list())
        ]
        assert wrong == []


def _awkward_rows():
    chance = random.Random(5)  # noqa: S311 - rows of a test
    draws = {
        "duration": lambda: chance.randint(-3, 40),
        "money": lambda: chance.randint(-500, 500),
        "count": lambda: chance.randint(0, 3),
        "number": lambda: chance.choice([-2.5, -0.5, 0.0, 0.1, 0.5, 0.7, 1.5, 2.675, 3.25]),
        "text": lambda: chance.choice(["answered", "", " web ", "A_b%", "a.b", "Zoë", "a\\b"]),
        "flag": lambda: chance.random() < 0.5,
        "timestamp": lambda: datetime.fromtimestamp(
            1_774_656_000 + chance.randrange(172_800_000) / 1000, tz=UTC
        ).replace(microsecond=chance.randrange(1000) * 1000),
    }
    return [
        {name: None if chance.random() < 0.2 else draws[kind]() for name, kind in FIELDS.items()}
        for _ in range(120)
    ]


def test_an_absent_table_or_file_is_named(engine, events):
    asked = Asked(kpis=(load_builtin().kpi("offered"),))
    for place in ("lake.calls", "/nowhere/calls.parquet"):
        other = SparkEngine(session=engine.connected, tables={"contacts": place})
        with pytest.raises(FactsError, match="cannot read the table 'contacts'") as caught:
            build_facts(asked, events, engine=other)
        assert "calls" in caught.value.faults[0].where


def test_a_refused_question_says_why_in_one_line(engine, capfd):
    with pytest.raises(FactsError, match="'spark' could not answer") as caught:
        engine.run("SELECT nonsense FROM nowhere")
    assert "\n" not in caught.value.faults[0].found
    assert "Traceback" not in capfd.readouterr().err
