"""What a derived table is: a table made from several others, by a function in `facts`."""

from __future__ import annotations

from dataclasses import dataclass

from kpitools.tables import Field


@dataclass(frozen=True)
class DerivedTable:
    """One derived table: what one row is, its fields, and the fields that it is made from.

    `parameters` are those of the asking KPI without whose values the rows cannot be made.
    """

    name: str
    row: str
    fields: tuple[Field, ...]
    needs: dict[str, frozenset[str]]
    parameters: tuple[str, ...] = ()
