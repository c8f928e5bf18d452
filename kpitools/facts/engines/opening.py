"""From the configuration to an engine, and the events that know of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from kpitools.errors import FactsError
from kpitools.facts.engines.database import open_duckdb
from kpitools.facts.engines.engine import Engine, Place
from kpitools.facts.engines.spark import SparkEngine
from kpitools.facts.engines.tables import place_in_cache
from kpitools.facts.ground import DTYPES, LOCAL_MS
from kpitools.tables import TABLES, local_name

if TYPE_CHECKING:
    from kpitools.sources.config import WorkspaceConfig
    from kpitools.sources.engine_config import EngineConfig
    from kpitools.sources.events import Events


def open_engine(config: EngineConfig, *, folder: Path, place: Place | None = None) -> Engine:
    """Make the engine that a configuration declares; Spark is called when it is first asked.

    Args:
        config: what stands under `engine:`.
        folder: the workspace's folder, where relative paths start.
        place: gives the file of a table that the configuration does not place.

    Raises:
        FactsError: a database that is not there, or an engine that is not installed.
    """
    tables = {name: _placed(text, folder) for name, text in config.tables.items()}
    if config.type == "duckdb":
        return open_duckdb(folder / str(config.database), tables=tables, default=place)
    options = {name: _word(value) for name, value in config.options.items()}
    return SparkEngine(
        master=config.master, remote=config.remote, tables=tables, options=options, default=place
    )


def _placed(text: str, folder: Path) -> str:
    """Let a relative path of Parquet files start in the workspace's folder."""
    relative = text.startswith(("./", "../")) or (
        text.endswith(".parquet") and "://" not in text and not Path(text).is_absolute()
    )
    return str(folder / text) if relative else text


def _word(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def bind_engine(
    events: Events, config: WorkspaceConfig, *, folder: Path, given: Engine | None = None
) -> Events:
    """Let facts of these events be counted by an engine, where one is declared or given.

    A table that the engine places and no source feeds is known by the columns that the engine
    has; its rows stay there.

    Raises:
        FactsError: as `open_engine`; a placed table that the engine cannot read.
    """
    if given is None and config.engine is None:
        return events
    if given is not None:
        engine, placed = given, _tables_of(given)
    else:
        assert config.engine is not None  # noqa: S101 - said two lines above
        place = place_in_cache(events, config)
        engine = open_engine(config.engine, folder=folder, place=place)
        placed = config.engine.tables
    columns = {name: engine.relation(name).columns for name in placed if name not in events.tables}
    return replace(
        events,
        tables={**events.tables, **{name: _elsewhere(name, engine) for name in columns}},
        mapped={
            **events.mapped,
            **{name: known & set(TABLES[name].names) for name, known in columns.items()},
        },
        engine=engine,
    )


def _tables_of(engine: Engine) -> Mapping[str, str]:
    tables = getattr(engine, "tables", {})
    return tables if isinstance(tables, Mapping) else {}


def _elsewhere(name: str, engine: Engine) -> pl.LazyFrame:
    """Stand for rows that are not here: nothing may take their absence for emptiness."""
    schema: dict[str, pl.DataType] = {}
    for item in TABLES[name].fields:
        schema[item.name] = DTYPES[item.kind]
        if item.kind == "timestamp":
            schema[local_name(item.name)] = LOCAL_MS

    def refuse(_: pl.DataFrame) -> pl.DataFrame:
        raise FactsError(
            f"the rows of '{name}' stay with the engine '{engine.name}'",
            found="a question that needs them here",
            expected="a question for facts, which the engine counts",
            fix="add a source for the table, or ask for facts",
        )

    return pl.LazyFrame(schema=schema).map_batches(refuse, schema=schema)
