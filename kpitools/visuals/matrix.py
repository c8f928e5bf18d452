"""Where each KPI lies: whether it changed against whether its target will be met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from kpitools import language
from kpitools.visuals.blocks import (
    CHANGES,
    AssuranceMark,
    Assured,
    Cell,
    Column,
    TableBlock,
    Tone,
    VariationMark,
)
from kpitools.visuals.figures import chart_icon, name_text
from kpitools.visuals.findings import Names
from kpitools.visuals.marks import DOWN, NONE, UP
from kpitools.visuals.privacy import MINIMUM_GROUP
from kpitools.visuals.scorecard import read_rows, team_text
from kpitools.visuals.show import Visual

Row = Mapping[str, Any]
_TONES: dict[Tone, str] = {
    "worse": "Changed for the worse",
    "common": "No change",
    "better": "Changed for the better",
    "neutral": "Changed otherwise",
    "unknown": "Not enough evidence",
}
_ALWAYS = ("worse", "common", "better")
_TARGETS: dict[Assured, str] = {
    "fail": "Limits miss the target (F)",
    "hit_and_miss": "Hit and miss (M)",
    "pass": "Limits meet the target (P)",
    "none": "No verdict on a target",
}


def table_matrix(
    scorecard: pl.DataFrame,
    *,
    names: Names | None = None,
    minimum_group: int = MINIMUM_GROUP,
) -> Visual[TableBlock]:
    """Place each KPI of a team by whether it changed and whether its target will be met.

    Top left asks for action first: what misses its target and gets worse. What misses its
    target without a change will go on to do so until the work itself is changed.

    Args:
        scorecard: one team's rows, as `analysis.scorecard` returns them.
        names: names of teams by key.
        minimum_group: values on fewer cases count as not enough evidence.

    Returns:
        Rows by change (worse, none, better; others where there are any), columns by target
        (F, M, P; without a verdict where there are any); a cell names its KPIs.

    Raises:
        VisualsError: more than one team or period, or no scorecard.

    Source: NHS England "Making Data Count", matrix of variation and assurance. Deviation: rows
        and columns for what it has no place for (neither good nor bad, no target, no evidence).
    """
    rows = read_rows(scorecard, minimum_group=minimum_group)
    placed: dict[tuple[Tone, Assured], list[Row]] = {}
    for row in rows:
        placed.setdefault((chart_icon(row).tone, _target(row)), []).append(row)
    tones = [tone for tone in _TONES if tone in _ALWAYS or any(at[0] == tone for at in placed)]
    targets: list[Assured] = [
        icon for icon in _TARGETS if icon != "none" or any(at[1] == icon for at in placed)
    ]
    lines = tuple(
        (
            Cell(text=_TONES[tone], icons=_icons(tone)),
            *(_cell(placed.get((tone, icon), ()), icon) for icon in targets),
        )
        for tone in tones
    )
    when = language.format_period(rows[0]["period"], rows[0]["grain"]) if rows else ""
    where = f"{team_text(rows[0], names)}, {when}" if rows else "Scorecard"
    block = TableBlock(
        title=f"{where}: change against target",
        subtitle="What misses its target and gets worse stands first",
        columns=(
            Column(key="change", label="Against its own past", header=True),
            *(Column(key=icon, label=_TARGETS[icon], width=1.2) for icon in targets),
        ),
        rows=lines,
        notes=(f"{UP} higher, {DOWN} lower than before.",) if rows else (),
    )
    return Visual(block)


def _icons(tone: Tone) -> tuple[VariationMark, ...]:
    if tone not in CHANGES:
        return (VariationMark(tone=tone),)
    return tuple(VariationMark(tone=tone, high=high) for high in (True, False))


def _target(row: Row) -> Assured:
    icon: Assured = row["assurance"] if row["target"] is not None else "none"
    return icon


def _cell(rows: Sequence[Row], icon: Assured) -> Cell:
    if not rows:
        return Cell(text=NONE)
    shown = ", ".join(_named(row) for row in rows)
    return Cell(text=shown, icons=() if icon == "none" else (AssuranceMark(icon=icon),))


def _named(row: Row) -> str:
    high = chart_icon(row).high
    sign = "" if high is None else f" {UP if high else DOWN}"
    return f"{name_text(row)}{sign}"
