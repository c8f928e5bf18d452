"""How far each day is from the usual one, and which are too far: one series at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kpitools.analysis.day_scale import octile_skewness, off_scale, on_scale, other_scales
from kpitools.analysis.shesd import MAD_SCALE, Deviates, hybrid_esd
from kpitools.analysis.usual_days import (
    FEW_DAYS,
    usual_days,
    weekday_spreads,
    with_holiday_factors,
)

SPAN_DAYS = 56
WEEKDAYS_SEEN = 4
FEWEST_DAYS = 20

FEW_KNOWN = 10.0
"""The same stretch where a day's spread is known, as that of a share by its cases."""
NORMAL_TAIL = 2.4387
"""90 % quantile of |z| over its median, of normal values."""
TAIL_CHANCE = 1.21
"""Standard deviation of that ratio's log among n normal values, times the root of n (simulated)."""
HEAVIEST = 1.263
"""The ratio of Student's t of 3 degrees of freedom over that of the normal: most that is given."""

JUDGED: dict[str, pl.DataType | type[pl.DataType]] = {
    **dict.fromkeys(("expected", "lower", "upper", "residual", "robust_z"), pl.Float64),
    **dict.fromkeys(("outlier", "high", "judged", "explained"), pl.Boolean),
    "critical": pl.Float64,
    "rank": pl.Int64,
    "scale": pl.String,
}
"""Columns that judging adds."""

_EXACT = 1e-9
_HALVINGS = 40


@dataclass(frozen=True)
class Rules:
    """What the days of a series are judged by."""

    threshold: float
    alpha: float
    most: float
    by_weekday: bool
    any_scale: bool


def judge_days(rows: pl.DataFrame, keys: list[str], rules: Rules) -> list[pl.DataFrame]:
    """Judge the days of each series on the scale that suits it.

    Args:
        rows: days with `_row`, `value`, `fitted`, `holiday`, `scale` and `_of`, sorted by keys
            and day.
        keys: the columns that tell one series from another.
        rules: what they are judged by.

    Returns:
        A frame of `_row` and the columns of `JUDGED` for each series.
    """
    fits = _fit(rows, keys).partition_by(keys)
    if rules.any_scale:
        fits = [_symmetric(one, keys, rows.columns) for one in fits]
    return [_tested(with_holiday_factors(one, keys), rules) for one in fits]


def tail_stretch(remainder: NDArray[np.float64]) -> float:
    """Tell how much wider limits have to be where tails are heavier than those of a normal.

    1 says no heavier than chance would have it; the furthest tenth of the days has no say.

        ratio = 90 % quantile of |remainder - median| / its median, over 2.4387 (normal)
        stretch = ratio / exp(1.21 / root of n), at least 1 and at most 1.263 (Student's t of 3)

    Example:
        >>> even = np.linspace(-3, 3, 200)
        >>> tail_stretch(even), tail_stretch(even**5)
        (1.0, 1.263)
    """
    away = np.abs(remainder - np.median(remainder)) if len(remainder) else np.zeros(1)
    usual, far = np.quantile(away, (0.5, 0.9))
    if not usual > 0:
        return 1.0
    chance = float(np.exp(TAIL_CHANCE / len(away) ** 0.5))
    return float(np.clip(far / usual / NORMAL_TAIL / chance, 1.0, HEAVIEST))


