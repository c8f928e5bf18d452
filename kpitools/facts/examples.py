"""Worked examples of the catalogue, run: rows as written in the entry, through the real query."""

from __future__ import annotations

from datetime import UTC

import polars as pl

from kpitools.catalog.example_rows import read_example_rows
from kpitools.catalog.model import Example, Kpi
from kpitools.errors import CatalogError, FactsError
from kpitools.facts.asked import Asked
from kpitools.facts.build import build_facts
from kpitools.facts.business_time import DEFAULT
from kpitools.facts.ground import DTYPES, LOCAL_MS
from kpitools.facts.periods import parse_period
from kpitools.sources.calendars import OFFICE
from kpitools.sources.events import Events, Team
from kpitools.tables import Field, local_name, table

ZONE = "UTC"
"""Clock of every team in an example."""


def run_example(kpi: Kpi) -> pl.DataFrame:
    """Compute the facts of a KPI's own miniature example.

    Returns:
        The fact rows for the example's period: one row, or none where nothing comes out.

    Raises:
        FactsError: the KPI has no example; a table or column that does not exist; a cell that
            is not of its column's kind; fields that the formulas need but the example lacks.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> run_example(load_builtin().kpi("service_level_offered"))["denominator"].item()
        10.0
    """
    example = kpi.example
    if example is None:
        raise FactsError(f"'{kpi.kpi}' has no example", fix="write example: in its entry")
    period = parse_period(example.period)
    asked = Asked(kpis=(kpi,), grain=period.grain, start=period, end=period, as_of=example.as_of)
    return build_facts(asked, example_events(example))


def example_events(example: Example) -> Events:
    """Make the event tables of an example; every team goes by UTC and office hours.

    Raises:
        FactsError: as `run_example`, for tables, columns and cells.
    """
    frames = {name: read_rows(name, text) for name, text in example.tables.items()}
    teams = {
        str(team) for frame in frames.values() if "team" in frame for team in frame["team"]
    } - {"None"}
    return Events(
        tables={name: _complete(name, frame).lazy() for name, frame in frames.items()},
        mapped={name: frozenset(frame.columns) for name, frame in frames.items()},
        missing={},
        teams={team: Team(team, team, ZONE) for team in sorted(teams)},
        default_timezone=ZONE,
        week_start="monday",
        as_of=example.as_of.replace(tzinfo=example.as_of.tzinfo or UTC),
        as_of_origin="asked",
        calendars={DEFAULT: OFFICE},
    )


def read_rows(name: str, text: str) -> pl.DataFrame:
    r"""Read the rows of one table: a head line, then one line a row, cells between `|`.

    An empty cell is null. Times are ISO and UTC, durations spans such as `90s` or `4h`, money
    minor units.

    Raises:
        FactsError: no such table or column, a row with another number of cells, a cell that is
            not of its column's kind.

    Example:
        >>> read_rows("contacts", "contact_id | wait_ms\na | 90s\nb |").rows()
        [('a', 90000), ('b', None)]
    """
    try:
        read = read_example_rows(name, text)
    except CatalogError as error:
        raise FactsError(error.faults) from error
    return pl.DataFrame(
        {
            item.name: pl.Series(item.name, [row[n] for row in read.rows], dtype=_dtype(item))
            for n, item in enumerate(read.fields)
        }
    )


def _complete(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Add every field that is not written as null, and each time stamp on the local clock."""
    fields = table(name).fields
    frame = frame.with_columns(
        pl.lit(None, dtype=_dtype(item)).alias(item.name)
        for item in fields
        if item.name not in frame.columns
    )
    return frame.with_columns(
        pl.col(item.name).dt.replace_time_zone(None).cast(LOCAL_MS).alias(local_name(item.name))
        for item in fields
        if item.kind == "timestamp"
    )


def _dtype(item: Field) -> pl.DataType:
    return DTYPES[item.kind]
