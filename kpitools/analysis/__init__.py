"""Is it moving, what stands out, how good was the forecast: facts in, findings out.

Nothing here draws, reads files or looks at the clock; frames that come in are never changed.
"""

from kpitools.analysis.accuracy import ZERO_RULE, Accuracy, accuracy, mase, wape, within_share
from kpitools.analysis.achievability import Achievability, achievability
from kpitools.analysis.annotations import annotated
from kpitools.analysis.assumptions import Assumptions, check_assumptions
from kpitools.analysis.assurance import Assurance, assurance
from kpitools.analysis.chart_limits import ChartLimits
from kpitools.analysis.charts_i import i_limits, i_prime_limits
from kpitools.analysis.charts_p import p_limits, p_prime_limits, u_prime_limits
from kpitools.analysis.charts_rare import g_limits, t_limits
from kpitools.analysis.direction import (
    ChangePoint,
    Direction,
    MannKendall,
    SenSlope,
    change_point,
    direction,
    mann_kendall,
    sen_slope,
)
from kpitools.analysis.erlang import Waiting, erlang_agents, erlang_c
from kpitools.analysis.erlang_a import Abandoning, erlang_a
from kpitools.analysis.extremes import Extremes, extreme_cases
from kpitools.analysis.forecast_benchmarks import forecast_benchmarks
from kpitools.analysis.forecast_compare import DieboldMariano, diebold_mariano
from kpitools.analysis.forecast_days import forecast_netting_days
from kpitools.analysis.forecast_floor import Attainable, attainable
from kpitools.analysis.forecast_handle_time import forecast_handle_time
from kpitools.analysis.forecast_ledger import forecast_by_lead, forecast_ledger
from kpitools.analysis.forecast_measures import (
    MEASURE_RULES,
    Tracking,
    mape,
    rmsse,
    smape,
    tracking_signal,
    wapeb,
)
from kpitools.analysis.forecast_models import forecast_ahead
from kpitools.analysis.forecast_range_scores import forecast_range_scores
from kpitools.analysis.forecast_ranges import RangeScore, crps_normal, pinball, range_score
from kpitools.analysis.forecast_target import Feasibility, arrival_dispersion, target_feasible
from kpitools.analysis.forecast_tracking import forecast_tracking
from kpitools.analysis.forecast_value import forecast_value_added
from kpitools.analysis.forecast_workload import (
    ServiceAssumptions,
    ServiceEffect,
    WorkloadError,
    service_effect,
    workload_error,
    workload_rows,
)
from kpitools.analysis.forecasts import forecast_accuracy, forecast_netting
from kpitools.analysis.funnel import funnel_limits
from kpitools.analysis.intervals import (
    Interval,
    change_interval,
    difference_interval,
    is_share_of_cases,
    mean_interval,
    value_interval,
    wilson_columns,
    wilson_interval,
)
from kpitools.analysis.long_run import LongRun, long_run
from kpitools.analysis.mix import mix_drift, mix_parts
from kpitools.analysis.net_scores import net_interval, net_parts, nps_margin
from kpitools.analysis.outliers import missing_days, outlier_table, robust_outliers
from kpitools.analysis.overview import expected_by_chance, overview, overview_counts
from kpitools.analysis.poisson import poisson_floor, poisson_within
from kpitools.analysis.poisson_quantiles import BestRange, poisson_range
from kpitools.analysis.pooled import lag1_by_kpi
from kpitools.analysis.process_limits import process_limits
from kpitools.analysis.runs import anhoej_runs
from kpitools.analysis.scorecard import scorecard
from kpitools.analysis.season import yearly_season
from kpitools.analysis.season_days import weekday_season
from kpitools.analysis.series import build_series, dimensions, series_keys
from kpitools.analysis.shesd import hybrid_esd
from kpitools.analysis.shifts import longest_shift
from kpitools.analysis.shrinkage import gross_up
from kpitools.analysis.slices import compare_slices
from kpitools.analysis.targets import RULE_TEXT, Judgement, judge_target
from kpitools.analysis.verdicts import Verdict, tone_of, verdict
from kpitools.analysis.xmr import PROFILES, Profile, Rebase, xmr_limits

__all__ = [
    "MEASURE_RULES",
    "PROFILES",
    "RULE_TEXT",
    "ZERO_RULE",
    "Abandoning",
    "Accuracy",
    "Achievability",
    "Assumptions",
    "Assurance",
    "Attainable",
    "BestRange",
    "ChangePoint",
    "ChartLimits",
    "DieboldMariano",
    "Direction",
    "Extremes",
    "Feasibility",
    "Interval",
    "Judgement",
    "LongRun",
    "MannKendall",
    "Profile",
    "RangeScore",
    "Rebase",
    "SenSlope",
    "ServiceAssumptions",
    "ServiceEffect",
    "Tracking",
    "Verdict",
    "Waiting",
    "WorkloadError",
    "accuracy",
    "achievability",
    "anhoej_runs",
    "annotated",
    "arrival_dispersion",
    "assurance",
    "attainable",
    "build_series",
    "change_interval",
    "change_point",
    "check_assumptions",
    "compare_slices",
    "crps_normal",
    "diebold_mariano",
    "difference_interval",
    "dimensions",
    "direction",
    "erlang_a",
    "erlang_agents",
    "erlang_c",
    "expected_by_chance",
    "extreme_cases",
    "forecast_accuracy",
    "forecast_ahead",
    "forecast_benchmarks",
    "forecast_by_lead",
    "forecast_handle_time",
    "forecast_ledger",
    "forecast_netting",
    "forecast_netting_days",
    "forecast_range_scores",
    "forecast_tracking",
    "forecast_value_added",
    "funnel_limits",
    "g_limits",
    "gross_up",
    "hybrid_esd",
    "i_limits",
    "i_prime_limits",
    "is_share_of_cases",
    "judge_target",
    "lag1_by_kpi",
    "long_run",
    "longest_shift",
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
    "p_limits",
    "p_prime_limits",
    "pinball",
    "poisson_floor",
    "poisson_range",
    "poisson_within",
    "process_limits",
    "range_score",
    "rmsse",
    "robust_outliers",
    "scorecard",
    "sen_slope",
    "series_keys",
    "service_effect",
    "smape",
    "t_limits",
    "target_feasible",
    "tone_of",
    "tracking_signal",
    "u_prime_limits",
    "value_interval",
    "verdict",
    "wape",
    "wapeb",
    "weekday_season",
    "wilson_columns",
    "wilson_interval",
    "within_share",
    "workload_error",
    "workload_rows",
    "xmr_limits",
    "yearly_season",
]
