"""`kpitools rows`: the rows behind a number."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kpitools.cli.options import (
    AsOfOption,
    FactsFormat,
    WorkspaceOption,
    open_asked,
    read_pairs,
    read_settings,
    say,
    say_as_of,
)

if TYPE_CHECKING:
    import polars as pl

    from kpitools.facts.rows import Rows
    from kpitools.workspace import Workspace

ON_SCREEN = 100

EXAMPLES = """\b
Examples:
  kpitools rows --kpi aht --team billing --period 2026-10
  kpitools rows --kpi csat --period 2026-W41 --where reason=refund --format csv --out rows.csv
  kpitools rows --kpi service_level_offered --period 2026-10-05 --outside
"""


def print_rows(
    kpi: Annotated[str, typer.Option("--kpi", help="The KPI.")],
    period: Annotated[
        str | None, typer.Option(help="2026-10, 2026-W41, FY2026-P03. Default: the latest over.")
    ] = None,
    team: Annotated[list[str] | None, typer.Option("--team", help="Only these teams.")] = None,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", metavar="DIMENSION=VALUE", help="Only rows with this value."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KPI.PARAMETER=VALUE", help="Another parameter value."),
    ] = None,
    outside: Annotated[
        bool, typer.Option("--outside", help="Also the rows that the definition leaves out.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Most rows to show. Default: 100 in a table, else all."),
    ] = None,
    form: Annotated[
        FactsFormat, typer.Option("--format", help="How to write; CSV holds no formulas.")
    ] = FactsFormat.TABLE,
    out: Annotated[
        Path | None, typer.Option("--out", help="File; default standard output.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
) -> None:
    """List the rows that one number rests on, and prove that they make it up."""
    from kpitools.cli.write import write_frame

    filters: dict[str, list[str]] = {"team": list(team)} if team else {}
    for name, value in read_pairs(where or (), option="--where", shape="DIMENSION=VALUE"):
        filters.setdefault(name, []).append(value)
    opened = open_asked(workspace, as_of)
    say_as_of(opened)
    rows = opened.rows(
        kpi, period=period, where=filters, set=read_settings(settings or ()), outside=outside
    )
    on_screen = form is FactsFormat.TABLE
    most = limit or (ON_SCREEN if on_screen else rows.frame.height)
    shown = rows.frame.head(most)
    proof = say_rows(rows, opened.language)
    write_frame(shown, form=form, out=out, table=lambda: f"{rows_table(shown)}{proof}\n")
    if shown.height < rows.frame.height:
        say(f"shown: {shown.height:,} of {rows.frame.height:,} rows (--limit)")
    if not on_screen:
        say(proof)
    _warn(rows, opened)


print_rows.__doc__ = f"{print_rows.__doc__}\n\n{EXAMPLES}"


def say_rows(rows: Rows, lang: str = "en") -> str:
    """Say in one line what the rows make: their number, the components and the value."""
    from kpitools.language import format_count, format_value

    kpi = rows.kpi
    parts = [f"{format_count(rows.counted, lang)} {_plural(rows.counted)}"]
    parts += [
        f"{name} {_figure(figure)}"
        for name, figure in (("numerator", rows.numerator), ("denominator", rows.denominator))
        if figure is not None
    ]
    value = format_value(rows.value, unit=kpi.unit, show=kpi.show, lang=lang)
    parts.append(f"value {value}" if rows.value is not None else "no value")
    outside = rows.frame.height - rows.counted
    parts += [f"{format_count(outside, lang)} {_plural(outside)} outside"] if outside else []
    return f"{kpi.kpi}, {rows.period}: {'; '.join(parts)}"


def _plural(n: int) -> str:
    return "row" if n == 1 else "rows"


def _figure(number: float) -> str:
    """Write a component in full.

    Example:
        >>> _figure(2700.0), _figure(12.345)
        ('2,700', '12.345')
    """
    return f"{number:,.0f}" if number == int(number) else f"{number:,.6f}".rstrip("0")


def _warn(rows: Rows, opened: Workspace) -> None:
    """Say what rows must not be passed on."""
    if 0 < rows.counted < opened.minimum_group:
        say(
            f"fewer than {opened.minimum_group} rows: for your own analysis; "
            "a figure that rests on so few is not shown in packs"
        )


def rows_table(frame: pl.DataFrame) -> str:
    """Draw rows as an aligned text table; times in UTC."""
    from rich.table import Table

    from kpitools.cli.write import render_table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, dtype in frame.schema.items():
        table.add_column(name, justify="right" if dtype.is_numeric() else "left")
    for row in frame.iter_rows():
        table.add_row(*(_cell(value) for value in row))
    return render_table(table)


def _cell(value: object) -> str:
    from datetime import datetime

    from rich.markup import escape

    from kpitools.language import display

    if value is None or value is False:
        return ""
    if value is True:
        return "x"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) < 1 else _figure(value)
    return escape(display(str(value)))
