"""One question over several versions of a definition: each period by the one that counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from kpitools.catalog.model import Kpi
from kpitools.errors import FactsError, suggest
from kpitools.facts.asked import Asked
from kpitools.facts.build import build_facts
from kpitools.facts.grains import whole_range
from kpitools.facts.periods import check_grain
from kpitools.facts.shape import empty_facts

if TYPE_CHECKING:
    from kpitools.sources.events import Events

Span = tuple[date | None, date | None]
VERSIONS = ("latest", "effective")
"""Which version of a definition a question is about: one for all periods, or each its own."""


def check_versions(versions: str) -> None:
    """Refuse a word that names no way to choose versions.

    Raises:
        FactsError: neither `latest` nor `effective`.
    """
    if versions not in VERSIONS:
        raise FactsError(
            f"versions cannot be '{versions}'",
            found=versions,
            expected=" or ".join(VERSIONS),
            fix=suggest(versions, VERSIONS),
        )


def effective_facts(
    asked: Asked, events: Events, *, versions: Mapping[str, Sequence[Kpi]]
) -> pl.DataFrame:
    """Compute facts in which every period goes by the version that counted on its first day.

    The column `version` says which; numbers of two versions do not compare, so that charts
    begin a new series there.

    Args:
        asked: the question; its KPIs give the names and the order.
        events: the event tables.
        versions: all versions by name, as `Catalog.versions`; a KPI that is not named has one.

    Returns:
        Facts as `build_facts` gives them; no row for a period on whose first day no version
        counted. Minute grains go by the UTC day.

    Raises:
        FactsError: as `build_facts`, for the versions that are used.
    """
    grain = check_grain(asked.grain)
    first, last = whole_range(
        asked.first_day, asked.last_day, grain, week_start=events.week_start, fiscal=events.fiscal
    )
    whole = replace(asked, start=first, end=last)
    parts = [empty_facts(asked.by, grain=asked.grain)]
    for span, kpis in _spans(asked, versions):
        names = {kpi.kpi for kpi in kpis}
        given = {name: each for name, each in asked.parameters.items() if name in names}
        narrow = _narrowed(whole, span)
        if narrow is not None:
            found = build_facts(replace(narrow, kpis=tuple(kpis), parameters=given), events)
            parts.append(found.filter(_within(span)))
    order = {kpi.kpi: n for n, kpi in enumerate(asked.kpis)}
    place = pl.col("kpi").replace_strict(order, return_dtype=pl.Int64)
    return pl.concat(parts).sort(place, *asked.by, "period", maintain_order=True)


def _spans(asked: Asked, versions: Mapping[str, Sequence[Kpi]]) -> list[tuple[Span, list[Kpi]]]:
    """Put the versions that count over the same days together, each KPI once in a group."""
    groups: dict[Span, list[Kpi]] = {}
    for kpi in asked.kpis:
        for version in versions.get(kpi.kpi, (kpi,)):
            span = (version.effective.start, version.effective.end)
            groups.setdefault(span, []).append(version)
    return list(groups.items())


def _narrowed(asked: Asked, span: Span) -> Asked | None:
    """Ask only for the days on which a version counted; None when there are none."""
    first, last = asked.first_day, asked.last_day
    start, end = span
    if start is not None and (first is None or start > first):
        first = start
    if end is not None and (last is None or end < last):
        last = end
    if first is not None and last is not None and first > last:
        return None
    return replace(asked, start=first, end=last)


def _within(span: Span) -> pl.Expr:
    day = pl.col("period").cast(pl.Date)
    start, end = span
    after = pl.lit(value=True) if start is None else day >= start
    return after if end is None else after & (day <= end)
