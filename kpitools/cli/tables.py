"""`kpitools tables`: the canonical tables as Parquet files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kpitools.cli.options import WorkspaceOption, open_asked, say, split_words

EXAMPLES = """\b
Examples:
  kpitools tables lake
  kpitools tables /mnt/lake --table contacts,tickets -w my-review
"""


def write_out_tables(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder for the Parquet files.")],
    table: Annotated[
        list[str] | None,
        typer.Option("--table", help="Table; repeat or separate by commas. Default: all."),
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write the canonical tables as Parquet, for Spark, a database or other tools.

    Every field of the table is a column, durations in milliseconds, money in minor units,
    time stamps in UTC and, as <field>_local, on the team's own clock.
    """
    opened = open_asked(workspace, None)
    from kpitools.facts.engines.tables import write_tables
    from kpitools.language import format_count

    names = split_words(table) or list(opened.events.tables)
    done: list[str] = []

    def tell(name: str, rows: int) -> None:
        done.append(name)
        counted = format_count(rows, opened.language)
        say(f"{name}: {counted} rows ({len(done)} of {len(names)})")

    written = write_tables(opened.events, out, names=names, progress=tell)
    for path in written.values():
        typer.echo(str(path))


write_out_tables.__doc__ = f"{write_out_tables.__doc__}\n\n{EXAMPLES}"
