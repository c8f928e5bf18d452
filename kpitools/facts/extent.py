"""From which day to which the data of a KPI reaches."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from kpitools.catalog.model import Kpi
from kpitools.facts.asked import Asked
from kpitools.facts.build import ground_of
from kpitools.facts.components import fields_read, read_formulas
from kpitools.facts.ground import Ground
from kpitools.facts.query import rows_of
from kpitools.tables import TABLES, local_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpitools.sources.events import Events


def days_of(kpi: Kpi, asked: Asked, ground: Ground) -> tuple[date, date] | None:
    """Return the first and last day, on the teams' clocks, of the rows that a KPI counts by.

    Args:
        kpi: the KPI version.
        asked: the question; its parameters count, not its range or filter.
        ground: what it is asked of.

    Returns:
        The days known at `as_of`; None where there is no row.
    """
    settings = asked.settings(kpi)
    names = set(fields_read(read_formulas(kpi, settings)))
    frame = rows_of(ground, kpi.table, names, period_of=kpi.period_of, settings=settings)
    day = pl.col(local_name(kpi.period_of)).dt.date()
    first, last = (
        frame.select(day.min().alias("first"), day.max().alias("last"))
        .collect(engine="streaming")
        .row(0)
    )
    return None if first is None else (first, last)


def data_days(kpis: Iterable[Kpi], events: Events) -> tuple[date, date] | None:
    """Return the first and last day of the data that any of some KPIs counts by.

    Derived tables are looked at only where no KPI counts rows of an export: they are made
    from such rows, which makes them dear and adds nothing.

    Args:
        kpis: KPIs that these events can give (see `refusals`).
        events: the event tables.
    """
    found = {}
    asked_for = list(kpis)
    plain = [kpi for kpi in asked_for if kpi.table in TABLES]
    for kpi in plain or asked_for:
        if (kpi.table, kpi.period_of) not in found:
            asked = Asked(kpis=(kpi,))
            found[kpi.table, kpi.period_of] = days_of(kpi, asked, ground_of(asked, events))
    known = [days for days in found.values() if days is not None]
    if not known:
        return None
    return min(first for first, _ in known), max(last for _, last in known)
