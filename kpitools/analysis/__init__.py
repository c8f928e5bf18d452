"""Is it moving, what stands out, how good was the forecast: facts in, findings out.

Nothing here draws, reads files or looks at the clock; frames that come in are never changed.
"""

from kpitools.analysis.accuracy import ZERO_RULE, Accuracy, accuracy, mase, wape, within_share
from kpitools.analysis.achievability import Achievability, achievability
from kpitools.analysis.forecasts import forecast_accuracy, forecast_netting
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
from kpitools.analysis.mix import mix_drift, mix_parts
from kpitools.analysis.net_scores import net_interval, net_parts, nps_margin
from kpitools.analysis.outliers import missing_days, outlier_table, robust_outliers
from kpitools.analysis.overview import expected_by_chance, overview, overview_counts
from kpitools.analysis.poisson import poisson_floor, poisson_within
from kpitools.analysis.scorecard import scorecard
from kpitools.analysis.series import build_series, dimensions, series_keys
from kpitools.analysis.shrinkage import gross_up
from kpitools.analysis.slices import compare_slices
from kpitools.analysis.targets import RULE_TEXT, Judgement, judge_target
from kpitools.analysis.verdicts import Verdict, tone_of, verdict
from kpitools.analysis.xmr import PROFILES, Profile, xmr_limits

__all__ = [
    "PROFILES",
    "RULE_TEXT",
    "ZERO_RULE",
    "Accuracy",
    "Achievability",
    "Interval",
    "Judgement",
    "Profile",
    "Verdict",
    "accuracy",
    "achievability",
    "build_series",
    "change_interval",
    "compare_slices",
    "difference_interval",
    "dimensions",
    "expected_by_chance",
    "forecast_accuracy",
    "forecast_netting",
    "gross_up",
    "is_share_of_cases",
    "judge_target",
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
    "poisson_floor",
    "poisson_within",
    "robust_outliers",
    "scorecard",
    "series_keys",
    "tone_of",
    "value_interval",
    "verdict",
    "wape",
    "wilson_columns",
    "wilson_interval",
    "within_share",
    "xmr_limits",
]
