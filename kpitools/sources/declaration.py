"""How one source is declared in `kpitools.yaml`: files, format, columns, keys."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

FileType = Literal["csv", "tsv", "xlsx", "jsonl", "parquet"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Time = Literal["ms", "seconds", "minutes", "hours", "days"]
Clock = Literal["hh:mm:ss", "mm:ss", "hh:mm", "day_fraction", "excel_time", "epoch_1970"]
Amount = Literal["major", "minor", "percent", "fraction"]
Unit = Time | Clock | Amount
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Record(BaseModel):
    """Base of the configuration's records: frozen, unknown keys are faults."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _as_list(value: Any) -> Any:  # noqa: ANN401 - what stands in the file
    return [value] if isinstance(value, str) else value


def _blank_is_text(value: Any) -> Any:  # noqa: ANN401 - what stands in the file
    return ["" if item is None else item for item in value] if isinstance(value, list) else value


Names = Annotated[
    tuple[str, ...],
    BeforeValidator(_as_list, json_schema_input_type=str | list[str]),
]
Words = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda value: _blank_is_text(_as_list(value))),
]


class FormatConfig(Record):
    """How a file is written; what is not declared is found out or has the plain default."""

    type: FileType | None = Field(None, description="Default: by the file name's ending.")
    delimiter: str | None = Field(None, description="One character, or `tab`.")
    encoding: str | None = Field(None, description="Default: a byte order mark's, else utf-8.")
    skip_rows: int = Field(0, ge=0, description="Lines above the line of column names.")
    sheet: str | None = Field(None, description="Sheet name; default the first.")
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'"] = ""
    true: Words = ("true", "yes", "y", "t", "1")
    false: Words = ("false", "no", "n", "f", "0")
    missing: Words = Field((), description="Words that mean: no value. Blank always does.")
    timezone: str | None = Field(None, description="Zone of local times; `team`: the team's.")
    days: tuple[Weekday, ...] = Field((), description="Weekdays on which rows are expected.")


class ColumnConfig(Record):
    """Where one canonical field comes from; a plain text is short for `{from: text}`."""

    source: Names = Field((), alias="from", description="Column name, or several to join.")
    constant: str | None = Field(None, description="The same value in every row.")
    expression: str | None = Field(None, description="A formula over other mapped fields.")
    membership: str | None = Field(
        None, description="Of `team`: the person whose membership at the row's time decides."
    )
    format: str | None = Field(
        None,
        description="Of times: iso, day_first, month_first, epoch_s, epoch_ms, or a pattern "
        "such as %d/%m/%Y %H:%M. Not declared: proven from the whole column.",
    )
    timezone: str | None = Field(None, description="Zone of local times; `team`: the team's.")
    unit: Unit | None = Field(None, description="Of durations, money and numbers.")
    digits: int = Field(2, ge=0, le=4, description="Decimal places of the currency.")
    values: dict[str, str] = Field(default={}, description="What each exported value becomes.")
    otherwise: str | None = Field(None, description="What a value not listed becomes.")
    separator: str = Field(" ", description="Between the parts when several columns are joined.")
    optional: bool = Field(default=False, description="Files without the column are expected.")
    decimal: Literal[".", ","] | None = None
    thousands: Literal["", ",", ".", " ", "'"] | None = None
    true: Words | None = None
    false: Words | None = None
    missing: Words | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:  # noqa: ANN401 - what stands in the file
        return {"from": [value]} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_origin(self) -> ColumnConfig:
        rest = (self.constant, self.expression, self.membership)
        given = [bool(self.source), *(item is not None for item in rest)]
        if sum(given) != 1:
            msg = "give exactly one of 'from', 'constant' and 'expression'"
            raise ValueError(msg)
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Say in the schema that a plain column name will do."""
        return {"anyOf": [{"type": "string"}, handler(core_schema)]}


class KeepConfig(Record):
    """Which of several rows with the same key is kept: the last by these, then in file order."""

    last_by: Names


class LatestStateConfig(Record):
    """One row per case out of an event log: the last by `order`, then in file order."""

    by: Names
    order: Names = ()


class ControlTotal(Record):
    """A figure of the exporting system that ours must agree with."""

    period: str = Field(description="2026-10, 2026-W41, 2026-Q4, 2026-10-05, 2026 or all")
    measure: str = Field("rows", description="`rows`, or an aggregate such as sum(talk_ms).")
    value: float
    tolerance: str = Field("0", description="Allowed difference, absolute or as 0.5%.")


class SourceChange(Record):
    """One change of an export: from when, by whom, why, what; `kpitools kpis history` tells it."""

    on: date = Field(description="Day from which the rows are made the new way.")
    by: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    what: str = Field(min_length=1)


class SourceConfig(Record):
    """One export: its files, the canonical table that it feeds, and what its columns mean."""

    file: Names = Field(description="File name or pattern, relative to kpitools.yaml.")
    table: str
    format: FormatConfig = FormatConfig()
    columns: dict[str, ColumnConfig] = Field(min_length=1)
    rows_where: str | None = Field(None, description="Only rows of the file where this holds.")
    key: Names | None = Field(None, description="Fields that name a row; `[]`: none.")
    keep: KeepConfig | None = None
    latest_state: LatestStateConfig | None = None
    control_totals: tuple[ControlTotal, ...] = ()
    changes: tuple[SourceChange, ...] = Field((), description="What changed in the export, when.")

    @property
    def person_of_team(self) -> str | None:
        """The field of the person whose membership gives the team; None where it is mapped."""
        team = self.columns.get("team")
        return None if team is None else team.membership

    def as_read(self) -> SourceConfig:
        """Return the declaration of what stands in the files: no team out of memberships."""
        if self.person_of_team is None:
            return self
        columns = {name: item for name, item in self.columns.items() if name != "team"}
        return self.model_copy(update={"columns": columns})
