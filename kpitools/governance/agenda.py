"""What the review must decide, what it should note, and who is missing from the table."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import polars as pl

from kpitools.catalog.model import Kpi
from kpitools.errors import Fault, GovernanceError, suggest
from kpitools.governance.due import WEEKDAYS, due_date
from kpitools.governance.forums import Forum
from kpitools.governance.roles import Definitions
from kpitools.language import pick

NEEDED = (
    *("team", "kpi", "version", "name", "period", "value"),
    *("status", "judged_text", "tone", "signal", "since", "why_unknown"),
)
Cause = Literal["outside", "worse", "better", "neutral", "not_judged", "no_data"]
DECIDED: tuple[Cause, ...] = ("outside", "worse")
NOTED: tuple[Cause, ...] = ("no_data", "not_judged", "better", "neutral")


@dataclass(frozen=True)
class AgendaItem:
    """One KPI on the agenda: why, whose it is, and what its action plan asks for.

    `causes` says why it is here; `accountable` is the role that answers, `owner` the role
    that carries the plan's `steps`, `due` counts from the review by the rule `due_rule`;
    `people` are those invited in these roles; `running` the open actions on it.
    """

    kpi: str
    version: int
    name: str
    team: str | None
    period: date
    causes: tuple[Cause, ...]
    status: str
    tone: str
    signal: str
    since: date | None
    text: str
    accountable: str
    owner: str = ""
    when: str = ""
    steps: tuple[str, ...] = ()
    due: date | None = None
    due_rule: str = ""
    people: tuple[str, ...] = ()
    running: tuple[str, ...] = ()


@dataclass(frozen=True)
class AgendaWarning:
    """What stands in the way of a decision: nobody invited, no plan, no readable due rule."""

    kind: Literal["not_invited", "no_plan", "no_owner", "due_rule"]
    message: str
    kpi: str
    role: str = ""


@dataclass(frozen=True)
class Agenda:
    """The agenda of one review."""

    forum: Forum
    as_of: date
    decisions: tuple[AgendaItem, ...]
    notes: tuple[AgendaItem, ...]
    warnings: tuple[AgendaWarning, ...]


def build_agenda(  # noqa: PLR0913 - a review and its calendar; options by keyword
    scorecard: pl.DataFrame,
    catalog: Definitions,
    forum: Forum,
    *,
    as_of: date,
    actions: pl.DataFrame | None = None,
    holidays: Collection[date] = (),
    working_days: Collection[int] = WEEKDAYS,
) -> Agenda:
    """Make the agenda of a review out of one team's scorecard or an overview of teams.

    For decision: KPIs outside their range or changed for the worse, those that are both first.
    To note: changes for the better or in a neutral KPI, and what could not be judged.

    Args:
        scorecard: result of `analysis.scorecard` or `analysis.overview`.
        catalog: definitions, for owners and action plans.
        forum: the review; KPIs outside its scope are left out.
        as_of: day of the review, from which due dates count.
        actions: result of `read_actions`; open ones on the same KPI (and team) are named.
        holidays: days that are no business days.
        working_days: ISO weekdays that are business days.

    Returns:
        The agenda with its warnings: an accountable or carrying role that is not invited, a
        KPI for decision without action plan or owner, a due rule that cannot be read.

    Raises:
        GovernanceError: not a scorecard, or a KPI version that the catalogue does not have.
    """
    _check(scorecard, catalog)
    known = {(kpi.kpi, kpi.version): kpi for kpi in catalog.entries}
    decisions: list[AgendaItem] = []
    notes: list[AgendaItem] = []
    warnings: list[AgendaWarning] = []
    for row in scorecard.iter_rows(named=True):
        kpi = known[row["kpi"], row["version"]]
        causes = _causes(row)
        if not causes or not forum.covers(kpi.kpi):
            continue
        urgent = causes[0] in DECIDED
        due = None
        if urgent:
            warnings.extend(_warnings(kpi, forum))
            due = _due(kpi, as_of, holidays, working_days, warnings)
        item = _item(row, kpi, forum, causes, due, _running(actions, row, as_of))
        (decisions if urgent else notes).append(item)
    decisions.sort(key=_urgency)
    return Agenda(forum, as_of, tuple(decisions), tuple(notes), tuple(dict.fromkeys(warnings)))


def _check(scorecard: pl.DataFrame, catalog: Definitions) -> None:
    missing = [name for name in NEEDED if name not in scorecard.columns]
    if missing:
        raise GovernanceError(
            "this is no scorecard",
            found=f"no column {', '.join(missing)}",
            fix="make it with analysis.scorecard or analysis.overview",
        )
    known = {(kpi.kpi, kpi.version) for kpi in catalog.entries}
    names = sorted({name for name, _ in known})
    faults = [
        Fault(f"the catalogue has no version {version} of '{name}'", fix=suggest(name, names))
        for name, version in scorecard.select("kpi", "version")
        .unique()
        .sort("kpi", "version")
        .rows()
        if (name, version) not in known
    ]
    if faults:
        raise GovernanceError(faults)


def _causes(row: dict[str, Any]) -> tuple[Cause, ...]:
    decided = [cause for cause in DECIDED if cause in {row["status"], row["tone"]}]
    noted = [cause for cause in NOTED if cause in {row["status"], row["tone"]}]
    return (*decided, *noted)


def _urgency(item: AgendaItem) -> int:
    return -sum(len(DECIDED) - DECIDED.index(cause) for cause in item.causes if cause in DECIDED)


def _warnings(kpi: Kpi, forum: Forum) -> list[AgendaWarning]:
    found = []
    name = pick(kpi.name, "en")
    accountable = kpi.roles.accountable.strip()
    carrying = kpi.action.owner.strip() if kpi.action else ""
    if not accountable:
        found.append(AgendaWarning("no_owner", f"Nobody is accountable for {name}.", kpi.kpi))
    for role in dict.fromkeys(role for role in (accountable, carrying) if role):
        if not forum.invites(role):
            task = "is accountable for" if role == accountable else "carries the action plan of"
            who = role.replace("_", " ").capitalize()
            text = f"{who} {task} {name}, but is not invited to {forum.name}."
            found.append(AgendaWarning("not_invited", text, kpi.kpi, role))
    if kpi.action is None:
        text = f"{name} has no action plan."
        found.append(AgendaWarning("no_plan", text, kpi.kpi))
    return found


def _due(
    kpi: Kpi,
    as_of: date,
    holidays: Collection[date],
    working_days: Collection[int],
    warnings: list[AgendaWarning],
) -> date | None:
    if kpi.action is None or not kpi.action.due.strip():
        return None
    try:
        return due_date(kpi.action.due, start=as_of, holidays=holidays, working_days=working_days)
    except GovernanceError as fault:
        text = f"The due rule of '{kpi.kpi}' cannot be read: {fault.faults[0].found}."
        warnings.append(AgendaWarning("due_rule", text, kpi.kpi))
        return None


def _item(  # noqa: PLR0913, PLR0917 - the parts of one item, handed on in order
    row: dict[str, Any],
    kpi: Kpi,
    forum: Forum,
    causes: tuple[Cause, ...],
    due: date | None,
    running: tuple[str, ...],
) -> AgendaItem:
    plan = kpi.action
    roles = dict.fromkeys([kpi.roles.accountable, *([plan.owner] if plan else [])])
    return AgendaItem(
        kpi=kpi.kpi,
        version=kpi.version,
        name=row["name"],
        team=row["team"],
        period=row["period"],
        causes=causes,
        status=row["status"],
        tone=row["tone"],
        signal=row["signal"],
        since=row["since"],
        text=row["judged_text"],
        accountable=kpi.roles.accountable,
        owner=plan.owner if plan else "",
        when=plan.when if plan else "",
        steps=plan.steps if plan else (),
        due=due,
        due_rule=plan.due if plan else "",
        people=tuple(name for role in roles for name in forum.participants.get(role, ())),
        running=running,
    )


def _running(actions: pl.DataFrame | None, row: dict[str, Any], as_of: date) -> tuple[str, ...]:
    if actions is None:
        return ()
    every = pl.lit(value=True)
    team = pl.col("team")
    ours = every if row["team"] is None else team.is_null() | (team == row["team"])
    still = pl.col("closed_on").is_null() | (pl.col("closed_on") > as_of)
    begun = pl.col("raised_on") <= as_of
    found = actions.filter((pl.col("kpi") == row["kpi"]) & ours & still & begun)
    return tuple(found.sort("due", "id")["id"])
