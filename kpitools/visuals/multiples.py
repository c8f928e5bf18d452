"""One KPI over many teams: small charts on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from kpitools.analysis.latest import ALPHA
from kpitools.analysis.series import series_keys
from kpitools.analysis.verdicts import Verdict
from kpitools.catalog.model import Kpi
from kpitools.errors import VisualsError
from kpitools.facts.periods import Period
from kpitools.sources.rebases import Rebase
from kpitools.visuals.blocks import ChartBlock
from kpitools.visuals.findings import (
    Names,
    Series,
    check_has,
    heading_text,
    read_series,
    start_of,
    unit_text,
)
from kpitools.visuals.marks import MARKS_LEGEND
from kpitools.visuals.panels import Panel, build_grid, multiples_twin
from kpitools.visuals.privacy import MINIMUM_GROUP
from kpitools.visuals.remarks import anew_of, anew_text, mark_of_remark, remark_text, remarks_of
from kpitools.visuals.show import Visual
from kpitools.visuals.trend import TREND_COLUMNS
from kpitools.visuals.trend_words import CHART_WORDS, judged, movement_text
from kpitools.visuals.wording import Part, chance_text, counted, listed, named, quote_count, say

MOST_PANELS = 24
MOST_NOTES = 6


def chart_small_multiples(  # noqa: PLR0913 - series and how they are drawn, by keyword
    findings: pl.DataFrame,
    kpi: Kpi,
    *,
    period: Period | date | None = None,
    names: Names | None = None,
    minimum_group: int = MINIMUM_GROUP,
    lag1: float | None = None,
    rebase: Sequence[date | Rebase] = (),
    one_scale: bool = True,
) -> Visual[ChartBlock]:
    """Draw one KPI for many teams, each in a small chart, all on one scale.

    Each chart says what the scorecard of its team says, where both were given the same facts,
    `lag1`, rebases and holidays. Diamonds and squares are points with a recorded reason.

    Args:
        findings: series of one KPI by one or more dimensions as `process_limits` or
            `xmr_limits` returns them; drawn in their order, at most 24 of them.
        kpi: its definition.
        period: the period that is judged; default the last of each series.
        names: names of teams by key.
        minimum_group: values on fewer cases are not drawn.
        lag1: correlation of neighbouring periods where it is known, as for `verdict`.
        rebase: days that the limits were rebased at, as given to `process_limits`.
        one_scale: False gives each chart its own value axis, and the chart says so.

    Raises:
        AnalysisError: no fact table, or two rows for one period.
        VisualsError: no rows, rows of another KPI, or no limits in the frame.
    """
    check_has(findings, TREND_COLUMNS, made_by="xmr_limits")
    if findings.is_empty():
        raise VisualsError(f"there is nothing to draw for {kpi.kpi}", expected="at least one row")
    start = start_of(period)
    every = []
    for part in findings.partition_by(series_keys(findings), maintain_order=True):
        series = read_series(part, kpi, names=names, minimum_group=minimum_group, until=start)
        said = judged(part, series, period=start, lag1=lag1)
        every.append(_panel(part, series, said, rebase))
    panels = every[:MOST_PANELS]
    first = panels[0].series
    scale = "all charts on one scale" if one_scale else "each chart on its own scale"
    block = ChartBlock(
        title=_message(panels),
        subtitle=f"{heading_text(kpi)} by {first.grain}, {scale}",
        alt=_describe(panels, scale),
        source=_source(panels, kpi),
        spec=build_grid(panels, one_scale=one_scale),
        twin=multiples_twin(every),
        notes=(MARKS_LEGEND, *_chance(panels), *_left_out(every), *_recorded(panels)),
    )
    return Visual(block)


def _panel(
    part: pl.DataFrame, series: Series, said: Verdict, rebase: Sequence[date | Rebase]
) -> Panel:
    team = part["team"][0] if "team" in part.columns else None
    aim = series.kpi.targets.target(team=team, grain=series.grain, on=series.last_day)
    anew = anew_of(series, rebase, team=team)
    return Panel(series, said, aim, team, remarks_of(series), anew)


def _message(panels: Sequence[Panel]) -> str:
    worse = sum(panel.said.tone == "worse" for panel in panels)
    better = sum(panel.said.tone == "better" for panel in panels)
    total = counted(len(panels), "team", "teams") if _by_team(panels) else _series(panels)
    name = named(panels[0].series.name)
    if not worse and not better:
        return say(name, ": no change for better or worse in ", *total).block.text
    return say(
        *(name, ": ", _some(worse), " of ", *total, " changed for the worse, "),
        *(_some(better), " for the better"),
    ).block.text


def _some(count: int) -> Part:
    return quote_count(count) if count else "none"


def _series(panels: Sequence[Panel]) -> tuple[Part, ...]:
    return counted(len(panels), "series", "series")


def _by_team(panels: Sequence[Panel]) -> bool:
    return all(panel.team is not None for panel in panels)


def _describe(panels: Sequence[Panel], scale: str) -> str:
    first = panels[0].series
    lines = [f"{len(panels)} small line charts of {first.name} by {first.grain}, {scale}."]
    for panel in panels:
        last = panel.series.rows[-1]
        when = panel.series.period_text(last["period"])
        says = movement_text(panel.series, panel.said)
        lines.append(f"{panel.series.where}: {panel.series.shown(last)} in {when}, {says}.")
    return " ".join(lines)


def _chance(panels: Sequence[Panel]) -> tuple[str, ...]:
    """Say how many of the charts would show a change though there is none."""
    text = chance_text(ALPHA * sum(panel.said.p_value is not None for panel in panels))
    return (text,) if text else ()


def _source(panels: Sequence[Panel], kpi: Kpi) -> str:
    first = panels[0].series
    made = [panel.series.known[-1] for panel in panels if panel.series.known]
    charts = sorted({CHART_WORDS[row.get("chart") or "xmr"] for row in made})
    profiles = sorted({row["profile"] for row in made if row.get("profile")})
    rules = f", profile {', '.join(profiles)}" if profiles else ""
    head = f"{first.name} ({unit_text(kpi)}) by {first.grain}, {first.span_text}."
    return f"{head} {', '.join(charts)}{rules}." if charts else head


def _recorded(panels: Sequence[Panel]) -> tuple[str, ...]:
    """Say every recorded reason with its team; what is said of several teams, once."""
    said: dict[tuple[str, str], list[str]] = {}
    for panel in panels:
        told = [("\u2502", anew_text(panel.series, one)) for one in panel.anew]
        told += [(mark_of_remark(one), remark_text(panel.series, one)) for one in panel.remarks]
        for mark_and_text in told:
            said.setdefault(mark_and_text, []).append(panel.series.where)
    lines = [
        f"{mark} {say(*listed(where)).block.text}, {text}." for (mark, text), where in said.items()
    ]
    rest = len(lines) - MOST_NOTES
    more = (f"{rest} more recorded reasons are in the table.",) if rest > 0 else ()
    return (*lines[:MOST_NOTES], *more)


def _left_out(every: Sequence[Panel]) -> tuple[str, ...]:
    if len(every) <= MOST_PANELS:
        return ()
    return (f"The first {MOST_PANELS} of {len(every)} are drawn; all are in the table.",)
