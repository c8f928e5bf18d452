"""What the days of a source show: days or teams missing, a partial last day, a volume break."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median

import polars as pl

from kpitools.sources.declaration import WEEKDAYS
from kpitools.sources.findings import Finding, bounded, counted

USUAL = 0.75
"""A weekday is usual for a source that has rows on this share of such weekdays."""
OTHERS = 3
"""So many other such weekdays must be known before one can be missed."""
CERTAIN = 10
"""Where a day usually has so many rows, a day with none is no chance."""
PARTIAL, ENOUGH = 0.5, 20
"""The last day is partial under this share of such weekdays' median, when that is enough rows."""
CHANCE = 4
"""A fall of fewer square roots of what is usual may be chance."""
BREAK, WEEKS = 1.8, 3
"""The weekly volume breaks when the weeks before and after differ by this factor throughout."""
SUDDEN = 0.5
"""A break is a step: weeks on both sides lie apart by this part, in logarithms, of what their
medians do."""
LONE_GAP, LONE_SHARE = 60, 0.01
"""Days so far from the others, with so few rows, are not the range of the export."""
WEEK, BEFORE = 7, 4


@dataclass(frozen=True)
class Days:
    """Rows by local day of one source, and what is expected of its weekdays."""

    source: str
    table: str
    counts: Mapping[date, int]
    expected: frozenset[int] = frozenset()
    holidays: frozenset[date] = frozenset()
    team_holidays: Mapping[str, frozenset[date]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Rows in all."""
        return sum(self.counts.values())

    def range(self) -> list[date]:
        """Every calendar day from the first to the last, lone days far away left out."""
        days = sorted(self.counts)
        allowed = LONE_SHARE * self.total
        while (
            len(days) > 1
            and (days[-1] - days[-2]).days > LONE_GAP
            and (self.counts[days[-1]] <= allowed)
        ):
            days.pop()
        while (
            len(days) > 1
            and (days[1] - days[0]).days > LONE_GAP
            and (self.counts[days[0]] <= allowed)
        ):
            days.pop(0)
        if not days:
            return []
        return [days[0] + timedelta(days=n) for n in range((days[-1] - days[0]).days + 1)]

    def finding(
        self,
        kind: str,
        count: int,
        message: str,
        examples: Sequence[object] = (),
        *,
        certain: bool = True,
    ) -> Finding:
        """Make a finding about this source: a warning when it can hardly be chance."""
        return Finding(
            kind,
            self.source,
            self.table,
            "",
            count,
            self.total,
            "warning" if certain else "info",
            f"{self.source}: {message}.",
            bounded(examples),
        )


def check_days(days: Days, by_team: pl.DataFrame) -> list[Finding]:
    """Return what the days of a source show.

    Args:
        days: rows by local day.
        by_team: columns team, day, rows.
    """
    calendar = days.range()
    if not calendar:
        return []
    return [
        *_missing_days(days, calendar),
        *_missing_team_days(days, calendar, by_team),
        *_partial_last_day(days, calendar),
        *_volume_break(days, calendar),
    ]


def _missing_days(days: Days, calendar: list[date]) -> Iterator[Finding]:
    missed: list[date] = []
    certain = bool(days.expected)
    for weekday in range(WEEK):
        own = [day for day in calendar if day.weekday() == weekday and day not in days.holidays]
        absent = [day for day in own if not days.counts.get(day)]
        if weekday in days.expected:
            missed += absent
        elif not days.expected and _usual(own, absent):
            missed += absent
            rows = median(days.counts[day] for day in own if days.counts.get(day))
            certain = certain or rows >= CERTAIN
    if missed:
        missed.sort()
        rule = "expected" if days.expected else "such weekdays usually have rows"
        shown = [f"{day} ({WEEKDAYS[day.weekday()]})" for day in missed]
        text = f"no rows on {counted(len(missed), 'day')} ({rule})"
        yield days.finding("missing_days", len(missed), text, shown, certain=certain)


def _usual(own: list[date], absent: list[date]) -> bool:
    """Tell whether a day is missed: most other such weekdays have rows, and enough are known."""
    present = len(own) - len(absent)
    return bool(absent) and present >= OTHERS and present / (len(own) - 1) >= USUAL


def _missing_team_days(
    days: Days, calendar: list[date], by_team: pl.DataFrame
) -> Iterator[Finding]:
    busy = by_team.filter(pl.col("rows") >= CERTAIN).group_by("team").len()
    busy = busy.drop_nulls("team").filter(pl.col("len") >= BEFORE)
    own_days = by_team.filter(pl.col("team").is_in(busy["team"].to_list()))
    gaps = [
        (str(team), day)
        for (team,), own in own_days.group_by("team", maintain_order=True)
        for day in _team_gaps(dict(zip(own["day"], own["rows"], strict=True)), calendar)
        if days.counts.get(day) and day not in days.team_holidays.get(str(team), days.holidays)
    ]
    if gaps:
        gaps.sort(key=lambda gap: (gap[1], gap[0]))
        teams = counted(len({team for team, _ in gaps}), "team")
        count = counted(len({day for _, day in gaps}), "day")
        text = f"{teams} without rows on {count} on which there should be many"
        shown = [f"{team} on {day}" for team, day in gaps]
        yield days.finding("missing_team_days", len(gaps), text, shown)


def _team_gaps(own: Mapping[date, int], calendar: list[date]) -> list[date]:
    """Days from a team's first on without rows, when the four such weekdays before have many.

    The last day of the export is left to the finding about a partial one.
    """
    first = min(own)
    missed = []
    for day in calendar[:-1]:
        if day <= first or own.get(day):
            continue
        if all(own.get(day - timedelta(days=WEEK * n), 0) >= CERTAIN for n in range(1, BEFORE + 1)):
            missed.append(day)
    return missed


def _partial_last_day(days: Days, calendar: list[date]) -> Iterator[Finding]:
    last = calendar[-1]
    before = [days.counts.get(last - timedelta(days=WEEK * n), 0) for n in range(1, 9)]
    usual = [rows for rows in before if rows]
    if len(usual) < OTHERS or median(usual) < ENOUGH:
        return
    lacking = median(usual) - days.counts[last]
    if days.counts[last] < PARTIAL * median(usual) and lacking > CHANCE * math.sqrt(median(usual)):
        text = (
            f"the last day, {last}, has {counted(days.counts[last], 'row')}; such weekdays have "
            f"{median(usual):,.0f} (median): it is probably not complete"
        )
        yield days.finding("partial_last_day", days.counts[last], text)


def _volume_break(days: Days, calendar: list[date]) -> Iterator[Finding]:
    """Find the week from which on the volume is another, throughout."""
    weeks = _whole_weeks(days, calendar)
    best: tuple[float, date, float, float] | None = None
    for index in range(WEEKS, len(weeks) - WEEKS + 1):
        before = [rows for _, rows in weeks[max(0, index - 8) : index]]
        after = [rows for _, rows in weeks[index : index + 8]]
        size = math.log((median(after) + 1) / (median(before) + 1))
        up = math.log((min(after) + 1) / (max(before) + 1))
        down = math.log((min(before) + 1) / (max(after) + 1))
        if max(median(before), median(after)) < ENOUGH or abs(size) < math.log(BREAK):
            continue
        if max(up, down) < SUDDEN * abs(size):
            continue
        if best is None or abs(size) > best[0]:
            best = (abs(size), weeks[index][0], median(before), median(after))
    if best is not None:
        _, week, before_rows, after_rows = best
        text = (
            f"the volume breaks in the week from {week}: {before_rows:,.0f} rows a week before, "
            f"{after_rows:,.0f} after (medians)"
        )
        yield days.finding("volume_break", 1, text)


def _whole_weeks(days: Days, calendar: list[date]) -> list[tuple[date, int]]:
    start = calendar[0] + timedelta(days=-calendar[0].weekday() % WEEK)
    weeks = []
    while start + timedelta(days=WEEK - 1) <= calendar[-1]:
        rows = sum(days.counts.get(start + timedelta(days=n), 0) for n in range(WEEK))
        weeks.append((start, rows))
        start += timedelta(days=WEEK)
    return weeks
