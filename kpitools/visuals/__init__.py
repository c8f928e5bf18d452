"""How a reader sees it: charts, tables, sentences and lists, made from findings.

Drawing only reads columns. Everything shown is a `Visual`: JupyterLab displays it, and a pack
reads its block as data. Names are imported when they are first asked for, so that readers of
blocks alone (packs, the command line) do not load the drawing libraries.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kpitools.visuals.assurance_words import say_assurance
    from kpitools.visuals.breakdown import table_breakdown
    from kpitools.visuals.changes import list_changes
    from kpitools.visuals.direction_table import table_direction
    from kpitools.visuals.direction_words import say_direction
    from kpitools.visuals.extremes import say_extremes, table_extremes
    from kpitools.visuals.forecast import chart_forecast
    from kpitools.visuals.forecast_bars import (
        chart_forecast_lead,
        chart_forecast_netting,
    )
    from kpitools.visuals.forecast_leaning import say_handle_time, say_tracking
    from kpitools.visuals.forecast_measures_table import table_measures
    from kpitools.visuals.forecast_range_table import say_ranges, table_ranges
    from kpitools.visuals.forecast_says import (
        say_benchmarks,
        say_netting,
        say_target_feasible,
        say_value_added,
    )
    from kpitools.visuals.forecast_table import table_forecast
    from kpitools.visuals.forecast_tables import table_benchmarks, table_value_added
    from kpitools.visuals.forecast_words import say_forecast
    from kpitools.visuals.forecast_work_words import say_workload
    from kpitools.visuals.funnel import chart_funnel
    from kpitools.visuals.funnel_table import table_funnel
    from kpitools.visuals.funnel_words import say_funnel
    from kpitools.visuals.icons import icon_assurance, icon_variation
    from kpitools.visuals.inventory import table_findings, table_kpis
    from kpitools.visuals.lists import list_actions, list_agenda
    from kpitools.visuals.matrix import table_matrix
    from kpitools.visuals.multiples import chart_small_multiples
    from kpitools.visuals.outlier_table import table_outliers
    from kpitools.visuals.outlier_words import (
        say_missing_days,
        say_outliers,
        say_unusual_days,
    )
    from kpitools.visuals.outliers import chart_outliers
    from kpitools.visuals.overview import say_overview, table_overview
    from kpitools.visuals.scorecard import cards_headline, table_scorecard, values_shown
    from kpitools.visuals.scorecard_words import say_attention, say_scorecard
    from kpitools.visuals.show import Visual
    from kpitools.visuals.trend import chart_trend
    from kpitools.visuals.trend_words import say_trend
    from kpitools.visuals.wording import note, note_refused

__all__ = [
    "Visual",
    "cards_headline",
    "chart_forecast",
    "chart_forecast_lead",
    "chart_forecast_netting",
    "chart_funnel",
    "chart_outliers",
    "chart_small_multiples",
    "chart_trend",
    "icon_assurance",
    "icon_variation",
    "list_actions",
    "list_agenda",
    "list_changes",
    "note",
    "note_refused",
    "say_assurance",
    "say_attention",
    "say_benchmarks",
    "say_direction",
    "say_extremes",
    "say_forecast",
    "say_funnel",
    "say_handle_time",
    "say_missing_days",
    "say_netting",
    "say_outliers",
    "say_overview",
    "say_ranges",
    "say_scorecard",
    "say_target_feasible",
    "say_tracking",
    "say_trend",
    "say_unusual_days",
    "say_value_added",
    "say_workload",
    "table_benchmarks",
    "table_breakdown",
    "table_direction",
    "table_extremes",
    "table_findings",
    "table_forecast",
    "table_funnel",
    "table_kpis",
    "table_matrix",
    "table_measures",
    "table_outliers",
    "table_overview",
    "table_ranges",
    "table_scorecard",
    "table_value_added",
    "values_shown",
]

_HOMES = {
    "say_assurance": "assurance_words",
    "say_unusual_days": "outlier_words",
    "say_missing_days": "outlier_words",
    "say_attention": "scorecard_words",
    "icon_assurance": "icons",
    "icon_variation": "icons",
    "table_kpis": "inventory",
    "table_matrix": "matrix",
    "table_findings": "inventory",
    "table_breakdown": "breakdown",
    "list_changes": "changes",
    "chart_funnel": "funnel",
    "say_direction": "direction_words",
    "table_direction": "direction_table",
    "say_extremes": "extremes",
    "table_extremes": "extremes",
    "chart_forecast": "forecast",
    "table_funnel": "funnel_table",
    "table_forecast": "forecast_table",
    "chart_forecast_lead": "forecast_bars",
    "chart_forecast_netting": "forecast_bars",
    "say_benchmarks": "forecast_says",
    "say_netting": "forecast_says",
    "say_target_feasible": "forecast_says",
    "say_value_added": "forecast_says",
    "say_workload": "forecast_work_words",
    "table_benchmarks": "forecast_tables",
    "table_measures": "forecast_measures_table",
    "table_ranges": "forecast_range_table",
    "say_handle_time": "forecast_leaning",
    "say_ranges": "forecast_range_table",
    "say_tracking": "forecast_leaning",
    "table_value_added": "forecast_tables",
    "say_funnel": "funnel_words",
    "say_forecast": "forecast_words",
    "list_actions": "lists",
    "list_agenda": "lists",
    "chart_small_multiples": "multiples",
    "table_outliers": "outlier_table",
    "say_outliers": "outlier_words",
    "chart_outliers": "outliers",
    "say_overview": "overview",
    "table_overview": "overview",
    "cards_headline": "scorecard",
    "table_scorecard": "scorecard",
    "values_shown": "scorecard",
    "say_scorecard": "scorecard_words",
    "Visual": "show",
    "chart_trend": "trend",
    "say_trend": "trend_words",
    "note": "wording",
    "note_refused": "wording",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the type is that of the name asked for
    """Import a public name from the module that holds it."""
    if name not in _HOMES:
        raise AttributeError(f"module 'kpitools.visuals' has no attribute '{name}'")
    return getattr(import_module(f"kpitools.visuals.{_HOMES[name]}"), name)
