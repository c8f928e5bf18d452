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
_PRICES = ("width", "winkler", "pinball_low", "pinball_high")
VERDICTS = {"too_narrow": "too narrow", "too_wide": "too wide", "as_stated": "fits what was stated"}
"""What is said of a range that held too little, too much, or what it should."""
_HEADS = (
    ("held", "Held", 1.1),
    ("outside", "Outside", 1.1),
    ("width", "Mean width", 1.0),
    ("score", "Price (Winkler)", 1.0),
    ("low", "Lower end (pinball)", 1.0),
    ("high", "Upper end (pinball)", 1.0),
)


def table_ranges(scores: pl.DataFrame, *, about: str = "") -> Visual[TableBlock]:
    """Show what ranges should have held and did hold, their width and their price.

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
    where = f", {language.display(about, 60)}" if about else ""
    contacts = count_text(sum(row["actual"] for row in rows), "contact", "contacts")
    return Visual(
        TableBlock(
            title=f"Ranges given with the forecast{where}",
            subtitle=say_ranges(scores).block.text,
            columns=(
                Column(key="ranges", label="Ranges", header=True, width=1.4),
                *(
                    Column(key=key, label=head, align="right", width=width)
                    for key, head, width in _HEADS
                ),
                Column(key="says", label="Says", width=1.0),
            ),
            rows=tuple(_line(row) for row in rows),
            notes=(
                (
                    "Held: share of the intervals in which what came lay in the range, with a 95 % "
                    "interval that knows that intervals of one day go together. Price (Winkler "
                    "score): the width, and for a miss its distance many times over. Loss "
                    "(pinball): of the lower and of the upper end alone. Both in contacts; less is "
                    "better."
                ),
                (
                    "Best: ranges of one who knows the true level, first with arrivals by "
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
    for place, row in enumerate(rows):
        parts += ["; the " if place else "The ", *_said(row)]
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


def _line(row: Mapping[str, Any]) -> tuple[Cell, ...]:
    one, many = LENGTHS.get(row["interval_ms"], _INTERVALS)
    step = STEP_WORDS.get(row["step"], row["step"])
    lead = "" if row["lead_to"] is None and not row["lead_from"] else f", {lead_words(row)} ahead"
    count = count_text(row["n"], one, many)
    if many != "days":
        count += f" on {count_text(row['days'], 'day', 'days')}"
    sure = row["coverage_low"] is not None
    held = f"{_share(row['coverage_low'])} to {_share(row['coverage_high'])}" if sure else ""
    marks = {
        "too_narrow": (f"{MISSED} too narrow", "worse"),
        "too_wide": (f"{MISSED} too wide", "worse"),
        "as_stated": (f"{MET} fits", "neutral"),
    }
    level = quote_share(row["level"], digits=_digits(row["level"])).text
    text, tone = marks.get(row["verdict"], ("? not enough evidence", "unknown"))
    return (
        Cell(text=f"{level} of the {step}{lead}", sub=count),
        Cell(text=_share(row["coverage"]), sub=held),
        Cell(text=f"▼ {_share(row['below'])} below", sub=f"▲ {_share(row['above'])} above"),
        *(Cell(text=_contacts(row[name]), sub=_best(row, name)) for name in _PRICES),
        Cell(text=text, tone=tone),
    )


def _best(row: Mapping[str, Any], name: str) -> str:
    kinds = [kind for kind in ("floor", "dispersed") if row[f"{kind}_{name}"] is not None]
    texts = [_contacts(row[f"{kind}_{name}"]) for kind in kinds]
    return f"best {' / '.join(texts)}" if texts else ""


def _share(value: float | None) -> str:
    return NONE if value is None else language.format_value(value, unit="share", digits=1)


def _contacts(value: float | None) -> str:
    if value is None:
        return NONE
    digits = 1 if value >= 10 else 2  # noqa: PLR2004 - small losses keep two decimals
    return language.format_value(value, unit="number", digits=digits)
