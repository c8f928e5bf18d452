"""How an entry is written in a catalogue file: the shape that the JSON Schema describes."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from kpitools.catalog.model import Change, Effective, Good, KpiKind, Parameter, Status, Unit
from kpitools.language import GRAINS, strip_ruby

Amount = float | str
"""A number, a percentage (`85%`) or a duration (`30s`, `5min`, `4h`, `2d`)."""
NAME = r"^[a-z][a-z0-9_]*$"
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h|d)")
BY_PARAMETER = re.compile(r":[a-z][a-z0-9_]*_(days|hours|s)")
SPANS = {"s": 1, "min": 60, "h": 3600, "d": 86400}


def _texts(value: Any) -> Any:  # noqa: ANN401 whatever stands in the file
    return {"en": value} if isinstance(value, str) else value


def _filled(value: dict[str, str]) -> dict[str, str]:
    wrong = [key for key in value if not LANGUAGE.fullmatch(key)]
    if wrong:
        msg = f"'{wrong[0]}' is no language code such as en or tr"
        raise ValueError(msg)
    if not value.get("en", "").strip():
        msg = "the English text (en) is missing"
        raise ValueError(msg)
    return {key: strip_ruby(text) for key, text in value.items()}


def _strict_number(value: Any) -> Any:  # noqa: ANN401 whatever stands in the file
    if isinstance(value, bool):
        msg = "true and false are no amounts"
        raise ValueError(msg)  # noqa: TRY004 pydantic turns a ValueError into a fault
    return value


def read_span(text: str) -> float:
    """Return the seconds of a span such as `30s`, `5min`, `4h` or `7d`.

    Raises:
        ValueError: not such a span.

    Example:
        >>> read_span("2d"), read_span("1.5h")
        (172800.0, 5400.0)
    """
    found = SPAN.fullmatch(text.strip())
    if found is None:
        msg = f"'{text}' is no span such as 30s, 5min, 4h or 2d"
        raise ValueError(msg)
    return float(found[1]) * SPANS[found[2]]


def _settling(value: Any) -> Any:  # noqa: ANN401 whatever stands in the file
    if not isinstance(value, str) or BY_PARAMETER.fullmatch(value):
        return value
    try:
        return read_span(value)
    except ValueError as error:
        msg = f"{error}, nor a parameter such as :window_days"
        raise ValueError(msg) from error


FileTexts = Annotated[
    dict[str, str],
    BeforeValidator(_texts, json_schema_input_type=str | dict[str, str]),
    AfterValidator(_filled),
]
FileAmount = Annotated[Amount, BeforeValidator(_strict_number, json_schema_input_type=Amount)]
Settling = Annotated[float | str, BeforeValidator(_settling, json_schema_input_type=str | float)]
"""How long a value may still change: a span, or its parameter such as `:window_days`."""


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LimitsEntry(_Shape):
    """A target value with its range: `10%` of the value, or `[start, end]`, null is open."""

    value: FileAmount
    range: FileAmount | tuple[FileAmount | None, FileAmount | None] | None = None
    per: Literal[GRAINS] | None = Field(  # type: ignore[valid-type]
        None, description="The one period length that the value is meant for."
    )
    consequence: FileTexts | None = Field(None, description="What follows from missing it.")
    incentive: FileTexts | None = Field(None, description="What hangs on it.")
    note: FileTexts | None = None


class TeamTargetEntry(LimitsEntry):
    """A team's own target, with other values for some period lengths."""

    periods: dict[Literal[GRAINS], LimitsEntry] = {}  # type: ignore[valid-type]


class TargetEntry(LimitsEntry):
    """The target from one day on, with other values for some teams and period lengths."""

    start: date | None = Field(None, alias="from", description="First day on which it counts.")
    teams: dict[str, TeamTargetEntry] = {}
    periods: dict[Literal[GRAINS], LimitsEntry] = {}  # type: ignore[valid-type]


def _as_tuple(value: Any) -> Any:  # noqa: ANN401 whatever stands in the file
    if isinstance(value, list | tuple) and not value:
        msg = "a list of targets holds at least one"
        raise ValueError(msg)
    return value if isinstance(value, list | tuple) or value is None else (value,)


