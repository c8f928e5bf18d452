"""All teams at a glance: teams by KPIs, each with value, status and movement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from kpitools import language
from kpitools.analysis.budget import benjamini_hochberg
from kpitools.analysis.latest import ALPHA
from kpitools.analysis.overview import KEPT, overview_budget
from kpitools.errors import VisualsError
from kpitools.visuals.blocks import Cell, Column, SentenceBlock, TableBlock, Tone
from kpitools.visuals.figures import chart_icon, name_text, target_icon, value_text
from kpitools.visuals.findings import Names, check_has, slice_text
from kpitools.visuals.icon_marks import icon_legend
from kpitools.visuals.marks import (
    ADJUSTED_LEGEND,
    CHANCE_LEGEND,
    NONE,
    STATUS_WORDS,
)
from kpitools.visuals.privacy import MINIMUM_GROUP, keep_back
from kpitools.visuals.recorded import recorded_notes
from kpitools.visuals.show import Visual
from kpitools.visuals.wording import (
    Part,
    chance_parts,
    chance_text,
    counted,
    listed,
    quote_count,
    say,
)

Row = Mapping[str, Any]
_NO_TEAM = "all teams"


def table_overview(
    scorecards: pl.DataFrame,
    *,
    names: Names | None = None,
    links: Mapping[str, str] | None = None,
    minimum_group: int = MINIMUM_GROUP,
) -> Visual[TableBlock]:
    """Show teams by KPIs: value, icons and status mark, teams that need attention first.

    Args:
        scorecards: rows of one period for many teams, as `analysis.overview` returns them.
        names: names of teams by key.
        links: file of each team's pack by key.
        minimum_group: values on fewer cases are not shown.

    Raises:
        VisualsError: no rows, more than one period, one KPI twice for a team, or no overview.
    """
    found = _shown(scorecards, minimum_group)
    teams = _by_team(found)
    every = [row for rows in teams.values() for row in rows.values()]
    kpis = list(dict.fromkeys(scorecards["kpi"].to_list()))
    heads = {row["kpi"]: name_text(row) for row in reversed(every)}
    when = language.format_period(every[0]["period"], every[0]["grain"])
    total = "1 team" if len(teams) == 1 else f"{len(teams)} teams"
    lines = tuple(
        _line(team, teams[team], kpis, names=names, links=links or {}, fewest=minimum_group)
        for team in _attention_first(teams, names)
    )
    block = TableBlock(
        title=f"{total}, {when}",
        subtitle="Teams with most changes for the worse, then most KPIs outside, come first",
        columns=(
            Column(key="team", label="Team", header=True, width=1.6),
            Column(key="attention", label="Attention", width=1.1),
            *(Column(key=name, label=heads[name], align="right") for name in kpis),
        ),
        rows=lines,
        legend=icon_legend(cell for line in lines for cell in line),
        notes=(
            *recorded_notes(every, names=names, teams=True),
            *(_LEGEND, CHANCE_LEGEND, *_budget_notes(found)),
        ),
    )
    return Visual(block)


_LEGEND = (
    "Under each value: whether it changed, whether its target will be met, and its status: "
    + ", ".join(STATUS_WORDS[status] for status in ("met", "within", "outside"))
    + "."
)


def _shown(scorecards: pl.DataFrame, minimum_group: int) -> pl.DataFrame:
    """Blank what rests on too few cases, and allow for the number of charts that are left."""
    check_has(scorecards, KEPT, made_by="analysis.overview")
    _check_once(scorecards)
    kept = keep_back(scorecards, minimum_group=minimum_group)
    adjusted = benjamini_hochberg(kept["p_value"].to_list())
    return kept.with_columns(pl.Series("p_adjusted", adjusted, dtype=pl.Float64))


def _by_team(found: pl.DataFrame) -> dict[str, dict[str, Row]]:
    teams: dict[str, dict[str, Row]] = {}
    for row in found.iter_rows(named=True):
        shown = row if not row["kept_back"] else row | _HIDDEN
        teams.setdefault(row["team"] or "", {})[row["kpi"]] = shown
    return teams


_HIDDEN = {"status": "not_judged", "tone": "unknown", "signal": "", "assurance": "none"}


def _check_once(scorecards: pl.DataFrame) -> None:
    if scorecards.is_empty():
        raise VisualsError(
            "the overview has no rows",
            expected="at least one team with one KPI",
            fix="put the scorecards of teams into analysis.overview",
        )
    periods = scorecards.select("period", "grain").unique().height
    twice = scorecards.select("team", "kpi").is_duplicated().sum()
    if periods > 1 or twice:
        raise VisualsError(
            "the overview needs one row for each team and KPI",
            found=f"{periods} periods, {twice} rows that share a team and KPI",
            expected="one period, each team and KPI once",
        )


def _attention(rows: Mapping[str, Row]) -> tuple[int, int]:
    worse = sum(row["tone"] == "worse" for row in rows.values())
    return worse, sum(row["status"] == "outside" for row in rows.values())


def _attention_first(teams: Mapping[str, Mapping[str, Row]], names: Names | None) -> list[str]:
    def place(team: str) -> tuple[int, int, str, str]:
        worse, outside = _attention(teams[team])
        return -worse, -outside, _team_text(team, names), team

    return sorted(teams, key=place)


def _team_text(team: str, names: Names | None) -> str:
    return slice_text({"team": team}, names=names) if team else _NO_TEAM


def _line(  # noqa: PLR0913 - one row and what all rows share
    team: str,
    rows: Mapping[str, Row],
    kpis: Sequence[str],
    *,
    names: Names | None,
    links: Mapping[str, str],
    fewest: int,
) -> tuple[Cell, ...]:
    worse, outside = _attention(rows)
    said = [f"{worse} worse"] if worse else []
    said += [f"{outside} outside"] if outside else []
    return (
        Cell(text=_team_text(team, names), link=links.get(team, "")),
        Cell(text=", ".join(said) or NONE, tone="worse" if worse else None),
        *(_cell(rows.get(name), fewest) for name in kpis),
    )


def _cell(row: Row | None, fewest: int) -> Cell:
    if row is None:
        return Cell(text=NONE)
    return Cell(
        text=value_text(row, minimum_group=fewest),
        sub=STATUS_WORDS[row["status"]][0] if row["status"] in _MARKED else "",
        tone=_cell_tone(row),
        icons=(chart_icon(row), *(mark for mark in target_icon(row) if mark.icon != "none")),
        icons_below=True,
    )


_MARKED = ("met", "within", "outside")


def _cell_tone(row: Row) -> Tone | None:
    tone: Tone = row["tone"]
    return tone if tone in {"better", "worse"} else None


def say_overview(
    scorecards: pl.DataFrame,
    *,
    names: Names | None = None,
    minimum_group: int = MINIMUM_GROUP,
) -> Visual[SentenceBlock]:
    """Say how many teams have a change for the worse, and which.

    Args:
        scorecards: rows of one period for many teams, as `analysis.overview` returns them.
        names: names of teams by key.
        minimum_group: values on fewer cases count as not judged.

    Raises:
        VisualsError: no rows, more than one period, one KPI twice for a team, or no overview.
    """
    found = _shown(scorecards, minimum_group)
    teams = _by_team(found)
    worse = [team for team in _attention_first(teams, names) if _attention(teams[team])[0]]
    outside = [team for team in teams if _attention(teams[team])[1]]
    total = counted(len(teams), "team", "teams")
    if worse:
        verb = " has" if len(worse) == 1 else " have"
        head: tuple[Part, ...] = (
            *(quote_count(len(worse)), " of ", *total, verb, " a KPI that changed for the worse"),
            *(" (", *listed([_team_text(team, names) for team in worse]), ")"),
        )
    elif all(row["tone"] == "unknown" for rows in teams.values() for row in rows.values()):
        head = ("Not enough evidence to judge a change in any KPI of ", *total)
    else:
        head = ("No KPI of ", *total, " changed for the worse")
    tail: tuple[Part, ...] = ("; none has a KPI outside its range",)
    if outside:
        verb = " has" if len(outside) == 1 else " have"
        tail = ("; ", quote_count(len(outside)), verb, " at least one outside its range")
    tail = (*tail, *_budget(found))
    return say(*head, *tail, ".", tone="worse" if worse else "neutral", headline=True)


def _budget(found: pl.DataFrame) -> tuple[Part, ...]:
    """Say how many charts changed, how many would by chance alone, and how many stay."""
    budget = overview_budget(found)
    if not budget.alone:
        return ()
    charts = counted(budget.charts, "chart", "charts")
    head = ("; ", quote_count(budget.alone), " of ", *charts, " changed; ")
    return (*head, *chance_parts(budget.expected), " by chance alone")


def _budget_notes(found: pl.DataFrame) -> tuple[str, ...]:
    """Say what chance would give, and how many changes stay when many charts are allowed for."""
    budget = overview_budget(found)
    chance = chance_text(budget.expected)
    if not budget.alone:
        return (chance,) if chance else ()
    sure = found.filter(pl.col("p_value") <= ALPHA, pl.col("p_adjusted") <= budget.rate).height
    stay = quote_count(sure) if sure else "None"
    of = counted(budget.alone, "change stays", "changes stay")
    kept = say(stay, " of ", *of, " when the number of charts is allowed for.").block.text
    return tuple(text for text in (ADJUSTED_LEGEND, chance, kept) if text)
