"""Can a proposed target be reached: who ever did, and how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from statistics import median
from typing import Any, Literal

import polars as pl

from kpitools.analysis.series import check_facts, dimensions
from kpitools.analysis.targets import judge_target
from kpitools.catalog.model import Kpi, Target, Targets
from kpitools.errors import AnalysisError, examples, suggest
from kpitools.language import format_count, format_period, format_value

Level = Literal["reachable", "hard", "severe", "unknown"]

LAST = 24
"""How many of the latest periods are looked at."""
FEWEST = 6
"""Judged periods from which on a level is given."""
HARDLY = 0.1
"""Share of judged periods up to which (almost) nobody met a target."""
RULE_TEXT = (
    "Achievability rule A1: of the periods that are over and have enough cases, hard is a target "
    "that was met in at most one of ten, by the team itself or by all teams together; severe, "
    "when an incentive hangs on it as well; no level from fewer than six periods."
)


@dataclass(frozen=True)
class Achievability:
    """A proposed target against what was reached.

    `met` of `judged` are the periods of the team asked about (of every team, when none is),
    `all_met` of `all_judged` those of all teams together, `teams_met` of `teams` the teams in
    the `latest` period. `best`, `middle` and `worst` are values of the periods in `judged`.
    """

    kpi: str
    grain: str
    team: str | None
    target: Target
    met: int
    judged: int
    all_met: int
    all_judged: int
    latest: date | None
    teams_met: int
    teams: int
    best: float | None
    best_period: date | None
    middle: float | None
    worst: float | None
    level: Level
    text: str


def achievability(  # noqa: PLR0913 - a proposal and whose history it is held against
    facts: pl.DataFrame,
    kpi: Kpi,
    target: Target,
    *,
    team: str | None = None,
    last: int = LAST,
    lang: str = "en",
) -> Achievability:
    """Tell who ever met a proposed target: the team in its past, and its peers.

    A target that (almost) nobody ever met steers nobody, and one that an incentive hangs on
    does harm: the level says so by rule A1, printed beside it (`RULE_TEXT`).

    Args:
        facts: calendar-grain facts of the KPI, by team or without a dimension. Periods that are
            not final do not count, nor values on fewer cases than the KPI's minimum.
        kpi: its definition.
        target: what is proposed, in the KPI's unit.
        team: whose own history counts; None for that of all together.
        last: how many of the latest periods are looked at.
        lang: language of the numbers in the text.

    Returns:
        How often it was met, the best, middle (median) and worst value, level and text.

    Raises:
        AnalysisError: no fact table, several grains or other dimensions, or an unknown team.

    Source: rule A1 is this package's own: no published limit is known for "hardly ever".

    Example:
        >>> from kpitools.analysis.series import build_series
        >>> from kpitools.catalog import load_builtin
        >>> past = build_series([40.0, 38, 41, 39, 29, 44], start=date(2026, 1, 1), kpi="asa",
        ...     cases=100)
        >>> found = achievability(past, load_builtin().kpi("asa"), Target(value=30, high=45))
        >>> found.met, found.judged, found.best, found.level
        (1, 6, 29.0, 'reachable')
    """
    rows = _asked_rows(facts, kpi, team, last)
    aimed = kpi.model_copy(update={"targets": Targets(default=target)})
    judged = [row for row in rows if _status(row, aimed) in {"met", "within", "outside"}]
    own = [row for row in judged if team is None or row["team"] == team]
    newest = max((row["period"] for row in judged), default=None)
    peers = [row for row in judged if row["period"] == newest and "team" in row]
    ordered = sorted(own, key=lambda row: _short_of(row["value"], aimed))
    met, all_met, teams_met = (
        sum(_status(row, aimed) == "met" for row in some) for some in (own, judged, peers)
    )
    found = Achievability(
        kpi=kpi.kpi,
        grain=_grain(facts),
        team=team,
        target=target,
        met=met,
        judged=len(own),
        all_met=all_met,
        all_judged=len(judged),
        latest=newest,
        teams_met=teams_met,
        teams=len(peers),
        best=ordered[0]["value"] if ordered else None,
        best_period=ordered[0]["period"] if ordered else None,
        middle=median(row["value"] for row in ordered) if ordered else None,
        worst=ordered[-1]["value"] if ordered else None,
        level="unknown",
        text="",
    )
    found = replace(found, level=_level(found))
    return replace(found, text=_text(found, kpi, by_team=bool(peers), lang=lang))


def _asked_rows(facts: pl.DataFrame, kpi: Kpi, team: str | None, last: int) -> list[dict[str, Any]]:
    """Return the final rows of the latest periods, after checking what was handed in."""
    check_facts(facts)
    names = dimensions(facts)
    beside = [name for name in names if name != "team"]
    if beside:
        raise AnalysisError(
            "achievability takes facts by team alone",
            found=f"dimensions {', '.join(names)}",
            fix='ask the facts with by="team", or without `by`',
        )
    known = facts["team"].unique().sort().to_list() if "team" in names else []
    if team is not None and team not in known:
        raise AnalysisError(
            f"the facts have no team '{team}'",
            found=examples(known) or "facts without teams",
            fix=suggest(team, known) if known else 'ask the facts with by="team"',
        )
    rows = facts.filter(pl.col("final"), kpi=kpi.kpi, version=kpi.version)
    periods = rows["period"].unique().sort().tail(last)
    return list(rows.filter(pl.col("period").is_in(periods.implode())).iter_rows(named=True))


def _grain(facts: pl.DataFrame) -> str:
    found = sorted(facts["grain"].unique().to_list())
    if len(found) > 1:
        raise AnalysisError(
            "achievability takes facts of one period length",
            found=", ".join(found),
            expected="one grain, the one that the target is for",
        )
    return str(found[0]) if found else ""


def _status(row: Mapping[str, Any], aimed: Kpi) -> str:
    parts = (row["value"], row["numerator"], row["denominator"])
    return judge_target(*parts, aimed).status


def _short_of(value: float, aimed: Kpi) -> float:
    """Return by how much a value misses the target, below zero where it does better."""
    wanted = aimed.targets.default
    aim = 0.0 if wanted is None else wanted.value
    if aimed.good == "within":
        return abs(value - aim)
    return aim - value if aimed.good == "higher" else value - aim


def _level(found: Achievability) -> Level:
    if found.judged < FEWEST:
        return "unknown"
    hardly = min(found.met / found.judged, found.all_met / found.all_judged) <= HARDLY
    if not hardly:
        return "reachable"
    return "severe" if found.target.incentive else "hard"


def _text(found: Achievability, kpi: Kpi, *, by_team: bool, lang: str) -> str:
    if not found.judged:
        return "No period is over and has enough cases: nothing can be said."

    def shown(value: float | None) -> str:
        return format_value(value, unit=kpi.unit, show=kpi.show, lang=lang)

    word = found.grain.replace("_", " ")
    whose = "team " if found.team is None and by_team else ""
    met, judged = format_count(found.met, lang), format_count(found.judged, lang)
    lines = [f"Met in {met} of the last {judged} {whose}{word}s that can be judged."]
    if found.teams > 1 and found.latest is not None:
        when = format_period(found.latest, found.grain, lang)
        lines.append(f"In the latest {word} ({when}) by {found.teams_met} of {found.teams} teams.")
    if found.best_period is not None:
        when = format_period(found.best_period, found.grain, lang)
        best = f"Best {shown(found.best)} ({when})"
        lines.append(f"{best}, median {shown(found.middle)}, worst {shown(found.worst)}.")
    return " ".join([*lines, _WORDS[found.level]]).strip()


_WORDS: Mapping[Level, str] = {
    "reachable": "",
    "hard": "Warning: (almost) nobody ever met it.",
    "severe": "Severe: (almost) nobody ever met it, and an incentive hangs on it.",
    "unknown": "Too few periods to say whether it can be reached.",
}
