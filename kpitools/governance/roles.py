"""Who answers for what: KPIs without an owner, roles without a KPI, owners not invited."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, Protocol

from kpitools.catalog.model import Kpi
from kpitools.errors import suggest
from kpitools.governance.forums import Forum


class Definitions(Protocol):
    """What governance needs of a catalogue: its entries, every version of every KPI."""

    @property
    def entries(self) -> tuple[Kpi, ...]:
        """All entries."""


@dataclass(frozen=True)
class RoleFinding:
    """One gap between roles and KPIs."""

    kind: Literal["orphan_kpi", "empty_role", "unknown_role", "not_invited", "unnamed"]
    message: str
    role: str = ""
    kpi: str = ""


def check_roles(
    catalog: Definitions, *, roles: Collection[str] = (), forum: Forum | None = None
) -> tuple[RoleFinding, ...]:
    """Find gaps between roles and KPIs: what nobody answers for cannot be steered.

    Args:
        catalog: the catalogue; the latest version of each KPI counts.
        roles: the roles that the organisation has; with them, others are unknown.
        forum: a review; with it, owners that are not invited are found among its KPIs.

    Returns:
        Findings in the catalogue's order: `orphan_kpi` (no accountable role), `unknown_role`,
        `empty_role` (of `roles` or the forum: owns, is measured by and reports nothing),
        `not_invited` (accountable, but the forum does not invite the role) and
        `unnamed` (invited and accountable, but nobody is named).
    """
    kpis = latest(catalog)
    found: list[RoleFinding] = []
    for kpi in kpis:
        if not kpi.roles.accountable.strip():
            found.append(
                RoleFinding("orphan_kpi", f"Nobody is accountable for '{kpi.kpi}'.", kpi=kpi.kpi)
            )
        if roles:
            found.extend(_unknown(kpi, roles))
    used = {role for kpi in kpis for role in roles_of(kpi)}
    asked = list(dict.fromkeys([*roles, *(forum.participants if forum else ())]))
    found.extend(
        RoleFinding("empty_role", f"The role '{role}' has no KPI.", role=role)
        for role in asked
        if role not in used
    )
    if forum is not None:
        found.extend(_uninvited([kpi for kpi in kpis if forum.covers(kpi.kpi)], forum))
    return tuple(found)


def latest(catalog: Definitions) -> list[Kpi]:
    """Return the latest version of each KPI, in the catalogue's order."""
    newest: dict[str, Kpi] = {}
    for kpi in catalog.entries:
        if kpi.kpi not in newest or kpi.version > newest[kpi.kpi].version:
            newest[kpi.kpi] = kpi
    return list(newest.values())


def roles_of(kpi: Kpi) -> tuple[str, ...]:
    """Name every role that a definition speaks of, each once.

    The accountable role stands first, then those measured, the reporting one, and the owner
    of the action plan.
    """
    named = [kpi.roles.accountable, *kpi.roles.measured, kpi.roles.reports]
    if kpi.action is not None:
        named.append(kpi.action.owner)
    return tuple(dict.fromkeys(role for role in named if role.strip()))


def _unknown(kpi: Kpi, roles: Collection[str]) -> list[RoleFinding]:
    return [
        RoleFinding(
            "unknown_role",
            f"'{kpi.kpi}' names the role '{role}', which does not exist: {suggest(role, roles)}",
            role=role,
            kpi=kpi.kpi,
        )
        for role in roles_of(kpi)
        if role not in roles
    ]


def _uninvited(kpis: list[Kpi], forum: Forum) -> list[RoleFinding]:
    found = []
    for kpi in kpis:
        role = kpi.roles.accountable
        if role.strip() and not forum.invites(role):
            text = f"'{forum.name}' reviews '{kpi.kpi}' but does not invite its owner, '{role}'."
            found.append(RoleFinding("not_invited", text, role=role, kpi=kpi.kpi))
        elif role.strip() and not forum.participants[role]:
            text = f"'{forum.name}' names nobody for '{role}', who owns '{kpi.kpi}'."
            found.append(RoleFinding("unnamed", text, role=role, kpi=kpi.kpi))
    return found
