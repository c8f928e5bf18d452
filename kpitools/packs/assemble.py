"""Executed notebooks and the workspace become one document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from kpitools.errors import NotebookError
from kpitools.facts.finality import settles_after_s
from kpitools.language import format_period, safe_slug
from kpitools.notebooks import Run
from kpitools.packs.about import (
    describe_quality,
    list_inputs,
    list_packages,
    say_instant,
    say_privacy,
)
from kpitools.packs.cleaning import clean_text
from kpitools.packs.definitions import define_kpis, role_name
from kpitools.packs.document import Document, Fact, Provenance, Section, TeamLine
from kpitools.packs.gather import read_section
from kpitools.packs.plan import PackPlan, Plan
from kpitools.packs.recipe import Recipe
from kpitools.visuals.blocks import Block, TableBlock, ValuesBlock
from kpitools.workspace import Workspace

DAY_S = 86_400


@dataclass(frozen=True)
class Occasion:
    """What all packs of one run share."""

    workspace: Workspace
    recipe: Recipe
    plan: Plan
    run_id: str


def assemble(
    occasion: Occasion, pack: PackPlan, runs: Sequence[Run], *, teams: Sequence[TeamLine] = ()
) -> Document:
    """Assemble the document of a pack.

    Args:
        occasion: what all packs share.
        pack: the pack.
        runs: its notebooks, executed, in the recipe's order.
        teams: for the overview, a line for each team.
    """
    workspace, recipe, period = occasion.workspace, occasion.recipe, occasion.plan.period
    lang = workspace.language
    sections = _linked(_sections(pack, runs), teams)
    kpis = _kpis(occasion, sections)
    final = _final(occasion, sections, kpis)
    shown = format_period(period.start, period.grain, lang)
    return Document(
        lang=lang,
        title=clean_text(recipe.title),
        team=clean_text(pack.team.name) if pack.team is not None else "",
        period=str(period),
        period_text=shown,
        state="final" if final else "provisional",
        state_text="FINAL" if final else _provisional(occasion, kpis),
        as_of=workspace.as_of.isoformat(),
        as_of_text=say_instant(workspace.as_of, lang),
        catalogue=workspace.catalog.version,
        run_id=occasion.run_id,
        cover=_cover(occasion, shown),
        sign_off=tuple(clean_text(role) for role in recipe.sign_off),
        sections=sections,
        teams=tuple(teams),
        definitions=define_kpis(
            (workspace.kpi(name) for name in kpis),
            catalog=workspace.catalog,
            team=pack.team.key if pack.team is not None else None,
            grain=period.grain,
            on=period.start,
            lang=lang,
        ),
        quality=describe_quality(workspace.findings, workspace.refused(recipe.kpis or None)),
        provenance=_provenance(occasion, pack),
        index="" if pack.team is None else "index.html",
    )


def _sections(pack: PackPlan, runs: Sequence[Run]) -> tuple[Section, ...]:
    found: list[Section] = []
    for name, run in zip(pack.names, runs, strict=True):
        section = _section(name, run)
        taken = {other.id for other in found}
        number = next(
            (n for n in range(1, len(found) + 2) if _numbered(section.id, n) not in taken), 1
        )
        found.append(section.model_copy(update={"id": _numbered(section.id, number)}))
    return tuple(found)


def _section(name: str, run: Run) -> Section:
    try:
        return read_section(run.path, name=name, fault="" if run.ok else run.reason)
    except NotebookError as error:
        fault = clean_text(run.reason or str(error.faults[0]))
        return Section(id=safe_slug(name), notebook=name, question=name, fault=fault)


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}-{number}"


def _linked(sections: Sequence[Section], teams: Sequence[TeamLine]) -> tuple[Section, ...]:
    """Let the names of teams in tables lead to their packs."""
    pages = {
        line.name: name
        for line in teams
        if line.status == "ok"
        for name in line.files
        if name.endswith(".html")
    }

    def linked(block: Block) -> Block:
        if not isinstance(block, TableBlock):
            return block
        heads = {at for at, column in enumerate(block.columns) if column.header}
        rows = tuple(
            tuple(
                cell.model_copy(update={"link": pages[cell.text]})
                if at in heads and not cell.link and cell.text in pages
                else cell
                for at, cell in enumerate(row)
            )
            for row in block.rows
        )
        return block.model_copy(update={"rows": rows})

    return tuple(
        section.model_copy(update={"blocks": tuple(map(linked, section.blocks))})
        for section in sections
    )


def _values(sections: Sequence[Section]) -> list[ValuesBlock]:
    return [
        block for section in sections for block in section.blocks if isinstance(block, ValuesBlock)
    ]


def _final(occasion: Occasion, sections: Sequence[Section], kpis: Sequence[str]) -> bool:
    """Tell whether nothing shown can change: by its values, else by the KPIs' settling time."""
    values = [value for block in _values(sections) for value in block.values]
    known = [value.final for value in values if value.value is not None]
    last_day = _settled(occasion, kpis) - timedelta(days=1)
    return all(known) if known else occasion.workspace.events.is_over(last_day)


def _kpis(occasion: Occasion, sections: Sequence[Section]) -> list[str]:
    """KPIs that the pack shows, in the recipe's order, then as they come."""
    shown = [value.kpi for block in _values(sections) for value in block.values]
    known = set(occasion.workspace.catalog.names())
    asked = [kpi for kpi in occasion.recipe.kpis if kpi in shown or not shown]
    return [kpi for kpi in dict.fromkeys([*asked, *shown]) if kpi in known]


def _settled(occasion: Occasion, kpis: Sequence[str]) -> date:
    """Give the day from which on the KPIs of the period can no longer change."""
    found = [occasion.workspace.kpi(kpi) for kpi in kpis]
    settles = max((settles_after_s(kpi, kpi.parameters) for kpi in found), default=0.0)
    return occasion.plan.period.end + timedelta(days=1 + -(-settles // DAY_S))


def _provisional(occasion: Occasion, kpis: Sequence[str]) -> str:
    """Say that figures may still change, and when they no longer can."""
    day = _settled(occasion, kpis)
    return f"PROVISIONAL — final on {format_period(day, 'day', occasion.workspace.language)}"


def _cover(occasion: Occasion, shown: str) -> tuple[Fact, ...]:
    workspace, forum = occasion.workspace, occasion.recipe.forum
    roles, lang = workspace.catalog.roles, workspace.language
    people = [
        role_name(role, roles, lang) + (f" ({', '.join(names)})" if names else "")
        for role, names in forum.participants.items()
    ]
    facts = (
        ("Forum", f"{forum.name}, {forum.cadence}"),
        ("Period", shown),
        ("Participants", ", ".join(people)),
        ("Data as of", say_instant(workspace.as_of, lang)),
        ("Purpose", forum.purpose),
        ("Catalogue", workspace.catalog.version),
        ("Audience", occasion.recipe.audience),
        ("Run", occasion.run_id),
    )
    return tuple(Fact(label=label, text=clean_text(text)) for label, text in facts if text)


def _provenance(occasion: Occasion, pack: PackPlan) -> Provenance:
    return Provenance(
        inputs=list_inputs(occasion.workspace.events.inputs),
        notebooks=tuple(
            Fact(
                label=name,
                text=clean_text(
                    ", ".join(f"{key} = {_say(value)}" for key, value in job.parameters.items())
                ),
            )
            for name, job in zip(pack.names, pack.jobs, strict=True)
        ),
        packages=tuple(Fact(label=name, text=text) for name, text in list_packages().items()),
        privacy=say_privacy(occasion.workspace),
    )


def _say(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
