"""How a business calendar is declared: days, hours, holidays, and from when it counts."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from kpitools.sources.declaration import WEEKDAYS, Record, Weekday
from kpitools.sources.zone_names import known_zone

Span = tuple[int, int]
"""Minutes from midnight, start and end; the end is past 1,440 where a shift crosses midnight."""
DAY = 24 * 60
_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
CLOSED = "closed"


def read_hours(text: str) -> tuple[Span, ...]:
    """Read opening hours such as `09:00-13:00, 14:00-18:00`; `22:00-06:00` ends the next day.

    Raises:
        ValueError: not such hours, or two that overlap.

    Example:
        >>> read_hours("09:00-13:00, 14:00-18:00"), read_hours("22:00-06:00")
        (((540, 780), (840, 1080)), ((1320, 1800),))
    """
    if text.strip() == CLOSED:
        return ()
    spans = sorted(_span(part) for part in text.split(","))
    for earlier, later in pairwise(spans):
        if later[0] < earlier[1]:
            msg = f"'{text}' holds hours that overlap"
            raise ValueError(msg)
    return tuple(spans)


def _span(text: str) -> Span:
    found = _HOURS.fullmatch(text.strip())
    if found is None:
        msg = f"'{text.strip()}' is no range of hours such as 09:00-17:00"
        raise ValueError(msg)
    start, end = (int(found[n]) * 60 + int(found[n + 1]) for n in (1, 3))
    if start >= DAY or end > DAY or int(found[2]) >= 60 or int(found[4]) >= 60:  # noqa: PLR2004 - minutes of an hour
        msg = f"'{text.strip()}' lies outside 00:00-24:00"
        raise ValueError(msg)
    return (start, end) if end > start else (start, end + DAY)


def read_weekdays(text: str) -> tuple[int, ...]:
    """Read weekdays such as `mon-thu` or `sat, sun`: Monday is 0.

    Raises:
        ValueError: not weekdays.

    Example:
        >>> read_weekdays("mon-thu"), read_weekdays("sat, sun"), read_weekdays("fri-mon")
        ((0, 1, 2, 3), (5, 6), (4, 5, 6, 0))
    """
    days: list[int] = []
    for part in text.split(","):
        names = [name.strip() for name in part.split("-")]
        if not 1 <= len(names) <= 2 or not set(names) <= set(WEEKDAYS):  # noqa: PLR2004 - one day, or first and last
            msg = f"'{part.strip()}' is no weekday or range such as mon-fri"
            raise ValueError(msg)
        first, last = WEEKDAYS.index(names[0]), WEEKDAYS.index(names[-1])
        days += [(first + n) % 7 for n in range((last - first) % 7 + 1)]
    return tuple(days)


class HolidaysConfig(Record):
    """Public holidays of a country (or a part of it), with days added and taken away."""

    country: str | None = Field(
        None, description="ISO 3166 code, for example ES; the dates come from `holidays`."
    )
    subdivision: str | None = Field(None, description="ISO 3166-2 part, for example MD.")
    also: tuple[date, ...] = ()
    without: tuple[date, ...] = Field((), description="Holidays on which the team works.")

    @model_validator(mode="after")
    def _known(self) -> HolidaysConfig:
        if self.subdivision is not None and self.country is None:
            msg = "a subdivision needs its country"
            raise ValueError(msg)
        if self.country is not None:
            from kpitools.sources.calendars import check_country

            check_country(self.country, self.subdivision)
        return self


def _holidays(value: Any) -> Any:  # noqa: ANN401 - what stands in the file
    if isinstance(value, str):
        return {"country": value}
    return {"also": value} if isinstance(value, list | tuple) else value


def _hours(value: Any) -> Any:  # noqa: ANN401 - what stands in the file
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return value


class CalendarConfig(Record):
    """Business days and hours of a team on its own clock, and its holidays."""

    start: date | None = Field(None, alias="from", description="First day on which it counts.")
    end: date | None = Field(None, alias="to", description="Last day on which it counts.")
    days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    hours: Annotated[
        str | dict[str, Annotated[str, BeforeValidator(_hours)]],
        BeforeValidator(_hours, json_schema_input_type=str | list[str] | dict[str, str]),
    ] = Field("00:00-24:00", description="`09:00-17:00`, several, or by weekday: {mon-thu: ...}.")
    holidays: Annotated[
        HolidaysConfig,
        BeforeValidator(_holidays, json_schema_input_type=str | list[date] | dict[str, Any]),
    ] = HolidaysConfig.model_construct()
    timezone: str | None = Field(None, description="Clock of the hours; default the team's.")

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        return None if value is None else known_zone(value)

    @model_validator(mode="after")
    def _readable(self) -> CalendarConfig:
        self.weekly()
        if self.start and self.end and self.end < self.start:
            msg = f"the calendar ends ({self.end}) before it begins ({self.start})"
            raise ValueError(msg)
        return self

    def weekly(self) -> tuple[tuple[Span, ...], ...]:
        """Return the opening hours of every weekday, Monday first.

        Raises:
            ValueError: hours or weekdays that cannot be read.
        """
        week: list[tuple[Span, ...]] = [()] * 7
        if isinstance(self.hours, str):
            for day in self.days:
                week[WEEKDAYS.index(day)] = read_hours(self.hours)
            return tuple(week)
        for names, text in self.hours.items():
            for weekday in read_weekdays(names):
                week[weekday] = read_hours(text)
        return tuple(week)


def _versions(value: Any) -> Any:  # noqa: ANN401 - what stands in the file
    return value if isinstance(value, list | tuple) else [value]


def _in_order(versions: tuple[CalendarConfig, ...]) -> tuple[CalendarConfig, ...]:
    ordered = sorted(versions, key=lambda item: item.start or date.min)
    for earlier, later in pairwise(ordered):
        if later.start is None or (earlier.end is not None and earlier.end >= later.start):
            msg = f"two versions of the calendar count on {later.start or 'every day'}"
            raise ValueError(msg)
    return tuple(ordered)


CalendarVersions = Annotated[
    tuple[CalendarConfig, ...],
    BeforeValidator(_versions, json_schema_input_type=CalendarConfig | list[CalendarConfig]),
    AfterValidator(_in_order),
]
"""One calendar, or its versions one after another; a version counts until the next begins."""
