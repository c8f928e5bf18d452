"""Is it moving, what stands out, how good was the forecast: facts in, findings out."""

from kpitools.analysis.series import build_series
from kpitools.analysis.xmr import PROFILES, Profile, xmr_limits

__all__ = ["PROFILES", "Profile", "build_series", "xmr_limits"]
