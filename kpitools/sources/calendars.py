"""Business calendars: when a team is open, day by day, on its own clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from kpitools.errors import suggest
from kpitools.sources.calendar_config import CalendarConfig, Span

WATCHED = range(2000, 2050)
"""Years of which public holidays are known when rows are checked day by day."""
_ONE_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True)
class CalendarVersion:
    """The hours of a calendar while one version of it counts; `week` begins on Monday."""

    week: tuple[tuple[Span, ...], ...]
    start: date | None = None
    end: date | None = None
    country: str | None = None
    subdivision: str | None = None
    also: frozenset[date] = frozenset()
    without: frozenset[date] = frozenset()
    timezone: str | None = None

    def counts(self, day: date) -> bool:
        """Tell whether the version counts on a day."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)

    def closed(self, day: date) -> bool:
        """Tell whether a day is a holiday."""
        if day in self.also:
            return True
        if self.country is None or day in self.without:
            return False
        return day in public_holidays(self.country, self.subdivision, day.year)

    def holidays(self, years: range) -> frozenset[date]:
        """Return the holidays of some years on which the version counts."""
        found = set(self.also)
        if self.country is not None:
            for year in years:
                found |= public_holidays(self.country, self.subdivision, year)
        return frozenset(day for day in found - self.without | self.also if self.counts(day))


@dataclass(frozen=True)
class Opening:
    """One stretch of business time: UTC milliseconds, and the day that its shift belongs to."""

    start: int
    end: int
    day: date


@dataclass(frozen=True)
class BusinessCalendar:
    """When business time runs, on the clock that its versions name, or on the team's own.

    A shift across midnight belongs to the day on which it starts. A holiday closes its whole
    local day, from midnight to midnight, also for a shift that began the day before. Hours that
    a clock change skips do not exist; those that it repeats count twice.
    """

    name: str
    versions: tuple[CalendarVersion, ...]

    def version(self, day: date) -> CalendarVersion | None:
        """Return the version that counts on a day; later ones win."""
        return next((item for item in reversed(self.versions) if item.counts(day)), None)

    def holidays(self, years: range = WATCHED) -> frozenset[date]:
        """Return the holidays of all versions in some years."""
        return frozenset(day for item in self.versions for day in item.holidays(years))

    def named(self, first: date, last: date) -> dict[date, str]:
        """Return the holidays between two days, inclusive, with what each is called.

        A day that the calendar lists itself, and no country has, is called `holiday`.
        """
        found: dict[date, str] = {}
        for item in self.versions:
            days = item.holidays(range(first.year, last.year + 1))
            for day in sorted(day for day in days if first <= day <= last):
                name = holiday_name(item.country, item.subdivision, day) if item.country else ""
                found[day] = name or "holiday"
        return found

    def openings(self, first: date, last: date, *, zone: str) -> Iterator[Opening]:
        """Yield the business time of shifts that start on the days from first to last, in order.

        Args:
            first: first local day.
            last: last local day, inclusive.
            zone: the team's clock, for a calendar that names none.

        Example:
            >>> week = (((540, 1020),),) * 5 + ((),) * 2
            >>> office = BusinessCalendar("office", (CalendarVersion(week),))
            >>> [(o.end - o.start) // 3_600_000 for o in office.openings(
            ...     date(2026, 10, 2), date(2026, 10, 5), zone="UTC")]
            [8, 8]
        """
        until = 0
        day = first - _ONE_DAY
        while day <= last:
            version = self.version(day)
            clock = ZoneInfo((version.timezone if version else None) or zone)
            for start, end in self._shifts(day):
                begin, stop = (_instant(day, minutes, clock) for minutes in (start, end))
                begin = max(begin, until)
                if stop > begin and day >= first:
                    yield Opening(begin, stop, day)
                until = max(until, stop)
            day += _ONE_DAY

    def _shifts(self, day: date) -> Iterator[Span]:
        """Yield the parts of a day's shifts that no holiday closes, in minutes from midnight."""
        version = self.version(day)
        if version is None:
            return
        for start, end in version.week[day.weekday()]:
            if not version.closed(day):
                yield start, min(end, _DAY)
            if end > _DAY and not self._closed(day + _ONE_DAY):
                yield max(start, _DAY), end

    def _closed(self, day: date) -> bool:
        version = self.version(day)
        return version is not None and version.closed(day)


_DAY = 24 * 60


def _instant(day: date, minutes: int, clock: ZoneInfo) -> int:
    """Return the UTC milliseconds of a time on a clock; what a change skips is moved forward."""
    at = datetime.combine(day, time()) + timedelta(minutes=minutes)
    return (at.replace(tzinfo=clock).astimezone(UTC) - _EPOCH) // _MS


def make_calendars(
    config: Mapping[str, tuple[CalendarConfig, ...]],
) -> dict[str, BusinessCalendar]:
    """Make the calendars of a workspace from their declarations."""
    return {name: _calendar(name, versions) for name, versions in config.items()}


def _calendar(name: str, versions: tuple[CalendarConfig, ...]) -> BusinessCalendar:
    made = []
    for item, following in zip(versions, [*versions[1:], None], strict=True):
        end = item.end
        if end is None and following is not None and following.start is not None:
            end = following.start - _ONE_DAY
        days = item.holidays
        made.append(
            CalendarVersion(
                week=item.weekly(),
                start=item.start,
                end=end,
                country=days.country,
                subdivision=days.subdivision,
                also=frozenset(days.also),
                without=frozenset(days.without),
                timezone=item.timezone,
            )
        )
    return BusinessCalendar(name, tuple(made))


OFFICE = BusinessCalendar("office", (CalendarVersion((((9 * 60, 17 * 60),),) * 5 + ((),) * 2),))
"""Monday to Friday, 09:00 to 17:00, no holidays: the calendar of worked examples."""


@lru_cache(maxsize=4096)
def public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """Return the public holidays of one year, observed days included.

    Source: the package `holidays`, which follows each country's laws.

    Example:
        >>> date(2026, 12, 25) in public_holidays("ES", "MD", 2026)
        True
    """
    import holidays

    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))


def holiday_name(country: str, subdivision: str | None, day: date) -> str:
    """Return what a public holiday is called in English where the package has it, else locally.

    Example:
        >>> holiday_name("US", None, date(2026, 11, 26)), holiday_name("US", None, date(2026, 1, 2))
        ('Thanksgiving Day', '')
    """
    return _names(country, subdivision, day.year).get(day, "")


@lru_cache(maxsize=4096)
def _names(country: str, subdivision: str | None, year: int) -> dict[date, str]:
    import holidays

    found = holidays.country_holidays(country, subdiv=subdivision, years=year, language="en_US")
    return dict(found)


def check_country(country: str, subdivision: str | None) -> None:
    """Refuse a country or a part of it of which no holidays are known.

    Raises:
        ValueError: not known; names the nearest ones.
    """
    import holidays

    known = holidays.list_supported_countries()
    if country not in known:
        msg = f"no holidays are known of the country '{country}' ({suggest(country, known)})"
        raise ValueError(msg)
    if subdivision is not None and subdivision not in known[country]:
        fix = suggest(subdivision, known[country]) if known[country] else "it has no parts"
        msg = f"no holidays are known of '{subdivision}' in {country} ({fix})"
        raise ValueError(msg)
