"""The planted facts as records, for `truth.json` and for the table in the README."""

from __future__ import annotations

from typing import Any

from kpitools.workspace.sample import planted
from kpitools.workspace.sample.days import INVOICE_DAYS
from kpitools.workspace.sample.growth import Waits, moved_waits
from kpitools.workspace.sample.names import agent_name
from kpitools.workspace.sample.observed import Observed
from kpitools.workspace.sample.plan import AS_OF, FIRST, SEED, Team
from kpitools.workspace.sample.teams import BILLING, FIELD, TEAMS, TECHNICAL

LAST_COMPLETE = "2026-10-31"
LEAST_MOVED = 0.01
COUNTS = ("tickets_created", "backlog")
VOLUMES = {
    "growth": "changes evenly, by this factor from the first month to the last",
    "season": "swings with the time of year; the factor is that of the busiest month, December",
    "month_start": f"more in the first {INVOICE_DAYS} days of every month, when invoices come",
}
OUTAGE_FOLLOWS = {
    "service_level_offered": "lower",
    "abandon_rate": "higher",
    "asa": "higher",
    "csat": "lower",
    "fcr_survey": "lower",
    "tickets_created": "higher",
    "backlog": "higher",
}
Record = dict[str, Any]


def build_truth(observed: Observed, *, seed: int = SEED, scale: float = 1.0) -> Record:
    """Return everything that is planted: kind, KPI, place, time and size of each fact.

    `from` and `to` are local days, both inclusive; `to` is null where it goes on. `size` is in
    `unit`: seconds, share (0.1 is ten points), share_per_month, factor or rows. `follows` names
    the other KPIs that move because of it, and which way.
    """
    moved = {team: found for team in TEAMS if (found := _moved(team, scale)) is not None}
    volumes = [*_volumes(), *(_waits(team, waits) for team, waits in moved.items())]
    facts = [*_team_facts(), *volumes, *_person_facts(observed), _late(observed)]
    return {
        "schema": 1,
        "seed": seed,
        "as_of": AS_OF.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "facts": facts,
    }


def _team_facts() -> list[Record]:
    return [
        {
            "id": "aht_step",
            "kind": "step",
            "kpi": "aht",
            "team": planted.STEP_TEAM,
            "from": str(planted.STEP_FROM),
            "to": None,
            "size": planted.STEP_S,
            "unit": "seconds",
            "note": "every answered contact takes this much longer",
        },
        {
            "id": "csat_drift",
            "kind": "drift",
            "kpi": "csat",
            "team": planted.DRIFT_TEAM,
            "from": str(planted.DRIFT_FROM),
            "to": None,
            "size": planted.DRIFT_MONTHLY,
            "unit": "share_per_month",
            "note": "falls evenly, in both segments",
        },
        _mix(),
        {
            "id": "outage_day",
            "kind": "outage",
            "kpi": "offered",
            "team": planted.OUTAGE_TEAM,
            "from": str(planted.OUTAGE_DAY),
            "to": str(planted.OUTAGE_DAY),
            "size": planted.OUTAGE_TIMES,
            "unit": "factor",
            "reason": planted.OUTAGE_REASON,
            "follows": OUTAGE_FOLLOWS,
            "note": "an outage: long waits, many give up, unhappy customers",
        },
        {
            "id": "tiny_team",
            "kind": "tiny",
            "kpi": "offered",
            "team": planted.TINY_TEAM,
            "from": str(FIRST),
            "to": None,
            "size": FIELD.daily,
            "unit": "contacts_per_day",
            "note": "a few contacts on a working day",
        },
        *_planning_and_quality(),
    ]


def _volumes() -> list[Record]:
    """Tell how volumes grow and swing, and what contacts are about."""
    growing = [_volume(team, "growth", team.growth) for team in TEAMS if team.growth != 1]
    swinging = [
        _volume(team, "season", max(team.season)) | {"factors": list(team.season)}
        for team in TEAMS
        if len(set(team.season)) > 1
    ]
    starting = [
        _volume(team, "month_start", team.month_start) | {"days": INVOICE_DAYS}
        for team in TEAMS
        if team.month_start != 1
    ]
    return [*growing, *swinging, *starting, *map(_reasons, TEAMS)]


def _reasons(team: Team) -> Record:
    work = {reason.name: reason.work for reason in team.reasons}
    return {
        "id": f"reasons_{team.key}",
        "kind": "reasons",
        "kpi": "aht",
        "team": team.key,
        "from": str(FIRST),
        "to": None,
        "size": round(max(work.values()) / min(work.values()), 2),
        "unit": "factor",
        "factors": work,
        "note": "from the shortest reason to the longest: each takes its own time",
    }


def _volume(team: Team, kind: str, size: float) -> Record:
    way = "higher" if size > 1 else "lower"
    return {
        "id": f"{kind}_{team.key}",
        "kind": kind,
        "kpi": "offered",
        "team": team.key,
        "from": str(FIRST),
        "to": LAST_COMPLETE,
        "size": size,
        "unit": "factor",
        "follows": dict.fromkeys(COUNTS, way),
        "note": VOLUMES[kind],
    }


