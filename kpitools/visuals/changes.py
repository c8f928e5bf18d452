"""What has changed, one sentence for each change: the overview's charts in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from kpitools import language
from kpitools.analysis.budget import RATE, benjamini_hochberg
from kpitools.analysis.overview import KEPT
from kpitools.catalog.basis import format_basis
from kpitools.visuals.blocks import Cell, ListBlock, SentenceBlock, Tone
from kpitools.visuals.figures import value_text
from kpitools.visuals.findings import Names, check_has, slice_text
from kpitools.visuals.marks import TONE_WORDS, movement_words, since_words
from kpitools.visuals.privacy import MINIMUM_GROUP, keep_back
from kpitools.visuals.show import Visual
from kpitools.visuals.sizes import effect_parts
from kpitools.visuals.wording import Part, named, quote_period, say

Row = Mapping[str, Any]
MOST = 12
"""So many changes are written out; the others are counted."""
_ORDER: tuple[Tone, ...] = ("worse", "neutral", "better")
SURE, UNSURE = "stays when all charts are counted", "may be chance among so many charts"


def list_changes(
    scorecards: pl.DataFrame,
    *,
    names: Names | None = None,
    most: int = MOST,
    minimum_group: int = MINIMUM_GROUP,
) -> Visual[ListBlock]:
    """List every change in a sentence of its own: for the worse first, the surest first.

    Each says what its chart says: the KPI and the team, the side, since when, by how much with
    the 95 % interval; below it the value, the cases that it rests on, and whether the change
    stays when all charts are counted together.

    Args:
        scorecards: rows of one period for many teams, as `analysis.overview` returns them.
        names: names of teams by key.
        most: how many are written out; the last line counts the others.
        minimum_group: values on fewer cases are not shown.

    Raises:
        VisualsError: no overview.
    """
    check_has(scorecards, KEPT, made_by="analysis.overview")
    kept = keep_back(scorecards, minimum_group=minimum_group)
    adjusted = benjamini_hochberg(kept["p_value"].to_list())
    kept = kept.with_columns(pl.Series("p_adjusted", adjusted, dtype=pl.Float64))
    rows = [row for row in kept.iter_rows(named=True) if _changed(row)]
    found = sorted(rows, key=_place)
    items = [_item(row, names, minimum_group) for row in found[:most]]
    if len(found) > most:
        items.append(Cell(text=_rest(found[most:])))
    block = ListBlock(
        title="What changed, in words", items=tuple(items), empty="No chart shows a change."
    )
    return Visual(block)


def say_change(row: Row, *, names: Names | None = None) -> Visual[SentenceBlock]:
    """Say one change of a scorecard in a sentence.

    Args:
        row: a row of `analysis.scorecard` whose `signal` is not empty.
        names: names of teams by key.
    """
    place = [slice_text({"team": row["team"]}, names=names)] if row["team"] is not None else []
    about = named(", ".join([*place, language.display(row["name"], 60)]), limit=130)
    return say(about, ": ", *_movement(row), ".", tone=row["tone"])


def _changed(row: Row) -> bool:
    return row["tone"] in _ORDER and bool(row["signal"]) and not row["kept_back"]


def _place(row: Row) -> tuple[int, float, str, str]:
    surest = 1.0 if row["p_value"] is None else row["p_value"]
    return _ORDER.index(row["tone"]), surest, row["team"] or "", row["kpi"]


def _movement(row: Row) -> tuple[Part, ...]:
    since: date = row["since"] or row["period"]
    joint = since_words(run=row["run"], first=row["onset_first"], last=row["onset_last"])
    effect = (row["effect"], row["effect_low"], row["effect_high"])
    meaning = TONE_WORDS[row["tone"]]
    return (
        movement_words(row["signal"], high=bool(row["signal_high"]), run=row["run"]),
        f" {joint} ",
        quote_period(since, grain=row["grain"]),
        *effect_parts(*effect, unit=row["unit"], show=row["show"]),
        *((", ", meaning) if meaning else ()),
    )


def _item(row: Row, names: Names | None, minimum_group: int) -> Cell:
    sentence = say_change(row, names=names).block
    return Cell(text=sentence.text, sub=_below(row, minimum_group), tone=sentence.tone)


def _below(row: Row, minimum_group: int) -> str:
    cases = "" if row["unit"] == "count" else format_basis(row["cases"], row["basis"])
    on = f" on {cases}{' cases' if row['basis'] == 'cases' else ''}" if cases else ""
    when = language.format_period(row["period"], row["grain"])
    adjusted = row["p_adjusted"]
    sure = adjusted is not None and adjusted <= RATE
    value = value_text(row, minimum_group=minimum_group)
    return f"{value}{on} in {when}; {SURE if sure else UNSURE}"


def _rest(rows: list[dict[str, Any]]) -> str:
    worse = sum(row["tone"] == "worse" for row in rows)
    more = f"{len(rows)} more change" + ("s" if len(rows) > 1 else "")
    return f"and {more}, {worse or 'none'} of them for the worse: see the table"
