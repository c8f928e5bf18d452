"""What must be decided and what was agreed: agenda and actions as lists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

import polars as pl

from kpitools import language
from kpitools.governance.agenda import Agenda, AgendaItem, Cause
from kpitools.visuals.blocks import Cell, ListBlock, Tone
from kpitools.visuals.findings import Names, check_has, slice_text
from kpitools.visuals.show import Visual

Part = Literal["decisions", "notes", "warnings"]
TITLES: dict[Part, tuple[str, str]] = {
    "decisions": ("For decision", "Nothing needs a decision."),
    "notes": ("To note", "Nothing else to note."),
    "warnings": ("Before the meeting", "Owners are invited and plans are in place."),
}
CAUSES: dict[Cause, str] = {
    "outside": "outside its range",
    "worse": "changed for the worse",
    "better": "changed for the better",
    "neutral": "changed, neither better nor worse",
    "not_judged": "too few cases to judge",
    "no_data": "no data for the period",
}
_TEXT_LIMIT = 400
_TONES: dict[str, Tone] = {"overdue": "worse", "closed": "better", "cancelled": "common"}


def list_agenda(
    agenda: Agenda, *, part: Part = "decisions", names: Names | None = None
) -> Visual[ListBlock]:
    """List what a review must decide, should note, or lacks, each with its owner and day.

    Args:
        agenda: as `build_agenda` returns it.
        part: `decisions`, `notes` or `warnings`.
        names: names of teams by key.
    """
    title, empty = TITLES[part]
    if part == "warnings":
        items = tuple(Cell(text=_text(warning.message)) for warning in agenda.warnings)
    else:
        found = agenda.decisions if part == "decisions" else agenda.notes
        several = len({item.team for item in found}) > 1
        items = tuple(_item(item, names, with_team=several) for item in found)
    return Visual(ListBlock(title=title, ordered=part == "decisions", items=items, empty=empty))


def _item(item: AgendaItem, names: Names | None, *, with_team: bool) -> Cell:
    name = language.display(item.name, 60)
    team = f", {slice_text({'team': item.team}, names=names)}" if with_team and item.team else ""
    why = " and ".join(CAUSES[cause] for cause in item.causes)
    below = ". ".join(part for part in (_owner(item), _plan(item)) if part)
    return Cell(text=_text(f"{name}{team}: {why}."), sub=_text(below), tone=_tone(item))


def _plan(item: AgendaItem) -> str:
    """Write the steps of the plan, where the item is for decision."""
    if not item.steps or item.causes[0] not in {"outside", "worse"}:
        return ""
    return f"Plan: {'; '.join(_lowered(step.strip().rstrip('.')) for step in item.steps)}."


def _lowered(step: str) -> str:
    return step[:1].lower() + step[1:] if step[1:2].islower() else step


def _tone(item: AgendaItem) -> Tone | None:
    return "worse" if "worse" in item.causes else "better" if "better" in item.causes else None


def _owner(item: AgendaItem) -> str:
    role = _role(item.owner or item.accountable)
    people = f" ({', '.join(language.display(name, 40) for name in item.people)})"
    parts = [f"{role}{people if item.people else ''}"] if role else []
    if item.due is not None:
        parts.append(f"by {_day(item.due)}")
    if item.running:
        ids = ", ".join(language.display(each, 20) for each in item.running)
        parts.append(f"open action {ids}")
    return "; ".join(parts)


def _role(name: str) -> str:
    return language.display(name.replace("_", " ").strip(), 40).capitalize()


def list_actions(review: pl.DataFrame, *, as_of: date | None = None) -> Visual[ListBlock]:
    """List what was agreed earlier: overdue first, then open, then finished.

    Args:
        review: rows as `review_actions` returns them.
        as_of: day of the review, for the title.

    Raises:
        VisualsError: not a result of `review_actions`.
    """
    needed = ("id", "text", "owner", "due", "state", "days_overdue", "carried_months")
    check_has(review, needed, made_by="review_actions")
    items = tuple(_action(row) for row in review.iter_rows(named=True))
    title = "From last time" if as_of is None else f"From last time, as of {_day(as_of)}"
    return Visual(ListBlock(title=title, items=items, empty="No actions from last time."))


def _action(row: Mapping[str, Any]) -> Cell:
    state = row["state"]
    text = f"{state.capitalize()}: {row['id']} {row['text']}"
    return Cell(text=_text(text), sub=_action_facts(row), tone=_TONES.get(state, "neutral"))


def _action_facts(row: Mapping[str, Any]) -> str:
    parts = [_role(row["owner"] or "no owner"), f"due {_day(row['due'])}"]
    if row["days_overdue"]:
        parts.append(_plural(row["days_overdue"], "day overdue", "days overdue"))
    if row["closed_on"] is not None:
        parts.append(f"closed {_day(row['closed_on'])}")
    if row["carried_months"]:
        parts.append("carried " + _plural(row["carried_months"], "month", "months"))
    if row.get("evidence"):
        parts.append(language.display(row["evidence"], 80))
    return "; ".join(parts)


def _plural(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _day(day: date) -> str:
    return language.format_period(day, "day")


def _text(text: str) -> str:
    return language.display(text, _TEXT_LIMIT)
