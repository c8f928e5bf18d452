"""From sqlglot's syntax tree to checked nodes; every fault of a formula is collected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from sqlglot import exp

from kpitools.catalog.expressions.functions import FUNCTIONS, all_common
from kpitools.catalog.expressions.grammar import place, position_of
from kpitools.catalog.expressions.kinds import (
    DATE,
    FLAG,
    NULL,
    TEXT,
    TIMESTAMP,
    UNKNOWN,
    Type,
    common_type,
    field_type,
    parameter_type,
    product_type,
    quotient_type,
)
from kpitools.catalog.expressions.nodes import AGGREGATES, Node, fields_of, has_aggregate, unknown
from kpitools.errors import Fault, suggest
from kpitools.tables import Kind

LARGEST = 2**63 - 1
ARITHMETIC: dict[type[exp.Expr], str] = {
    exp.Add: "add",
    exp.Sub: "sub",
    exp.Mul: "mul",
    exp.Div: "div",
}
COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "eq",
    exp.NEQ: "ne",
    exp.LT: "lt",
    exp.LTE: "le",
    exp.GT: "gt",
    exp.GTE: "ge",
}
LOGIC: dict[type[exp.Expr], str] = {exp.And: "and", exp.Or: "or"}
SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/"}


class Builder:
    """Turns one syntax tree into nodes, noting what does not fit."""

    def __init__(
        self, text: str, fields: Mapping[str, Kind], parameters: Mapping[str, object]
    ) -> None:
        """Keep the formula's text for positions, and what it may refer to."""
        self.text = text
        self.fields = fields
        self.parameters = parameters
        self.faults: list[Fault] = []
        self._makers: dict[type[exp.Expr], Callable[..., Node]] = {
            exp.Column: self._column,
            exp.Placeholder: self._parameter,
            exp.Literal: self._literal,
            exp.Boolean: lambda e: Node("literal", FLAG, value=bool(e.this)),
            exp.Null: lambda _: Node("literal", NULL),
            exp.Paren: lambda e: self.build(e.this),
            exp.Cast: self._time_literal,
            exp.Neg: self._negative,
            exp.Not: self._not,
            exp.Is: self._is,
            exp.In: self._in,
            exp.Between: self._between,
            exp.Like: self._like,
            exp.DPipe: self._join_text,
            exp.Case: self._case,
            exp.Anonymous: self._call,
            exp.Filter: self._filter,
            **dict.fromkeys(ARITHMETIC, self._arithmetic),
            **dict.fromkeys(COMPARISONS, self._comparison),
            **dict.fromkeys(LOGIC, self._logic),
        }

    def build(self, tree: exp.Expr) -> Node:
        """Return the checked node of one part; an unknown one where it has a fault."""
        maker = self._makers.get(type(tree))
        if maker is None:
            return self._fault(
                tree,
                f"a formula may not contain {type(tree).__name__.lower()}",
                found=tree.sql(),
                expected="fields, parameters, literals, arithmetic, comparisons, and/or/not, "
                "case, in, between, like, is null and the listed functions",
            )
        return maker(tree)

    def _fault(
        self, tree: exp.Expr, what: str, *, found: str = "", expected: str = "", fix: str = ""
    ) -> Node:
        where = place(position_of(tree, self.text))
        fault = Fault(what, where, found or tree.sql(), expected, fix)
        if fault not in self.faults:
            self.faults.append(fault)
        return unknown()

    def _column(self, tree: exp.Column) -> Node:
        name = tree.name
        if tree.table:
            return self._fault(
                tree, "a field has no prefix", expected=name, fix="a formula reads one table"
            )
        if name not in self.fields:
            return self._fault(
                tree, f"no field '{name}'", found=name, fix=suggest(name, self.fields)
            )
        return Node("field", field_type(self.fields[name]), value=name)

    def _parameter(self, tree: exp.Placeholder) -> Node:
        name = str(tree.this or "?")
        if name not in self.parameters:
            known = suggest(name, self.parameters) if self.parameters else "none is declared"
            return self._fault(tree, f"no parameter ':{name}'", found=f":{name}", fix=known)
        return Node("parameter", parameter_type(self.parameters[name]), value=name)

    def _literal(self, tree: exp.Literal) -> Node:
        if tree.is_string:
            return Node("literal", TEXT, value=str(tree.this))
        try:
            whole = int(tree.this)
        except ValueError:
            return Node("literal", Type("bare"), value=float(tree.this))
        if whole > LARGEST:
            return self._fault(tree, "a number is too large", expected=f"at most {LARGEST}")
        return Node("literal", Type("bare", whole=True), value=whole)

    def _time_literal(self, tree: exp.Cast) -> Node:
        kind = str(tree.to.this).rsplit(".", 1)[-1].lower()
        literal = tree.this
        if not (isinstance(literal, exp.Literal) and kind in {"date", "timestamp"}):
            return self._fault(tree, "a formula may not convert kinds")
        try:
            if kind == "date":
                return Node("literal", DATE, value=date.fromisoformat(literal.this))
            at = datetime.fromisoformat(literal.this)
        except ValueError:
            return self._fault(tree, f"not a {kind}", expected=f"{kind} '2026-01-31'")
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        return Node("literal", TIMESTAMP, value=at)

    def _arithmetic(self, tree: exp.Binary) -> Node:
        op = ARITHMETIC[type(tree)]
        left, right = self.build(tree.this), self.build(tree.expression)
        if not (left.known and right.known):
            return unknown()
        for side in (left, right):
            if not side.type.numeric:
                hint = "write milliseconds(from, to) or later(at, milliseconds)"
                return self._fault(
                    tree,
                    f"'{SIGNS[op]}' takes numbers, not {side.type}",
                    fix=hint if side.type == TIMESTAMP else "",
                )
        rules = {"mul": product_type, "div": quotient_type}
        result = rules.get(op, common_type)(left.type, right.type)
        if result is None:
            return self._fault(tree, f"'{SIGNS[op]}' cannot join {left.type} and {right.type}")
        return Node(op, result, (left, right))

    def _comparison(self, tree: exp.Binary) -> Node:
        left, right = self.build(tree.this), self.build(tree.expression)
        return self._compare(tree, COMPARISONS[type(tree)], left, right)

    def _compare(self, tree: exp.Expr, op: str, left: Node, right: Node) -> Node:
        if NULL in {left.type, right.type}:
            return self._fault(tree, "a comparison with null is never true", fix="write 'is null'")
        if common_type(left.type, right.type) is None:
            return self._fault(tree, f"cannot compare {left.type} with {right.type}")
        if FLAG in {left.type, right.type} and op not in {"eq", "ne"}:
            return self._fault(tree, "a flag has no order", expected="= or <>")
        return Node(op, FLAG, (left, right))

    def _condition(self, tree: exp.Expr) -> Node:
        node = self.build(tree)
        if node.known and node.type not in {FLAG, NULL}:
            return self._fault(tree, f"a condition is true or false, not {node.type}")
        return node

    def _logic(self, tree: exp.Binary) -> Node:
        return Node(
            LOGIC[type(tree)],
            FLAG,
            (self._condition(tree.this), self._condition(tree.expression)),
        )

    def _not(self, tree: exp.Not) -> Node:
        return Node("not", FLAG, (self._condition(tree.this),))

    def _negative(self, tree: exp.Neg) -> Node:
        node = self.build(tree.this)
        if node.known and not node.type.numeric:
            return self._fault(tree, f"'-' takes a number, not {node.type}")
        if node.op == "literal" and isinstance(node.value, int | float):
            return Node("literal", node.type, value=-node.value)
        return Node("neg", node.type, (node,))

    def _is(self, tree: exp.Is) -> Node:
        node, right = self.build(tree.this), tree.expression
        if isinstance(right, exp.Null):
            return Node("is_null", FLAG, (node,))
        if isinstance(right, exp.Boolean):
            if node.known and node.type != FLAG:
                return self._fault(tree, f"'is true' takes a flag, not {node.type}")
            return Node("is_true" if right.this else "is_false", FLAG, (node,))
        return self._fault(tree, "'is' takes null, true or false")

    def _in(self, tree: exp.In) -> Node:
        items = tree.expressions
        if not items or any(tree.args.get(key) for key in ("query", "unnest", "field")):
            return self._fault(tree, "'in' takes a list of values", expected="x in ('a', 'b')")
        left = self.build(tree.this)
        found = tuple(self._compare(item, "eq", left, self.build(item)) for item in items)
        if not all(item.known for item in found):
            return unknown()
        return Node("in", FLAG, (left, *(item.args[1] for item in found)))

    def _between(self, tree: exp.Between) -> Node:
        if tree.args.get("symmetric"):
            return self._fault(tree, "'between' goes from the lower to the upper end")
        value = self.build(tree.this)
        low = self._compare(tree, "ge", value, self.build(tree.args["low"]))
        high = self._compare(tree, "le", value, self.build(tree.args["high"]))
        return Node("and", FLAG, (low, high))

    def _like(self, tree: exp.Like) -> Node:
        value, pattern = self.build(tree.this), self.build(tree.expression)
        if value.known and value.type != TEXT:
            return self._fault(tree, f"'like' takes text, not {value.type}")
        if pattern.op != "literal" or pattern.type != TEXT:
            return self._fault(tree, "'like' takes a pattern", expected="x like 'abc%'")
        node = Node("like", FLAG, (value,), value=pattern.value)
        return Node("not", FLAG, (node,)) if tree.args.get("negate") else node

    def _join_text(self, tree: exp.DPipe) -> Node:
        left, right = self.build(tree.this), self.build(tree.expression)
        if any(side.known and side.type != TEXT for side in (left, right)):
            return self._fault(tree, "'||' joins texts")
        return Node("join_text", TEXT, (left, right))

    def _case(self, tree: exp.Case) -> Node:
        branches = tree.args["ifs"]
        subject = self.build(tree.this) if tree.this is not None else None
        conditions = [
            self._condition(branch.this)
            if subject is None
            else self._compare(branch.this, "eq", subject, self.build(branch.this))
            for branch in branches
        ]
        default = tree.args.get("default")
        last = self.build(default) if default is not None else Node("literal", NULL)
        values = (*(self.build(branch.args["true"]) for branch in branches), last)
        if not all(node.known for node in (*conditions, *values)):
            return unknown()
        result = all_common(values)
        if result is None:
            kinds = " and ".join(sorted({str(value.type) for value in values}))
            return self._fault(tree, f"the branches of a case have different kinds: {kinds}")
        return Node("case", result, (*conditions, *values))

    def _call(self, tree: exp.Anonymous) -> Node:
        name = str(tree.this).lower()
        function = FUNCTIONS.get(name)
        if function is None:
            return self._fault(
                tree, f"no function '{name}'", found=name, fix=suggest(name, FUNCTIONS)
            )
        items = tree.expressions
        if name == "count" and len(items) == 1 and isinstance(items[0], exp.Star):
            return Node("count_rows", Type("count", whole=True))
        op = name
        if name == "count" and len(items) == 1 and isinstance(items[0], exp.Distinct):
            op, items = "count_distinct", items[0].expressions
        if not function.least <= len(items) <= function.most:
            return self._fault(tree, f"{name} takes other arguments", expected=function.usage)
        args = tuple(self.build(item) for item in items)
        if not all(arg.known for arg in args):
            return unknown()
        result = function.rule(args)
        if isinstance(result, str):
            return self._fault(tree, f"{name} {result}", expected=function.usage)
        return self._made(tree, op, result, args)

    def _made(self, tree: exp.Expr, op: str, result: Type, args: tuple[Node, ...]) -> Node:
        if op in {"local_date", "local_hour"}:
            return Node(op, result, value=args[0].value)
        if op in AGGREGATES:
            if has_aggregate(args[0]):
                return self._fault(tree, "an aggregate cannot stand inside an aggregate")
            if not fields_of(args[0]):
                return self._fault(tree, f"{op} takes at least one field")
        return Node(op, result, args)

    def _filter(self, tree: exp.Filter) -> Node:
        inner = self.build(tree.this)
        where = self._condition(tree.expression.this)
        if is_unknown(inner) or is_unknown(where):
            return unknown()
        if inner.op not in AGGREGATES:
            return self._fault(tree, "'filter' follows an aggregate")
        if has_aggregate(where) or not fields_of(where):
            return self._fault(tree, "the condition of a filter reads fields of one row")
        return Node(inner.op, inner.type, inner.args, where=where)


def is_unknown(node: Node) -> bool:
    """Tell whether any part of the tree has a fault."""
    return any(item.type == UNKNOWN for item in node.walk())
