"""Which single contacts are odd, as a sentence and a list."""

from __future__ import annotations

from typing import Any

from kpitools import language
from kpitools.analysis.extremes import Extremes
from kpitools.catalog.model import Kpi
from kpitools.errors import VisualsError
from kpitools.visuals.blocks import Cell, Column, SentenceBlock, TableBlock
from kpitools.visuals.findings import kpi_name
from kpitools.visuals.marks import NONE
from kpitools.visuals.show import Visual
from kpitools.visuals.wording import Part, counted, named, quote_count, quote_value, say, value_text

WORDS = {
    "negative": "Below zero",
    "too_long": "Longer than a shift",
    "stuck": "Stuck timer",
    "zero": "Zero",
    "extreme": "True extreme",
}
"""What each rule is called."""

_DO = {
    True: "a fault of the data: mend it at its source",
    False: "it happened: look at the contact, it stays in the KPI",
}


_SHIFT = {
    "given": "as set",
    "schedules": "the longest shift of the schedules",
    "default": "as no schedule is known",
}


def say_extremes(found: Extremes, kpi: Kpi) -> Visual[SentenceBlock]:
    """Say how many contacts are faults of the data or extremes, and what the KPI is without them.

    Args:
        found: result of `extreme_cases` of the contacts behind the KPI.
        kpi: its definition, in seconds.

    Raises:
        VisualsError: a KPI in another unit.
    """
    _check(kpi)
    head: tuple[Part, ...] = (named(kpi_name(kpi)), ": ")
    if not found.cases:
        return say(*head, "no contact has a length.", tone="unknown")
    rows = list(found.counts.iter_rows(named=True))
    faults = sum(row["cases"] for row in rows if row["fault"])
    extremes = sum(row["cases"] for row in rows if not row["fault"])
    counts: tuple[Part, ...] = (
        *(quote_count(faults), " of ", *counted(found.cases, "contact", "contacts")),
        " is a fault" if faults == 1 else " are faults",
        " of the data, ",
        *(quote_count(extremes), " truly took very long"),
    )
    if not faults + extremes:
        return say(*head, "no contact of ", quote_count(found.cases), " is odd.")
    means: list[Part] = ["; the mean is ", _mean(found.mean, kpi)]
    if faults and found.mean_without_faults is not None:
        means += [", without the faults ", _mean(found.mean_without_faults, kpi)]
    if extremes and found.mean_without_any is not None:
        both = " without both " if faults else " without these "
        means += [",", both, _mean(found.mean_without_any, kpi)]
    return say(*head, *counts, *means, ".")


def table_extremes(found: Extremes, kpi: Kpi) -> Visual[TableBlock]:
    """List the rules with the contacts that meet them, and examples to look up.

    Args:
        found: result of `extreme_cases`.
        kpi: its definition, in seconds.

    Raises:
        VisualsError: a KPI in another unit.
    """
    _check(kpi)
    notes = [f"{language.format_count(found.cases)} contacts with a length were looked at."]
    if found.without_length:
        many = language.format_count(found.without_length)
        notes.append(f"{many} without a length take no part.")
    chance = found.counts.filter(rule="extreme")["by_chance"].to_list()
    if chance and chance[0]:
        about = language.format_value(chance[0], unit="number", digits=1)
        notes.append(f"Chance alone would give about {about} extremes among so many contacts.")
    block = TableBlock(
        title=f"{kpi_name(kpi)}: odd contacts by rule",
        columns=(
            Column(key="rule", label="Rule", header=True, width=1.3),
            Column(key="contacts", label="Contacts", align="right"),
            Column(key="share", label="Of all", align="right"),
            Column(key="means", label="What it means", width=1.8),
            Column(key="examples", label="Examples", width=1.8),
        ),
        rows=tuple(_line(row) for row in found.counts.iter_rows(named=True)),
        notes=tuple(notes),
        source=(
            "True extreme: log of the length, robust z (median and MAD within the group) beyond "
            "3.5 unless set otherwise. Stuck timer: the length at which the system ends a state, "
            "or the same long length again and again. Longer than a shift: above "
            f"{language.format_value(found.longest_hours, unit='number', digits=1)} hours, "
            f"{_SHIFT[found.shift_from]}."
        ),
    )
    return Visual(block)


def _line(row: dict[str, Any]) -> tuple[Cell, ...]:
    keys = ", ".join(language.display(key, 40) for key in row["examples"])
    share = NONE
    if row["cases"] and row["share"] is not None:
        share = language.format_value(row["share"], unit="share", digits=3)
    return (
        Cell(text=WORDS[row["rule"]]),
        Cell(text=language.format_count(row["cases"])),
        Cell(text=share),
        Cell(text=_DO[row["fault"]]),
        Cell(text=keys or NONE),
    )


def _mean(value: float | None, kpi: Kpi) -> Any:  # noqa: ANN401 - a part of a sentence
    return quote_value(value, unit=kpi.unit, show=kpi.show)


def _check(kpi: Kpi) -> None:
    if kpi.unit != "seconds":
        raise VisualsError(
            f"{kpi.kpi} is no mean of lengths",
            found=value_text(1.0, unit=kpi.unit),
            expected="a KPI in seconds, as aht",
        )
