"""The scorecard: one line per KPI with value, target, change and what its chart says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from kpitools import language
from kpitools.analysis.assurance import RECORD
from kpitools.analysis.latest import LASTING, SEEN
from kpitools.analysis.outlook import AHEAD
from kpitools.analysis.overview import expected_by_chance
from kpitools.analysis.scorecard import SCHEMA
from kpitools.analysis.series import year_before
from kpitools.analysis.targets import RULE_TEXT
from kpitools.catalog.basis import format_basis
from kpitools.errors import VisualsError
from kpitools.visuals.blocks import (
    Card,
    CardsBlock,
    Cell,
    Column,
    KpiValue,
    TableBlock,
    ValuesBlock,
)
from kpitools.visuals.figures import (
    GOOD_WORDS,
    aim_text,
    change_span_text,
    change_text,
    chart_detail,
    chart_icon,
    chart_says,
    limits_text,
    name_text,
    outlook_text,
    range_text,
    span_text,
    target_icon,
    value_text,
)
from kpitools.visuals.findings import Names, check_has, slice_text
from kpitools.visuals.icon_marks import icon_legend
from kpitools.visuals.marks import CHANCE_LEGEND, SPARK_LEGEND, STATUS_WORDS
from kpitools.visuals.privacy import MINIMUM_GROUP, keep_back, kept_back_text
from kpitools.visuals.recorded import RECORDED, left_out_notes, recorded, recorded_notes
from kpitools.visuals.show import Visual
from kpitools.visuals.sizes import periods_text
from kpitools.visuals.wording import chance_text

Row = Mapping[str, Any]
NOTHING = "None of the KPIs asked for can be computed from this data."


def table_scorecard(
    scorecard: pl.DataFrame,
    *,
    names: Names | None = None,
    minimum_group: int = MINIMUM_GROUP,
) -> Visual[TableBlock]:
    """Show a scorecard: value, target, status, change, chart, mean and limits, cases.

    Two icons stand in each line: whether the target will be met (P, F, M) and whether the KPI
    has changed (C, H, L), each made from the limits and the verdict of the KPI's own chart.

    Args:
        scorecard: one team's rows, as `analysis.scorecard` returns them.
        names: names of teams by key.
        minimum_group: values on fewer cases are not shown.

    Raises:
        VisualsError: more than one team or period, or no scorecard.
    """
    rows = read_rows(scorecard, minimum_group=minimum_group)
    if not rows:
        return Visual(TableBlock(title="Scorecard", columns=(), rows=(), notes=(NOTHING,)))
    first = rows[0]
    period, grain = first["period"], first["grain"]
    when = language.format_period(period, grain)
    lines = tuple(_line(row, minimum_group) for row in rows)
    block = TableBlock(
        title=f"{team_text(first, names)}, {when}",
        columns=_columns(period, grain, history=max(len(row["history"] or ()) for row in rows)),
        rows=lines,
        legend=icon_legend(cell for line in lines for cell in line),
        notes=(*_recorded(rows), SPARK_LEGEND, RULE_TEXT, *_notes(rows), *_chance(scorecard)),
        source=_source(rows),
    )
    return Visual(block)


def read_rows(scorecard: pl.DataFrame, *, minimum_group: int) -> list[dict[str, Any]]:
    """Read the rows of one team's scorecard; values on too few cases are blanked.

    Raises:
        VisualsError: more than one team or period, or no scorecard.
    """
    check_has(scorecard, SCHEMA, made_by="analysis.scorecard")
    slices = scorecard.select("team", "period").unique().height
    if slices > 1:
        raise VisualsError(
            "the scorecard holds more than one team or period",
            found=f"{slices} combinations",
            expected="one",
            fix="filter to one team, or use table_overview",
        )
    kept = keep_back(scorecard, minimum_group=minimum_group)
    return [_blanked(row) for row in kept.iter_rows(named=True)]


def _blanked(row: dict[str, Any]) -> dict[str, Any]:
    if not row["kept_back"]:
        return row
    history = [*(row["history"] or [])[:-1], None]
    unsure = {"tone": "unknown", "signal": "", "since": None, "run": 0, "certain": None}
    unsure |= {"why_unknown": "too few cases to be shown"}
    return (
        row
        | unsure
        | {"history": history, "status": "not_judged", "assurance": "none", "hits_of": 0}
    )


def team_text(row: Row, names: Names | None) -> str:
    """Write which team a row is for."""
    return slice_text({} if row["team"] is None else {"team": row["team"]}, names=names)


def _columns(period: date, grain: str, *, history: int) -> tuple[Column, ...]:
    now = language.format_period(period, grain, short=True)
    then = year_before(period, grain)
    versus = language.format_period(then, grain, short=True) if then else "a year before"
    return (
        Column(key="kpi", label="KPI, cases", header=True, width=1.6),
        Column(key="value", label=now, align="right", width=0.95),
        Column(key="target", label="Target (range)", width=0.95),
        Column(key="status", label=f"Status; met, next {AHEAD}", width=1.85),
        Column(key="change", label=f"vs {versus}", align="right", width=1.0),
        Column(key="says", label="What the chart says", width=1.95),
        Column(key="spark", label=f"{history} {periods_text(grain)}; mean, limits"),
    )


def _line(row: Row, minimum_group: int) -> tuple[Cell, ...]:
    return (
        Cell(text=name_text(row), sub=_under_name(row, minimum_group)),
        Cell(text=value_text(row, minimum_group=minimum_group), sub=_interval(row)),
        Cell(text=aim_text(row), sub=range_text(row)),
        Cell(
            text=STATUS_WORDS[row["status"]],
            sub=_under_status(row),
            status=row["status"],
            icons=target_icon(row),
            icons_below=True,
        ),
        Cell(text=change_text(row), sub=change_span_text(row)),
        Cell(
            text=chart_says(row), sub=chart_detail(row), tone=row["tone"], icons=(chart_icon(row),)
        ),
        _spark(row),
    )


def _under_name(row: Row, minimum_group: int) -> str:
    cases = cases_text(row, minimum_group)
    state = "provisional" if row["final"] is False else ""
    reason = RECORDED if recorded(row) else ""
    # the sign of a target says which side is good
    side = GOOD_WORDS[row["good"]] if row["target"] is None else ""
    told = "; ".join(part for part in (side, cases, state) if part)
    return f"{reason} {told}" if reason else told


def _recorded(rows: Sequence[Row]) -> tuple[str, ...]:
    return (*recorded_notes(rows), *left_out_notes(rows))


def cases_text(row: Row, minimum_group: int) -> str:
    """Write how many cases a row rests on; nothing of a count, which is its own number."""
    if row["kept_back"]:
        return kept_back_text(minimum_group)
    if row["denominator"] is None:
        return ""
    amount = format_basis(row["cases"] or 0, row["basis"])
    return f"{amount} cases" if row["basis"] == "cases" else f"of {amount}"


def _interval(row: Row) -> str:
    return span_text(row["interval_low"], row["interval_high"], row)


def _spark(row: Row) -> Cell:
    series = tuple(row["history"] or ())
    known = [value for value in series if value is not None]
    return Cell(
        text=_spark_text(row, known),
        sub=limits_text(row),
        spark=series,
        spark_low=row["lower"],
        spark_high=row["upper"],
        spark_target=row["target"],
        spark_tone=row["tone"],
    )


def _spark_text(row: Row, known: Sequence[float]) -> str:
    if not known:
        return "no data"
    low, high, last = (
        language.format_value(value, unit=row["unit"], show=row["show"])
        for value in (min(known), max(known), known[-1])
    )
    return f"{len(known)} values from {low} to {high}, the last {last}"


def _notes(rows: Sequence[Row]) -> tuple[str, ...]:
    notes = []
    if any(row["p_value"] is not None for row in rows):
        notes.append(CHANCE_LEGEND)
    if any(row["detectable"] is not None for row in rows):
        notes.append(
            f"Sees ≥: a change over the last {LASTING} {periods_text(rows[0]['grain'])} that "
            f"is so large is seen with a chance of {SEEN * 100:.0f} %."
        )
    if any(row["effect_low"] is not None for row in rows):
        notes.append("In brackets behind a change of the chart: 95 % interval.")
    if any(row["expected_hits"] is not None for row in rows):
        periods = periods_text(rows[0]["grain"])
        notes.append(
            f"Next: in how many of the next {AHEAD} {periods} the target is met if nothing "
            "changes, with a 90 % range."
        )
    if any(row["hits_of"] for row in rows):
        notes.append(f"Met: in how many of the last {RECORD} periods, of those that can be judged.")
    if any(row["interval_low"] is not None for row in rows):
        notes.append("Small print under a value and under its change: 95 % interval.")
    if any(row["final"] is False for row in rows):
        notes.append("Provisional values may still change.")
    return tuple(notes)


def _chance(scorecard: pl.DataFrame) -> tuple[str, ...]:
    text = chance_text(expected_by_chance(scorecard))
    return (text,) if text else ()


def _source(rows: Sequence[Row]) -> str:
    first = rows[0]
    versions = ", ".join(f"{row['kpi']} v{row['version']}" for row in rows)
    limits = f"the chart that fits each KPI, over the periods up to this {first['grain']}"
    return f"KPI versions: {versions}. Limits: {limits.replace('_', ' ')}."


def cards_headline(
    scorecard: pl.DataFrame,
    *,
    kpis: Sequence[str] | None = None,
    most: int = 4,
    minimum_group: int = MINIMUM_GROUP,
) -> Visual[CardsBlock]:
    """Show a few KPIs in large type, each with its target and change.

    Args:
        scorecard: one team's rows, as `analysis.scorecard` returns them.
        kpis: which, in this order; default the first rows.
        most: how many at most.
        minimum_group: values on fewer cases are not shown.

    Raises:
        VisualsError: more than one team or period, or no scorecard.
    """
    rows = read_rows(scorecard, minimum_group=minimum_group)
    by_name = {row["kpi"]: row for row in rows}
    chosen = [by_name[name] for name in (by_name if kpis is None else kpis) if name in by_name]
    return Visual(CardsBlock(cards=tuple(_card(row, minimum_group) for row in chosen[:most])))


def _under_status(row: Row) -> str:
    """Write how often the target was met, will be met, and whether the status is certain."""
    parts = [f"{row['hits']} of {row['hits_of']}"] if row["hits_of"] else []
    parts += [outlook_text(row)] if row["expected_hits"] is not None else []
    return "; ".join([*parts, *(["not certain"] if row["certain"] is False else [])])


def _card(row: Row, minimum_group: int) -> Card:
    parts = [] if row["target"] is None else [f"target {aim_text(row)}"]
    if row["change"] is not None:
        parts.append(f"{change_text(row)} on the year")
    return Card(
        label=name_text(row),
        value=value_text(row, minimum_group=minimum_group),
        detail=" · ".join(parts) or chart_says(row),
        status=row["status"],
        tone=row["tone"],
        icons=(chart_icon(row), *target_icon(row)),
    )


def values_shown(
    scorecard: pl.DataFrame, *, minimum_group: int = MINIMUM_GROUP
) -> Visual[ValuesBlock]:
    """Record the KPI values that a notebook shows, for the manifest and the overview.

    Args:
        scorecard: one team's rows, as `analysis.scorecard` returns them.
        minimum_group: values on fewer cases are left out.

    Raises:
        VisualsError: more than one team or period, or no scorecard.
    """
    rows = read_rows(scorecard, minimum_group=minimum_group)
    values = tuple(
        KpiValue(
            kpi=row["kpi"],
            version=row["version"],
            period=row["period"].isoformat(),
            value=row["value"],
            numerator=row["numerator"],
            denominator=row["denominator"],
            final=bool(row["final"]),
            shown=value_text(row, minimum_group=minimum_group),
            status=row["status"],
            tone=row["tone"],
        )
        for row in rows
    )
    return Visual(ValuesBlock(team=rows[0]["team"] if rows else None, values=values))
