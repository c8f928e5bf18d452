"""Forecasts that anybody could have made: simple ones, and three of statsmodels."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from kpitools.analysis.forecast_threads import one_thread
from kpitools.errors import AnalysisError, suggest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

MEAN_OF = 4
"""The same-slot mean takes the last four weeks."""
FEWEST_SEASONS = 4
"""A model is fitted to four seasons at least."""
FEWEST_VALUES = 12


def forecast_ahead(
    history: Sequence[float], *, model: str, season: int, horizon: int
) -> list[float] | None:
    """Forecast the next values of a series with one of the benchmark models.

    Args:
        history: one value per step, in order, without gaps.
        model: `seasonal_naive` (the last season again), `slot_mean` (mean of the last four
            seasons), `theta` (Theta method), `ets` (exponential smoothing, damped trend) or
            `stl_ets` (the same on the series without its season, by robust STL).
        season: steps after which the pattern comes again; 1 for none.
        horizon: steps to forecast.

    Returns:
        As many values, none below 0; None where the history is too short for the model
        (four seasons and 12 values for a fitted one, one season for the others) or the
        fitting fails.

    Raises:
        AnalysisError: an unknown model, or a season or horizon under 1.

    Source: Assimakopoulos & Nikolopoulos 2000, International Journal of Forecasting 16:521,
        doi:10.1016/S0169-2070(00)00066-2 (Theta); Hyndman & Athanasopoulos, Forecasting:
        Principles and Practice, chapters 5, 8 and 3.6 (naive, ETS, STL); as statsmodels
        computes them. Deviation: a series that repeats itself exactly is carried on without
        a fit (statsmodels' Theta adds a trend to a constant series).

    Example:
        >>> forecast_ahead([1, 2, 3, 4], model="seasonal_naive", season=2, horizon=3)
        [3.0, 4.0, 3.0]
    """
    import numpy as np

    if model not in MODELS:
        raise AnalysisError(f"no model '{model}'", fix=suggest(model, MODELS))
    if season < 1 or horizon < 1:
        raise AnalysisError(
            "a season and a horizon are 1 step or more", found=f"{season} and {horizon}"
        )
    y = np.asarray(history, dtype=float)
    least = season if model in SIMPLE else max(FEWEST_SEASONS * season, FEWEST_VALUES)
    if len(y) < least or not np.isfinite(y).all():
        return None
    exact = model not in SIMPLE and repeats(history, season=season)
    made = (_seasonal_naive if exact else MODELS[model])(y, season, horizon)
    if made is None or not np.isfinite(made).all():
        return None
    clipped: list[float] = np.maximum(made, 0.0).tolist()
    return clipped


def repeats(history: Sequence[float], *, season: int) -> bool:
    """Tell whether a series repeats itself exactly, so that there is nothing to fit.

    Example:
        >>> repeats([1, 2, 1, 2], season=2), repeats([1, 2, 1, 3], season=2)
        (True, False)
    """
    import numpy as np

    y = np.asarray(history, dtype=float)
    return bool((abs(y[season:] - y[:-season]) <= 1e-9 * abs(y).max(initial=1.0)).all())


def _seasonal_naive(y: Numbers, season: int, horizon: int) -> Numbers:
    import numpy as np

    return np.resize(y[-season:], horizon)


def _slot_mean(y: Numbers, season: int, horizon: int) -> Numbers:
    import numpy as np

    weeks = min(MEAN_OF, len(y) // season)
    found: Numbers = np.resize(y[-weeks * season :].reshape(weeks, season).mean(axis=0), horizon)
    return found


def _theta(y: Numbers, season: int, horizon: int) -> Numbers | None:
    with one_thread():
        from statsmodels.tsa.forecasting.theta import ThetaModel

    seasonal = season > 1
    given = {"period": season, "use_test": False} if seasonal else {"deseasonalize": False}
    return _fitted(lambda: ThetaModel(y, **given).fit().forecast(horizon))


def _ets(y: Numbers, season: int, horizon: int) -> Numbers | None:
    with one_thread():
        from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    cycle = {"seasonal": "add", "seasonal_periods": season} if season > 1 else {}
    return _fitted(lambda: ETSModel(y, **_DAMPED, **cycle).fit(disp=False).forecast(horizon))


def _stl_ets(y: Numbers, season: int, horizon: int) -> Numbers | None:
    if season == 1:
        return None
    with one_thread():
        from statsmodels.tsa.exponential_smoothing.ets import ETSModel
        from statsmodels.tsa.forecasting.stl import STLForecast

    model = {"model_kwargs": dict(_DAMPED), "period": season, "robust": True}
    return _fitted(
        lambda: STLForecast(y, ETSModel, **model).fit(fit_kwargs={"disp": False}).forecast(horizon)
    )


_DAMPED: Mapping[str, Any] = MappingProxyType(
    {"error": "add", "trend": "add", "damped_trend": True}
)
MODELS: Mapping[str, Callable[[Any, int, int], Any]] = MappingProxyType(
    {
        "seasonal_naive": _seasonal_naive,
        "slot_mean": _slot_mean,
        "theta": _theta,
        "ets": _ets,
        "stl_ets": _stl_ets,
    }
)
"""Benchmark models by name, the simplest first."""
SIMPLE = ("seasonal_naive", "slot_mean")
"""Models that are not fitted."""


def _fitted(fit: Callable[[], Any]) -> Numbers | None:
    """Fit and forecast; a fit that fails or whose numbers run away gives none."""
    import numpy as np

    with warnings.catch_warnings(), np.errstate(all="ignore"), one_thread():
        warnings.simplefilter("ignore")
        try:
            return np.asarray(fit(), dtype=float)
        except (ValueError, ArithmeticError, np.linalg.LinAlgError):
            return None