def chance_spreads(
    remainder: NDArray[np.float64], cases: NDArray[np.float64], tested: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Tell how much each day of a share of cases varies: by chance of its cases, and besides.

        spread(day)^2 = tau2 + 1 / (4 cases + 2), on the arcsine scale
        tau2: the least, 0 or more, with median|remainder / spread| <= 0.6745

    Args:
        remainder: value - expected on the arcsine scale, of the tested days.
        cases: of each day.
        tested: which days the remainder is of.

    Source: Anscombe 1948, doi:10.1093/biomet/35.3-4.246 (1 / (4 n + 2)); chance of the cases and
        variation between days as in Laney 2002, Quality Engineering 14:531.

    Example:
        >>> every = np.array([True, True, True])
        >>> chance_spreads(np.zeros(3), np.array([12.0, 12.0, 112.0]), every).round(3).tolist()
        [0.141, 0.141, 0.047]
    """
    chance = 1 / (4 * cases + 2)
    away = np.abs(remainder - np.median(remainder)) if len(remainder) else remainder
    low, high = 0.0, 0.0
    if len(away) and np.median(away / np.sqrt(chance[tested])) > 1 / MAD_SCALE:
        high = float((MAD_SCALE * np.median(away)) ** 2)
    for _ in range(_HALVINGS if high else 0):
        tau2 = (low + high) / 2
        enough = np.median(away / np.sqrt(tau2 + chance[tested])) <= 1 / MAD_SCALE
        low, high = (low, tau2) if enough else (tau2, high)
    found: NDArray[np.float64] = np.sqrt(high + chance)
    return found


def _fit(rows: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Add where a day is on its scale (`_at`), what is usual there (`_mid`), what takes part."""
    placed = rows.with_columns(
        pl.col("value").alias("_raw"), on_scale(pl.col("value")).alias("value")
    )
    span = (pl.col("period").max() - pl.col("period").min()).dt.total_days() + 1
    away = pl.col("_at") - pl.col("_mid")
    noise = _EXACT * pl.col("_at").abs().max().over(keys)
    judged = (span.over(keys) >= SPAN_DAYS) & (pl.col("_seen") >= WEEKDAYS_SEEN)
    usual = usual_days(placed, keys).rename({"value": "_at", "expected": "_mid", "_raw": "value"})
    return (
        usual.with_columns(
            off_scale(pl.col("_mid")).alias("expected"),
            pl.when(away.abs() > noise).then(away).otherwise(away * 0).alias("_away"),
            judged.alias("judged"),
        )
        .with_columns((pl.col("judged") & pl.col("fitted")).alias("tested"))
        .with_columns(
            (pl.col(name) & (pl.col("tested").sum().over(keys) >= FEWEST_DAYS)).alias(name)
            for name in ("judged", "tested")
        )
    )


def _symmetric(fit: pl.DataFrame, keys: list[str], given: list[str]) -> pl.DataFrame:
    """Fit again on other scales where the remainder is skewed; the least skewed fit stays."""
    away = fit.filter("tested")["_away"].to_numpy()
    if len(away) == 0:
        return fit
    lowest = float(fit["value"].to_numpy().min())
    others = other_scales(fit["scale"][0], away, lowest=lowest)
    again = [_fit(fit.select(given).with_columns(scale=pl.lit(one)), keys) for one in others]
    return min([fit, *again], key=_skewness)


def _skewness(fit: pl.DataFrame) -> float:
    return abs(octile_skewness(fit.filter("tested")["_away"].to_numpy()))


def _tested(rows: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Judge the days of one series."""
    rows = rows.with_columns(pl.col("period").dt.weekday().alias("_day"))
    tested = rows.filter("tested")
    away = tested["_away"].to_numpy()
    each, known = _spreads(rows, away, by_weekday=rules.by_weekday)
    rows = rows.with_columns(pl.Series("_each", each, dtype=pl.Float64))
    beside = rows.filter("tested")["_each"].to_numpy()
    middle = float(np.median(away)) if len(away) else 0.0
    sample = (away - middle) / beside
    few = FEW_KNOWN if known else FEW_DAYS
    wider = (1 + few / max(len(away), 1)) * tail_stretch(sample)
    found = hybrid_esd(
        sample,
        most=rules.most,
        alpha=rules.alpha,
        least=rules.threshold,
        stretch=wider,
        floor=1.0 if known else 0.0,
    )
    return _judged(rows.join(_steps(tested, found), on="_row", how="left"), found, middle)


def _spreads(
    rows: pl.DataFrame, away: NDArray[np.float64], *, by_weekday: bool
) -> tuple[NDArray[np.float64], bool]:
    """Tell how much each day varies beside the others, and whether that is chance of its cases."""
    each = np.ones(rows.height)
    tested = rows["tested"].to_numpy()
    cases = rows["_of"].cast(pl.Float64).to_numpy()
    chance = 1 / np.sqrt(4 * cases + 2)
    shares = bool(rows.height) and bool(np.isfinite(cases).all())
    if shares:
        each = chance_spreads(away, cases, tested)
    known = shares and bool(np.allclose(each, chance))
    if by_weekday:
        days = rows["_day"].to_numpy()
        scales = weekday_spreads(away / each[tested], days[tested])
        each = each * np.array([scales.get(int(day), 1.0) for day in days])
    return (np.maximum(each, chance) if shares else each), known


def _steps(tested: pl.DataFrame, found: Deviates) -> pl.DataFrame:
    numbers = tested["_row"].to_list()
    return pl.DataFrame(
        {
            "_row": [numbers[place] for place in found.order[: found.found]],
            "rank": range(1, found.found + 1),
            "_critical": found.criticals[: found.found],
        },
        schema={"_row": tested.schema["_row"], "rank": pl.Int64, "_critical": pl.Float64},
    )


def _judged(rows: pl.DataFrame, found: Deviates, middle: float) -> pl.DataFrame:
    """Compare every day with the limits of the ordinary ones, holidays by their own factor."""
    own = pl.col("holiday").is_not_null()
    factor = pl.when(own).then("_factor").otherwise(1.0).fill_null(1.0)
    moved = middle + found.middle * pl.col("_each")
    usual = pl.col("_mid") + moved
    both = pl.when(scale="plain").then((1 + factor.pow(2)).sqrt()).otherwise(2**0.5)
    wide = pl.when(own).then(both).otherwise(1.0)
    spread = pl.lit(found.spread if found.spread > 0 else None, dtype=pl.Float64) * wide
    beside = pl.col("judged") & ~pl.col("tested") & (pl.col("robust_z").abs() > found.limit)
    told = ("expected", "lower", "upper", "residual", "robust_z", "critical")
    return (
        rows.with_columns(
            (pl.col("judged") & own & pl.col("_factor").is_null()).alias("explained"),
            pl.when(own).then(on_scale(off_scale(usual) * factor)).otherwise(usual).alias("_mid"),
            pl.when(own).then(None).otherwise(pl.col("_away") - moved).alias("_away"),
            (spread * pl.col("_each")).alias("_spread"),
            pl.coalesce("_critical", pl.lit(found.limit)).alias("critical"),
        )
        .with_columns(
            pl.coalesce("_away", pl.col("_at") - pl.col("_mid")).alias("_away"),
            off_scale(pl.col("_mid")).alias("expected"),
            *(
                off_scale(pl.col("_mid") + side * found.limit * pl.col("_spread")).alias(name)
                for name, side in (("lower", -1), ("upper", 1))
            ),
        )
        .with_columns(
            (pl.col("_away") / pl.col("_spread")).alias("robust_z"),
            pl.when(scale="plain")
            .then("_away")
            .otherwise(pl.col("value") - pl.col("expected"))
            .alias("residual"),
        )
        .with_columns(pl.when("judged").then(name).alias(name) for name in told)
        .with_columns(pl.col("judged") & ~pl.col("explained"))
        .with_columns(outlier=pl.col("rank").is_not_null() | beside.fill_null(value=False))
        .with_columns(pl.when("outlier").then(pl.col("robust_z") > 0).alias("high"))
        .select("_row", *JUDGED)
    )
