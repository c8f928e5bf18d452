"""The checked formulas of a KPI, and the fields that it needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from kpitools.catalog.derived import table_fields
from kpitools.catalog.expressions import Formula, parse_formula
from kpitools.catalog.expressions.kinds import NULL
from kpitools.catalog.expressions.nodes import Node
from kpitools.catalog.model import Kpi, Parameter
from kpitools.errors import CatalogError, Fault

Part = Literal["where", "numerator", "denominator", "enters", "leaves", "starts", "ends"]
PARTS: tuple[tuple[Part, Literal["row", "aggregate"]], ...] = (
    ("where", "row"),
    ("numerator", "aggregate"),
    ("denominator", "aggregate"),
    ("enters", "row"),
    ("leaves", "row"),
    ("starts", "row"),
    ("ends", "row"),
)
_MODES = dict(PARTS)


@dataclass(frozen=True)
class Compiled:
    """The formulas of one KPI; the parts that its kind has not are None."""

    where: Formula | None = None
    numerator: Formula | None = None
    denominator: Formula | None = None
    enters: Formula | None = None
    leaves: Formula | None = None
    starts: Formula | None = None
    ends: Formula | None = None

    @property
    def all(self) -> tuple[Formula, ...]:
        """Return every formula that is there."""
        found = (getattr(self, part) for part, _ in PARTS)
        return tuple(item for item in found if item is not None)


def compile_kpi(kpi: Kpi) -> Compiled:
    """Return the checked formulas of a KPI.

    Raises:
        CatalogError: every fault of every formula, named by its part.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> compile_kpi(load_builtin().kpi("asa")).numerator.kind
        'duration'
    """
    made, faults = compile_parts(kpi)
    if faults:
        raise CatalogError([fault for _, fault in faults])
    return made


def compile_parts(kpi: Kpi) -> tuple[Compiled, list[tuple[Part, Fault]]]:
    """Return what could be compiled, and the faults by part."""
    made: dict[str, Formula] = {}
    faults: list[tuple[Part, Fault]] = []
    for part, _ in PARTS:
        if getattr(kpi, part) is None:
            continue
        try:
            made[part] = read_part(kpi, part)
        except CatalogError as error:
            faults += [(part, _named(kpi, part, fault)) for fault in error.faults]
    return Compiled(**made), faults


def mean_of(kpi: Kpi) -> Formula | None:
    """Return the row-level amount whose mean a KPI is; None where it is no mean.

    A mean is `sum(x)` by `count(x)` of the same amount under the same filter. The formula
    gives null for rows that the filter leaves out, so that spread is that of its values.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> mean_of(load_builtin().kpi("asa")).to_sql()
        '"wait_ms"'
        >>> mean_of(load_builtin().kpi("occupancy")) is None
        True
    """
    if kpi.kind not in {"ratio", "mean"}:
        return None
    made, _ = compile_parts(kpi)
    top, bottom = made.numerator, made.denominator
    if top is None or bottom is None or (top.node.op, bottom.node.op) != ("sum", "count"):
        return None
    amount, only = top.node.args[0], top.node.where
    if bottom.node.args[0] != amount or bottom.node.where != only:
        return None
    if only is not None:
        amount = Node("case", amount.type, (only, amount, Node("literal", NULL)))
    return Formula(f"amounts of {top.text}", amount)


def read_part(kpi: Kpi, part: Part) -> Formula:
    """Return one formula of a KPI, which has it; the same text is read once.

    Raises:
        CatalogError: every fault of the formula.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> read_part(load_builtin().kpi("occupancy"), "denominator").kind
        'duration'
    """
    given = tuple((name, value, type(value)) for name, value in kpi.parameters.items())
    return _parsed(str(getattr(kpi, part)), kpi.table, given, _MODES[part])


@lru_cache(maxsize=4096)
def _parsed(
    text: str,
    table: str,
    given: tuple[tuple[str, Parameter, type], ...],
    mode: Literal["row", "aggregate"],
) -> Formula:
    parameters = {name: value for name, value, _ in given}
    return parse_formula(text, table_fields=table_fields(table), parameters=parameters, mode=mode)


def _named(kpi: Kpi, part: str, fault: Fault) -> Fault:
    what = f"{kpi.kpi}, {part}: {fault.what}"
    return Fault(what, fault.where, fault.found, fault.expected, fault.fix)


def required_fields(kpi: Kpi) -> frozenset[str]:
    """Return the fields of its table without which a KPI cannot be computed.

    Raises:
        CatalogError: a formula of the KPI has faults.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> sorted(required_fields(load_builtin().kpi("asa")))
        ['offered_at', 'outcome', 'wait_ms']
    """
    formulas = compile_kpi(kpi).all
    return frozenset({kpi.period_of}).union(*(item.fields for item in formulas))