FileTargets = Annotated[
    tuple[TargetEntry, ...],
    BeforeValidator(_as_tuple, json_schema_input_type=TargetEntry | list[TargetEntry]),
]
"""One target, or one after the other with the day from which each counts."""


class RolesEntry(_Shape):
    """Who answers for the KPI, who is measured by it, who reports it."""

    accountable: str
    measured: tuple[str, ...] = ()
    reports: str = "analyst"


class ActionEntry(_Shape):
    """What is done when the KPI leaves its range."""

    when: str = Field(min_length=1)
    steps: tuple[str, ...] = Field(min_length=1)
    owner: str
    due: str = Field(min_length=1)


class BandEntry(_Shape):
    """What values are called from one value on up to the next band."""

    start: float | None = Field(None, alias="from", description="None for the lowest band.")
    name: FileTexts


class ExampleEntry(_Shape):
    """A miniature example: rows as text tables, columns between `|`, and what comes out."""

    tables: dict[str, str] = Field(min_length=1)
    text: FileTexts
    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    period: str = "2026-10"
    as_of: datetime = datetime(2027, 1, 1, tzinfo=UTC)


class VariantEntry(_Shape):
    """Another definition under the same name: what differs, who uses it, and its formulas."""

    name: FileTexts
    differs: FileTexts
    used_by: str = ""
    example: float | None = Field(None, description="Its value on the entry's example.")
    kind: KpiKind | None = None
    unit: Unit | None = None
    show: Literal["seconds", "minutes", "hours", "days"] | None = None
    good: Good | None = None
    table: str | None = None
    period_of: str | None = None
    where: str | None = None
    numerator: str | None = None
    denominator: str | None = None
    enters: str | None = None
    leaves: str | None = None
    starts: str | None = None
    ends: str | None = None
    quantile: float | None = Field(None, gt=0, lt=1)
    parameters: dict[str, Parameter | None] = {}
    settles_after: Settling | None = None


class KpiEntry(_Shape):
    """One version of one KPI as written in a file."""

    kpi: str = Field(pattern=NAME)
    version: int = Field(1, ge=1, strict=True)
    inherit: bool = Field(
        default=False,
        description="Take the built-in entry and change only the keys given here.",
    )
    kind: KpiKind | None = None
    effective: Effective = Effective()
    change: Change | None = None
    name: FileTexts
    definition: FileTexts
    purpose: FileTexts
    unit: Unit
    show: Literal["seconds", "minutes", "hours", "days"] = "seconds"
    good: Good
    table: str
    period_of: str | None = None
    where: str | None = None
    numerator: str | None = None
    denominator: str | None = None
    enters: str | None = None
    leaves: str | None = None
    starts: str | None = None
    ends: str | None = None
    quantile: float = Field(0.5, gt=0, lt=1)
    parameters: dict[str, Parameter] = {}
    settles_after: Settling = 0
    groups: tuple[str, ...] = ()
    goal: str = ""
    roles: RolesEntry
    controllable: bool | None = Field(
        None, description="Whether a person can bring it about; counts of arriving work cannot."
    )
    target: FileTargets | None = None
    minimum: int = Field(1, ge=1, strict=True)
    action: ActionEntry | None = None
    beside: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    status: Status = "approved"
    traps: tuple[FileTexts, ...] = ()
    bands: tuple[BandEntry, ...] = ()
    source: str = ""
    example: ExampleEntry | None = None
    variants: dict[Annotated[str, Field(pattern=NAME)], VariantEntry] = {}


class CatalogueFile(_Shape):
    """A catalogue file: roles with their names, and KPI entries."""

    catalogue: str | float | None = None
    extends: str | None = Field(None, description="Built-in catalogue that this one adds to.")
    roles: dict[str, FileTexts] = {}
    kpis: tuple[KpiEntry, ...] = ()


def open_range(start: date | None, end: date | None) -> str:
    """Say a range of days.

    Example:
        >>> open_range(date(2026, 1, 1), None)
        'from 2026-01-01'
    """
    parts = [f"from {start}" if start else "", f"to {end}" if end else ""]
    return " ".join(part for part in parts if part) or "always"
