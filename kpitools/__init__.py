"""KPI reviews for support organisations: facts, findings, pictures, packs.

`import kpitools as kt` loads nothing heavy; a name is loaded when it is first used. What type
checkers see stands in `__init__.pyi`.

Example:
    >>> import kpitools as kt
    >>> kt.parse_period("2026-Q4").end
    datetime.date(2026, 12, 31)
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_ROOMS: dict[str, tuple[str, ...]] = {
    "errors": ("KpiToolsError",),
    "language": (
        "display",
        "format_change",
        "format_count",
        "format_period",
        "format_range",
        "format_value",
    ),
    "catalog": (
        "Catalog",
        "Kpi",
        "advise",
        "definition_history",
        "load_builtin",
        "read_catalog",
    ),
    "facts": (
        "Period",
        "compare_definitions",
        "effective_facts",
        "parse_period",
        "period_range",
        "roll_up",
        "slice_key",
    ),
    "facts.engines": (
        "DatabaseEngine",
        "SparkEngine",
        "kpi_sql",
        "write_tables",
    ),
    "facts.flow": ("build_flow",),
    "facts.over_time": ("roll_up_snapshot",),
    "facts.survival": (
        "censored_summary",
        "merge_survival",
        "survival_table",
    ),
    "analysis": (
        "Accuracy",
        "Achievability",
        "ChangePoint",
        "DieboldMariano",
        "Direction",
        "Feasibility",
        "Interval",
        "Judgement",
        "MEASURE_RULES",
        "MannKendall",
        "PROFILES",
        "Profile",
        "RULE_TEXT",
        "RangeScore",
        "Rebase",
        "SenSlope",
        "ServiceAssumptions",
        "ServiceEffect",
        "Tracking",
        "Verdict",
        "Waiting",
        "WorkloadError",
        "ZERO_RULE",
        "accuracy",
        "achievability",
        "anhoej_runs",
        "annotated",
        "arrival_dispersion",
        "build_series",
        "change_interval",
        "change_point",
        "compare_slices",
        "crps_normal",
        "diebold_mariano",
        "difference_interval",
        "dimensions",
        "direction",
        "erlang_agents",
        "erlang_c",
        "expected_by_chance",
        "forecast_accuracy",
        "forecast_ahead",
        "forecast_benchmarks",
        "forecast_by_lead",
        "forecast_ledger",
        "forecast_netting",
        "forecast_value_added",
        "funnel_limits",
        "gross_up",
        "hybrid_esd",
        "is_share_of_cases",
        "judge_target",
        "mann_kendall",
        "mape",
        "mase",
        "mean_interval",
        "missing_days",
        "mix_drift",
        "mix_parts",
        "net_interval",
        "net_parts",
        "nps_margin",
        "outlier_table",
        "overview",
        "overview_counts",
        "pinball",
        "poisson_floor",
        "poisson_within",
        "range_score",
        "rmsse",
        "robust_outliers",
        "scorecard",
        "sen_slope",
        "series_keys",
        "service_effect",
        "smape",
        "target_feasible",
        "tone_of",
        "tracking_signal",
        "value_interval",
        "verdict",
        "wape",
        "wapeb",
        "wilson_columns",
        "wilson_interval",
        "within_share",
        "workload_error",
        "workload_rows",
        "xmr_limits",
    ),
    "governance": (
        "Agenda",
        "AgendaItem",
        "AgendaWarning",
        "CADENCES",
        "DueRule",
        "Forum",
        "RoleFinding",
        "STATUSES",
        "build_agenda",
        "build_forum",
        "check_roles",
        "due_date",
        "parse_due",
        "read_actions",
        "review_actions",
        "roles_of",
    ),
    "visuals": (
        "Visual",
        "cards_headline",
        "chart_forecast",
        "chart_funnel",
        "chart_outliers",
        "chart_small_multiples",
        "chart_trend",
        "list_actions",
        "list_agenda",
        "note",
        "note_refused",
        "say_attention",
        "say_forecast",
        "say_funnel",
        "say_missing_days",
        "say_outliers",
        "say_overview",
        "say_scorecard",
        "say_trend",
        "say_unusual_days",
        "table_breakdown",
        "table_findings",
        "table_forecast",
        "table_funnel",
        "table_kpis",
        "table_outliers",
        "table_overview",
        "table_scorecard",
        "values_shown",
    ),
    "workspace": ("Workspace",),
}
_HOME = {name: room for room, listed in _ROOMS.items() for name in listed}

__all__ = [*_HOME, "open"]  # noqa: PLE0604 - names of the rooms


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the room holds under this name
    """Load a public name from its room."""
    if name == "open":
        return import_module("kpitools.workspace").open_workspace
    if name in _HOME:
        return getattr(import_module(f"kpitools.{_HOME[name]}"), name)
    raise AttributeError(f"module 'kpitools' has no attribute '{name}'")


def __dir__() -> list[str]:
    """List the public names."""
    return sorted([*__all__, "__version__"])
