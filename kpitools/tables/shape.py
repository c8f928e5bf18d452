"""What a canonical table and a field are; the fields that many tables share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kpitools.errors import TableError, suggest

Kind = Literal["text", "timestamp", "date", "duration", "money", "number", "count", "flag"]
"""`duration` is integer milliseconds, `money` integer minor units, `timestamp` UTC."""


@dataclass(frozen=True)
class Field:
    """One canonical field.

    `dimension` fields may be asked for in facts; `person` fields hold the identifier of a
    person and become pseudonyms; a `planned` time stamp may lie after `as_of` (a due date);
    a `calendar` field is made on the business calendar of the row's team.
    """

    name: str
    kind: Kind
    about: str
    dimension: bool = False
    person: bool = False
    planned: bool = False
    calendar: bool = False


@dataclass(frozen=True)
class Table:
    """One canonical event table: what one row is, its key and its fields."""

    name: str
    row: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field:
        """Return one field.

        Raises:
            TableError: no such field in this table.
        """
        for item in self.fields:
            if item.name == name:
                return item
        known = [item.name for item in self.fields]
        raise TableError(
            f"table '{self.name}' has no field '{name}'", found=name, fix=suggest(name, known)
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Field names in their fixed order."""
        return tuple(item.name for item in self.fields)

    @property
    def timestamps(self) -> tuple[str, ...]:
        """Names of the fields that are points in time (UTC)."""
        return tuple(item.name for item in self.fields if item.kind == "timestamp")

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the fields by which facts may be split."""
        return tuple(item.name for item in self.fields if item.dimension)


def text_field(name: str, about: str) -> Field:
    """Make an opaque text field."""
    return Field(name, "text", about)


def dim_field(name: str, about: str) -> Field:
    """Make a text field by which facts may be split."""
    return Field(name, "text", about, dimension=True)


def at_field(name: str, about: str) -> Field:
    """Make a point in time that has happened."""
    return Field(name, "timestamp", about)


def plan_field(name: str, about: str) -> Field:
    """Make a point in time that may lie ahead."""
    return Field(name, "timestamp", about, planned=True)


def ms_field(name: str, about: str) -> Field:
    """Make a duration in integer milliseconds."""
    return Field(name, "duration", about)


def flag_field(name: str, about: str) -> Field:
    """Make a yes or no."""
    return Field(name, "flag", about)


TEAM = dim_field("team", "team that the row counts for")
AGENT = Field("agent", "text", "person who did the work", dimension=True, person=True)
CHANNEL = dim_field("channel", "voice, chat, email, ...")
QUEUE = dim_field("queue", "queue or skill that the row waited in")
REASON = dim_field("reason", "why the customer made contact")
SEGMENT = dim_field("segment", "customer segment")
CUSTOMER = text_field("customer", "key of the customer, opaque")
