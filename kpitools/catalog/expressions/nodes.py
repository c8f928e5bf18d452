"""A checked formula as a tree of few kinds of nodes, the same for every engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from kpitools.catalog.expressions.kinds import UNKNOWN, Type

Value = bool | int | float | str | date | datetime | None


@dataclass(frozen=True)
class Node:
    """One operation: its name, its arguments and the type of what comes out.

    `value` is the literal, the name of a field or parameter, or the pattern of a `like`;
    `where` is the FILTER of an aggregate.
    """

    op: str
    type: Type
    args: tuple[Node, ...] = ()
    value: Value = None
    where: Node | None = None

    @property
    def known(self) -> bool:
        """Whether the node was built without a fault."""
        return self.type != UNKNOWN

    def walk(self) -> Iterator[Node]:
        """Yield the node and every node under it."""
        yield self
        for arg in self.args:
            yield from arg.walk()
        if self.where is not None:
            yield from self.where.walk()

    def names(self, op: str) -> frozenset[str]:
        """Return the names that nodes of one kind carry, for example all fields."""
        return frozenset(str(node.value) for node in self.walk() if node.op == op)


AGGREGATES = frozenset(
    {"sum", "count_rows", "count", "count_distinct", "min", "max", "avg", "percentile"}
)
FIELDS = ("field", "local_date", "local_hour")
"""Operations that read a column; `value` names the field."""


def fields_of(node: Node) -> frozenset[str]:
    """Return the fields that a tree reads.

    Example:
        >>> from kpitools.catalog.expressions.kinds import COUNT, DATE
        >>> day = Node("local_date", DATE, value="created_at")
        >>> fields_of(Node("count_distinct", COUNT, (day,)))
        frozenset({'created_at'})
    """
    return frozenset().union(*(node.names(op) for op in FIELDS))


def columns_of(node: Node) -> frozenset[str]:
    """Return the columns that a tree reads: fields, and local times where it asks for them.

    Example:
        >>> from kpitools.catalog.expressions.kinds import DATE
        >>> columns_of(Node("local_date", DATE, value="created_at"))
        frozenset({'created_at_local'})
    """
    from kpitools.tables import local_name

    local = node.names("local_date") | node.names("local_hour")
    return node.names("field") | {local_name(name) for name in local}


def has_aggregate(node: Node) -> bool:
    """Tell whether an aggregate stands anywhere in the tree."""
    return any(item.op in AGGREGATES for item in node.walk())


def unknown() -> Node:
    """Return the placeholder for a part that has a fault already."""
    return Node("unknown", UNKNOWN)
