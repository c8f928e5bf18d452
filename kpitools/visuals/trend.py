"""Is it moving: one KPI over time with its natural limits, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from kpitools.analysis.verdicts import Verdict, tone_of
from kpitools.catalog.model import Kpi, Target
from kpitools.facts.periods import Period
from kpitools.sources.rebases import Rebase
from kpitools.visuals.assurance_words import say_assurance
from kpitools.visuals.axes import ValueAxis, at_text, natural_ends, value_axis
from kpitools.visuals.blocks import ChartBlock
from kpitools.visuals.direction_words import say_direction
from kpitools.visuals.figures import target_text
from kpitools.visuals.findings import (
    Names,
    Series,
    check_has,
    heading_text,
    middle_of,
    middle_word,
    number_runs,
    read_series,
    start_of,
)
from kpitools.visuals.icon_marks import chart_marks
from kpitools.visuals.layers import (
    EndLabel,
    band_layers,
    began_layers,
    build_spec,
    label_layers,
    label_rows,
    level_layers,
    line_layer,
    point_layers,
    target_layer,
)
from kpitools.visuals.levels import began_rows, level_rows, near_layers, near_rows
from kpitools.visuals.marks import shape_of
from kpitools.visuals.privacy import MINIMUM_GROUP
from kpitools.visuals.remarks import (
    Anew,
    Remark,
    anew_layers,
    anew_of,
    anew_rows,
    anew_text,
    noted_layers,
    noted_rows,
    number_layers,
    remark_notes,
    remark_text,
    remarks_of,
)
from kpitools.visuals.show import Visual
from kpitools.visuals.theme import INK, PLOT_HEIGHT, TARGET, TONE_COLOURS
from kpitools.visuals.trend_twin import signal_text, trend_notes, trend_twin
from kpitools.visuals.trend_words import (
    describe_trend,
    judged,
    latest_text,
    say_verdict,
    trend_source,
)
from kpitools.visuals.vega_lite import Layer, column

if TYPE_CHECKING:
    from kpitools.analysis.assumptions import Assumptions
    from kpitools.analysis.assurance import Assurance
    from kpitools.analysis.long_run import LongRun

_POINT, _SMALL_POINT, _MANY = 55, 22, 40
TREND_COLUMNS = ("centre", "lower", "upper", "signal", "high", "points", "provisional_limits")


def chart_trend(  # noqa: PLR0913 - a KPI's series and what is drawn beside it, by keyword
    findings: pl.DataFrame,
    kpi: Kpi,
    *,
    period: Period | date | None = None,
    target: Target | None = None,
    names: Names | None = None,
    minimum_group: int = MINIMUM_GROUP,
    profile: str | None = None,
    lag1: float | None = None,
    assumptions: Assumptions | None = None,
    assured: Assurance | None = None,
    long_run: LongRun | None = None,
    rebase: Sequence[date | Rebase] = (),
) -> Visual[ChartBlock]:
    """Draw one KPI over time with its natural limits, mean, target and signals.

    A triangle is a signal (blue better, orange worse), a grey dot common variation; a hollow
    point may still change; a gap is a period without data. Where the chart says changed, two
    short lines are the level before and since, and the change stands above the plot. A diamond
    stands about a point with a recorded reason, a square about one that limits leave out.

    Args:
        findings: one series as `process_limits` or `xmr_limits` returns it.
        kpi: its definition.
        period: the period that the title speaks about; default the last of the series.
        target: the target that counts; default that of the series' team and period length.
        names: names of teams by key.
        minimum_group: values on fewer cases are not drawn.
        profile: profile that the limits were made with, printed in the source line; default the
            one that the findings name.
        lag1: correlation of neighbouring periods where it is known, as for `verdict`.
        assumptions: what `check_assumptions` says of the findings: its notes stand under the
            chart, and where they are not enough the chart says so instead of a verdict.
        assured: what `assurance` says of the findings; stands under the chart.
        long_run: what `long_run` says of the findings; stands under the chart.
        rebase: days that the limits were rebased at, as given to `process_limits`; those of
            this series are drawn, with reason and author under the chart.

    Raises:
        AnalysisError: no fact table, or more than one series.
        VisualsError: no rows, rows of another KPI, or no limits in the frame.
    """
    check_has(findings, TREND_COLUMNS, made_by="xmr_limits")
    start = start_of(period)
    series = read_series(findings, kpi, names=names, minimum_group=minimum_group, until=start)
    said = judged(findings, series, period=start, lag1=lag1, assumptions=assumptions)
    day = start or series.last_day
    aim = target or kpi.targets.target(team=_team(findings), grain=series.grain, on=day)
    value = _fit(series, aim)
    drawn = aim is not None and value.holds(aim.value)
    datasets = {
        "points": point_rows(series, value, said),
        "labels": label_rows(_labels(series, value, aim, said), value),
        "targets": [{"level": value.shown(aim.value if aim else None)}] if drawn else [],
        "levels": level_rows(series, value, said),
        "began": began_rows(series, said),
    }
    remarks, anew = remarks_of(series), anew_of(series, rebase, team=_team(findings))
    more = {
        "noted": noted_rows(series, remarks, value),
        "anew": anew_rows(series, anew),
        "near": near_rows(series, value),
    }
    datasets |= {name: rows for name, rows in more.items() if rows}
    block = ChartBlock(
        title=say_verdict(series, said).block.text,
        subtitle=latest_text(series) or f"{heading_text(kpi)}, {series.where}, by {series.grain}",
        icons=chart_marks(said, assured, kept_back=series.rows[-1]["kept_back"]),
        alt=describe_trend(series, said, aim, recorded=_recorded(series, remarks, anew)),
        source=trend_source(series, profile=profile),
        spec=build_spec(_layers(series, value, said, datasets), datasets, height=PLOT_HEIGHT),
        twin=trend_twin(series, aim),
        notes=(
            *remark_notes(series, remarks, anew),
            *_heads_to(series, assured, long_run),
            *trend_notes(series, said),
            *(() if assumptions is None else assumptions.notes),
        ),
    )
    return Visual(block)


def _layers(
    series: Series, value: ValueAxis, said: Verdict, datasets: Mapping[str, Sequence[Any]]
) -> list[Layer]:
    """Put together what is drawn; a layer without data is left out."""
    period = series.axis
    late = said.since is not None and period.late(said.since)
    near = near_layers(value, period) if "near" in datasets else []
    noted = [*noted_layers(value, period), *number_layers(value, period)]
    return [
        *band_layers(value, period),
        *near,
        *([target_layer(value)] if datasets["targets"] else []),
        *(anew_layers(period, height=PLOT_HEIGHT) if "anew" in datasets else []),
        *(began_layers(period, late=late) if datasets["began"] else []),
        line_layer(value, period),
        *(level_layers(value, period) if datasets["levels"] else []),
        *point_layers(value, period, size=_size(series), tooltip=_TOOLTIP),
        *(noted if "noted" in datasets else []),
        *label_layers(value),
    ]


def _size(series: Series) -> int:
    """Return the area of a point: small where many stand side by side."""
    return _POINT if len(series.rows) <= _MANY else _SMALL_POINT


def _recorded(series: Series, remarks: Sequence[Remark], anew: Sequence[Anew]) -> list[str]:
    """Say every recorded reason, those of new limits first."""
    limits = [anew_text(series, one) for one in anew]
    return [*limits, *(remark_text(series, remark) for remark in remarks)]


def _heads_to(
    series: Series, assured: Assurance | None, long_run: LongRun | None
) -> tuple[str, ...]:
    """Say the long run, and whether the target will be met."""
    if series.rows[-1]["kept_back"]:
        return ()
    notes = []
    if long_run is not None:
        notes.append(say_direction(long_run, series.kpi).block.text)
    if assured is not None and assured.target is not None:
        notes.append(say_assurance(assured, series.kpi, grain=series.grain).block.text)
    return tuple(notes)


_TOOLTIP = (
    column("when:N", title="period"),
    column("shown:N", title="value"),
    column("cases:N", title="cases"),
    column("says:N", title="chart says"),
)


def _team(findings: pl.DataFrame) -> str | None:
    return findings["team"][0] if "team" in findings.columns and findings.height else None


def _fit(series: Series, aim: Target | None) -> ValueAxis:
    values = [row["value"] for row in series.known]
    low, high = natural_ends(values, unit=series.kpi.unit)
    ends = [end for row in series.rows for end in (row["lower"], row["upper"], middle_of(row))]
    kept = [min(max(end, low), high) for end in ends if end is not None]
    wanted = [*values, *kept]
    if aim is not None and (not wanted or is_near(aim.value, wanted)):
        wanted.append(aim.value)
    return value_axis(wanted, unit=series.kpi.unit, show=series.kpi.show)


def is_near(level: float, wanted: list[float]) -> bool:
    """Tell whether a target leaves the series at least a third of the plot."""
    low, high = min(wanted), max(wanted)
    return max(high, level) - min(low, level) <= 3 * max(high - low, abs(high) * 0.02)


def point_rows(series: Series, value: ValueAxis, said: Verdict) -> list[dict[str, Any]]:
    """Return the points of a series as a chart draws them: place, limits, mark and texts."""
    runs = number_runs(series.rows)
    limits = _carried(series)
    return [
        {
            "at": at_text(row["period"]),
            "run": run,
            "value": value.shown(row["value"]),
            **_limits(lines, value),
            **_mark(series, row, said),
            "hollow": row["final"] is False,
            "when": series.period_text(row["period"], short=False),
            "shown": series.shown(row),
            "cases": series.cases_text(row),
            "says": signal_text(row),
        }
        for row, run, lines in zip(series.rows, runs, limits, strict=True)
    ]


def _carried(series: Series) -> list[dict[str, Any]]:
    """Carry limits over periods without data, so that the band has no holes."""
    known = [row for row in series.rows if row.get("centre") is not None]
    last = known[0] if known else series.rows[0]
    carried = []
    for row in series.rows:
        last = row if row.get("centre") is not None else last
        carried.append(last)
    return carried


def _limits(row: dict[str, Any], value: ValueAxis) -> dict[str, float | None]:
    lower, upper = value.shown(row.get("lower")), value.shown(row.get("upper"))
    return {
        "centre": value.shown(middle_of(row)),
        "lower": value.within(row.get("lower")),
        "upper": value.within(row.get("upper")),
        "lower_line": None if lower is None or lower < value.low else lower,
        "upper_line": None if upper is None or upper > value.high else upper,
    }


def _mark(series: Series, row: dict[str, Any], said: Verdict) -> dict[str, str]:
    unsure = said.tone == "unknown" and row["period"] == said.period
    if not row["signal"] or row["provisional_limits"] or unsure:
        return {"meaning": "unknown" if unsure else "common", "shape": "circle"}
    if row["high"] is None:  # swings, or varies too much or too little: on neither side
        return {"meaning": "neutral", "shape": "diamond"}
    meaning = tone_of(series.kpi.good, high=row["high"])
    return {"meaning": meaning, "shape": shape_of(row["signal"], high=bool(row["high"]))}


def _labels(series: Series, value: ValueAxis, aim: Target | None, said: Verdict) -> list[EndLabel]:
    labels = []
    last = _carried(series)[-1]
    lines = (
        (last.get("upper"), "upper limit"),
        (middle_of(last), middle_word(last)),
        (last.get("lower"), "lower limit"),
    )
    for level, words in lines:
        if level is not None:
            text = _limit_label(series, value, level, words)
            labels.append(EndLabel(level / value.divisor, text))
    if aim is not None:
        level = value.shown(aim.value) or 0.0
        aim_text = target_text(aim.value, unit=series.kpi.unit, show=series.kpi.show)
        labels.append(
            EndLabel(
                level,
                f"target {aim_text}{'' if value.holds(aim.value) else ', off the scale'}",
                TARGET,
            )
        )
    if series.known:
        final = series.known[-1]
        colour = TONE_COLOURS[said.tone] if said.tone in {"better", "worse"} else INK
        text = f"{series.period_text(final['period'])}: {series.value_text(final['value'])}"
        labels.append(EndLabel(value.shown(final["value"]) or 0.0, text, colour, bold=True))
    return labels


def _limit_label(series: Series, value: ValueAxis, level: float, words: str) -> str:
    if value.holds(level):
        return f"{words} {series.value_text(level)}"
    end = value.low if (value.shown(level) or 0.0) < value.low else value.high
    side = "under" if end == value.low else "over"
    return f"{words} {side} {series.value_text(end * value.divisor)}"