def _moved(team: Team, scale: float) -> Waits | None:
    """Tell how the waits of a team moved, where it is a point of the service level or more."""
    if team.written:
        return None
    moved = moved_waits(team, scale=scale)
    return moved if abs(moved.served) >= LEAST_MOVED else None


def _waits(team: Team, moved: Waits) -> Record:
    others = {"abandon_rate": moved.abandoned, "asa": moved.waited}
    return {
        "id": f"waits_{team.key}",
        "kind": "growth_waits",
        "kpi": "service_level_offered",
        "team": team.key,
        "from": str(FIRST),
        "to": LAST_COMPLETE,
        "size": round(moved.served, 3),
        "unit": "share",
        "follows": {kpi: "higher" if by > 0 else "lower" for kpi, by in others.items()},
        "note": "follows from growth, as staff go by a rule: last six months less those before",
    }


def _mix() -> Record:
    first, second = TECHNICAL.segments
    moved = planted.MIX_SHARE - second.share
    return {
        "id": "csat_mix",
        "kind": "mix",
        "kpi": "csat",
        "team": planted.MIX_TEAM,
        "segment": second.name,
        "from": str(planted.MIX_FROM),
        "to": None,
        "size": round(moved * (second.satisfied - first.satisfied), 4),
        "unit": "share",
        "share_before": second.share,
        "share_after": planted.MIX_SHARE,
        "note": "rates within the segments do not change, their shares do",
    }


def _planning_and_quality() -> list[Record]:
    return [
        {
            "id": "forecast_bias",
            "kind": "forecast_bias",
            "kpi": "forecast_bias",
            "team": BILLING.key,
            "queue": planted.BIAS_QUEUE,
            "from": str(planted.BIAS_FROM),
            "to": LAST_COMPLETE,
            "size": planted.BIAS_SHARE,
            "unit": "share",
            "note": "the planner's override adds it; the statistical forecast has none",
        },
        {
            "id": "low_reviewer",
            "kind": "reviewer",
            "kpi": "qa_score",
            "evaluator": planted.LOW_REVIEWER,
            "from": str(FIRST),
            "to": None,
            "size": planted.LOW_BY,
            "unit": "share",
            "note": "scores lower than the others, on the same contacts too",
        },
    ]


def _person_facts(observed: Observed) -> list[Record]:
    team = planted.DIFFERENT_TEAM
    differs = {"kind": "agent_differs", "team": team, "from": str(FIRST), "to": None}
    true: list[Record] = [
        differs
        | {
            "id": "agent_low_csat",
            "kpi": "csat",
            "agent": agent_name(planted.UNHAPPY_AT + 1),
            "size": planted.UNHAPPY_BY,
            "unit": "share",
            "note": "customers are less often satisfied",
        },
        differs
        | {
            "id": "agent_slow",
            "kpi": "aht",
            "agent": agent_name(planted.SLOW_AT + 1),
            "size": planted.SLOW_TIMES,
            "unit": "factor",
            "note": "takes longer over the same contacts",
        },
    ]
    return true + [
        {
            "id": f"agent_seems_{agent}",
            "kind": "agent_seems",
            "kpi": "csat",
            "team": team,
            "agent": agent,
            "from": str(planted.SEEMING_FROM),
            "to": str(AS_OF.date()),
            "size": 0,
            "unit": "share",
            "cases": cases,
            "observed": round(share - usual, 4),
            "note": "stands out by chance: few answers, no true difference",
        }
        for agent, cases, share, usual in seeming(observed)
    ]


def seeming(observed: Observed) -> list[tuple[str, int, float, float]]:
    """Return agents with few answers and a share far from the team's: name, answers, both shares.

    Nobody but the agent with truly unhappy customers differs in satisfaction.
    """
    cases = sum(count for count, _ in observed.ratings.values())
    usual = sum(good for _, good in observed.ratings.values()) / max(cases, 1)
    found = [
        (agent, count, good / count, usual)
        for agent, (count, good) in sorted(observed.ratings.items())
        if count <= planted.SEEMING_MOST
        and abs(good / count - usual) >= planted.SEEMING_GAP
        and agent != agent_name(planted.UNHAPPY_AT + 1)
    ]
    return [item for item in found if item[1] >= planted.SEEMING_LEAST]


def _late(observed: Observed) -> Record:
    return {
        "id": "late_data",
        "kind": "late",
        "kpi": "offered",
        "team": planted.LATE_TEAM,
        "from": str(planted.LATE_FROM),
        "to": str(planted.LATE_TO),
        "size": observed.revised,
        "unit": "rows",
        "arrived": planted.LATE_ARRIVED.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "added_share": planted.LATE_SHARE,
        "revised_share": planted.REVISED_SHARE,
        "revised_acw_s": planted.REVISED_ACW_S,
        "note": "rows that came after the month's end: new ones, and longer after-contact work",
    }
