"""How good was the forecast: the measures of one set of errors (error = forecast - actual)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kpitools.analysis.forecast_measures import (
    check_pair,
    check_season,
    mape,
    smape,
    wapeb,
)
from kpitools.analysis.poisson import poisson_floor

ZERO_RULE = (
    "MAPE leaves out intervals without contacts and counts them; in the shares within 5 and "
    "10 % such an interval counts, and is within only when nothing was forecast."
)
"""How intervals with no contacts are treated; printed beside the numbers."""

_NEARLY = 1e-9


@dataclass(frozen=True)
class Accuracy:
    """Every measure of one set of forecast errors; fractions, None where not defined.

    `floor_wape` is what a perfect forecast would have had (see `attainable` for the other
    measures); `mape_dropped` counts the intervals without contacts that MAPE leaves out.
    """

    n: int
    actual: float
    forecast: float
    wape: float | None
    bias: float | None
    mae: float | None
    rmse: float | None
    mape: float | None
    mape_dropped: int
    smape: float | None
    wapeb: float | None
    within_5: float | None
    within_10: float | None
    within_5_volume: float | None
    within_10_volume: float | None
    tracking_signal: float | None
    floor_wape: float | None


def accuracy(actual: Sequence[float], forecast: Sequence[float]) -> Accuracy:
    """Tell how far a forecast was off, to which side, and how near it could have come.

    Read `wape` beside `floor_wape`: the difference is what a better forecast could gain. `bias`
    above 0 is a forecast that was too high.

        wape = sum|e| / sum y;   bias = sum e / sum y;   mape = mean(|e|/y where y > 0)
        tracking_signal = sum e / mean|e|;   e = forecast - actual, y = actual

    Args:
        actual: contacts that came, one per interval.
        forecast: contacts forecast for the same intervals.

    Returns:
        All measures. The floor takes arrivals as Poisson; as the true means are unknown, the
        forecast, scaled to the actual total, stands in for them. The tracking signal grows
        with the number of intervals even without bias (about 1.25 x its root): the
        usual limit of 4 is meant for a few periods, not for hundreds of intervals.

    Raises:
        AnalysisError: two lengths, a value that is no number, or a negative actual.

    Source: WAPE as Kolassa & Schuetz 2007, Foresight 6:40; MAPE, tracking signal and floor as
        said above.

    Example:
        >>> found = accuracy([40, 80, 120, 100, 60, 0], [44, 76, 126, 95, 75, 2])
        >>> found.wape, found.bias, found.tracking_signal
        (0.09, 0.045, 3.0)
    """
    y, f = check_pair(actual, forecast)
    error = f - y
    total = float(y.sum())
    means = expected_contacts(actual, forecast)
    return Accuracy(
        n=len(y),
        actual=total,
        forecast=float(f.sum()),
        wape=wape(actual, forecast),
        bias=float(error.sum()) / total if total else None,
        mae=float(abs(error).mean()) if len(y) else None,
        rmse=float((error**2).mean() ** 0.5) if len(y) else None,
        mape=mape(actual, forecast),
        mape_dropped=int((y == 0).sum()),
        smape=smape(actual, forecast),
        wapeb=wapeb(actual, forecast),
        within_5=within_share(actual, forecast, share=0.05),
        within_10=within_share(actual, forecast, share=0.10),
        within_5_volume=within_share(actual, forecast, share=0.05, weights="volume"),
        within_10_volume=within_share(actual, forecast, share=0.10, weights="volume"),
        tracking_signal=float(error.sum() / abs(error).mean()) if abs(error).sum() else None,
        floor_wape=poisson_floor(means),
    )


def expected_contacts(actual: Sequence[float], forecast: Sequence[float]) -> list[float]:
    """Give the means that the floor stands on: the forecast, scaled to what came in all.

    Args:
        actual: contacts that came, one per interval.
        forecast: contacts forecast for the same intervals; negative ones count as 0.

    Returns:
        One mean per interval.

    Raises:
        AnalysisError: two lengths, a value that is no number, or a negative actual.

    Example:
        >>> expected_contacts([90, 130], [100, 120])
        [100.0, 120.0]
    """
    y, f = check_pair(actual, forecast)
    least = f.clip(min=0)
    scaled: list[float] = (least * (y.sum() / least.sum()) if least.sum() > 0 else least).tolist()
    return scaled


def wape(actual: Sequence[float], forecast: Sequence[float]) -> float | None:
    """Tell which part of the contacts was forecast wrongly, up or down.

        sum|forecast - actual| / sum actual, over all intervals together

    Args:
        actual: contacts that came, one per interval.
        forecast: contacts forecast for the same intervals.

    Returns:
        A fraction, or None without contacts.

    Raises:
        AnalysisError: two lengths, a value that is no number, or a negative actual.

    Example:
        >>> wape([100, 100], [90, 110])
        0.1
    """
    y, f = check_pair(actual, forecast)
    return float(abs(f - y).sum() / y.sum()) if y.sum() > 0 else None


def within_share(  # noqa: PLR0913 - the band and its rules; all by keyword
    actual: Sequence[float],
    forecast: Sequence[float],
    *,
    share: float = 0.10,
    base: Literal["actual", "forecast"] = "actual",
    zeros: Literal["count", "drop"] = "count",
    weights: Literal["intervals", "volume"] = "intervals",
) -> float | None:
    """Tell how often the forecast came within a given share of what happened.

        mean of |e| <= share x actual (or x forecast)

    Args:
        actual: contacts that came, one per interval.
        forecast: contacts forecast for the same intervals.
        share: half width of the band, a fraction.
        base: what the width is a share of.
        zeros: intervals without contacts `count` (hit only by a forecast of 0) or `drop`.
        weights: every interval counts alike, or by its contacts.

    Returns:
        A fraction, or None without intervals or contacts.

    Raises:
        AnalysisError: two lengths, a value that is no number, or a negative actual.

    Example:
        >>> within_share([100, 100, 0], [95, 120, 0])
        0.6666666666666666
    """
    y, f = check_pair(actual, forecast)
    hit = abs(f - y) <= share * (y if base == "actual" else f) + _NEARLY
    if weights == "volume":
        return float(y[hit].sum() / y.sum()) if y.sum() > 0 else None
    if zeros == "drop":
        hit = hit[y > 0]
    return float(hit.mean()) if len(hit) else None


def mase(
    actual: Sequence[float],
    forecast: Sequence[float],
    *,
    train: Sequence[float],
    season: int = 1,
) -> float | None:
    """Tell the error in units of the seasonal naive forecast's usual error; under 1 is better.

        mean|forecast - actual| / mean|train_t - train_(t - season)|

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

    Source: Hyndman & Koehler 2006, International Journal of Forecasting 22:679,
        doi:10.1016/j.ijforecast.2006.03.001.

    Example:
        >>> mase([10, 12], [11, 12], train=[8, 10, 9], season=1)
        0.3333333333333333
    """
    y, f = check_pair(actual, forecast)
    past = check_season(train, season)
    if len(past) <= season or not len(y):
        return None
    scale = float(abs(past[season:] - past[:-season]).mean())
    return float(abs(f - y).mean()) / scale if scale else None
