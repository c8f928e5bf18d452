"""The two axes of a chart: values in the unit that a reader knows, periods on UTC."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from kpitools.analysis.series import period_starts
from kpitools.language import Show, Unit
from kpitools.visuals.scale import LONG_LABEL, nice_ticks, opened, period_format, thin, tick_digits
from kpitools.visuals.theme import LABEL_GAP, PLOT_HEIGHT
from kpitools.visuals.vega_lite import Channel, column

DIVISORS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
_NEVER_NEGATIVE: tuple[Unit, ...] = ("seconds", "count", "money", "share")


@dataclass(frozen=True)
class ValueAxis:
    """The value axis: its ends and ticks in shown units (percent stays a fraction)."""

    unit: Unit
    divisor: float
    ticks: tuple[float, ...]
    height: int = PLOT_HEIGHT

    @property
    def low(self) -> float:
        """Lower end."""
        return self.ticks[0]

    @property
    def high(self) -> float:
        """Upper end."""
        return self.ticks[-1]

    @property
    def gap(self) -> float:
        """Least distance of two labels, in shown units."""
        return LABEL_GAP / self.height * (self.high - self.low)

    def shown(self, value: float | None) -> float | None:
        """Convert a value of the facts to what the axis shows."""
        return None if value is None else round(value / self.divisor, 9)

    def within(self, value: float | None) -> float | None:
        """Convert a value of the facts and keep it within the axis."""
        level = self.shown(value)
        return None if level is None else min(max(level, self.low), self.high)

    def holds(self, value: float | None) -> bool:
        """Tell whether a value of the facts lies within the axis."""
        level = self.shown(value)
        return level is not None and self.low <= level <= self.high

    def y(self, field: str) -> Channel:
        """Return the encoding of a field on this axis."""
        if self.unit == "share":
            form = f".{max(0, tick_digits(tuple(tick * 100 for tick in self.ticks)))}%"
        else:
            form = f",.{tick_digits(self.ticks)}f"
        axis = {
            "values": list(self.ticks),
            "format": form,
            "title": None,
            "domain": False,
            "ticks": False,
        }
        scale = {"domain": [self.low, self.high], "nice": False, "zero": False}
        return column(f"{field}:Q", scale=scale, axis=axis)


def value_axis(
    values: Iterable[float | None],
    *,
    unit: Unit,
    show: Show = "seconds",
    zero: bool = False,
    height: int = PLOT_HEIGHT,
) -> ValueAxis:
    """Fit a value axis to values of the facts; it stays within what the unit can be.

    Example:
        >>> value_axis([60.0, 180.0], unit="seconds", show="minutes").ticks
        (1.0, 1.5, 2.0, 2.5, 3.0)
    """
    divisor = float(DIVISORS.get(show, 1)) if unit == "seconds" else 1.0
    known = [value / divisor for value in values if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    low = min(low, 0.0) if zero else low
    high = max(high, 0.0) if zero else high
    if high <= low:
        least, top = natural_ends(known, unit=unit)
        low, high = opened(low)
        low, high = max(low, least), min(high, top)
    most = 7 if height >= PLOT_HEIGHT else 4
    return ValueAxis(unit, divisor, nice_ticks(low, high, most=most), height)


def natural_ends(values: Sequence[float], *, unit: Unit) -> tuple[float, float]:
    """Return the ends that no value of the unit passes, judged by the values there are.

    Example:
        >>> natural_ends([0.2, 0.9], unit="share"), natural_ends([-0.1], unit="share")[1]
        ((0.0, 1.0), 1.0)
    """
    low = 0.0 if unit in _NEVER_NEGATIVE and min(values, default=0) >= 0 else float("-inf")
    high = 1.0 if unit == "share" and max(values, default=0) <= 1 else float("inf")
    return (-100.0, 100.0) if unit == "points" else (low, high)


@dataclass(frozen=True)
class PeriodAxis:
    """The time axis: every period from the first to the last, also those without data."""

    grain: str
    periods: tuple[date, ...]
    most: int = 8

    @property
    def half_step(self) -> timedelta:
        """Half the distance of two periods: the room left and right of the points."""
        span = instant(self.periods[-1]) - instant(self.periods[0])
        return span / max(1, len(self.periods) - 1) / 2 or timedelta(days=1)

    def x(self, field: str) -> Channel:
        """Return the encoding of a field on this axis; UTC, so that no reader's clock moves it."""
        first, last = instant(self.periods[0]), instant(self.periods[-1])
        ends = [_millis(first - self.half_step), _millis(last + self.half_step)]
        axis = {
            "values": [_millis(instant(day)) for day in self.ticks],
            "format": period_format(self.grain, self.periods),
            "title": None,
            "grid": False,
            "labelOverlap": False,
            "labelFlush": False,
        }
        return column(f"{field}:T", scale={"type": "utc", "domain": ends}, axis=axis)

    @property
    def ticks(self) -> tuple[date, ...]:
        """The periods that are labelled; fewer where a label is a day with its year."""
        long = period_format(self.grain, self.periods) == LONG_LABEL
        return thin(self.periods, most=max(self.most * 2 // 3, 1) if long else self.most)

    def late(self, day: date) -> bool:
        """Tell whether a period lies in the right half."""
        middle = (
            instant(self.periods[0]) + (instant(self.periods[-1]) - instant(self.periods[0])) / 2
        )
        return instant(day) > middle


def period_axis(periods: Sequence[date], *, grain: str) -> PeriodAxis:
    """Fit a time axis to the periods of a series, filling the gaps.

    Example:
        >>> days = [date(2026, 7, 1), date(2026, 10, 1)]
        >>> len(period_axis(days, grain="month").periods)
        4
    """
    first, last = min(periods), max(periods)
    every = period_starts(last, grain, _count(first, last, grain))
    return PeriodAxis(grain, tuple(every or sorted(set(periods))))


def _count(first: date, last: date, grain: str) -> int:
    months = (last.year - first.year) * 12 + last.month - first.month
    days = (last - first).days
    counts = {
        "month": months,
        "quarter": months // 3,
        "half_year": months // 6,
        "year": months // 12,
        "week": days // 7,
    }
    return counts.get(grain, days) + 1


def instant(day: date) -> datetime:
    """Return a period's start as an instant on UTC.

    Example:
        >>> instant(date(2026, 10, 1)).isoformat()
        '2026-10-01T00:00:00+00:00'
    """
    if isinstance(day, datetime):
        return day.replace(tzinfo=UTC) if day.tzinfo is None else day.astimezone(UTC)
    return datetime.combine(day, time(), UTC)


def at_text(day: date) -> str:
    """Return a period's start as the text that charts hold.

    Example:
        >>> at_text(date(2026, 10, 1))
        '2026-10-01T00:00:00Z'
    """
    return instant(day).strftime("%Y-%m-%dT%H:%M:%SZ")


def _millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
