"""A workspace whose facts are counted elsewhere: configuration, tables, errors."""

import shutil
import socket
import sys
import time
from contextlib import closing

import duckdb
import polars as pl
import pytest

from kpitools.analysis import annotated
from kpitools.cli import main
from kpitools.errors import FactsError, SourceError, WorkspaceError
from kpitools.facts.engines import DatabaseEngine, SparkEngine, open_engine, write_tables
from kpitools.sources import read_config, workspace_schema
from kpitools.sources.engine_config import EngineConfig
from kpitools.workspace import open_workspace

CALLS = """Id,At,Outcome,Wait,Team
1,2026-10-05 09:01,answered,12,a
2,2026-10-05 09:02,answered,20,b
3,2026-10-31 23:30,abandoned,90,a
"""
SOURCES = """
teams:
  a: {timezone: Europe/Berlin}
  b: {timezone: America/Denver}
sources:
  calls:
    file: calls.csv
    table: contacts
    format: {timezone: UTC}
    columns:
      contact_id: Id
      offered_at: At
      outcome: Outcome
      team: Team
      wait_ms: {from: Wait, unit: seconds}
"""
HEAD = 'kpitools: "1"\nname: elsewhere\nas_of: 2026-11-10\n'
NAMES = ["offered", "asa", "abandon_rate"]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "calls.csv").write_text(CALLS)
    (tmp_path / "kpitools.yaml").write_text(HEAD + SOURCES)
    return tmp_path


@pytest.fixture
def warehouse(folder):
    """A database with the contacts, beside the workspace that they came from."""
    places = write_tables(open_workspace(folder).events, folder / "lake")
    with duckdb.connect(str(folder / "warehouse.duckdb")) as database:
        database.execute("create schema care")
        database.execute(f"create table care.calls as from read_parquet('{places['contacts']}')")
    return folder


def facts_of(opened, **options):
    return opened.facts(NAMES, by="team", grain="day", **options)


def test_a_database_declared_in_the_file_gives_the_same_facts(warehouse):
    here = facts_of(open_workspace(warehouse))
    engine = "engine: {type: duckdb, database: warehouse.duckdb, tables: {contacts: care.calls}}\n"
    (warehouse / "kpitools.yaml").write_text(HEAD + engine + SOURCES)
    opened = open_workspace(warehouse)
    assert opened.events.engine.name == "duckdb"
    assert facts_of(opened).equals(here)
    assert here["numerator"].to_list()[0] == 1


def test_rows_that_are_only_in_the_database_need_no_source(warehouse):
    here = facts_of(open_workspace(warehouse))
    (warehouse / "calls.csv").unlink()
    teams = SOURCES[: SOURCES.index("sources:")]
    engine = "engine: {type: duckdb, database: warehouse.duckdb, tables: {contacts: care.calls}}\n"
    (warehouse / "kpitools.yaml").write_text(HEAD + engine + teams)
    opened = open_workspace(warehouse)
    assert facts_of(opened).equals(here)
    with pytest.raises(FactsError, match="stay with the engine 'duckdb'"):
        opened.table("contacts").collect()


def test_recorded_reasons_need_no_rows_here(warehouse):
    (warehouse / "calls.csv").unlink()
    (warehouse / "reasons.csv").write_text(
        "date,entity,text,author\n2026-10-05,team=a,Outage,Ana\n,agent=x-1,New,Ana\n"
    )
    teams = SOURCES[: SOURCES.index("sources:")] + "annotations: reasons.csv\n"
    engine = "engine: {type: duckdb, database: warehouse.duckdb, tables: {contacts: care.calls}}\n"
    (warehouse / "kpitools.yaml").write_text(HEAD + engine + teams)
    opened = open_workspace(warehouse)
    assert opened.annotations["member"].to_list() == ["a", "x-1"]
    noted = annotated(facts_of(opened), opened.annotations)
    assert noted["annotation"].drop_nulls().unique().to_list() == ["Outage"]


def test_without_tables_the_engine_reads_what_the_cache_holds(warehouse):
    here = facts_of(open_workspace(warehouse))
    engine = "engine: {type: duckdb, database: warehouse.duckdb}\n"
    (warehouse / "kpitools.yaml").write_text(HEAD + engine + SOURCES)
    assert facts_of(open_workspace(warehouse)).equals(here)


def test_a_connection_is_a_door_of_its_own(warehouse):
    here = facts_of(open_workspace(warehouse))
    with duckdb.connect(str(warehouse / "warehouse.duckdb")) as connection:
        engine = DatabaseEngine(connection, tables={"contacts": "care.calls"})
        assert facts_of(open_workspace(warehouse, engine=engine)).equals(here)


def test_a_kpi_of_several_tables_is_refused_with_its_reason(warehouse):
    engine = "engine: {type: duckdb, database: warehouse.duckdb, tables: {contacts: care.calls}}\n"
    (warehouse / "kpitools.yaml").write_text(HEAD + engine + SOURCES)
    opened = open_workspace(warehouse)
    assert "rests on several tables: polars engine only" in opened.refused()["forecast_wape"]
    assert "offered" in opened.available()


