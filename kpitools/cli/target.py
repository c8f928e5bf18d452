"""`kpitools kpis target`: a proposed target against what was reached."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

from kpitools.errors import CatalogError

if TYPE_CHECKING:
    from kpitools.catalog import Kpi, Target
    from kpitools.workspace import Workspace


def propose_target(
    opened: Workspace,
    name: str,
    *,
    form: str,
    value: str,
    spread: str | None,
    incentive: str | None,
    team: str | None,
    grain: str,
) -> str:
    """Write who ever met a proposed target, as text or JSON."""
    from kpitools.analysis.achievability import LAST, RULE_TEXT, achievability
    from kpitools.catalog.describe import say_target
    from kpitools.facts import dimensions_of

    kpi = opened.kpi(name)
    target = read_target(kpi, value, spread=spread, incentive=incentive)
    own = None if team is None else opened.team(team).key
    latest = opened.latest_period(grain)
    by = "team" if own is not None or "team" in dimensions_of(kpi.table) else None
    facts = opened.facts(kpi.kpi, by=by, grain=grain, start=latest.previous(LAST - 1), end=latest)
    found = achievability(facts, kpi, target, team=own, lang=opened.language)
    if form == "json":
        content = dataclasses.asdict(found) | {"target": target.model_dump(), "rule": RULE_TEXT}
        return json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n"
    whose = "all teams" if own is None else opened.team(own).name
    said = say_target(kpi, target, lang=opened.language)
    head = f"{opened.label(kpi.kpi)}, {whose}: proposed {said}"
    return f"{head}\n{found.text}\n\n{RULE_TEXT}\n"


def read_target(kpi: Kpi, value: str, *, spread: str | None, incentive: str | None) -> Target:
    """Read a proposal as a catalogue file would write it: `85%`, `30s`, `40`.

    Raises:
        CatalogError: no amount in the KPI's unit, or a range that does not fit.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> asa = load_builtin().kpi("asa")
        >>> read_target(asa, "30s", spread="50%", incentive=None).high
        45.0
    """
    from kpitools.catalog.entry import TargetEntry
    from kpitools.catalog.limits import resolve_targets

    written: dict[str, object] = {"value": _number(value)}
    written["range"] = _ends(spread) if spread is not None else None
    if incentive:
        written["incentive"] = incentive
    entry = TargetEntry.model_validate(written)
    targets, faults = resolve_targets((entry,), unit=kpi.unit, good=kpi.good)
    if faults or targets.default is None:
        raise CatalogError([fault for _, fault in faults])
    return targets.default


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _ends(text: str) -> object:
    """Read `10%`, or `start..end` with one end left open."""
    low, mark, high = text.partition("..")
    if not mark:
        return text
    return tuple(_number(end) if end.strip() else None for end in (low, high))
