"""Which days stand out, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from kpitools import language
from kpitools.catalog.model import Kpi
from kpitools.visuals.blocks import SentenceBlock
from kpitools.visuals.findings import Names, Series, check_has, read_series, unit_text
from kpitools.visuals.privacy import MINIMUM_GROUP
from kpitools.visuals.show import Visual
from kpitools.visuals.wording import (
    Part,
    counted,
    named,
    quote_count,
    quote_period,
    quote_value,
    say,
)

OUTLIER_COLUMNS = (
    *("expected", "lower", "upper", "residual", "robust_z", "outlier", "judged", "explained"),
    *("holiday", "scale", "annotation", "annotation_author", "excluded"),
)
COMPARED = {
    "plain": "",
    "square_root": " Days are compared as square roots.",
    "cube_root": " Days are compared as cube roots.",
    "log": " Days are compared as logarithms.",
    "arcsine": " Days are compared as arcsines of shares.",
}
"""On which scale days are compared, in words."""
RECORDED = "◆"
"""The mark of a point with a recorded reason."""
_MOST = 6
_MANY, _SHARE = 4, 0.05


def say_outliers(
    findings: pl.DataFrame,
    kpi: Kpi,
    *,
    names: Names | None = None,
    minimum_group: int = MINIMUM_GROUP,
) -> Visual[SentenceBlock]:
    """Say how many days stand out, and which one most.

    Args:
        findings: one series by day as `robust_outliers` returns it.
        kpi: its definition.
        names: names of teams by key.
        minimum_group: values on fewer cases are not said.

    Raises:
        AnalysisError: no fact table, or more than one series.
        VisualsError: no rows, rows of another KPI, or no findings in the frame.
    """
    check_has(findings, OUTLIER_COLUMNS, made_by="robust_outliers")
    return say_series(read_series(findings, kpi, names=names, minimum_group=minimum_group))


def say_unusual_days(
    findings: pl.DataFrame,
    kpis: Sequence[Kpi],
    *,
    minimum_group: int = MINIMUM_GROUP,
) -> Visual[SentenceBlock]:
    """Say, for several KPIs of one team, how many days of each stand out.

    Args:
        findings: one series per KPI as `robust_outliers` returns them.
        kpis: definitions, in the order wanted; a KPI without rows is left out.
        minimum_group: values on fewer cases are not counted.

    Raises:
        AnalysisError: no fact table, or more than one series of a KPI.
        VisualsError: no findings in the frame.
    """
    check_has(findings, OUTLIER_COLUMNS, made_by="robust_outliers")
    parts: list[Part] = []
    for kpi in kpis:
        rows = findings.filter(kpi=kpi.kpi, version=kpi.version)
        if rows.is_empty():
            continue
        series = read_series(rows, kpi, names=None, minimum_group=minimum_group)
        days = [row for row in series.known if row["judged"]]
        if days:
            parts += [", "] if parts else []
            found = len(unusual(series))
            parts += [quote_count(found) if found else "none", " of ", quote_count(len(days))]
            parts += [" in ", named(series.name)]
    if not parts:
        return say("Not enough evidence to judge any day.", tone="unknown", headline=True)
    return say("Days that stand out: ", *parts, ".", headline=True)


def say_missing_days(missing: pl.DataFrame) -> Visual[SentenceBlock]:
    """Say on which days nothing at all was recorded although such weekdays usually have data.

    Args:
        missing: rows as `missing_days` returns them.

    Raises:
        VisualsError: not a result of `missing_days`.
    """
    check_has(missing, ("period",), made_by="missing_days")
    days = sorted(set(missing["period"].to_list()))
    if not days:
        return say("No usual day is without data.")
    head = (*counted(len(days), "day", "days"), " without any data: ")
    parts: list[Part] = []
    for day in days[:_MOST]:
        parts += [", "] if parts else []
        parts.append(quote_period(day, grain="day"))
    rest = len(days) - _MOST
    more: tuple[Part, ...] = (" and ", quote_count(rest), " more") if rest > 0 else ()
    return say(*head, *parts, *more, ".")


def unusual(series: Series) -> list[dict[str, Any]]:
    """Return the rows that stand out, the most unusual first."""
    found = [row for row in series.known if row["outlier"] and row["residual"] is not None]
    return sorted(found, key=lambda row: (-abs(row["robust_z"] or 0.0), row["period"]))


def say_series(series: Series) -> Visual[SentenceBlock]:
    """Say what stands out in a series."""
    grain = series.grain
    judged = [row for row in series.known if row["judged"]]
    found = unusual(series)
    head: tuple[Part, ...] = (named(series.name), ": ")
    if not judged:
        total = counted(len(series.known), grain, f"{grain}s")
        return say(*head, "not enough evidence to judge any of ", *total, ".", tone="unknown")
    total = counted(len(judged), grain, f"{grain}s")
    if not found:
        return say(*head, f"no {grain} of ", quote_count(len(judged)), " stands out.")
    most = found[0]
    unit, show = series.kpi.unit, series.kpi.show
    return say(
        *head,
        quote_count(len(found)),
        " of ",
        *total,
        " stands out" if len(found) == 1 else " stand out",
        ", with " if len(found) == 1 else ", most of all ",
        quote_period(most["period"], grain=grain),
        ": ",
        quote_value(most["value"], unit=unit, show=show),
        " where ",
        quote_value(most["expected"], unit=unit, show=show),
        " was expected.",
    )


def describe_outliers(series: Series) -> str:
    """Say what a reader of the chart sees: what stands out, each with value and expectation."""
    head = f"Line chart of {series.name}, {series.where}, by {series.grain}, {series.span_text}"
    lines = [f"{head}, beside what is usual for the weekday.", say_series(series).block.text]
    shown = unusual(series)[:_MOST]
    lines.extend(
        f"{series.period_text(row['period'])}: {series.value_text(row['value'])}, "
        f"expected {series.value_text(row['expected'])}."
        for row in shown[1:]
    )
    rest = len(unusual(series)) - len(shown)
    if rest > 0:
        lines.append(f"{rest} more are in the table.")
    lines.extend(remarks(series))
    missing = sum(row["value"] is None for row in series.rows)
    if missing:
        lines.append(f"{missing} of {len(series.rows)} {series.grain}s without a value.")
    return " ".join(lines)


def recorded(row: Mapping[str, Any]) -> str:
    """Return what people recorded about a day and who did; nothing where nobody did."""
    if not row.get("annotation"):
        return ""
    author = row.get("annotation_author")
    text = language.display(row["annotation"], 120)
    return f"{text} ({language.display(author, 40)})" if author else text


def remarks(series: Series) -> tuple[str, ...]:
    """Say which days the calendar explains, what people recorded, and whether too many differ."""
    lines = []
    judged = sum(bool(row["judged"]) for row in series.known)
    found = len(unusual(series))
    if found >= _MANY and found > _SHARE * judged:
        lines.append(
            f"{found} of {judged} are many for exceptions: perhaps there are two kinds of "
            f"{series.grain}s, such as those on which somebody is away."
        )
    explained = sum(bool(row["explained"]) for row in series.known)
    if explained:
        days = "1 holiday is" if explained == 1 else f"{explained} holidays are"
        lines.append(
            f"{days} expected to differ, without the same holiday a year before to compare with, "
            "and so not judged."
        )
    noted = [row for row in series.known if recorded(row)]
    for row in noted[:_MOST]:
        left_out = "; left out of the limits" if row["excluded"] else ""
        lines.append(f"{RECORDED} {series.period_text(row['period'])}: {recorded(row)}{left_out}.")
    if len(noted) > _MOST:
        lines.append(f"{len(noted) - _MOST} more recorded reasons are in the chart's numbers.")
    return tuple(lines)


def outlier_source(series: Series) -> str:
    """Say what stands in the chart, and by which rule a day is unusual."""
    head = f"{series.name} ({unit_text(series.kpi)}) by {series.grain}, {series.where}"
    scale = next((row["scale"] for row in series.known if row.get("scale")), "plain")
    return (
        f"{head}, {series.span_text}. Expected: usual value of the weekday at the level of those "
        "weeks, of a holiday its share of a usual day a year before; unusual: seasonal hybrid ESD "
        f"test (median and MAD of the residuals).{COMPARED[scale]}"
    )
