"""What a KPI value rests on: cases, time, or another amount."""

from __future__ import annotations

from typing import Literal

from kpitools.catalog.compiled import read_part
from kpitools.catalog.model import Kpi
from kpitools.language import format_count, format_value

Basis = Literal["cases", "time", "amount"]


def rests_on(kpi: Kpi) -> Basis:
    """Tell what the denominator of a KPI counts; counts and percentiles rest on cases.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> [rests_on(load_builtin().kpi(name)) for name in ("aht", "occupancy", "offered")]
        ['cases', 'time', 'cases']
    """
    if kpi.denominator is None:
        return "cases"
    kind = read_part(kpi, "denominator").kind
    return "cases" if kind == "count" else "time" if kind == "duration" else "amount"


def format_basis(amount: float | None, basis: Basis, lang: str = "en") -> str:
    """Write what a value rests on: a count of cases, or hours.

    Raises:
        LanguageError: a language that is not known.

    Example:
        >>> format_basis(2317, "cases"), format_basis(3_052_800, "time")
        ('2,317', '848 h')
    """
    if amount is None:
        return ""
    if basis == "time":
        return format_value(amount, unit="seconds", show="hours", lang=lang, digits=0)
    return format_count(amount, lang)
