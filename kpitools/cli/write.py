"""How results are written: JSON for scripts, a table for people, files whole or not at all."""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from kpitools.cli.options import FactsFormat, say

if TYPE_CHECKING:
    import polars as pl

    from kpitools.catalog.model import Kpi, Parameter
    from kpitools.workspace import Workspace

FORMULA_START = r"^\s*[=+\-@\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]"
"""How a text begins that a spreadsheet would run as a formula."""


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, 0o644)  # noqa: PTH101 - a result is for others to read
        os.replace(name, path)  # noqa: PTH105 - atomic on every platform
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_frame(
    frame: pl.DataFrame, *, form: FactsFormat, out: Path | None, table: Callable[[], str]
) -> None:
    """Write a frame in one of the formats, to a file or standard output.

    Args:
        frame: facts or rows.
        form: how; the text table is made by `table`.
        out: the file, written whole or not at all; None is standard output.
        table: draws the frame for people.
    """
    if form is FactsFormat.PARQUET:
        if out is None and sys.stdout.isatty():
            raise typer.BadParameter(
                "Parquet is not for a terminal", param_hint="--format: use --out"
            )
        buffer = io.BytesIO()
        frame.write_parquet(buffer)
        content = buffer.getvalue()
    elif form is FactsFormat.CSV:
        content = facts_csv(frame).encode()
    elif form is FactsFormat.JSON:
        content = facts_json(frame).encode()
    else:
        content = table().encode()
    if out is not None:
        write_whole(out, content)
        say(f"written: {out}")
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def facts_json(facts: pl.DataFrame) -> str:
    """Give facts as a JSON list, unrounded; periods as ISO dates (UTC date-times for minutes).

    Example:
        >>> import polars as pl
        >>> print(facts_json(pl.DataFrame({"kpi": ["asa"], "period": [date(2021, 1, 1)]})))
        [
        {"kpi": "asa", "period": "2021-01-01"}
        ]
    """
    rows = [
        json.dumps(row, default=_plain, ensure_ascii=False) for row in facts.iter_rows(named=True)
    ]
    return "[\n" + ",\n".join(rows) + "\n]\n" if rows else "[]\n"


def facts_csv(facts: pl.DataFrame) -> str:
    """Give facts as CSV that a spreadsheet reads as values: no text begins a formula.

    A text that begins with `=`, `+`, `-` or `@` (their wide forms too) gets an apostrophe
    before it, as a person typing it would write. JSON and Parquet keep texts as they are.

    Example:
        >>> import polars as pl
        >>> print(facts_csv(pl.DataFrame({"team": ["=cmd()", "billing"], "value": [-1.5, 2.0]})))
        team,value
        '=cmd(),-1.5
        billing,2.0
    """
    import polars as pl

    text = pl.col(pl.String)
    return facts.with_columns(text.str.replace(FORMULA_START, "'$0")).write_csv()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no JSON form for {type(value).__name__}")


def facts_table(
    facts: pl.DataFrame,
    workspace: Workspace,
    *,
    settings: Mapping[str, Mapping[str, Parameter]] | None = None,
) -> str:
    """Give facts as an aligned text table: value with unit, cases, final or provisional until when.

    Args:
        facts: rows of facts, of windows too.
        workspace: what they were asked of.
        settings: parameters other than the catalogue's, by KPI.
    """
    from rich.table import Table

    from kpitools.catalog import format_basis, rests_on
    from kpitools.language import display, format_period, format_value

    fixed = {"kpi", "version", "grain", "period", "numerator", "denominator", "value", "final"}
    fixed |= {"window", "complete", "squares", "spread"}
    dimensions = [name for name in facts.columns if name not in fixed]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("kpi", "period", *dimensions):
        table.add_column(name)
    for name in ("value", *(["spread"] if "spread" in facts.columns else []), "cases"):
        table.add_column(name, justify="right")
    table.add_column("")
    language = workspace.language
    for row in facts.iter_rows(named=True):
        kpi = workspace.catalog.kpi(row["kpi"], version=row["version"])
        cases = row["denominator"] if row["denominator"] is not None else row["numerator"]
        table.add_row(
            row["kpi"],
            format_period(
                row["period"], row["grain"], language, short=True, name=_fiscal_name(row, workspace)
            ),
            *(_cell(display(row[name])) for name in dimensions),
            *(
                ""
                if row[name] is None and name == "spread"
                else format_value(row[name], unit=kpi.unit, show=kpi.show, lang=language)
                for name in ("value", "spread")
                if name in row
            ),
            format_basis(cases, rests_on(kpi), language),
            ", ".join(_marks(row, kpi, workspace, (settings or {}).get(kpi.kpi, {}))),
        )
    return render_table(table)


def _marks(
    row: Mapping[str, Any], kpi: Kpi, workspace: Workspace, settings: Mapping[str, Parameter]
) -> Iterator[str]:
    if "window" in row:
        yield row["window"] if row["complete"] else f"{row['window']} (partial)"
    if row["final"]:
        return
    until = None
    if not isinstance(row["period"], datetime):
        from kpitools.facts.finality import final_on

        until = final_on(
            kpi, row["period"], workspace.events,
            grain=row["grain"], team=row.get("team"), parameters=settings,
        )  # fmt: skip
    later = until is not None and until > workspace.as_of.date()
    yield f"provisional until {until}" if later else "provisional"


def _fiscal_name(row: Mapping[str, Any], workspace: Workspace) -> str | None:
    """Return what the fiscal calendar calls a row's period; None for other grains."""
    fiscal, grain = workspace.fiscal, row["grain"]
    is_fiscal = fiscal is not None and grain.startswith("fiscal_")
    return fiscal.name(grain, row["period"]) if fiscal is not None and is_fiscal else None


def _cell(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def render_table(table: object) -> str:
    """Draw a rich table as plain text, as wide as it needs to be."""
    from rich.console import Console

    buffer = io.StringIO()
    Console(file=buffer, width=400, no_color=True, highlight=False).print(table)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"
