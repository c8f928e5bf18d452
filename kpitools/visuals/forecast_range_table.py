"""Whether the ranges given with a forecast could be relied on: a table and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from kpitools import language
from kpitools.errors import VisualsError
from kpitools.visuals.blocks import Cell, Column, SentenceBlock, TableBlock, Tone
from kpitools.visuals.findings import check_has
from kpitools.visuals.forecast_measures_table import lead_parts, lead_words
from kpitools.visuals.forecast_says import STEP_WORDS
from kpitools.visuals.forecast_words import count_text
from kpitools.visuals.marks import MET, MISSED, NONE
from kpitools.visuals.show import Visual
from kpitools.visuals.wording import Part, counted, quote_share, say

RANGES = (
    *("step", "interval_ms", "level", "lead_from", "lead_to", "n", "days", "actual"),
    *("coverage", "coverage_low", "coverage_high", "below", "above", "width", "winkler"),
    *("pinball_low", "pinball_high", "floor_winkler", "dispersed_winkler", "verdict"),
)
LENGTHS = {
    900_000: ("quarter hour", "quarter hours"),
    1_800_000: ("half hour", "half hours"),
    3_600_000: ("hour", "hours"),
    86_400_000: ("day", "days"),
    604_800_000: ("week", "weeks"),
}
"""What forecast intervals of some lengths are called."""
_INTERVALS = ("interval", "intervals")
_NEARLY = 1e-9
VERDICTS = {"too_narrow": "too narrow", "too_wide": "too wide", "as_stated": "fits what was stated"}
"""What is said of a range that held too little, too much, or what it should."""
_MOST, _SAID = 8, 3
_PRICE_ROWS = {
    "width": ("Mean width", "contacts from end to end"),
    "winkler": (
        "Price (Winkler score)",
        "width, and the distance of a miss times {price}; less is better",
    ),
    "pinball_low": ("Loss of the lower end (pinball)", "in contacts; less is better"),
    "pinball_high": ("Loss of the upper end (pinball)", "in contacts; less is better"),
}


def table_ranges(scores: pl.DataFrame, *, about: str = "") -> Visual[TableBlock]:
    """Show what ranges should have held and did hold, their width and their price.

    Of more than 8 kinds the first 8 are shown.

    Args:
        scores: rows of one slice as `forecast_range_scores` returns them.
        about: what the forecasts were for.

    Raises:
        VisualsError: no rows, several slices, or not a result of `forecast_range_scores`.
    """
    rows = _checked(scores)
    if not rows:
        raise VisualsError(
            "there are no ranges to show",
            expected="forecasts with offered_low, offered_high and range_level",
        )
    shown = rows[:_MOST]
    where = f", {language.display(about, 60)}" if about else ""
    contacts = count_text(sum(row["actual"] for row in rows), "contact", "contacts")
    return Visual(
        TableBlock(
            title=f"Ranges given with the forecast{where}",
            subtitle=say_ranges(scores).block.text,
            columns=(
                Column(key="measure", label="Measure", header=True, width=1.8),
                *(
                    Column(key=f"range_{place}", label=_head(row), align="right")
                    for place, row in enumerate(shown)
                ),
            ),
            rows=_lines(shown),
            notes=(
                (
                    "Held: with a 95 % interval that knows that intervals of one day go together. "
                    "Losses are those of the ends as forecasts by themselves."
                ),
                (
                    "At best: ranges of one who knows the true level, first with arrivals by "
                    "chance alone (Poisson), then with the spread found. Ranges are judged at the "
                    "length at which they were given: those of half hours do not add up to a day's."
                ),
            ),
            source=f"{contacts}. Ranges with a fault, and those of forecasts that are "
            "added up, take no part. Intervals without contacts count as any other.",
        )
    )


def say_ranges(scores: pl.DataFrame) -> Visual[SentenceBlock]:
    """Say how often the ranges held what came, and whether that is what they said.

    Args:
        scores: rows of one slice as `forecast_range_scores` returns them.

    Raises:
        VisualsError: several slices, or not a result of `forecast_range_scores`.
    """
    rows = [row for row in _checked(scores) if row["coverage"] is not None]
    if not rows:
        return say("No forecast was given with a range.", tone="unknown")
    parts: list[Part] = []
    for place, row in enumerate(rows[:_SAID]):
        parts += ["; the " if place else "The ", *_said(row)]
    rest = len(rows) - _SAID
    if rest > 0:
        parts += ["; and ", *counted(rest, "more kind of range", "more kinds of ranges")]
    off = any(row["verdict"] in {"too_narrow", "too_wide"} for row in rows)
    judged = any(row["verdict"] is not None for row in rows)
    tone: Tone = "worse" if off else "neutral" if judged else "unknown"
    return say(*parts, ".", tone=tone)


def _said(row: Mapping[str, Any]) -> tuple[Part, ...]:
    step = STEP_WORDS.get(row["step"], row["step"])
    some = row["lead_to"] is not None or row["lead_from"]
    lead: tuple[Part, ...] = (" ", *lead_parts(row), " ahead") if some else ()
    held: tuple[Part, ...] = (
        quote_share(row["level"], digits=_digits(row["level"])),
        f" ranges of the {step}",
        *lead,
        " held ",
        quote_share(row["coverage"]),
    )
    if row["coverage_low"] is not None:
        low, high = (quote_share(row[f"coverage_{end}"]) for end in ("low", "high"))
        bare = low.model_copy(update={"text": low.text.removesuffix(" %")})
        held = (*held, " (", bare, " to ", high, ")")
    cases = (" of ", *counted(row["n"], *LENGTHS.get(row["interval_ms"], _INTERVALS)))
    said = VERDICTS.get(row["verdict"] or "")
    return (*held, *cases, f": {said}" if said else ", too few days to judge")


def _digits(level: float) -> int:
    """Give the decimals that a level needs in percent: 80 %, but 97.5 %."""
    return 0 if abs(level * 100 - round(level * 100)) < _NEARLY else 1


def _checked(scores: pl.DataFrame) -> list[dict[str, Any]]:
    check_has(scores, RANGES, made_by="forecast_range_scores")
    keys = ("step", "interval_ms", "level", "lead_from")
    if scores.select(keys).n_unique() < scores.height:
        raise VisualsError(
            "this speaks about one forecast",
            found=f"{scores.height} rows",
            expected="one row per step, length, level and lead time",
            fix="filter to one queue or team first",
        )
    return scores.to_dicts()


def _head(row: Mapping[str, Any]) -> str:
    step = STEP_WORDS.get(row["step"], row["step"])
    some = row["lead_to"] is not None or row["lead_from"]
    lead = f", {lead_words(row)} ahead" if some else ""
    _, many = LENGTHS.get(row["interval_ms"], _INTERVALS)
    level = quote_share(row["level"], digits=_digits(row["level"])).text
    return f"{level}, {step}, {many}{lead}"


def _lines(rows: list[dict[str, Any]]) -> tuple[tuple[Cell, ...], ...]:
    levels = {round(2 / (1 - row["level"]), 1) for row in rows}
    price = f"{levels.pop():g}" if len(levels) == 1 else "2 / (1 - level)"
    below = (Cell(text=_share(row["below"])) for row in rows)
    above = (Cell(text=_share(row["above"])) for row in rows)
    prices = (
        (
            Cell(text=head, sub=sub.format(price=price)),
            *(Cell(text=_contacts(row[name]), sub=_best(row, name)) for row in rows),
        )
        for name, (head, sub) in _PRICE_ROWS.items()
    )
    return (
        (Cell(text="Scored"), *(_scored(row) for row in rows)),
        (Cell(text="Should hold"), *(Cell(text=_share(row["level"])) for row in rows)),
        (Cell(text="Held", sub="÷ number of intervals"), *(_held(row) for row in rows)),
        (Cell(text="Came below the range", sub="÷ number of intervals"), *below),
        (Cell(text="Came above the range", sub="÷ number of intervals"), *above),
        *prices,
        (Cell(text="Says"), *(_verdict(row) for row in rows)),
    )


def _scored(row: Mapping[str, Any]) -> Cell:
    one, many = LENGTHS.get(row["interval_ms"], _INTERVALS)
    count = count_text(row["n"], one, many)
    days = "" if many == "days" else f"on {count_text(row['days'], 'day', 'days')}"
    return Cell(text=count, sub=days)


def _held(row: Mapping[str, Any]) -> Cell:
    sure = row["coverage_low"] is not None
    ends = f"{_share(row['coverage_low'])} to {_share(row['coverage_high'])}" if sure else ""
    return Cell(text=_share(row["coverage"]), sub=ends)


def _verdict(row: Mapping[str, Any]) -> Cell:
    if row["verdict"] is None:
        return Cell(text="? not enough evidence", tone="unknown")
    fits = row["verdict"] == "as_stated"
    mark = MET if fits else MISSED
    tone: Tone = "neutral" if fits else "worse"
    return Cell(text=f"{mark} {VERDICTS[row['verdict']]}", tone=tone)


def _best(row: Mapping[str, Any], name: str) -> str:
    kinds = [kind for kind in ("floor", "dispersed") if row[f"{kind}_{name}"] is not None]
    texts = [_contacts(row[f"{kind}_{name}"]) for kind in kinds]
    return f"at best {' / '.join(texts)}" if texts else ""


def _share(value: float | None) -> str:
    return NONE if value is None else language.format_value(value, unit="share", digits=1)


def _contacts(value: float | None) -> str:
    if value is None:
        return NONE
    digits = 1 if value >= 10 else 2  # noqa: PLR2004 - small losses keep two decimals
    return language.format_value(value, unit="number", digits=digits)
