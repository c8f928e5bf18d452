"""Facts over windows: the year to date, and the last n periods."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from kpitools.catalog.model import Kpi
from kpitools.errors import FactsError
from kpitools.facts.asked import Asked, check_asked
from kpitools.facts.build import build_facts, ground_of
from kpitools.facts.exact import exact_sum, grid_of
from kpitools.facts.extent import days_of
from kpitools.facts.ground import Ground
from kpitools.facts.periods import FISCAL_GRAINS, MINUTES, Period
from kpitools.facts.roll_up import why_not_added
from kpitools.facts.shape import COMPONENTS, FIXED, empty_facts, over, value_of
from kpitools.tables import TABLES

if TYPE_CHECKING:
    from kpitools.sources.events import Events

_ENDS, _ADD, _ASK = "ends", "add", "ask"
WINDOWS = "ytd, ytd:fiscal or rolling:12"
_FINER = frozenset({"day", "week"})


@dataclass(frozen=True)
class Window:
    """How far back from the end of a period a window reaches.

    `periods` are that many periods of the grain, the last included; else it begins with the
    calendar year, or with the fiscal year where `fiscal` is true, of the period's last day.
    """

    text: str
    periods: int | None = None
    fiscal: bool = False

    def begin(self, period: Period, ground: Ground) -> date:
        """Return the first day of the window that ends with a period.

        Raises:
            FactsError: a fiscal year without a fiscal calendar.
        """
        if self.periods is not None:
            return period.previous(self.periods - 1).start
        fiscal = self.fiscal or period.grain in FISCAL_GRAINS
        year = "fiscal_year" if fiscal else "year"
        return Period.containing(period.end, year, fiscal=ground.fiscal).start


def parse_window(text: str) -> Window:
    """Read a window: `ytd`, `ytd:fiscal` or `rolling:12`.

    Raises:
        FactsError: not a window.

    Example:
        >>> parse_window("rolling:12").periods, parse_window("ytd:fiscal").fiscal
        (12, True)
    """
    match = re.fullmatch(r"ytd(:fiscal)?|rolling:([1-9]\d{0,3})", text.strip().lower())
    if match is None:
        raise FactsError("this is not a window", found=repr(text[:40]), expected=WINDOWS)
    fiscal, periods = match.groups()
    return Window(match.group(), int(periods) if periods else None, fiscal=fiscal is not None)


def build_windows(asked: Asked, events: Events, *, window: str) -> pl.DataFrame:
    """Compute facts over windows: each row counts all days from the window's first to its last.

    Of KPIs whose components add up the components of the periods are added and the value is
    formed from the sums. Percentiles, distinct counts, durations still running, amounts of
    money and what rests on a table that is made per period are asked of the events for every
    window anew, which takes as many queries as there are windows. Open cases (snapshots) are
    those at the end of the window's last period.

    Args:
        asked: the question; its grain is that of the windows' last periods, its range says
            which of them (default: every period of the data).
        events: the event tables.
        window: `ytd`, `ytd:fiscal` or `rolling:12`.

    Returns:
        Facts as of `build_facts`, `period` being the last of the window, and two columns more:
        window (String) and complete (Boolean), false where the window begins before the data
        of the KPI does. A row is final when the last period is, as all others are then.

    Raises:
        FactsError: not a window, minutes as grain, and what `build_facts` refuses.
    """
    check_asked(asked, levels=events.levels)
    span = parse_window(window)
    ground = replace(ground_of(asked, events), teams=None)
    if ground.grain in MINUTES:
        raise FactsError(
            "windows are made of whole days", found=asked.grain, expected="day or a longer grain"
        )
    courses = _courses(asked, ground, span)
    found: dict[str, pl.DataFrame] = {}
    for way, run in ((_ENDS, _at_ends), (_ADD, _added), (_ASK, _asked_each)):
        group = [course for course in courses if course.way == way]
        if group:
            facts = run(group, asked, ground)
            found |= {
                course.kpi.kpi: course.marked(facts.filter(kpi=course.kpi.kpi)) for course in group
            }
    empty = _marked(empty_facts(asked.by, grain=asked.grain), span)
    order = [kpi.kpi for kpi in asked.kpis if kpi.kpi in found]
    made = [found[name].sort(*asked.by, "period") for name in order]
    return pl.concat([empty, *(_marked(each, span) for each in made)])


@dataclass(frozen=True)
class _Course:
    """The windows of one KPI: their last periods and first days, and how they are computed."""

    kpi: Kpi
    way: str
    periods: tuple[Period, ...]
    begins: tuple[date, ...]
    known_from: date

    def marked(self, facts: pl.DataFrame) -> pl.DataFrame:
        """Keep the facts of its own windows, and tell which begin before the data does."""
        complete = pl.DataFrame(
            {
                "period": [period.start for period in self.periods],
                "complete": [begin >= self.known_from for begin in self.begins],
            },
            schema={"period": pl.Date, "complete": pl.Boolean},
        )
        return facts.join(complete, on="period", how="inner")


def _courses(asked: Asked, ground: Ground, window: Window) -> list[_Course]:
    """Find out, for each KPI that has data, which windows there are."""
    extents: dict[tuple[str, str, str], tuple[date, date] | None] = {}
    found = []
    for kpi in asked.kpis:
        key = (kpi.table, kpi.period_of, "" if kpi.table in TABLES else kpi.kpi)
        if key not in extents:
            extents[key] = days_of(kpi, asked, ground)
        known = extents[key]
        periods = _last_periods(asked, ground, known)
        if known is None or not periods:
            continue
        begins = tuple(window.begin(period, ground) for period in periods)
        whole = all(_containing(day, ground).start == day for day in begins)
        adds = whole and kpi.unit != "money" and not why_not_added(kpi, longer=True)
        way = _ENDS if kpi.kind == "snapshot" else _ADD if adds else _ASK
        since = _known_from(known[0], ground, window)
        found.append(_Course(kpi, way, tuple(periods), begins, since))
    return found


def _marked(facts: pl.DataFrame, window: Window) -> pl.DataFrame:
    complete = [] if "complete" in facts.columns else [pl.lit(value=True).alias("complete")]
    return facts.with_columns(
        pl.lit(window.text, dtype=pl.String).alias("window"), *complete
    ).select(pl.exclude("window", "complete"), "window", "complete")


def _containing(day: date, ground: Ground) -> Period:
    return Period.containing(day, ground.grain, week_start=ground.week_start, fiscal=ground.fiscal)


def _known_from(first: date, ground: Ground, window: Window) -> date:
    """Return the day from which on windows are complete: the start of the first period.

    The first period that has data counts as whole; a year to date of days or weeks is as
    complete as one of months.
    """
    if window.periods is None and ground.grain in _FINER:
        return first.replace(day=1)
    return _containing(first, ground).start


def _last_periods(asked: Asked, ground: Ground, known: tuple[date, date] | None) -> list[Period]:
    """List the periods with which windows end: as asked, else those of the data."""
    first = asked.first_day or (known[0] if known else None)
    last = asked.last_day or (known[1] if known else None)
    if first is None or last is None or last < first:
        return []
    found = [_containing(first, ground)]
    end = _containing(last, ground)
    while found[-1].start < end.start:
        found.append(found[-1].next())
    return found


def _of(courses: Sequence[_Course], asked: Asked) -> Asked:
    """Ask for these KPIs only."""
    kpis = tuple(course.kpi for course in courses)
    names = {kpi.kpi for kpi in kpis}
    parameters = {name: given for name, given in asked.parameters.items() if name in names}
    return replace(asked, kpis=kpis, parameters=parameters)


def _at_ends(courses: Sequence[_Course], asked: Asked, ground: Ground) -> pl.DataFrame:
    """Give the open cases at the ends of the windows."""
    first = min(course.periods[0].start for course in courses)
    last = max(course.periods[-1].end for course in courses)
    return build_facts(replace(_of(courses, asked), start=first, end=last), ground.events)


def _added(courses: Sequence[_Course], asked: Asked, ground: Ground) -> pl.DataFrame:
    """Add the components of the periods of every window."""
    first = min(course.begins[0] for course in courses)
    last = max(course.periods[-1].end for course in courses)
    parts = build_facts(replace(_of(courses, asked), start=first, end=last), ground.events)
    made = []
    for course in courses:
        own = parts.filter(kpi=course.kpi.kpi)
        bounds = pl.DataFrame(
            {"__begin": course.begins, "__last": [period.start for period in course.periods]},
            schema={"__begin": pl.Date, "__last": pl.Date},
        )
        sums = [
            pl.when(pl.col(name).null_count() == 0)
            .then(exact_sum(pl.col(name), grid=grid_of(own[name])))
            .alias(name)
            for name in ("numerator", "denominator")
        ]
        value = value_of(pl.col("numerator"), pl.col("denominator"), course.kpi)
        made.append(
            own.join_where(
                bounds, pl.col("period") >= pl.col("__begin"), pl.col("period") <= pl.col("__last")
            )
            .with_columns(pl.col("__last").alias("period"))
            .group_by(*FIXED, *asked.by)
            .agg(sums)
            .with_columns(value.alias("value"), over(course.kpi, asked, ground).alias("final"))
            .select(*FIXED, *asked.by, *COMPONENTS)
        )
    return pl.concat(made)


def _asked_each(courses: Sequence[_Course], asked: Asked, ground: Ground) -> pl.DataFrame:
    """Ask the events for every window anew, for all KPIs that have it in one go."""
    windows: dict[tuple[date, date, date], list[_Course]] = {}
    for course in courses:
        for begin, period in zip(course.begins, course.periods, strict=True):
            windows.setdefault((begin, period.start, period.end), []).append(course)
    made = [
        build_facts(
            replace(_of(group, asked), start=None, end=None, span=(begin, end)), ground.events
        ).with_columns(pl.lit(start, dtype=pl.Date).alias("period"))
        for (begin, start, end), group in windows.items()
    ]
    return pl.concat(made)
