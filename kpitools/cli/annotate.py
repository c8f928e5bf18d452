"""`kpitools annotate`: record why a day, a period, a team or an agent stands out."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kpitools.cli.options import WorkspaceOption, open_asked, read_pairs, say

if TYPE_CHECKING:
    from kpitools.workspace import Workspace

EXAMPLES = """Nothing is written before the line is checked: unknown KPIs, teams and members, days
that are none and a reason that is recorded already are refused. Standard output is the line as
it was written.

\b
Examples:
  kpitools annotate --from 2026-10-14 --team billing --text "Outage of the provider" --author Ana
  kpitools annotate --from 2026-10-01 --to 2026-10-31 --kpi aht --text Fair --author Bo --exclude
  kpitools annotate --entity agent=a-0042 --kpi aht --text "Trains new colleagues" --author Ana
  kpitools annotate --from 2026-09-01 --lasting --entity queue=vip --text "New queue" --author Ana
"""
BOM = b"\xef\xbb\xbf"


def record_reason(
    text: Annotated[str, typer.Option("--text", help="The reason, in one line.")],
    author: Annotated[str, typer.Option("--author", help="Who says so.")],
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="DAY", help="The day, or the first day: 2026-10-14."),
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="DAY", help="The last day, inclusive.")
    ] = None,
    lasting: Annotated[
        bool, typer.Option("--lasting", help="From the first day on, without an end.")
    ] = False,
    kpi: Annotated[str | None, typer.Option("--kpi", help="Only this KPI. Default: all.")] = None,
    team: Annotated[str | None, typer.Option("--team", help="Only this team.")] = None,
    entity: Annotated[
        str | None,
        typer.Option(
            "--entity",
            metavar="DIMENSION=MEMBER",
            help="Only this member, such as queue=vip. An agent by the name in your data, or by "
            "the pseudonym; charts show the pseudonym.",
        ),
    ] = None,
    exclude: Annotated[
        bool, typer.Option("--exclude", help="Leave these points out of limits and verdicts.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Record a reason in the workspace's file of annotations; charts and tables show it."""
    line = {"text": text.strip(), "author": author.strip(), "kpi": (kpi or "").strip()}
    line |= {"entity": _entity(team, entity), "exclude": "yes" if exclude else ""}
    days = _days(start, end, lasting=lasting)
    append_reason(open_asked(workspace, None), line, days)


record_reason.__doc__ = f"{record_reason.__doc__}\n\n{EXAMPLES}"


def _entity(team: str | None, entity: str | None) -> str:
    if team is not None and entity is not None:
        raise typer.BadParameter("give a team or another entity", param_hint="--team, --entity")
    if entity is not None:
        ((dimension, member),) = read_pairs([entity], option="--entity", shape="DIMENSION=MEMBER")
        return f"{dimension}={member}"
    return f"team={team.strip()}" if team else ""


def _days(start: str | None, end: str | None, *, lasting: bool) -> tuple[str, str]:
    """Return the first and the last day as the file writes them.

    Example:
        >>> _days("2026-10-14", None, lasting=False), _days("2026-10-14", None, lasting=True)
        (('2026-10-14', '2026-10-14'), ('2026-10-14', ''))
    """
    for option, day in (("--from", start), ("--to", end)):
        if day is not None:
            try:
                date.fromisoformat(day)
            except ValueError as fault:
                shape = f"found {day!r}, expected a day as 2026-10-14"
                raise typer.BadParameter(shape, param_hint=option) from fault
    if lasting and (start is None or end is not None):
        raise typer.BadParameter("needs --from and no --to", param_hint="--lasting")
    return start or "", end or ("" if lasting else start or "")


def append_reason(opened: Workspace, line: dict[str, str], days: tuple[str, str]) -> None:
    """Check a reason against the workspace and append it to its file, whole or not at all.

    Args:
        opened: the workspace.
        line: cells of the line, without days.
        days: first and last day, "" for none.

    Raises:
        WorkspaceError: no file is declared, it is the packaged sample's, or it was changed
            meanwhile.
        SourceError: faults of the line, or of the file as it is.
    """
    from kpitools.cli.write import write_whole
    from kpitools.errors import WorkspaceError
    from kpitools.sources.annotation_lines import added_line, head_of, one_day
    from kpitools.workspace.annotations import Names, check_annotations

    path = _file(opened)
    before = path.read_bytes() if path.exists() else b""
    text = _text(before, name=path.name)
    first, last = days
    single = first and first == last
    names = one_day(head_of(text, name=path.name)) if single else ("from", "to")
    cells = {name: first if name in {"date", "from"} else last for name in names}
    after = added_line(text, {**line, **cells}, name=path.name)
    known = Names(opened.config, opened.catalog, opened.events, opened.folder)
    check_annotations(after, name=path.name, names=known)
    if (path.read_bytes() if path.exists() else b"") != before:
        raise WorkspaceError(
            "the file was changed meanwhile", where=path.name, fix="give the command again"
        )
    mark = BOM if before.startswith(BOM) else b""
    write_whole(path, mark + after.encode())
    say(f"recorded in {path}")
    sys.stdout.write(after.rstrip("\r\n").rpartition("\n")[2] + "\n")


def _text(content: bytes, *, name: str) -> str:
    from kpitools.errors import SourceError

    try:
        return content.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError as fault:
        raise SourceError(
            "the annotations cannot be read",
            where=name,
            found=type(fault).__name__,
            expected="a CSV file in UTF-8",
        ) from fault


def _file(opened: Workspace) -> Path:
    from kpitools.errors import WorkspaceError

    if opened.place.origin == "sample":
        raise WorkspaceError(
            "nothing is written into the packaged sample",
            fix="make a workspace of your own with `kpitools init FOLDER`",
        )
    declared = opened.config.annotations
    if declared is None:
        raise WorkspaceError(
            "no file of annotations is declared",
            where=opened.place.config.name,
            fix="write the line `annotations: annotations.csv` there; the file is made by itself",
        )
    return (opened.folder / declared).resolve()
