"""When a value can change no more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import polars as pl

from kpitools.catalog.model import Kpi, Parameter
from kpitools.errors import FactsError
from kpitools.facts.clocks import Clocks
from kpitools.facts.fields import dimensions_of
from kpitools.facts.grains import next_period
from kpitools.facts.periods import MINUTES, check_grain

if TYPE_CHECKING:
    from kpitools.sources.events import Events

_SECONDS = {"_days": 86_400, "_hours": 3_600, "_s": 1}
"""Seconds of one unit, by the end of a parameter's name."""


def settles_after_s(kpi: Kpi, settings: Mapping[str, Parameter]) -> float:
    """Return how many seconds after its period a KPI's value may still change.

    Args:
        kpi: its definition: a fixed span, or the name of the parameter that says how long.
        settings: the parameters in force.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> kpi = load_builtin().kpi("trt").model_copy(update={"settles_by": "window_days"})
        >>> settles_after_s(kpi, {"window_days": 3})
        259200.0
    """
    name = kpi.settles_by
    if name is None:
        return float(kpi.settles_after_s)
    unit = next(seconds for end, seconds in _SECONDS.items() if name.endswith(end))
    return float(settings[name]) * unit


def final_on(  # noqa: PLR0913 - what a date depends on; options by keyword
    kpi: Kpi,
    period: date,
    events: Events,
    *,
    grain: str,
    team: str | None = None,
    parameters: Mapping[str, Parameter] | None = None,
) -> date:
    """Return the date on which a value becomes final: period end and settling time.

    It is the date on the clock that gets there last: the team's own, else the slowest among
    the teams. The value of a censored duration is final from then on only if no case that is
    still open is younger than it.

    Args:
        kpi: its definition.
        period: first day of the period.
        events: where the clocks of the teams are.
        grain: length of the period; a calendar or fiscal one.
        team: only this team counts.
        parameters: values instead of the catalogue's.

    Raises:
        FactsError: an unknown grain, or minutes.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> from kpitools.facts.examples import example_events
        >>> kpi = load_builtin().kpi("trt")
        >>> final_on(kpi, date(2026, 10, 1), example_events(kpi.example), grain="month")
        datetime.date(2026, 11, 8)
    """
    length = check_grain(grain)
    if length in MINUTES:
        raise FactsError("minutes have no date on which they are final", found=grain)
    ended = pl.select(next_period(pl.lit(period, dtype=pl.Date), length, fiscal=events.fiscal))
    clocks = Clocks(
        {name: each.timezone for name, each in events.teams.items()}, events.default_timezone
    )
    has_team = "team" in dimensions_of(kpi.table)
    zones = clocks.all if has_team else (clocks.default,)
    if has_team and team is not None:
        zones = clocks.of([team])
    after = timedelta(seconds=settles_after_s(kpi, {**kpi.parameters, **(parameters or {})}))
    return max(_reached(ended.item(), zone, after) for zone in zones)


def _reached(ended: date, zone: str, after: timedelta) -> date:
    """Return the local date on which so much time has passed since midnight of a day."""
    clock = ZoneInfo(zone)
    midnight = datetime.combine(ended, time(), tzinfo=clock).astimezone(ZoneInfo("UTC"))
    return (midnight + after).astimezone(clock).date()
