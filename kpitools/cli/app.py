"""The command `kpitools`: its subcommands, its exit codes, how it says what went wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from kpitools import __version__
from kpitools.cli import annotate, check, facts, kpis, lab, pack, rows, run, start, tables
from kpitools.errors import KpiToolsError

ALL, NONE_OR_BAD_INPUT, WRONG_USAGE, SOME_FAILED, INTERRUPTED = 0, 1, 2, 3, 130

app = typer.Typer(
    name="kpitools",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 all went well; 1 nothing could be made, or bad input; "
    "2 wrong usage; 3 some teams failed.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"kpitools {__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Version.")
    ] = False,
) -> None:
    """KPI reviews for support organisations.

    From exports to exact figures, notebooks, and packs for the review meeting.
    Start with `kpitools demo`, then `kpitools init my-review`.
    """


for command, function in (
    ("demo", start.run_demo),
    ("init", start.init_workspace),
    ("check", check.check_workspace),
    ("kpis", kpis.show_kpis),
    ("facts", facts.print_facts),
    ("rows", rows.print_rows),
    ("tables", tables.write_out_tables),
    ("annotate", annotate.record_reason),
    ("run", run.run_one),
    ("pack", pack.make_packs),
    ("lab", lab.open_lab),
    ("sample", start.write_sample_data),
):
    app.command(command)(function)


def _told(fault: OSError) -> KpiToolsError:
    """Give what the system refused the shape of every error.

    Example:
        >>> print(_told(PermissionError(13, "Permission denied", "/packs")))
        KpiToolsError: /packs: a file or folder cannot be used
          found:    Permission denied
          fix:      name one that is there and may be written
    """
    return KpiToolsError(
        "a file or folder cannot be used",
        where=str(fault.filename or ""),
        found=fault.strerror or type(fault).__name__,
        fix="name one that is there and may be written",
    )


def main(args: Sequence[str] | None = None, *, standalone_mode: bool = True) -> None:
    """Run a command; a known error is printed without a traceback and ends with code 1.

    Args:
        args: words of the command; default those of the process.
        standalone_mode: end the process; false lets tests see a plain return.
    """
    code = ALL
    try:
        result = app(
            args=list(args) if args is not None else None,
            prog_name="kpitools",
            standalone_mode=standalone_mode,
        )
        code = result if isinstance(result, int) else ALL
    except KpiToolsError as fault:
        sys.stderr.write(f"{fault}\n")
        code = NONE_OR_BAD_INPUT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as fault:
        sys.stderr.write(f"{_told(fault)}\n")
        code = NONE_OR_BAD_INPUT
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        code = INTERRUPTED
    if code:
        raise SystemExit(code)
