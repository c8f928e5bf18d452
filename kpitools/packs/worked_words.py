"""A worked example in words: its rows, and what they give."""

from __future__ import annotations

from kpitools.catalog import Kpi
from kpitools.errors import PackError
from kpitools.facts.worked import work_example
from kpitools.language import format_value

SHOWN = 6
"""Digits after the decimal point of a component that is no whole number."""


def say_example(kpi: Kpi, *, lang: str = "en") -> str:
    """Say in one line what a KPI's example gives, as computed now.

    Raises:
        PackError: the example does not give what the entry says, or cannot be run.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> say_example(load_builtin().kpi("service_level_offered"))
        '... / ... = ...%'
    """
    worked = work_example(kpi)
    if worked.faults:
        raise PackError(worked.faults)
    found = worked.found
    if found.is_empty() or found["value"].item() is None:
        return "no value"
    row = found.row(0, named=True)
    value = format_value(row["value"], unit=kpi.unit, show=kpi.show, lang=lang)
    top, bottom = _component(row["numerator"]), _component(row["denominator"])
    top += " s" if top and kpi.unit == "seconds" and kpi.kind != "censored" else ""
    if kpi.kind == "censored":
        return f"{value}; {top} of {bottom} cases ended"
    if not bottom or not top:
        return f"{value} of {bottom} cases" if bottom else value
    factor = "100 x " if kpi.unit == "points" else ""
    return f"{factor}{top} / {bottom} = {value}"


def example_rows(text: str) -> tuple[list[str], list[list[str]]]:
    r"""Take the text table of an example apart: its head, and the cells of each row.

    Example:
        >>> example_rows("contact_id | wait_ms\na | 90s\n")
        (['contact_id', 'wait_ms'], [['a', '90s']])
    """
    head, *rows = [
        [cell.strip() for cell in line.split("|")] for line in text.splitlines() if line.strip()
    ]
    return head, rows


def _component(amount: float | None) -> str:
    if amount is None:
        return ""
    return f"{amount:,.{SHOWN}f}".rstrip("0").rstrip(".") if amount % 1 else f"{amount:,.0f}"
