"""What would be made: every team, notebook and file, checked before anything runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kpitools.errors import Fault, KpiToolsError, PackError, suggest
from kpitools.facts import Period
from kpitools.language import entity_id, safe_slug
from kpitools.notebooks import Job, check_parameters, read_parameters
from kpitools.packs.recipe import GRAIN_OF, Format, NotebookPart, Recipe
from kpitools.sources import Team
from kpitools.workspace import Workspace, find_file

NOTEBOOKS = "notebooks"
INDEX = "index"
FORMATS: tuple[Format, ...] = ("html", "pdf")


@dataclass(frozen=True)
class PackPlan:
    """One pack: whose it is, how its files are named, which notebooks it takes."""

    team: Team | None
    stem: str
    jobs: tuple[Job, ...]
    names: tuple[str, ...]

    @property
    def label(self) -> str:
        """The team's name, or what stands for all of them."""
        return self.team.name if self.team is not None else "overview"


@dataclass(frozen=True)
class Plan:
    """All packs of a period, the overview last."""

    period: Period
    folder: Path
    formats: tuple[Format, ...]
    packs: tuple[PackPlan, ...]

    @property
    def jobs(self) -> tuple[Job, ...]:
        """All notebook runs, in order."""
        return tuple(job for pack in self.packs for job in pack.jobs)

    @property
    def notebooks(self) -> tuple[Path, ...]:
        """The notebook files, each once."""
        return tuple(dict.fromkeys(job.notebook for job in self.jobs))

    def lines(self) -> tuple[str, ...]:
        """Say what would be made, a line per pack."""
        made = [f"{self.period}: {len(self.packs)} packs into {self.folder}"]
        for pack in self.packs:
            files = ", ".join(f"{pack.stem}.{kind}" for kind in self.formats)
            made.append(f"{pack.label}: {files} from {', '.join(pack.names) or 'no notebook'}")
        return tuple(made)


def plan_packs(  # noqa: PLR0913 - the words of one command, all by keyword
    workspace: Workspace,
    recipe: Recipe,
    *,
    period: str | None,
    teams: Sequence[str] | None,
    formats: Sequence[str] | None,
    out: Path,
) -> Plan:
    """Plan the packs of a period; every fault is found here, before anything runs.

    Args:
        workspace: where the data comes from.
        recipe: what a pack is made of.
        period: as people write it; default the latest complete one of the forum's cadence.
        teams: keys or names; default all.
        formats: html, pdf or both; default what the recipe says.
        out: folder for the packs of all periods.

    Raises:
        PackError: an unknown team, KPI, format or notebook, or a parameter that a notebook
            does not have; all faults at once.
        FactsError: not a period.
    """
    grain = GRAIN_OF[recipe.forum.cadence]
    when = workspace.period(period) if period else workspace.latest_period(grain)
    faults: list[Fault] = []
    chosen = _choose_teams(workspace.teams, teams, faults)
    known = workspace.catalog.names()
    faults += [
        Fault(f"the recipe names an unknown KPI '{kpi}'", fix=suggest(kpi, known))
        for kpi in recipe.kpis
        if kpi not in known
    ]
    if formats and set(formats) - set(FORMATS):
        faults.append(Fault("no such format", found=", ".join(formats), expected="html, pdf"))
    wanted = tuple(kind for kind in FORMATS if kind in (formats or recipe.formats))
    folder = out / str(when)
    maker = _Maker(workspace, recipe, when, folder, faults)
    packs = [maker.pack(team, recipe.team) for team in chosen]
    if not packs:
        maker.pack(None, recipe.team)  # its notebooks are checked all the same
    packs.append(maker.pack(None, recipe.overview))
    if faults:
        raise PackError(list(dict.fromkeys(faults)))
    return Plan(when, folder, wanted, tuple(packs))


def file_stem(team: str) -> str:
    """Return the safe name of a team's files, its own even where slugs meet.

    Example:
        >>> file_stem("../../x"), file_stem("Billing") == file_stem("billing")
        ('x-9cdf6a50', False)
    """
    return f"{safe_slug(team)}-{entity_id(team)}"


def _choose_teams(
    known: Mapping[str, Team], asked: Sequence[str] | None, faults: list[Fault]
) -> list[Team]:
    if asked is None:
        return list(known.values())
    by_name = {team.name: team for team in known.values()} | dict(known)
    faults += [
        Fault(f"no team '{name}'", fix=suggest(name, known) if known else "the data has no teams")
        for name in asked
        if name not in by_name
    ]
    return list({by_name[name].key: by_name[name] for name in asked if name in by_name}.values())


class _Maker:
    """Turns the notebooks of a recipe into runs for one team or for all."""

    def __init__(
        self,
        workspace: Workspace,
        recipe: Recipe,
        period: Period,
        folder: Path,
        faults: list[Fault],
    ) -> None:
        self.workspace = workspace
        self.recipe = recipe
        self.period = period
        self.folder = folder
        self.faults = faults

    def pack(self, team: Team | None, parts: Sequence[NotebookPart]) -> PackPlan:
        stem = INDEX if team is None else file_stem(team.key)
        jobs: list[Job] = []
        names: list[str] = []
        for part in parts:
            job = self.job(part, team, f"{stem}-{len(jobs) + 1}")
            if job is not None:
                jobs.append(job)
                names.append(Path(part.notebook).stem)
        return PackPlan(team, stem, tuple(jobs), tuple(names))

    def job(self, part: NotebookPart, team: Team | None, stem: str) -> Job | None:
        path = Path(part.notebook).with_suffix(".ipynb")
        try:
            notebook = find_file(path, folder=self.workspace.folder, kind="notebooks")
            given = self.parameters(notebook, part, team)
            check_parameters(notebook, given)
        except KpiToolsError as error:
            self.faults += error.faults
            return None
        return Job(
            notebook=notebook,
            out=self.folder / NOTEBOOKS / f"{stem}-{safe_slug(notebook.stem)}.ipynb",
            workspace=self.workspace.folder,
            parameters=given,
            as_of=self.workspace.as_of.isoformat(),
            label=team.name if team is not None else "overview",
        )

    def parameters(
        self, notebook: Path, part: NotebookPart, team: Team | None
    ) -> dict[str, object]:
        """Give a notebook what every pack gives, where it has such a parameter."""
        forum = self.recipe.forum
        people = [
            f"{role}: {', '.join(names)}" if names else role
            for role, names in forum.participants.items()
        ]
        always: dict[str, object] = {
            "team": team.key if team is not None else None,
            "period": str(self.period),
            "kpis": list(self.recipe.kpis) or None,
            "forum": forum.name,
            "participants": people,
        }
        has = {spec.name for spec in read_parameters(notebook)}
        given = {name: value for name, value in always.items() if name in has and value is not None}
        return given | dict(part.parameters)
