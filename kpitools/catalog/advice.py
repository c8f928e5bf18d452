"""What in a catalogue works, but invites trouble: told, never an error."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kpitools.catalog.catalog import Catalog
from kpitools.catalog.compiled import compile_parts
from kpitools.catalog.model import Kpi
from kpitools.errors import examples, suggest

MOST = 12
"""KPIs that one role can be measured by before nobody steers by any of them."""
PERSON = "agent"
"""The role that stands for one person's own work."""


@dataclass(frozen=True)
class Advice:
    """One thing to think about: a warning, or merely to know; with the KPIs that it is about."""

    severity: Literal["warning", "info"]
    message: str
    kpis: tuple[str, ...] = ()


def advise(
    kpis: Sequence[Kpi],
    *,
    refused: Mapping[str, str] | None = None,
    teams: Collection[str] | None = None,
) -> tuple[Advice, ...]:
    """Tell what to think about in a set of KPI definitions.

    Args:
        kpis: the definitions in use, one version of each.
        refused: reason by KPI for those that the data cannot give; None when not known.
        teams: keys of the teams there are; None when not known.

    Returns:
        Warnings first: count targets that a person cannot steer, targets on drafts and on KPIs
        that cannot be measured, targets of teams that are not there, too many KPIs on one role
        (those that it answers for itself apart); then, to know, which KPIs have no target.

    Source: practice of KPI reviews; that twelve is too many is this package's own limit.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> [one.message for one in advise([load_builtin().kpi("offered")])]
        ['no target: offered']
    """
    used = [kpi for kpi in kpis if kpi.status != "retired"]
    return (
        *_beyond_control(used),
        *_not_to_be_had(used, refused or {}),
        *_drafts(used),
        *_unknown_teams(used, teams),
        *_too_many(used),
        *_without(used),
    )


def advise_left_out(catalog: Catalog) -> tuple[Advice, ...]:
    """Tell which variants do not fit what a workspace made of their entry, and why.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> advise_left_out(load_builtin())
        ()
    """
    return tuple(
        Advice("warning", f"{name} is left out: {why}", (name,))
        for reasons in catalog.left_out.values()
        for name, why in reasons.items()
    )


def _beyond_control(kpis: Sequence[Kpi]) -> Iterator[Advice]:
    for kpi in kpis:
        if _aimed(kpi) and PERSON in kpi.roles.measured and not _steerable(kpi):
            yield Advice(
                "warning",
                f"{kpi.kpi}: a count target on a person whose work arrives by itself; measure "
                "the team by it, or say controllable: true",
                (kpi.kpi,),
            )


def _steerable(kpi: Kpi) -> bool:
    """Tell whether a person can bring a KPI about; counts of work, or counts a head, are not."""
    if kpi.controllable is not None:
        return kpi.controllable
    if kpi.unit == "count":
        return False
    made, _ = compile_parts(kpi)
    heads = made.denominator
    return heads is None or not (heads.is_distinct and PERSON in heads.fields)


def _not_to_be_had(kpis: Sequence[Kpi], refused: Mapping[str, str]) -> Iterator[Advice]:
    for kpi in kpis:
        if kpi.kpi in refused and kpi.origin != "builtin" and _aimed(kpi):
            message = f"{kpi.kpi}: a target that cannot be monitored: {refused[kpi.kpi]}"
            yield Advice("warning", message, (kpi.kpi,))


def _drafts(kpis: Sequence[Kpi]) -> Iterator[Advice]:
    names = tuple(kpi.kpi for kpi in kpis if kpi.status == "draft" and _aimed(kpi))
    if names:
        yield Advice("warning", f"a target on a draft definition: {', '.join(names)}", names)


def _unknown_teams(kpis: Sequence[Kpi], teams: Collection[str] | None) -> Iterator[Advice]:
    for kpi in kpis:
        named = {team for one in kpi.targets.dated() for team in (*one.teams, *one.team_periods)}
        for team in sorted(named - set(teams)) if teams is not None else ():
            fix = suggest(team, teams) if teams else "no team is known"
            message = f"{kpi.kpi}: a target for '{team}', a team that is not there; {fix}"
            yield Advice("warning", message, (kpi.kpi,))


def _too_many(kpis: Sequence[Kpi]) -> Iterator[Advice]:
    for role, each in measured_by(kpis).items():
        answers = {kpi.kpi for kpi in kpis if kpi.roles.accountable == role}
        names = [name for name in each if name not in answers]
        if len(names) > MOST:
            message = f"{role} is measured by {len(names)} KPIs ({examples(names)}); more than "
            yield Advice("warning", f"{message}{MOST} steer nobody", tuple(names))


def _without(kpis: Sequence[Kpi]) -> Iterator[Advice]:
    names = tuple(kpi.kpi for kpi in kpis if kpi.status == "approved" and not _aimed(kpi))
    if names:
        yield Advice("info", f"no target: {', '.join(names)}", names)


def measured_by(kpis: Sequence[Kpi]) -> dict[str, list[str]]:
    """Return the KPIs by the role that is measured by them, roles in alphabetical order.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> measured_by([load_builtin().kpi("throughput")])["agent"]
        ['throughput']
    """
    found: dict[str, list[str]] = {}
    for kpi in kpis:
        for role in kpi.roles.measured:
            found.setdefault(role, []).append(kpi.kpi)
    return {role: list(dict.fromkeys(names)) for role, names in sorted(found.items())}


def _aimed(kpi: Kpi) -> bool:
    return any(targets.every() for targets in kpi.targets.dated())
