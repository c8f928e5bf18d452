"""A formula: read once, checked against the fields, given to each engine from one tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from kpitools.catalog.expressions.build import Builder, is_unknown
from kpitools.catalog.expressions.grammar import read_syntax
from kpitools.catalog.expressions.kinds import COUNT, FLAG, NULL, Type, parameter_type
from kpitools.catalog.expressions.nodes import (
    AGGREGATES,
    Node,
    columns_of,
    fields_of,
    has_aggregate,
)
from kpitools.catalog.model import Parameter
from kpitools.errors import CatalogError, Fault, examples
from kpitools.tables import Kind

if TYPE_CHECKING:
    import polars as pl

Mode = Literal["aggregate", "row"]


@dataclass(frozen=True)
class Formula:
    """One checked formula; `kind` is what it gives, `whole` whether that is an integer."""

    text: str
    node: Node = field(repr=False)

    @property
    def fields(self) -> frozenset[str]:
        """Fields of the table that the formula reads."""
        return fields_of(self.node)

    @property
    def columns(self) -> frozenset[str]:
        """Columns that it reads: fields, and `<field>_local` where it asks for local times."""
        return columns_of(self.node)

    @property
    def parameters(self) -> frozenset[str]:
        """Parameters that it uses."""
        return self.node.names("parameter")

    @property
    def is_aggregate(self) -> bool:
        """Whether it gives one value for many rows."""
        return has_aggregate(self.node)

    @property
    def is_percentile(self) -> bool:
        """Whether it is one percentile and nothing else."""
        return self.node.op == "percentile"

    @property
    def is_distinct(self) -> bool:
        """Whether it is one count of distinct values and nothing else."""
        return self.node.op == "count_distinct"

    @property
    def kind(self) -> Kind:
        """Kind of the value that comes out."""
        if self.node.type.kind == "bare":
            return "count" if self.node.type.whole else "number"
        kind = self.node.type.kind
        return "text" if kind in {"null", "unknown"} else kind  # type: ignore[return-value]

    @property
    def whole(self) -> bool:
        """Whether the value is an integer in every engine."""
        return self.node.type.whole

    def cases(self) -> Formula:
        """Return the formula that counts what a percentile rests on.

        Example:
            >>> f = parse_formula("percentile(wait_ms, 0.9) filter (where answered)",
            ...     table_fields={"wait_ms": "duration", "answered": "flag"})
            >>> f.cases().to_sql()
            'COUNT("wait_ms") FILTER(WHERE "answered")'
        """
        node = Node("count", COUNT, self.node.args[:1], where=self.node.where)
        return Formula(f"cases of {self.text}", node)

    def to_polars(self, parameters: Mapping[str, Parameter] | None = None) -> pl.Expr:
        """Return the polars expression with the parameters' values in place.

        Raises:
            CatalogError: a parameter without a value, or with a value of another kind.

        Example:
            >>> import polars as pl
            >>> frame = pl.DataFrame({"wait_ms": [5, 15, 25]})
            >>> f = parse_formula("count(*) filter (where wait_ms > :limit)",
            ...     table_fields={"wait_ms": "duration"}, parameters={"limit": 10})
            >>> frame.select(f.to_polars({"limit": 20})).item()
            1
        """
        from kpitools.catalog.expressions.to_polars import polars_expression

        return polars_expression(self.node, self._values(parameters or {}))

    def to_sql(
        self, dialect: str = "duckdb", parameters: Mapping[str, Parameter] | None = None
    ) -> str:
        """Return SQL text; parameters stay names (`$name`) when no values are given.

        Raises:
            CatalogError: a dialect that is not known, or a parameter as in `to_polars`.

        Example:
            >>> parse_formula("sum(talk_ms) / count(*)",
            ...     table_fields={"talk_ms": "duration"}).to_sql()
            'CAST(CAST(COALESCE(SUM("talk_ms"), 0) AS BIGINT) AS DOUBLE) /
            NULLIF(CAST(COUNT(*) AS DOUBLE), 0)'
        """
        from kpitools.catalog.expressions.to_sql import check_dialect, sql_expression

        known = check_dialect(dialect)
        values = None if parameters is None else self._values(parameters)
        return sql_expression(self.node, values, dialect=known).sql(dialect=known)

    def _values(self, given: Mapping[str, Parameter]) -> dict[str, Parameter]:
        values: dict[str, Parameter] = {}
        faults = []
        for node in self.node.walk():
            if node.op != "parameter":
                continue
            name = str(node.value)
            if name not in given:
                faults.append(Fault(f"parameter '{name}' has no value", found=self.text))
                continue
            values[name] = given[name]
            if not _fits(given[name], node.type):
                faults.append(
                    Fault(
                        f"parameter '{name}' has another kind",
                        found=repr(given[name]),
                        expected=_words(node.type),
                    )
                )
        if faults:
            raise CatalogError(list(dict.fromkeys(faults)))
        return values


def _fits(value: Parameter, declared: Type) -> bool:
    found = parameter_type(value)
    wider = found.kind == declared.kind == "bare" and not declared.whole
    return found == declared or wider


def _words(declared: Type) -> str:
    if declared == FLAG:
        return "true or false"
    if declared.kind == "bare":
        return "a whole number" if declared.whole else "a number"
    return "a text"


def parse_formula(
    text: str,
    *,
    table_fields: Mapping[str, Kind],
    parameters: Mapping[str, Parameter] | None = None,
    mode: Mode | None = None,
) -> Formula:
    """Read and check one formula of the expression language.

    Without `mode` both aggregates and row-level formulas are taken; `is_aggregate` tells.

    Args:
        text: the formula, for example `sum(talk_ms) filter (where outcome = 'answered')`.
        table_fields: kind by field name of the one table that it reads.
        parameters: value by name of what may be written `:name`.
        mode: `aggregate` or `row` when only that is right.

    Raises:
        CatalogError: every fault of the formula with its position: not readable, not allowed,
            unknown field, parameter or function, kinds that do not fit, the wrong mode.

    Example:
        >>> f = parse_formula("count(*) filter (where wait_ms <= :t * 1000)",
        ...     table_fields={"wait_ms": "duration"}, parameters={"t": 20})
        >>> sorted(f.fields), sorted(f.parameters), f.is_aggregate, f.kind
        (['wait_ms'], ['t'], True, 'count')
    """
    try:
        tree = read_syntax(text)
        builder = Builder(text, table_fields, parameters or {})
        node = builder.build(tree)
        faults = builder.faults or (_mode_faults(node, mode) if not is_unknown(node) else [])
    except RecursionError as error:
        raise CatalogError("a formula is nested too deeply", fix="split it") from error
    if faults:
        raise CatalogError(faults)
    return Formula(text, node)


def _mode_faults(node: Node, mode: Mode | None) -> list[Fault]:
    if node.type == NULL:
        return [Fault("a formula gives null", expected="a value")]
    aggregate = has_aggregate(node)
    if mode == "row" and aggregate:
        return [Fault("an aggregate where one row is read", expected="a formula over one row")]
    if mode == "aggregate" and not aggregate:
        return [Fault("a formula without an aggregate", expected="sum, count, min, max, avg, ...")]
    loose = sorted(_loose(node)) if aggregate else []
    if loose:
        return [
            Fault(
                f"fields stand outside the aggregate: {examples(loose)}",
                fix="put them inside, for example sum(...)",
            )
        ]
    return []


def _loose(node: Node) -> frozenset[str]:
    """Return fields that no aggregate contains."""
    if node.op in AGGREGATES:
        return frozenset()
    if node.op in {"field", "local_date", "local_hour"}:
        return frozenset({str(node.value)})
    return frozenset().union(*(_loose(arg) for arg in node.args))
