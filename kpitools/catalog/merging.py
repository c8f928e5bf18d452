"""How the values of a KPI may be put together: over days, over teams, or not at all."""

from __future__ import annotations

from typing import Literal

from kpitools.catalog.compiled import compile_kpi
from kpitools.catalog.expressions.nodes import Node
from kpitools.catalog.model import Kpi

Merging = Literal["A", "R", "M", "Q", "S", "D", "C"]
WORDS: dict[Merging, str] = {
    "A": "Counts add up over days and teams.",
    "R": "Numerators and denominators add up over days and teams; the ratio is formed from them.",
    "M": "Sums and numbers of cases add up over days and teams; the mean is formed from them.",
    "Q": "A percentile is taken from the cases anew for each period and team; nothing is added.",
    "S": "A snapshot at the end of the period: added over teams, never over days.",
    "D": "The same one may be counted in two periods or teams: counted anew, never added.",
    "C": "Made from the cases anew for each period and team, open ones included; nothing is added.",
}
UNSETTLED = "Its value may change after the period's end, until it is final."
_DISTINCT = frozenset({"count_distinct"})


def merge_class(kpi: Kpi) -> Merging:
    """Tell by a letter how values of a KPI are put together (see `WORDS`).

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> [merge_class(load_builtin().kpi(name)) for name in ("asa", "csat", "backlog")]
        ['M', 'R', 'S']

    Source: classes of additivity; a mean is a ratio whose numerator is a measure.
    """
    by_kind: dict[str, Merging] = {"percentile": "Q", "snapshot": "S", "censored": "C"}
    if kpi.kind in by_kind:
        return by_kind[kpi.kind]
    formulas = compile_kpi(kpi)
    nodes = [item.node for item in (formulas.numerator, formulas.denominator) if item is not None]
    if kpi.kind == "distinct" or any(_counts_distinct(node) for node in nodes):
        return "D"
    if formulas.denominator is None:
        return "A"
    return "M" if kpi.unit in {"seconds", "number"} else "R"


def say_merging(kpi: Kpi) -> str:
    """Say how values of a KPI are put together, and whether they still change.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> say_merging(load_builtin().kpi("offered"))
        'Counts add up over days and teams.'
    """
    unsettled = kpi.settles_after_s > 0 or kpi.settles_by is not None
    return WORDS[merge_class(kpi)] + (f" {UNSETTLED}" if unsettled else "")


def _counts_distinct(node: Node) -> bool:
    return any(item.op in _DISTINCT for item in node.walk())
