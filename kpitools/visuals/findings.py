"""What the drawing functions read off a frame of findings: one series, its names, its rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import polars as pl

from kpitools import language
from kpitools.analysis.series import dimensions, one_series
from kpitools.catalog.basis import format_basis, rests_on
from kpitools.catalog.model import Kpi
from kpitools.errors import Fault, VisualsError, suggest
from kpitools.facts.periods import Period
from kpitools.visuals.axes import PeriodAxis, period_axis
from kpitools.visuals.privacy import keep_back, kept_back_text
from kpitools.visuals.wording import value_text

Names = Mapping[str, str]
"""Names to show by key, for example of teams."""


def check_has(frame: pl.DataFrame, columns: Iterable[str], *, made_by: str) -> None:
    """Refuse a frame that lacks columns which an analysis adds.

    Raises:
        VisualsError: columns are missing.
    """
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        faults = [
            Fault(
                f"the frame has no column '{name}'",
                expected=f"what {made_by} returns",
                fix=suggest(name, frame.columns),
            )
            for name in missing
        ]
        raise VisualsError(faults)


@dataclass(frozen=True)
class Series:
    """One KPI of one slice over time, ready to draw; missing periods are rows without value."""

    kpi: Kpi
    grain: str
    where: str
    axis: PeriodAxis
    rows: tuple[dict[str, Any], ...]
    minimum_group: int

    @property
    def known(self) -> tuple[dict[str, Any], ...]:
        """Rows that have a value."""
        return tuple(row for row in self.rows if row["value"] is not None)

    @property
    def last_day(self) -> date:
        """First day of the last period; the target that counts is that of this day."""
        last: date = self.rows[-1]["period"]
        return last.date() if isinstance(last, datetime) else last

    @property
    def name(self) -> str:
        """Name of the KPI."""
        return kpi_name(self.kpi)

    def value_text(self, value: float | None) -> str:
        """Write a value with its unit."""
        return value_text(value, unit=self.kpi.unit, show=self.kpi.show)

    def shown(self, row: Mapping[str, Any]) -> str:
        """Write the value of a row, or why there is none."""
        return self.kept_back_text if row["kept_back"] else self.value_text(row["value"])

    def cases_text(self, row: Mapping[str, Any]) -> str:
        """Write how many cases, or how much time, a row rests on; nothing for a count."""
        return format_basis(row.get("denominator"), rests_on(self.kpi))

    def cases_phrase(self, row: Mapping[str, Any]) -> str:
        """Write the cases as they stand behind a value: " of 2,311 cases"."""
        cases = self.cases_text(row)
        if not cases or rests_on(self.kpi) == "amount":
            return ""
        word = "" if rests_on(self.kpi) == "time" else " case" if cases == "1" else " cases"
        return f" of {cases}{word}"

    @property
    def kept_back_text(self) -> str:
        """Write what stands in place of a value on too few cases."""
        return kept_back_text(self.minimum_group)

    def period_text(self, period: date, *, short: bool = True) -> str:
        """Write a period; a day always with its year."""
        short = short and self.grain != "day"
        return language.format_period(period, self.grain, short=short)

    @property
    def span_text(self) -> str:
        """Write the first and the last period."""
        first, last = self.rows[0]["period"], self.rows[-1]["period"]
        return f"{self.period_text(first)} to {self.period_text(last)}"


def middle_of(row: Mapping[str, Any]) -> float | None:
    """Return where a value is expected: the mean, moved by the season where there is one.

    Example:
        >>> middle_of({"centre": 0.8, "expected": 0.85}), middle_of({"centre": 0.8})
        (0.85, 0.8)
    """
    expected: float | None = row.get("expected")
    return row.get("centre") if expected is None else expected


def middle_word(row: Mapping[str, Any]) -> str:
    """Name the line in the middle of the limits."""
    return "expected" if row.get("season") else "mean"


def kpi_name(kpi: Kpi) -> str:
    """Return a KPI's name, bounded for display."""
    return language.display(language.pick(kpi.name, "en"), 60)


