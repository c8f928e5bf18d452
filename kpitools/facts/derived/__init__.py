"""The tables that no export has: made from several tables, or from one in another shape."""

from collections.abc import Callable, Mapping

import polars as pl

from kpitools.facts.derived.agent_evaluations import build_agent_evaluations
from kpitools.facts.derived.interval_forecasts import build_interval_forecasts
from kpitools.facts.derived.team_costs import build_team_costs
from kpitools.facts.derived.team_time import build_team_time
from kpitools.facts.ground import Ground

BUILDERS: Mapping[str, Callable[[Ground], pl.LazyFrame]] = {
    "agent_evaluations": build_agent_evaluations,
    "interval_forecasts": build_interval_forecasts,
    "team_costs": build_team_costs,
    "team_time": build_team_time,
}
"""The function that builds each derived table described in `catalog.derived`."""

__all__ = [
    "BUILDERS",
    "build_agent_evaluations",
    "build_interval_forecasts",
    "build_team_costs",
    "build_team_time",
]
