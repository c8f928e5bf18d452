"""What a scorecard says in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from kpitools.visuals.blocks import SentenceBlock, Tone
from kpitools.visuals.figures import name_text
from kpitools.visuals.privacy import MINIMUM_GROUP
from kpitools.visuals.scorecard import NOTHING, read_rows
from kpitools.visuals.show import Visual
from kpitools.visuals.wording import Part, counted, listed, quote_count, say

Row = Mapping[str, Any]
_MOST_NAMES = 2


def say_scorecard(
    scorecard: pl.DataFrame, *, minimum_group: int = MINIMUM_GROUP
) -> Visual[SentenceBlock]:
    """Say how many KPIs changed for the worse or better, and how many miss their range.

    Args:
        scorecard: one team's rows, as `analysis.scorecard` returns them.
        minimum_group: values on fewer cases count as not judged.

    Raises:
        VisualsError: more than one team or period, or no scorecard.
    """
    rows = read_rows(scorecard, minimum_group=minimum_group)
    if not rows:
        return say(NOTHING, tone="unknown", headline=True)
    worse, better, moved = (_with(rows, tone) for tone in ("worse", "better", "neutral"))
    tone: Tone = "worse" if worse else "better" if better else "neutral"
    changes = _changes(rows, worse, better, moved)
    parts = (*changes, *_outside(rows), *_unknown(rows), ".")
    return say(*parts, tone=tone, headline=True)


def say_attention(
    scorecard: pl.DataFrame, *, minimum_group: int = MINIMUM_GROUP
) -> Visual[SentenceBlock]:
    """Say which KPIs need attention: changed for the worse, or outside their range.

    Args:
        scorecard: one team's rows, as `analysis.scorecard` returns them.
        minimum_group: values on fewer cases count as not judged.

    Raises:
        VisualsError: more than one team or period, or no scorecard.
    """
    rows = read_rows(scorecard, minimum_group=minimum_group)
    if not rows:
        return say(NOTHING, tone="unknown", headline=True)
    worse = _with(rows, "worse")
    other = [row for row in rows if row["status"] == "outside" and row not in worse]
    if not worse and not other:
        total = counted(len(rows), "KPI", "KPIs")
        return say("None of ", *total, " needs attention.", headline=True)
    parts: list[Part] = []
    if worse:
        parts += [*name_list(worse), " changed for the worse"]
    if other:
        verb = " is outside its range" if len(other) == 1 else " are outside their range"
        parts += [*(["; "] if parts else []), *name_list(other), verb]
    return say(*parts, ".", tone="worse" if worse else "neutral", headline=True)


def _with(rows: Sequence[Row], tone: Tone) -> list[Row]:
    return [row for row in rows if row["tone"] == tone and row["signal"]]


def _changes(
    rows: Sequence[Row], worse: Sequence[Row], better: Sequence[Row], moved: Sequence[Row]
) -> tuple[Part, ...]:
    total = counted(len(rows), "KPI", "KPIs")
    if not worse and not better and not moved:
        if all(row["tone"] == "unknown" for row in rows):
            return ("Not enough evidence to judge a change in any of ", *total)
        return ("None of ", *total, " changed beyond common variation")
    groups = ((worse, " for the worse"), (better, " for the better"), (moved, " otherwise"))
    parts: list[Part] = []
    for group, words in groups:
        if group:
            start = (quote_count(len(group)), " of ", *total, " changed")
            parts += (", ", quote_count(len(group))) if parts else start
            parts += [words, " (", *name_list(group), ")"]
    return tuple(parts)


def name_list(rows: Sequence[Row]) -> tuple[Part, ...]:
    """List the names of a few KPIs and count the rest."""
    return listed([name_text(row) for row in rows], most=_MOST_NAMES)


def _outside(rows: Sequence[Row]) -> tuple[Part, ...]:
    judged = [row for row in rows if row["status"] in {"met", "within", "outside"}]
    outside = [row for row in judged if row["status"] == "outside"]
    if not judged:
        return ()
    if not outside:
        return ("; none is outside its range",)
    verb = " is outside its range" if len(outside) == 1 else " are outside their range"
    return ("; ", quote_count(len(outside)), verb)


def _unknown(rows: Sequence[Row]) -> tuple[Part, ...]:
    unsure = [row for row in rows if row["tone"] == "unknown"]
    if not unsure or len(unsure) == len(rows):
        return ()
    verb = " lacks" if len(unsure) == 1 else " lack"
    return ("; ", quote_count(len(unsure)), verb, " evidence")
