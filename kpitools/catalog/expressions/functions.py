"""Which functions a formula may call, with what, and what comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kpitools.catalog.expressions.kinds import (
    COUNT,
    DATE,
    DURATION,
    NUMBER,
    TEXT,
    TIMESTAMP,
    UNKNOWN,
    Type,
    common_type,
)
from kpitools.catalog.expressions.nodes import Node

Rule = Callable[[tuple[Node, ...]], Type | str]
"""Gives the type of the result, or says in words why the arguments do not fit."""
DECIMALS = 15


@dataclass(frozen=True)
class Function:
    """One allowed function: its usage line, how many arguments, and its rule."""

    usage: str
    least: int
    most: int
    rule: Rule
    aggregate: bool = False


def all_common(nodes: tuple[Node, ...]) -> Type | None:
    """Return the type that all nodes fit in, or None."""
    result: Type | None = nodes[0].type
    for node in nodes[1:]:
        result = common_type(result, node.type) if result is not None else None
    return result


def _numeric(nodes: tuple[Node, ...]) -> Type | str:
    kind = nodes[0].type
    return kind if kind.numeric else f"takes a number, not {kind}"


def _sum(nodes: tuple[Node, ...]) -> Type | str:
    kind = nodes[0].type
    if kind.kind == "flag":
        return "takes a number, not a flag: write count(*) filter (where ...)"
    if kind.kind == "bare":
        return Type("count", whole=True) if kind.whole else NUMBER
    return _numeric(nodes)


def _mean(nodes: tuple[Node, ...]) -> Type | str:
    kind = _sum(nodes)
    if isinstance(kind, str):
        return kind
    return Type("number" if kind.kind == "count" else kind.kind)


def _percentile(nodes: tuple[Node, ...]) -> Type | str:
    share = nodes[1]
    literal = share.op == "literal" and isinstance(share.value, int | float)
    if share.op != "parameter" and not (literal and 0 <= float(str(share.value)) <= 1):
        return "takes a number from 0 to 1 or a parameter as its second argument"
    return _mean(nodes)


def _ordered(nodes: tuple[Node, ...]) -> Type | str:
    kind = nodes[0].type
    return kind if kind.numeric or kind in {TIMESTAMP, DATE, TEXT} else f"cannot order {kind}"


def _choice(nodes: tuple[Node, ...]) -> Type | str:
    found = all_common(nodes)
    return found or "takes values of one kind, not " + " and ".join(str(n.type) for n in nodes)


def _extreme(nodes: tuple[Node, ...]) -> Type | str:
    found = _choice(nodes)
    if isinstance(found, Type) and not (found.numeric or found in {TIMESTAMP, DATE, UNKNOWN}):
        return f"takes numbers or times, not {found}"
    return found


def _round(nodes: tuple[Node, ...]) -> Type | str:
    if len(nodes) > 1:
        digits = nodes[1]
        if digits.op != "literal" or digits.value not in range(DECIMALS + 1):
            return f"takes a whole number from 0 to {DECIMALS} as its second argument"
    return _numeric(nodes)


def _texts(nodes: tuple[Node, ...]) -> Type | str:
    wrong = [str(node.type) for node in nodes if node.type not in {TEXT, UNKNOWN}]
    return f"takes text, not {wrong[0]}" if wrong else TEXT


def _between_times(result: Type) -> Rule:
    def rule(nodes: tuple[Node, ...]) -> Type | str:
        wrong = [str(node.type) for node in nodes if node.type not in {TIMESTAMP, UNKNOWN}]
        return f"takes two time stamps, not {wrong[0]}" if wrong else result

    return rule


def _hours(nodes: tuple[Node, ...]) -> Type | str:
    kind = nodes[0].type
    fits = kind == UNKNOWN or kind.kind == "duration"
    return NUMBER if fits else f"takes a duration, not {kind}"


def _later(nodes: tuple[Node, ...]) -> Type | str:
    at, wait = nodes[0].type, nodes[1].type
    if at not in {TIMESTAMP, UNKNOWN}:
        return f"takes a time stamp first, not {at}"
    if wait != UNKNOWN and not (wait.whole and wait.kind != "money"):
        return "takes whole milliseconds second"
    return TIMESTAMP


def _local(result: Type) -> Rule:
    def rule(nodes: tuple[Node, ...]) -> Type | str:
        if nodes[0].op != "field" or nodes[0].type != TIMESTAMP:
            return "takes the name of a time stamp field"
        return result

    return rule


def _any(nodes: tuple[Node, ...]) -> Type | str:
    return COUNT if nodes else UNKNOWN


FUNCTIONS: dict[str, Function] = {
    "sum": Function("sum(x)", 1, 1, _sum, aggregate=True),
    "count": Function("count(*), count(x) or count(distinct x)", 1, 1, _any, aggregate=True),
    "min": Function("min(x)", 1, 1, _ordered, aggregate=True),
    "max": Function("max(x)", 1, 1, _ordered, aggregate=True),
    "avg": Function("avg(x)", 1, 1, _mean, aggregate=True),
    "percentile": Function("percentile(x, 0.9)", 2, 2, _percentile, aggregate=True),
    "coalesce": Function("coalesce(a, b, ...)", 1, 20, _choice),
    "nullif": Function("nullif(a, b)", 2, 2, _choice),
    "abs": Function("abs(x)", 1, 1, _numeric),
    "round": Function("round(x, 2)", 1, 2, _round),
    "least": Function("least(a, b, ...)", 1, 20, _extreme),
    "greatest": Function("greatest(a, b, ...)", 1, 20, _extreme),
    "lower": Function("lower(text)", 1, 1, _texts),
    "upper": Function("upper(text)", 1, 1, _texts),
    "trim": Function("trim(text)", 1, 1, _texts),
    "concat": Function("concat(text, text, ...)", 1, 20, _texts),
    "milliseconds": Function("milliseconds(from, to)", 2, 2, _between_times(DURATION)),
    "seconds": Function("seconds(from, to)", 2, 2, _between_times(NUMBER)),
    "hours": Function("hours(duration)", 1, 1, _hours),
    "later": Function("later(at, milliseconds)", 2, 2, _later),
    "local_date": Function("local_date(at)", 1, 1, _local(DATE)),
    "local_hour": Function("local_hour(at)", 1, 1, _local(COUNT)),
}
