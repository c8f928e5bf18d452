"""Measures of forecast errors beside WAPE: relative, to one side, and running over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from kpitools.errors import AnalysisError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TRACKING_LIMIT = 4.0
"""A tracking signal beyond this, to either side, is called tripped."""
_RUNS = 20_000
_SEED = 20_261_031
_HARDLY = 1e-9


@dataclass(frozen=True)
class Rule:
    """What a measure divides by, which way its sign points, and what it does with zeros."""

    denominator: str
    sign: str
    zeros: str


_NO_SIGN = "none: size of the error"
_SIGNED = "above 0: forecast too high"
_POOLED = "zeros count in the sum"
MEASURE_RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "wape": Rule("sum of actual contacts", _NO_SIGN, _POOLED),
        "wapeb": Rule("sum of actual contacts", "none: size of errors and of their sum", _POOLED),
        "bias": Rule("sum of actual contacts", _SIGNED, _POOLED),
        "mape": Rule("actual contacts of each interval", _NO_SIGN, "left out and counted"),
        "smape": Rule("mean of forecast and actual", _NO_SIGN, "0 against 0 is no error"),
        "mase": Rule("mean error of the naive forecast before", _NO_SIGN, "count as any other"),
        "rmsse": Rule("squared error of the naive forecast before", _NO_SIGN, "count as any other"),
        "within_5": Rule("number of intervals", _NO_SIGN, "within only where 0 was forecast"),
        "within_10": Rule("number of intervals", _NO_SIGN, "within only where 0 was forecast"),
        "within_5_volume": Rule("sum of actual contacts", _NO_SIGN, "weigh nothing"),
        "within_10_volume": Rule("sum of actual contacts", _NO_SIGN, "weigh nothing"),
        "tracking_signal": Rule("mean size of the errors", _SIGNED, "count as any other"),
    }
)
"""What stands beside each number: denominator, sign and zero rule, by name of the measure."""


def mape(
    actual: Sequence[float],
    forecast: Sequence[float],
    *,
    zeros: Literal["drop", "refuse"] = "drop",
) -> float | None:
    """Tell by which part of its own contacts the average interval was missed.

    Every interval counts alike, so quiet ones weigh more than in WAPE.

        mean(|forecast - actual| / actual, where actual > 0)

    Args:
        actual: contacts that came, one per interval.
        forecast: contacts forecast for the same intervals.
        zeros: intervals without contacts are left out (`drop`), or make it undefined (`refuse`).

    Returns:
        A fraction, or None where it is not defined.

    Raises:
        AnalysisError: two lengths, a value that is no number, or a negative actual.

    Source: Hyndman & Koehler 2006, International Journal of Forecasting 22:679,
        doi:10.1016/j.ijforecast.2006.03.001. Deviation: undefined terms are dropped and counted
        there where others return infinity or a huge number; `refuse` gives None.

    Example:
        >>> mape([100, 50, 0], [125, 50, 5])
        0.125
    """
    y, f = check_pair(actual, forecast)
    some = y > 0
    if not some.any() or (zeros == "refuse" and not some.all()):
        return None
    return float((abs(f - y)[some] / y[some]).mean())


def smape(actual: Sequence[float], forecast: Sequence[float]) -> float | None:
    """Tell the error as a part of the mean of forecast and actual; 0 is exact, 2 the worst.

        mean(2 |forecast - actual| / (|actual| + |forecast|)),  0 / 0 = 0

    Args:
        actual: contacts that came, one per interval.
        forecast: contacts forecast for the same intervals.

    Returns:
        A number from 0 to 2, or None without intervals.

    Raises:
        AnalysisError: two lengths, a value that is no number, or a negative actual.

    Source: Makridakis 1993, International Journal of Forecasting 9:527,
        doi:10.1016/0169-2070(93)90079-3. Deviation: some libraries return half of it (0 to 1)
        or 100 times it.

    Example:
        >>> smape([100, 0], [100, 5])
        1.0
    """
    import numpy as np

    y, f = check_pair(actual, forecast)
    if not len(y):
        return None
    both = y + abs(f)
    parts = np.divide(2 * abs(f - y), both, out=np.zeros_like(both), where=both > 0)
    return float(parts.mean())


def wapeb(actual: Sequence[float], forecast: Sequence[float]) -> float | None:
    """Tell the errors and, once more, the part of them that leans to one side.

        (sum|e| + |sum e|) / sum actual;   e = forecast - actual

    Args:
        actual: contacts that came, one per interval.
        forecast: contacts forecast for the same intervals.

    Returns:
        A fraction, or None without contacts.

    Raises:
        AnalysisError: two lengths, a value that is no number, or a negative actual.

    Source: score of the VN1 forecasting competition (2024).

    Example:
        >>> wapeb([100, 100], [110, 110]), wapeb([100, 100], [90, 110])
        (0.2, 0.1)
    """
    y, f = check_pair(actual, forecast)
    total = float(y.sum())
    return float(abs(f - y).sum() + abs((f - y).sum())) / total if total else None


def rmsse(
    actual: Sequence[float],
    forecast: Sequence[float],
    *,
    train: Sequence[float],
    season: int = 1,
) -> float | None:
    """Tell the error, large misses counting more, in units of the seasonal naive forecast's.

        sqrt(mean(forecast - actual)^2 / mean(train_t - train_(t - season))^2)

    Args:
        actual: contacts that came, one per interval.
        forecast: contacts forecast for the same intervals.
        train: contacts before the first interval, in order of time.
        season: how many steps back the naive forecast looks.

    Returns:
        The scaled error; None when the past is too short or never changed.

    Raises:
        AnalysisError: two lengths, a value that is no number, a negative actual, or a season
            under 1.

    Source: Makridakis, Spiliotis & Assimakopoulos 2022, International Journal of Forecasting
        38:1346, doi:10.1016/j.ijforecast.2021.11.013.

    Example:
        >>> rmsse([10, 12], [11, 12], train=[8, 10, 8], season=1) ** 2
        0.12500000000000003
    """
    y, f = check_pair(actual, forecast)
    past = check_season(train, season)
    if len(past) <= season or not len(y):
        return None
    scale = float(((past[season:] - past[:-season]) ** 2).mean())
    return float((((f - y) ** 2).mean() / scale) ** 0.5) if scale else None


@dataclass(frozen=True)
class Tracking:
    """A running tracking signal: its last value and the first step at which it tripped.

    `tripped` counts from 0 and is None where it never did; `chance` is how often an unbiased
    forecast trips within as many steps, `p_value` how often its signal gets as far as this one
    did at its farthest (None without any error).
    """

    signal: float | None
    running: tuple[float | None, ...]
    tripped: int | None
    limit: float
    chance: float
    p_value: float | None


def tracking_signal(
    actual: Sequence[float], forecast: Sequence[float], *, limit: float = TRACKING_LIMIT
) -> Tracking:
    """Tell whether errors pile up on one side, and since which step; above 0 is too high.

        TS_n = sum(e_1 .. e_n) / mean(|e_1| .. |e_n|);   tripped where |TS_n| > limit

    Args:
        actual: contacts that came, one per period, in order of time.
        forecast: contacts forecast for the same periods.
        limit: beyond it, to either side, the signal has tripped.

    Returns:
        The running signal (None while there was no error) and the first step beyond the limit.
        The signal of n steps lies between -n and n and wanders off without any bias when
        there are many steps: `chance` tells how often, for independent normal errors.

    Raises:
        AnalysisError: two lengths, a value that is no number, a negative actual, or a limit
            of 0 or less.

    Source: Brown 1959, Statistical Forecasting for Inventory Control; limit of 4 as commonly
        taught (Nahmias & Olsen, Production and Operations Analysis).

    Example:
        >>> found = tracking_signal([10] * 6, [12, 11, 13, 12, 12, 11])
        >>> found.tripped, round(found.running[4], 6), round(found.signal, 6)
        (4, 5.0, 6.0)
    """
    import numpy as np

    y, f = check_pair(actual, forecast)
    if not limit > 0:
        raise AnalysisError("the limit must be above 0", found=str(limit))
    error = f - y
    steps = np.arange(1, len(error) + 1)
    sizes = np.cumsum(abs(error)) / steps
    running = np.divide(np.cumsum(error), sizes, out=np.full(len(error), np.nan), where=sizes > 0)
    beyond = np.flatnonzero(np.nan_to_num(abs(running)) > limit)
    values = tuple(None if np.isnan(value) else float(value) for value in running)
    return Tracking(
        signal=values[-1] if values else None,
        running=values,
        tripped=int(beyond[0]) if len(beyond) else None,
        limit=float(limit),
        chance=_chance_beyond(len(error), float(limit)) if len(error) > limit else 0.0,
        p_value=_chance_beyond(len(error), float(np.nanmax(abs(running))) - _HARDLY)
        if sizes.any()
        else None,
    )


def _chance_beyond(steps: int, limit: float) -> float:
    """Tell how often the signal of an unbiased forecast passes a limit within so many steps."""
    return float((_farthest(steps) > limit).mean())


@lru_cache(maxsize=64)
def _farthest(steps: int) -> NDArray[np.float64]:
    """Simulate how far the signals of unbiased forecasts get, to either side."""
    import numpy as np

    runs = max(200, min(_RUNS, 2_000_000 // steps))
    error = np.random.default_rng(_SEED).standard_normal((runs, steps))
    count = np.arange(1, steps + 1)
    signal = np.cumsum(error, axis=1) / (np.cumsum(abs(error), axis=1) / count)
    found: NDArray[np.float64] = abs(signal).max(axis=1)
    return found


def check_season(train: Sequence[float], season: int) -> NDArray[np.float64]:
    """Return the past as numbers, and refuse a season that looks nowhere.

    Raises:
        AnalysisError: a season under 1, or a past that is no number of contacts.
    """
    if season < 1:
        raise AnalysisError("a season is 1 step or more", found=str(season))
    return check_pair(train, train)[0]


def check_pair(
    actual: Sequence[float], forecast: Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return actual and forecast as numbers, and refuse what cannot be compared.

    Raises:
        AnalysisError: two lengths, a value that is no number, or a negative actual.
    """
    import numpy as np

    y, f = np.asarray(actual, dtype=float), np.asarray(forecast, dtype=float)
    if y.shape != f.shape:
        raise AnalysisError(
            "every interval needs a forecast and an actual",
            found=f"{y.size} actuals and {f.size} forecasts",
            expected="two series of one length",
        )
    if not (np.isfinite(y).all() and np.isfinite(f).all() and (y >= 0).all()):
        raise AnalysisError(
            "a forecast or an actual is no number of contacts",
            expected="numbers, and no negative actual",
            fix="leave intervals without an actual out first",
        )
    return y, f
