"""What the files themselves have wrong: broken lines, blank rows, encodings, names, columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpitools.language import display
from kpitools.sources.findings import Finding, Severity, bounded, counted
from kpitools.sources.plan import Plan
from kpitools.sources.raw import RawFile
from kpitools.sources.reading import Raw

MANY = 0.05
"""Above this share of broken lines a file cannot be trusted."""
DAILY = ("costs", "headcount", "certifications", "customer_base")
"""Tables whose rows belong to a day, not to an instant."""
_ORDERS = {"day_first": "day first", "month_first": "month first", "either": "day and month equal"}


def check_files(name: str, table: str, raw: Raw, plan: Plan, *, plain: bool) -> list[Finding]:
    """Tell what was wrong with the files of a source.

    Args:
        name: the source's name.
        table: the canonical table that it feeds.
        raw: its files and rows.
        plan: how each field is read.
        plain: whether text of broken lines may be shown; it may hold names.
    """
    found: list[Finding] = []
    for file in raw.files:
        found += _of_file(name, table, file, plain=plain)
    total = sum(file.rows + file.broken for file in raw.files)
    for kind, count, severity, what in _times(name, table, plan):
        found.append(Finding(kind[0], name, table, kind[1], count, total, severity, what))
    for field, reason in plan.lacking.items():
        severity = "info" if field in plan.optional else "blocking"
        found.append(
            Finding(
                "missing_column", name, table, field, raw.rows, raw.rows, severity, f"{reason}."
            )
        )
    return found


def _of_file(name: str, table: str, file: RawFile, *, plain: bool) -> Iterator[Finding]:
    lines = file.rows + file.broken

    def made(
        kind: str, count: int, severity: Severity, what: str, examples: tuple[str, ...] = ()
    ) -> Finding:
        message = f"{name}: {what}."
        return Finding(kind, name, table, "", count, lines, severity, message, examples)

    if file.broken:
        shown_lines = bounded(
            f"{file.name} line {item.line}: {item.reason}" + (f": {item.text}" if plain else "")
            for item in file.kept_out
        )
        what = (
            f"{counted(file.broken, 'line')} of {file.name} {_are(file.broken)} broken and kept out"
        )
        severity: Severity = "blocking" if file.broken > MANY * lines else "warning"
        yield made("broken_lines", file.broken, severity, what, shown_lines)
    if file.blank:
        yield made(
            "blank_rows", file.blank, "info", f"{counted(file.blank, 'blank row')} in {file.name}"
        )
    if file.repeated:
        what = (
            f"{file.name} repeats column names; the second of two equal ones is called "
            + ", ".join(display(item) for item in file.repeated[:3])
        )
        yield made("repeated_columns", len(file.repeated), "info", what, bounded(file.repeated))
    if file.undecodable:
        what = (
            f"{counted(file.undecodable, 'character')} of {file.name} {_are(file.undecodable)} not "
            f"{file.encoding} and shown as a replacement mark; declare format: {{encoding: ...}}"
        )
        places = bounded(f"{file.name} line {line}" for line in file.undecodable_lines)
        yield made("undecodable_text", file.undecodable, "warning", what, places)
    if file.cut_short:
        what = f"{file.name} ends before its end ({display(file.cut_short)}); rows are missing"
        yield made("cut_short", 1, "blocking", what)
    if not file.rows:
        yield made("empty_file", 1, "blocking", f"{file.name} holds no rows")


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _times(
    name: str, table: str, plan: Plan
) -> Iterator[tuple[tuple[str, str], int, Severity, str]]:
    """Tell which order of dates was proven, and which times have no time of day."""
    for field, order in plan.orders.items():
        shapes = plan.shapes[field]
        proof = shapes.first_over if order == "day_first" else shapes.second_over
        if order in _ORDERS and proof:
            verb = "proves" if proof == 1 else "prove"
            shown = f"as {counted(proof, 'value')} {verb}"
            what = f"{name}: dates of {field} are {_ORDERS[order]}, {shown}."
            yield ("date_order", field), proof, "info", what
    without: Mapping[str, int] = {
        field: shapes.year_first + shapes.numeric - shapes.timed
        for field, shapes in plan.shapes.items()
    }
    for field, count in without.items():
        if count > 0:
            what = (
                f"{name}: {counted(count, 'value')} of {field} "
                + ("is a date" if count == 1 else "are dates")
                + " without a time; midnight is taken, so durations rest on whole days."
            )
            daily = table in DAILY
            yield ("dates_without_times", field), count, "info" if daily else "warning", what
