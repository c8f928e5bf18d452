"""What people recorded, on a chart: points with a reason, and days from which limits are new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from string import ascii_uppercase
from typing import Any

from kpitools.sources.rebases import Rebase
from kpitools.visuals.axes import PeriodAxis, ValueAxis, at_text, instant
from kpitools.visuals.findings import Series
from kpitools.visuals.layers import SHAPE, base
from kpitools.visuals.theme import INK, MUTED
from kpitools.visuals.vega_lite import Layer, column, constant
from kpitools.visuals.wording import Part, named, quote_period, say

TEXT_LIMIT, AUTHOR_LIMIT = 120, 40
MOST_TOLD = 9
"""So many reasons are written out under a chart; its table has all."""
KEPT, OUT = "diamond", "square"
_SIZE = 190


@dataclass(frozen=True)
class Remark:
    """A recorded reason about one period, or about several that follow one another."""

    first: date
    last: date
    text: str
    author: str
    excluded: bool


@dataclass(frozen=True)
class Anew:
    """A period from which limits are calculated anew, with who decided so and why."""

    period: date
    reason: str
    author: str


def remarks_of(series: Series) -> tuple[Remark, ...]:
    """Read the recorded reasons off a series, those of neighbouring periods together."""
    found: list[Remark] = []
    joined = False
    for row in series.rows:
        text = row.get("annotation")
        if not text:
            joined = False
            continue
        author, out = row.get("annotation_author") or "", bool(row.get("excluded"))
        last = found[-1] if joined else None
        if last and (last.text, last.author, last.excluded) == (text, author, out):
            found[-1] = Remark(last.first, row["period"], text, author, out)
        else:
            found.append(Remark(row["period"], row["period"], text, author, out))
        joined = True
    return tuple(found)


def anew_of(
    series: Series, rebase: Sequence[date | Rebase], *, team: str | None
) -> tuple[Anew, ...]:
    """Tell where within a series limits begin anew, of the rebases that are about it."""
    found: dict[date, Anew] = {}
    for item in rebase:
        told = item if isinstance(item, Rebase) else None
        if told and (told.kpi not in {None, series.kpi.kpi} or told.team not in {None, team}):
            continue
        begun = [row["period"] for row in series.rows if _day(row["period"]) >= _on(item)]
        if 0 < len(begun) < len(series.rows):
            one = Anew(begun[0], told.reason if told else "", told.author if told else "")
            found.setdefault(begun[0], one)
    return tuple(found[day] for day in sorted(found))


def _on(item: date | Rebase) -> date:
    return item.on if isinstance(item, Rebase) else item


def _day(period: date) -> date:
    return period.date() if isinstance(period, datetime) else period


def noted_rows(
    series: Series, remarks: Sequence[Remark], value: ValueAxis, *, numbered: bool = True
) -> list[dict[str, Any]]:
    """Return a diamond for every point with a reason, a square where limits leave it out.

    The first point of each reason has its number; a period without a value has it at the foot.
    """
    numbers = {remark.first: str(place) for place, remark in enumerate(remarks, 1)}
    rows = []
    for row in series.rows:
        label = numbers.get(row["period"], "") if numbered else ""
        known = row["value"] is not None
        if row.get("annotation") and (known or label):
            rows.append(
                {
                    "at": at_text(row["period"]),
                    "value": value.shown(row["value"]) if known else value.low,
                    "shape": OUT if row.get("excluded") else KEPT,
                    "label": label,
                    "known": known,
                }
            )
    return rows


def noted_layers(
    value: ValueAxis, period: PeriodAxis, *, dataset: str = "noted", size: int = _SIZE
) -> list[Layer]:
    """Draw diamonds and squares about points with a recorded reason."""
    about = base(dataset).only("known", equal=True)
    return [
        about.mark("point", filled=False, size=size, color=INK, strokeWidth=1.2, opacity=1).encode(
            x=period.x("at"),
            y=value.y("value"),
            shape=column("shape:N", scale=SHAPE, legend=None),
        )
    ]


def number_layers(value: ValueAxis, period: PeriodAxis, *, dataset: str = "noted") -> list[Layer]:
    """Write the number of each reason above its point."""
    text = base(dataset).mark("text", dy=-14, fontWeight=600, fontSize=10)
    return [text.encode(x=period.x("at"), y=value.y("value"), text="label:N")]


def anew_rows(series: Series, anew: Sequence[Anew]) -> list[dict[str, Any]]:
    """Return where limits begin anew: between two periods."""
    return [
        {
            "at": _between(series, one.period),
            "text": f"{letter} new limits",
        }
        for letter, one in zip(ascii_uppercase, anew, strict=False)
    ]


def _between(series: Series, period: date) -> str:
    return (instant(period) - series.axis.half_step).strftime("%Y-%m-%dT%H:%M:%SZ")


def rule_layer(period: PeriodAxis, *, dataset: str = "anew") -> Layer:
    """Draw an upright line where limits begin anew."""
    rule = base(dataset).mark("rule", color=MUTED, strokeWidth=1)
    return rule.encode(x=period.x("at"))


def anew_layers(period: PeriodAxis, *, height: int, dataset: str = "anew") -> list[Layer]:
    """Draw an upright line where limits begin anew, named at its foot."""
    text = base(dataset).mark("text", align="left", dx=4, baseline="bottom", fontSize=10)
    return [
        rule_layer(period, dataset=dataset),
        text.encode(x=period.x("at"), y=constant(height - 4), text="text:N"),
    ]


def remark_notes(
    series: Series, remarks: Sequence[Remark], anew: Sequence[Anew] = ()
) -> tuple[str, ...]:
    """Write reasons and rebases under their letters and numbers, each bounded."""
    notes = [
        f"{letter} {anew_text(series, one)}."
        for letter, one in zip(ascii_uppercase, anew, strict=False)
    ]
    notes += [
        f"{place} {mark_of_remark(remark)} {remark_text(series, remark)}."
        for place, remark in enumerate(remarks[:MOST_TOLD], 1)
    ]
    rest = len(remarks) - MOST_TOLD
    if rest > 0:
        notes.append(f"{rest} more recorded reason{'s' if rest > 1 else ''} in the table.")
    return tuple(notes)


def mark_of_remark(remark: Remark) -> str:
    """Return the mark that stands about the points of a reason.

    Example:
        >>> mark_of_remark(Remark(date(2026, 3, 1), date(2026, 3, 1), "Outage", "", excluded=True))
        '□'
    """
    return "□" if remark.excluded else "◇"


def remark_text(series: Series, remark: Remark) -> str:
    """Say when, why, by whom, and whether limits leave it out."""
    return say(*_remark_parts(series, remark)).block.text


def anew_text(series: Series, anew: Anew) -> str:
    """Say from when limits are set anew, why and by whom."""
    return say(*_anew_parts(series, anew)).block.text


def _remark_parts(series: Series, remark: Remark) -> tuple[Part, ...]:
    when: tuple[Part, ...] = (quote_period(remark.first, grain=series.grain),)
    if remark.last != remark.first:
        when += (" to ", quote_period(remark.last, grain=series.grain))
    out = ("; left out of the limits",) if remark.excluded else ()
    return (*when, ": ", *_said(remark.text, remark.author), *out)


def _anew_parts(series: Series, anew: Anew) -> tuple[Part, ...]:
    since = ("limits are set anew from ", quote_period(anew.period, grain=series.grain))
    return (*since, ": ", *_said(anew.reason, anew.author)) if anew.reason else since


def _said(text: str, author: str) -> tuple[Part, ...]:
    by = (" (", named(author, limit=AUTHOR_LIMIT), ")") if author else ()
    return (named(text, limit=TEXT_LIMIT), *by)