def unit_text(kpi: Kpi) -> str:
    """Name the unit that a KPI is shown in."""
    words = {"share": "percent", "money": "currency units", "seconds": kpi.show}
    return words.get(kpi.unit, kpi.unit)


def heading_text(kpi: Kpi) -> str:
    """Name a KPI with the unit that it is shown in."""
    return kpi_name(kpi) if kpi.unit == "count" else f"{kpi_name(kpi)} in {unit_text(kpi)}"


def start_of(period: Period | date | None) -> date | None:
    """Return the first day of a period, however it is given.

    Example:
        >>> start_of(Period("month", date(2026, 10, 1)))
        datetime.date(2026, 10, 1)
    """
    return period.start if isinstance(period, Period) else period


def slice_text(values: Mapping[str, str], *, names: Names | None = None) -> str:
    """Say which slice a number is for.

    Example:
        >>> slice_text({"team": "billing", "channel": "chat"}, names={"billing": "Billing"})
        'Billing, chat'
        >>> slice_text({})
        'all teams'
    """
    shown = [
        language.display((names or {}).get(value, value) if key == "team" else value, 60)
        for key, value in values.items()
    ]
    return ", ".join(shown) or "all teams"


def read_series(
    findings: pl.DataFrame,
    kpi: Kpi,
    *,
    names: Names | None,
    minimum_group: int,
    until: date | None = None,
) -> Series:
    """Read one series off a frame and fill its missing periods, those up to `until` as well.

    Raises:
        AnalysisError: no fact table, more than one series, or two rows for one period.
        VisualsError: no row, or rows of another KPI.
    """
    if findings.is_empty():
        raise VisualsError(
            f"there is nothing to draw for {kpi.kpi}",
            expected="at least one row",
            fix="widen the periods, or check that the team has this KPI",
        )
    ordered = one_series(findings)
    found = ordered["kpi"][0]
    if found != kpi.kpi:
        raise VisualsError("the rows are of another KPI", found=str(found), expected=kpi.kpi)
    first = ordered.row(0, named=True)
    kept = keep_back(ordered, minimum_group=minimum_group)
    by_period = {row["period"]: row for row in kept.iter_rows(named=True)}
    empty = dict.fromkeys(kept.columns, None) | {"kept_back": False, "final": True, "signal": ""}
    empty |= {"provisional_limits": False}
    seen = [*by_period, *([] if until is None else [until])]
    axis = period_axis(seen, grain=first["grain"])
    if first["grain"] == "day":
        axis = replace(axis, periods=open_days(axis.periods, _with_data(by_period)))
    rows = tuple(dict(by_period.get(day) or empty, period=day) for day in axis.periods)
    where = slice_text({name: first[name] for name in dimensions(ordered)}, names=names)
    return Series(kpi, first["grain"], where, axis, rows, minimum_group)


def _with_data(by_period: Mapping[date, Mapping[str, Any]]) -> set[date]:
    return {day for day, row in by_period.items() if row["value"] is not None or row["kept_back"]}


def open_days(days: Sequence[date], seen: Collection[date]) -> tuple[date, ...]:
    """Leave out days without data on weekdays that usually have none: the team is closed.

    Example:
        >>> fortnight = [date(2026, 10, day) for day in range(5, 19)]
        >>> [day.day for day in open_days(fortnight, fortnight[:5] + fortnight[8:12])]
        [5, 6, 7, 8, 9, 12, 13, 14, 15, 16]
    """
    worked: dict[int, list[bool]] = {}
    for day in days:
        worked.setdefault(day.weekday(), []).append(day in seen)
    usual = {weekday for weekday, found in worked.items() if 2 * sum(found) >= len(found)}
    return tuple(day for day in days if day in seen or day.weekday() in usual)


def number_runs(rows: Iterable[Mapping[str, Any]], field: str = "value") -> list[int]:
    """Number the unbroken stretches of a series, so that no line crosses a gap.

    Example:
        >>> number_runs([{"value": 1.0}, {"value": None}, {"value": 2.0}, {"value": 3.0}])
        [0, 1, 1, 1]
    """
    numbers, run = [], 0
    for row in rows:
        run += row[field] is None
        numbers.append(run)
    return numbers
