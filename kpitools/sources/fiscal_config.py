"""How `kpitools.yaml` declares the fiscal year."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from kpitools.sources.declaration import Record
from kpitools.sources.fiscal import FiscalCalendar, NamedBy, Rule, WeekPattern

Month = Literal[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
MONTHS = Month.__args__  # type: ignore[attr-defined]  # the names in their order
DAYS = Day.__args__  # type: ignore[attr-defined]  # the names in their order


def _lower(value: Any) -> Any:  # noqa: ANN401 - what stands in the file
    return value.lower() if isinstance(value, str) else value


MonthName = Annotated[Month, BeforeValidator(_lower)]
DayName = Annotated[Day, BeforeValidator(_lower)]


class FiscalEnd(Record):
    """On which weekday a fiscal year of whole weeks ends."""

    weekday: DayName
    month: MonthName
    rule: Rule = Field(
        description="`last`: the last such weekday of the month; `nearest`: the one nearest to "
        "the month's end, which may lie in the month after."
    )


class FiscalConfig(Record):
    """The fiscal year: of calendar months, or of whole weeks by a pattern."""

    starts: MonthName | None = Field(None, description="First month of a year of months.")
    pattern: Literal["4-4-5", "4-5-4", "5-4-4"] | None = Field(
        None, description="Weeks of the three months of every quarter."
    )
    ends: FiscalEnd | None = Field(None, description="End of a year of whole weeks.")
    extra_week: int = Field(
        12, ge=1, le=12, description="Fiscal month that takes the 53rd week; default the last."
    )
    named_by: NamedBy = Field(
        "end", description="FY2026 is the year that ends, or that starts, in 2026."
    )

    @model_validator(mode="after")
    def _one_kind(self) -> FiscalConfig:
        if (self.starts is None) == (self.pattern is None):
            msg = "give either 'starts' (calendar months) or 'pattern' (whole weeks)"
            raise ValueError(msg)
        if (self.pattern is None) != (self.ends is None):
            msg = "'pattern' and 'ends' belong together"
            raise ValueError(msg)
        if self.pattern is None and "extra_week" in self.model_fields_set:
            msg = "'extra_week' is for years of whole weeks"
            raise ValueError(msg)
        return self

    def calendar(self) -> FiscalCalendar:
        """Return the calendar that is declared.

        Example:
            >>> FiscalConfig(starts="april").calendar().start("fiscal_year", 2026)
            datetime.date(2025, 4, 1)
        """
        if self.ends is None or self.pattern is None:
            return FiscalCalendar(MONTHS.index(self.starts) + 1, self.named_by)
        a, b, c = (int(weeks) for weeks in self.pattern.split("-"))
        weekday, month = DAYS.index(self.ends.weekday), MONTHS.index(self.ends.month) + 1
        weeks = WeekPattern((a, b, c), weekday, month, self.ends.rule, self.extra_week)
        return FiscalCalendar(named_by=self.named_by, weeks=weeks)
