"""Which kinds of values a formula may combine, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kpitools.tables import Kind

ValueKind = Kind | Literal["bare", "null", "unknown"]
"""`bare` is a number written in the formula or a parameter: it takes the kind of its partner."""

PLAIN = ("bare", "count", "number")
MEASURED = ("duration", "money")
NUMERIC = (*PLAIN, *MEASURED)
WHOLE = ("count", "duration", "money")


@dataclass(frozen=True)
class Type:
    """Kind of a value; `whole` numbers are integers in every engine."""

    kind: ValueKind
    whole: bool = False

    @property
    def numeric(self) -> bool:
        """Whether one can calculate with it."""
        return self.kind in NUMERIC

    def __str__(self) -> str:
        """Give the kind as a reader of a message knows it."""
        return "number" if self.kind == "bare" else self.kind


TEXT = Type("text")
FLAG = Type("flag")
DATE = Type("date")
TIMESTAMP = Type("timestamp")
COUNT = Type("count", whole=True)
DURATION = Type("duration", whole=True)
NUMBER = Type("number")
NULL = Type("null")
UNKNOWN = Type("unknown")


def field_type(kind: Kind) -> Type:
    """Return the type of a table field of this kind.

    Example:
        >>> field_type("duration")
        Type(kind='duration', whole=True)
    """
    return Type(kind, whole=kind in WHOLE)


def parameter_type(value: object) -> Type:
    """Return the type of a parameter by its value.

    Example:
        >>> parameter_type(20), parameter_type(True), parameter_type("web")
        (Type(kind='bare', whole=True), Type(kind='flag', whole=False),
         Type(kind='text', whole=False))
    """
    if isinstance(value, bool):
        return FLAG
    if isinstance(value, int):
        return Type("bare", whole=True)
    return Type("bare") if isinstance(value, float) else TEXT


def common_type(left: Type, right: Type) -> Type | None:
    """Return the type that both fit in, for comparing, adding and choosing; None if there is none.

    Example:
        >>> common_type(DURATION, Type("bare", whole=True))
        Type(kind='duration', whole=True)
        >>> common_type(DURATION, Type("money", whole=True)) is None
        True
    """
    kinds = {left.kind, right.kind}
    whole = left.whole and right.whole
    if "unknown" in kinds:
        return UNKNOWN
    if "null" in kinds:
        return right if left.kind == "null" else left
    if len(kinds) == 1:
        return Type(left.kind, whole=whole)
    if not (left.numeric and right.numeric):
        return None
    if "bare" in kinds:
        return Type(right.kind if left.kind == "bare" else left.kind, whole=whole)
    return Type("number", whole=whole) if kinds == {"count", "number"} else None


def product_type(left: Type, right: Type) -> Type | None:
    """Return the type of a product; two measures cannot be multiplied.

    Example:
        >>> product_type(COUNT, DURATION)
        Type(kind='duration', whole=True)
    """
    if left.kind in PLAIN and right.kind in PLAIN:
        return common_type(left, right)
    if left.kind in MEASURED and right.kind in MEASURED:
        return None
    measured = left if left.kind in MEASURED else right
    return Type(measured.kind, whole=left.whole and right.whole)


def quotient_type(left: Type, right: Type) -> Type:
    """Return the type of a quotient: a measure by a plain number stays that measure.

    Example:
        >>> quotient_type(DURATION, COUNT), quotient_type(DURATION, DURATION)
        (Type(kind='duration', whole=False), Type(kind='number', whole=False))
    """
    if left.kind in MEASURED and right.kind in PLAIN:
        return Type(left.kind)
    return NUMBER
