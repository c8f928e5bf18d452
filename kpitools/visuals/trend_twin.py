"""The numbers of a trend chart as a table, and the remarks under it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpitools.analysis.verdicts import Verdict
from kpitools.catalog.model import Target
from kpitools.visuals.blocks import Cell, Column, TableBlock
from kpitools.visuals.findings import Series, middle_of, middle_word
from kpitools.visuals.levels import NEAR_NOTE, speaks_of_near
from kpitools.visuals.marks import NONE, SIGNAL_WORDS
from kpitools.visuals.recorded import recorded
from kpitools.visuals.trend_words import trend_power


def trend_twin(series: Series, aim: Target | None) -> TableBlock:
    """Return every number of a trend chart as a table."""
    middle = middle_word(series.rows[-1]).capitalize()
    heads = ["Value", "Cases", "Lower limit", middle, "Upper limit"]
    columns = [
        Column(key="period", label="Period", header=True, width=1.4),
        *(Column(key=head.lower().replace(" ", "_"), label=head, align="right") for head in heads),
        Column(key="says", label="Chart says", width=1.6),
        Column(key="state", label="State"),
    ]
    noted = any(row.get("annotation") for row in series.rows)
    if noted:
        columns.append(Column(key="recorded", label="Recorded reason", width=1.8))
    rows = []
    for row in series.rows:
        texts = [
            series.period_text(row["period"]),
            series.shown(row),
            series.cases_text(row),
            *(series.value_text(end) for end in (row["lower"], middle_of(row), row["upper"])),
            signal_text(row) or NONE,
            _state(row),
            *([_recorded(row)] if noted else []),
        ]
        rows.append(tuple(Cell(text=text) for text in texts))
    notes = (f"Target: {series.value_text(aim.value)}.",) if aim else ()
    title = f"{series.name}, {series.where}: the chart's numbers"
    return TableBlock(title=title, columns=tuple(columns), rows=tuple(rows), notes=notes)


def _state(row: Mapping[str, Any]) -> str:
    if row["value"] is None:
        return "no data" if not row["kept_back"] else "kept back"
    return "provisional" if row["final"] is False else "final"


def _recorded(row: Mapping[str, Any]) -> str:
    out = "; left out of the limits" if row.get("excluded") else ""
    return f"{recorded(row)}{out}" if recorded(row) else NONE


def signal_text(row: Mapping[str, Any]) -> str:
    """Say what the chart says about one point.

    Example:
        >>> signal_text({"signal": "trend", "high": False}), signal_text({"signal": ""})
        ('falling', '')
    """
    return SIGNAL_WORDS[row["signal"], bool(row["high"])] if row["signal"] else ""


def trend_notes(series: Series, said: Verdict) -> tuple[str, ...]:
    """Say what a reader must know about limits, gaps, provisional values, and what is missed."""
    notes = []
    if said.signal and said.effect is not None:
        notes.append(
            "In brackets: 95 % interval of the change. Thick lines: the level before and since."
        )
    marked = any(row["signal"] and not row["provisional_limits"] for row in series.known)
    if marked and said.tone == "common":
        when = series.period_text(series.rows[-1]["period"], short=False)
        notes.append(f"Triangles: points that a rule marks. The title speaks of {when}.")
    notes += [NEAR_NOTE] if speaks_of_near(series) else []
    notes += [text for text in (trend_power(series, said),) if text]
    notes += _trial(series)
    empty = sum(row["value"] is None and not row["kept_back"] for row in series.rows)
    if empty:
        notes.append(f"{empty} of {len(series.rows)} periods have no data and are left as gaps.")
    if any(row["kept_back"] for row in series.rows):
        notes.append(f"Values on {series.kept_back_text} are not drawn.")
    if any(row["final"] is False for row in series.known):
        notes.append("A hollow point is provisional: its value may still change.")
    return tuple(notes)


def _trial(series: Series) -> list[str]:
    """Say which limits rest on too few points to judge from."""
    trial = [row for row in series.known if row["provisional_limits"]]
    if not trial:
        return []
    points = max(row["points"] for row in trial)
    whose = "Limits" if len(trial) == len(series.known) else f"The limits of {len(trial)} points"
    return [f"{whose} rest on {points} points and are trial limits: no signal is judged from them."]
