"""One KPI under several definitions, on the same data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl

from kpitools.catalog.model import Kpi
from kpitools.catalog.variants import MARK
from kpitools.errors import FactsError
from kpitools.facts.asked import Asked
from kpitools.facts.build import build_facts
from kpitools.facts.refusals import refusals
from kpitools.language import pick

if TYPE_CHECKING:
    from kpitools.sources.events import Events

COMPARED: Mapping[str, pl.DataType] = {
    "kpi": pl.String(),
    "version": pl.Int64(),
    "variant": pl.String(),
    "name": pl.String(),
    "used_by": pl.String(),
    "differs": pl.String(),
    "unit": pl.String(),
    "show": pl.String(),
    "value": pl.Float64(),
    "numerator": pl.Float64(),
    "denominator": pl.Float64(),
    "final": pl.Boolean(),
    "difference": pl.Float64(),
    "refused": pl.String(),
}
"""Columns of a comparison, in order."""


def compare_definitions(
    kpis: Sequence[Kpi], events: Events, *, asked: Asked, lang: str = "en"
) -> pl.DataFrame:
    """Tell what the number would be under each of several definitions, on the same data.

    Every definition stands in the result: one that this data cannot give with the reason.

    Args:
        kpis: the definitions, the one that the others are held against first: an entry and
            its variants, or several versions of one entry.
        events: the event tables.
        asked: the question, for one period and without dimensions; its KPIs are replaced.
        lang: language of names and of what differs.

    Returns:
        One row per definition in the order given: kpi, version, variant (empty for the entry
        itself), name, used_by, differs, unit and show; value, numerator, denominator and final
        as in facts (null without data); difference (this value - the first one's, null where
        the units differ); refused (why this data cannot give it, else empty).

    Raises:
        FactsError: no definition, dimensions, or not one period.
    """
    _check(kpis, asked)
    found: dict[tuple[str, int], dict[str, Any]] = {}
    refused: dict[tuple[str, int], str] = {}
    by = tuple(asked.where)
    for version in sorted({kpi.version for kpi in kpis}):
        some = [kpi for kpi in kpis if kpi.version == version]
        reasons = refusals(some, events, by=by)
        given = tuple(kpi for kpi in some if kpi.kpi not in reasons)
        refused |= {(name, version): reason for name, reason in reasons.items()}
        if given:
            facts = build_facts(replace(asked, kpis=given), events)
            found |= {(row["kpi"], row["version"]): row for row in facts.iter_rows(named=True)}
    first = found.get((kpis[0].kpi, kpis[0].version), {}).get("value")
    rows = []
    for kpi in kpis:
        key = (kpi.kpi, kpi.version)
        row = found.get(key, {})
        value = row.get("value")
        known = value is not None and first is not None and kpi.unit == kpis[0].unit
        rows.append(
            {
                **_words(kpi, lang),
                **{name: row.get(name) for name in ("numerator", "denominator", "final")},
                "value": value,
                "difference": value - first if known and value is not None else None,
                "refused": refused.get(key, ""),
            }
        )
    return pl.DataFrame(rows, schema=dict(COMPARED))


def _words(kpi: Kpi, lang: str) -> dict[str, Any]:
    differs = pick(kpi.differs, lang) if kpi.differs else ""
    if not differs and kpi.variant_of is None and kpi.change is not None:
        differs = kpi.change.reason
    return {
        "kpi": kpi.kpi,
        "version": kpi.version,
        "variant": kpi.kpi.partition(MARK)[2],
        "name": pick(kpi.name, lang),
        "used_by": kpi.used_by,
        "differs": " ".join(differs.split()),
        "unit": kpi.unit,
        "show": kpi.show,
    }


def _check(kpis: Sequence[Kpi], asked: Asked) -> None:
    if not kpis:
        raise FactsError("there is no definition to compare", expected="at least one KPI")
    first, last = asked.start, asked.end
    if asked.by or first is None or first != last:
        raise FactsError(
            "definitions are compared for one period",
            found=f"{first} to {last}" + (f", by {', '.join(asked.by)}" if asked.by else ""),
            expected="the same first and last period, and no dimensions",
        )