def test_the_command_writes_every_table_whole(folder, capsys):
    main(["tables", str(folder / "out"), "-w", str(folder)], standalone_mode=False)
    told = capsys.readouterr()
    assert told.err.endswith("contacts: 3 rows (1 of 1)\n")
    assert told.out.strip() == str(folder / "out" / "contacts.parquet")
    written = pl.read_parquet(folder / "out" / "contacts.parquet")
    assert written["offered_at_local"].dt.day().to_list() == [5, 5, 1]
    assert written["wait_ms"].to_list() == [12_000, 20_000, 90_000]
    assert [path.name for path in (folder / "out").iterdir()] == ["contacts.parquet"]


def test_a_table_that_no_source_feeds_is_named(folder):
    with pytest.raises(FactsError, match="no source feeds the table 'contact'"):
        write_tables(open_workspace(folder).events, folder / "out", names=["contact"])


def test_a_folder_that_cannot_be_written_is_told(folder):
    with pytest.raises(FactsError, match="the tables cannot be written"):
        write_tables(open_workspace(folder).events, folder / "calls.csv")


FAULTS = {
    "engine: {type: oracle}": "'engine.type' is not right",
    "engine: {type: spark}": "a Spark engine has either 'master' or 'remote'",
    'engine: {type: spark, master: "spark://a", remote: "sc://b"}': "either 'master' or 'remote'",
    "engine: {type: duckdb}": "the engine duckdb needs 'database'",
    "engine: {type: duckdb, database: a, master: b}": "are of the engine spark",
    "engine: {type: spark, master: local, database: a}": "'database' is of the engine duckdb",
    "engine: {type: duckdb, database: a, tables: {contact: b}}": "no table 'contact'",
    "engine: {type: duckdb, databse: a}": "unknown key 'databse'",
}


@pytest.mark.parametrize("line", FAULTS)
def test_a_wrong_engine_is_told_with_its_line(tmp_path, line):
    (tmp_path / "kpitools.yaml").write_text(f"{HEAD}{line}\n{SOURCES}")
    with pytest.raises(SourceError) as caught:
        read_config(tmp_path / "kpitools.yaml", {})
    assert FAULTS[line] in str(caught.value)
    assert caught.value.faults[0].where.startswith("kpitools.yaml:4")


def test_neither_sources_nor_tables(tmp_path):
    (tmp_path / "kpitools.yaml").write_text(HEAD)
    with pytest.raises(SourceError, match="'sources' is missing"):
        read_config(tmp_path / "kpitools.yaml", {})
    (tmp_path / "kpitools.yaml").write_text(HEAD + "sources: {}\n")
    with pytest.raises(SourceError, match="give at least one source, or an engine with tables"):
        read_config(tmp_path / "kpitools.yaml", {})


def test_the_schema_knows_the_engine():
    assert "engine" in workspace_schema()["properties"]


def test_a_spark_engine_has_one_address():
    with pytest.raises(FactsError, match="needs one address"):
        SparkEngine()
    with pytest.raises(FactsError, match="no table 'calls' for an engine"):
        SparkEngine(master="local[1]", tables={"calls": "x"})


def test_the_address_of_a_spark_connect_server_is_handed_over(tmp_path):
    config = EngineConfig(
        type="spark",
        remote="sc://host:15002/;use_ssl=true",
        tables={"contacts": "lake/contacts.parquet", "tickets": "s3a://lake/tickets/*.parquet"},
        options={"spark.sql.shuffle.partitions": 8, "spark.some.flag": True},
    )
    engine = open_engine(config, folder=tmp_path)
    assert isinstance(engine, SparkEngine)
    assert (engine.remote, engine.master) == ("sc://host:15002/;use_ssl=true", None)
    assert engine.tables["contacts"] == str(tmp_path / "lake/contacts.parquet")
    assert engine.tables["tickets"] == "s3a://lake/tickets/*.parquet"
    assert engine.options == {"spark.sql.shuffle.partitions": "8", "spark.some.flag": "true"}


@pytest.mark.parametrize("kind", ["spark", "sc"])
def test_an_address_where_nothing_answers_is_told_within_seconds(kind):
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        address = f"{kind}://127.0.0.1:{port}"
        engine = SparkEngine(**{"master" if kind == "spark" else "remote": address})
        begun = time.monotonic()
        with pytest.raises(FactsError, match="nothing answers at the address") as caught:
            engine.run("SELECT 1")
    assert time.monotonic() - begun < 8
    assert caught.value.faults[0].where == address


def test_a_missing_pyspark_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(FactsError, match=r"pip install 'kpitools\[spark\]'"):
        SparkEngine(master="local[1]").run("SELECT 1")


def test_a_missing_java_is_told(monkeypatch):
    pytest.importorskip("pyspark")
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(FactsError, match="needs Java"):
        SparkEngine(master="local[1]").run("SELECT 1")


def test_a_missing_duckdb_is_told(tmp_path, monkeypatch):
    config = EngineConfig(type="duckdb", database="none.duckdb")
    with pytest.raises(FactsError, match="there is no such database"):
        open_engine(config, folder=tmp_path)
    (tmp_path / "none.duckdb").write_text("no database")
    with pytest.raises(FactsError, match="the database cannot be opened"):
        open_engine(config, folder=tmp_path)
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(FactsError, match="needs DuckDB"):
        open_engine(config, folder=tmp_path)


def test_no_folder_is_no_workspace(tmp_path):
    with pytest.raises(WorkspaceError):
        open_workspace(tmp_path / "absent")
