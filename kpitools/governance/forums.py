"""Who meets, how often, and about which KPIs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from kpitools.errors import Fault, GovernanceError, suggest
from kpitools.language import display

Cadence = Literal["daily", "weekly", "monthly", "quarterly", "yearly"]
CADENCES: tuple[Cadence, ...] = get_args(Cadence)
KEYS = ("name", "cadence", "participants", "kpis", "purpose")


@dataclass(frozen=True)
class Forum:
    """A governance forum: a regular review of stated KPIs by people in stated roles.

    `participants` gives the people of each invited role; a role may be invited without names.
    Empty `kpis` means all of them.
    """

    name: str
    cadence: Cadence = "monthly"
    participants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kpis: tuple[str, ...] = ()
    purpose: str = ""

    def covers(self, kpi: str) -> bool:
        """Tell whether a KPI is reviewed here."""
        return not self.kpis or kpi in self.kpis

    def invites(self, role: str) -> bool:
        """Tell whether a role is invited."""
        return role in self.participants


def build_forum(given: Mapping[str, Any] | str) -> Forum:
    """Build a forum from what a recipe says of it, or from its name alone.

    Args:
        given: name, cadence, participants (role to names or one name), kpis, purpose.

    Returns:
        The forum; a bare name meets monthly about all KPIs.

    Raises:
        GovernanceError: an unknown key, no name, an unknown cadence, or participants, KPIs or
            a purpose of another shape; all faults at once.

    Example:
        >>> forum = build_forum({"name": "Monthly review", "participants": {"team_lead": "Ada"}})
        >>> forum.cadence, forum.participants
        ('monthly', {'team_lead': ('Ada',)})
    """
    if isinstance(given, str):
        given = {"name": given}
    faults = [
        Fault(f"a forum has no '{display(str(key))}'", fix=suggest(str(key), KEYS))
        for key in given
        if key not in KEYS
    ]
    name, cadence = given.get("name"), given.get("cadence", "monthly")
    if not isinstance(name, str) or not name.strip():
        faults.append(Fault("the forum has no name", expected="name: a text"))
    if cadence not in CADENCES:
        found = display(str(cadence))
        faults.append(Fault("no such cadence", found=found, fix=suggest(found, CADENCES)))
    people = given.get("participants", {})
    if not isinstance(people, Mapping):
        faults.append(Fault("participants stand under their roles", expected="role: [names]"))
        people = {}
    named = {
        str(role): _texts(names, f"participants.{role}", faults) for role, names in people.items()
    }
    kpis = _texts(given.get("kpis", ()), "kpis", faults)
    purpose = given.get("purpose", "")
    if not isinstance(purpose, str):
        faults.append(Fault("the purpose is a text", found=display(str(purpose))))
    if faults:
        raise GovernanceError(faults)
    return Forum(str(name), cadence, named, kpis, str(purpose))


def _texts(given: object, where: str, faults: list[Fault]) -> tuple[str, ...]:
    if given is None:
        return ()
    if isinstance(given, str):
        return (given,)
    if isinstance(given, list | tuple) and all(isinstance(item, str) for item in given):
        return tuple(given)
    faults.append(Fault("texts are expected here", where=display(where), found=display(str(given))))
    return ()
