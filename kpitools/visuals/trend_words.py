"""What a trend chart says, in words: the sentence, the alternative text and the source line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from kpitools.analysis.verdicts import Verdict, verdict
from kpitools.analysis.xmr import MINIMUM_POINTS
from kpitools.catalog.basis import format_basis, rests_on
from kpitools.catalog.model import Kpi, Target
from kpitools.facts.periods import Period
from kpitools.visuals.blocks import SentenceBlock
from kpitools.visuals.findings import (
    Names,
    Series,
    middle_of,
    middle_word,
    read_series,
    start_of,
    unit_text,
)
from kpitools.visuals.marks import TONE_WORDS, movement_words, since_words
from kpitools.visuals.privacy import MINIMUM_GROUP
from kpitools.visuals.show import Visual
from kpitools.visuals.sizes import effect_parts, power_text
from kpitools.visuals.wording import (
    Named,
    Part,
    counted,
    named,
    quote_count,
    quote_period,
    quote_value,
    say,
)

if TYPE_CHECKING:
    from kpitools.analysis.assumptions import Assumptions

REASON_LIMIT = 120
MOST_RECORDED = 4
"""So many recorded reasons stand in an alternative text."""
CHART_WORDS = {
    "xmr": "XmR chart",
    "p": "p chart",
    "p_prime": "p\u2032 chart (Laney)",
    "u_prime": "u\u2032 chart (Laney)",
    "i_prime": "I\u2032 chart (Taylor)",
    "g": "g chart of rare events",
    "t": "t chart of rare events",
}
"""Types of chart, as the source line names them."""


def say_trend(  # noqa: PLR0913 - whose series, of when, and what is known beside it, by keyword
    findings: pl.DataFrame,
    kpi: Kpi,
    *,
    period: Period | date | None = None,
    names: Names | None = None,
    minimum_group: int = MINIMUM_GROUP,
    lag1: float | None = None,
) -> Visual[SentenceBlock]:
    """Say in one sentence whether a KPI is moving, with its value and its mean.

    Args:
        findings: one series as `xmr_limits` returns it.
        kpi: its definition.
        period: the period that is spoken about; default the last of the series.
        names: names of teams by key.
        minimum_group: values on fewer cases are not said.
        lag1: correlation of neighbouring periods where it is known, as for `verdict`.

    Raises:
        AnalysisError: no fact table, more than one series, or no limits in the frame.
        VisualsError: no rows, or rows of another KPI.
    """
    start = start_of(period)
    series = read_series(findings, kpi, names=names, minimum_group=minimum_group, until=start)
    said = judged(findings, series, period=start, lag1=lag1)
    tone = said.tone if said.signal else "neutral"
    return say(named(series.name), ": ", *_latest(series), *_movement(series, said), ".", tone=tone)


def say_verdict(series: Series, said: Verdict) -> Visual[SentenceBlock]:
    """Say what the chart says, short enough for a title."""
    return say(*_says(series, said), tone=said.tone)


def _says(series: Series, said: Verdict) -> tuple[Part, ...]:
    return (named(series.name), ": ", *_movement(series, said))


def movement_text(series: Series, said: Verdict) -> str:
    """Say what the chart says, without the name of the KPI."""
    return say(*_movement(series, said)).block.text


def _movement(series: Series, said: Verdict) -> tuple[Part, ...]:
    if said.tone == "unknown":
        return ("not enough evidence to judge a change", *_lacking(series, said))
    if said.tone == "common" or said.since is None:
        return ("no change beyond common variation",)
    words = movement_words(said.signal, high=bool(said.high), run=said.run)
    when = quote_period(said.since, grain=series.grain)
    joint = since_words(run=said.run, first=said.onset_first, last=said.onset_last)
    told = (words, f" {joint} ", when, *_effect(series, said))
    meaning = TONE_WORDS[said.tone]
    return (*told, ", ", meaning) if meaning else told


def _effect(series: Series, said: Verdict) -> tuple[Part, ...]:
    return effect_parts(
        said.effect,
        said.effect_low,
        said.effect_high,
        unit=series.kpi.unit,
        show=series.kpi.show,
    )


def trend_power(series: Series, said: Verdict) -> str:
    """Say which change this chart could have seen; nothing where there is no verdict."""
    kpi = series.kpi
    ends = (said.detectable, said.detectable_once)
    return power_text(*ends, grain=series.grain, unit=kpi.unit, show=kpi.show)


def _lacking(series: Series, said: Verdict) -> tuple[Part, ...]:
    last = series.rows[-1]
    if last["value"] is None:
        reason = series.kept_back_text if last["kept_back"] else ""
        return (" (", Named(reason or "no data"), ")")
    if last["provisional_limits"] or last["lower"] is None:
        have = counted(said.n, series.grain, f"{series.grain}s")
        return (" (", *have, " of ", quote_count(MINIMUM_POINTS), ")")
    if said.cases is not None and said.cases < series.kpi.minimum:
        have = counted(said.cases, "case", "cases")
        return (" (", *have, " of ", quote_count(series.kpi.minimum), ")")
    return (" (", named(said.why_unknown, limit=REASON_LIMIT), ")") if said.why_unknown else ()


def judged(
    findings: pl.DataFrame,
    series: Series,
    *,
    period: date | None,
    lag1: float | None = None,
    assumptions: Assumptions | None = None,
) -> Verdict:
    """Ask for the chart's verdict; one on a value that is kept back is kept back as well.

    A series that cannot carry a verdict has none, whatever its numbers are.
    """
    said = verdict(findings, series.kpi, period=period, lag1=lag1)
    if assumptions is not None and not assumptions.enough and said.tone != "unknown":
        plain = Verdict(said.kpi, said.slice, said.period, "unknown", n=said.n, cases=said.cases)
        said = replace(plain, why_unknown=assumptions.why_not)
    if series.rows[-1]["kept_back"]:
        return Verdict(said.kpi, said.slice, said.period, "unknown")
    return said


def _latest(series: Series) -> tuple[Part, ...]:
    if not series.known:
        return ()
    last = series.known[-1]
    when = quote_period(last["period"], grain=series.grain)
    parts: tuple[Part, ...] = (_value(series, last["value"]), " in ", when)
    middle = middle_of(last)
    if middle is not None:
        words = f", against {'an' if last.get('season') else 'a'} {middle_word(last)} of "
        parts += (words.replace("expected of", "expected"), _value(series, middle))
    if last["lower"] is not None and not last["provisional_limits"]:
        ends = (_value(series, last["lower"]), " to ", _value(series, last["upper"]))
        parts += (" and natural limits of ", *ends)
    return (*parts, "; ")


def latest_text(series: Series) -> str:
    """Say the latest value beside its mean and limits; empty where there is no value."""
    parts = _latest(series)
    return say(*parts[:-1]).block.text if parts else ""


def _value(series: Series, value: float) -> Part:
    return quote_value(value, unit=series.kpi.unit, show=series.kpi.show)


def describe_trend(
    series: Series, said: Verdict, aim: Target | None, *, recorded: Sequence[str] = ()
) -> str:
    """Say what a reader of the chart sees: latest value, limits, target, ends and gaps.

    `recorded` are the reasons that people gave for points and for new limits.
    """
    grain = series.grain
    lines = [
        f"Line chart of {series.name}, {series.where}, by {grain}, {series.span_text}.",
        say_verdict(series, said).block.text + ".",
        *_onset_lines(series, said),
        trend_power(series, said),
    ]
    if series.known:
        last = series.known[-1]
        when = series.period_text(last["period"], short=False)
        cases = series.cases_phrase(last)
        state = " (provisional)" if last["final"] is False else ""
        lines.append(f"Latest: {series.value_text(last['value'])}{cases} in {when}{state}.")
        if last["lower"] is not None:
            ends = (last["lower"], middle_of(last), last["upper"])
            low, mid, high = (series.value_text(end) for end in ends)
            lines.append(f"{middle_word(last).capitalize()} {mid}, natural limits {low} to {high}.")
        lines.append(_extremes(series))
    if aim is not None:
        lines.append(f"Target {series.value_text(aim.value)}.")
    missing = [row for row in series.rows if row["value"] is None]
    if missing:
        lines.append(f"{len(missing)} of {len(series.rows)} {grain}s without a value.")
    lines += [f"Recorded: {text}." for text in recorded[:MOST_RECORDED]]
    if len(recorded) > MOST_RECORDED:
        lines.append(f"{len(recorded) - MOST_RECORDED} more reasons are in the table.")
    return " ".join(line for line in lines if line)


def _onset_lines(series: Series, said: Verdict) -> list[str]:
    """Say the level before and since a change, and when it may have begun."""
    if not said.signal or said.effect is None or said.level is None:
        return []
    before, since = (series.value_text(at) for at in (said.level - said.effect, said.level))
    first, last = said.onset_first, said.onset_last
    lines = [f"Level {before} before and {since} since."]
    if first is not None and last is not None and first != last:
        ends = [series.period_text(day, short=False) for day in (first, last)]
        lines.append(f"It may have begun from {ends[0]} to {ends[1]}.")
    return lines


def _extremes(series: Series) -> str:
    least = min(series.known, key=lambda row: row["value"])
    most = max(series.known, key=lambda row: row["value"])
    return (
        f"Lowest {series.value_text(least['value'])} in {series.period_text(least['period'])}, "
        f"highest {series.value_text(most['value'])} in {series.period_text(most['period'])}."
    )


def trend_source(series: Series, *, profile: str | None = None) -> str:
    """Say what stands in the chart: what, unit, where, when, cases, and by which rules."""
    cases = [row["cases"] for row in series.known if row["cases"] is not None]
    spans = ""
    basis = rests_on(series.kpi)
    if cases and series.known[-1]["denominator"] is not None and basis != "amount":
        low, high = (format_basis(end, basis) for end in (min(cases), max(cases)))
        ends = low if low == high else f"{low} to {high}"
        spans = f" {ends}{' cases' if basis == 'cases' else ''} a {series.grain}."
    made = series.known[-1] if series.known else {}
    points = made.get("points") or 0
    chart = CHART_WORDS[made.get("chart") or "xmr"]
    first = "the first " if _fixed(series, points) else ""
    school = profile or made.get("profile") or "mdc_r"
    limits = f"{chart}, profile {school}, limits from {first}{points} {series.grain}s."
    head = f"{series.name} ({unit_text(series.kpi)}) by {series.grain}, {series.where}"
    return f"{head}, {series.span_text}.{spans} {limits}"


def _fixed(series: Series, points: int) -> bool:
    """Tell whether limits rest on the first periods only, though later ones have values."""
    last = series.known[-1]["centre"] if series.known else None
    own = [row for row in series.known if row["centre"] == last and not row.get("excluded")]
    return MINIMUM_POINTS <= points < len(own)
