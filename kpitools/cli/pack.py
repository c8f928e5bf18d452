"""`kpitools pack`: the packs of a period."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kpitools.cli.options import (
    AsOfOption,
    PackFormat,
    Renderer,
    WorkspaceOption,
    open_asked,
    say,
    say_as_of,
)

if TYPE_CHECKING:
    from kpitools.packs.recipe import Recipe
    from kpitools.workspace import Workspace

SOME_FAILED = 3


def make_packs(
    recipe: Annotated[Path, typer.Argument(help="The recipe, for example monthly_review.yaml.")],
    period: Annotated[
        str | None,
        typer.Option(
            help="2026-10, 2026-W41, 2026-Q4 or FY2026-P03. Default: the latest complete."
        ),
    ] = None,
    team: Annotated[list[str] | None, typer.Option("--team", help="Only these teams.")] = None,
    renderer: Annotated[Renderer, typer.Option(help="What makes the packs.")] = Renderer.BUILTIN,
    form: Annotated[
        list[PackFormat] | None,
        typer.Option("--format", help="html, pdf or both; default what the recipe says."),
    ] = None,
    jobs: Annotated[int, typer.Option(help="Notebooks run side by side.", min=1)] = 2,
    timeout: Annotated[int, typer.Option(help="Seconds that one notebook may take.", min=1)] = 600,
    total_timeout: Annotated[
        int | None,
        typer.Option(help="Seconds that all notebooks may take; default no limit.", min=1),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for the packs.")] = Path("packs"),
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Make packs of a period without data, too.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be made.")] = False,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Make the packs of a period: HTML and PDF per team, an index over the teams, a manifest.

    \b
    One failing team never stops the others; it stands in the index with the reason.
    The last line printed is the path of index.html.

    \b
    Examples:
      kpitools pack reports/monthly_review.yaml --period 2026-10
      kpitools pack monthly_review.yaml --team billing --team orders --format pdf --out review
      kpitools pack monthly_review.yaml --period 2026-10 --dry-run
    """
    opened = open_asked(workspace, as_of)
    say_as_of(opened)
    build(
        opened,
        recipe,
        period=period,
        teams=team or None,
        renderer=renderer.value,
        formats=tuple(item.value for item in form) if form else None,
        jobs=jobs,
        limits=(timeout, total_timeout),
        out=out,
        dry_run=dry_run,
        allow_empty=allow_empty,
    )


def build(
    opened: Workspace,
    recipe: Path,
    *,
    period: str | None = None,
    teams: list[str] | None = None,
    renderer: str = "builtin",
    formats: tuple[str, ...] | None = None,
    jobs: int = 2,
    limits: tuple[float, float | None] = (600, None),
    out: Path = Path("packs"),
    dry_run: bool = False,
    allow_empty: bool = False,
) -> None:
    """Build and report; ends the process with 1 or 3 when teams failed.

    Raises:
        PackError: the period lies outside the data, and that is not allowed.
    """
    from kpitools.packs import build_packs, read_recipe
    from kpitools.workspace import find_file

    recipe_read = read_recipe(find_file(recipe, folder=opened.folder, kind="reports"))
    if not allow_empty:
        _check_period(opened, recipe_read, period)
    result = build_packs(
        opened,
        recipe_read,
        period=period,
        teams=teams,
        renderer=renderer,
        formats=formats,
        jobs=jobs,
        timeout_s=limits[0],
        total_timeout_s=limits[1],
        out=out,
        dry_run=dry_run,
    )
    if dry_run:
        sys.stdout.write("\n".join(result.plan) + "\n")
        return
    for team, reason in result.failed.items():
        say(f"failed: {team}: {reason}")
    sys.stdout.write(f"{result.index}\n")
    if result.failed:
        raise SystemExit(SOME_FAILED if result.made else 1)


def _check_period(opened: Workspace, recipe: Recipe, period: str | None) -> None:
    """Refuse a period without any data: its packs would say so on every page."""
    from kpitools.errors import PackError
    from kpitools.packs.recipe import GRAIN_OF

    latest = opened.latest_period(GRAIN_OF[recipe.forum.cadence])
    wanted = latest if period is None else opened.period(period)
    known = [name for name in recipe.kpis if name in opened.catalog.names()]
    days = opened.data_days(known or None)
    if days is None or wanted.start > days[1] or wanted.end < days[0]:
        reach = "no data at all" if days is None else f"data from {days[0]} to {days[1]}"
        raise PackError(
            f"the period {wanted} lies outside the data",
            found=reach,
            expected="a period with data",
            fix="give another --period, or --allow-empty to make packs without figures",
        )
