"""Which points of a chart with limits are signals: the rules of the schools, one per name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import polars as pl

Signal = Literal[
    "outside",
    "trend",
    "two_of_three",
    "shift",
    "nearer_limit",
    "four_of_five",
    "alternating",
    "hugging",
    "mixture",
]
SIDELESS = ("alternating", "hugging", "mixture")
"""Signals that lie on neither side of the centre."""
Zone = Literal["between", "beyond"]


@dataclass(frozen=True)
class Rule:
    """One rule: the signal it gives and how many points it looks at.

    `zone` matters for `two_of_three` alone: `between` counts points between near limit and
    limit, and wants all three on that side; `beyond` counts points past the near limit, limit
    or not, and the third may lie anywhere.
    """

    signal: Signal
    points: int
    zone: Zone = "beyond"


def add_signals(used: pl.DataFrame, stretch: list[str], rules: tuple[Rule, ...]) -> pl.DataFrame:
    """Add `signal` and `high` to points that carry their limits; the first rule that holds.

    outside: beyond a limit; trend: values strictly rising or falling; two_of_three: two of three
    points past the near limit on one side; four_of_five: four of five points more than a third
    of the way to the limit on one side; nearer_limit: three of four points nearer to a limit
    than to the centre, on one side; shift: points on one side of the centre; alternating: up,
    down, up, down; hugging: all within a third of the way to the limits; mixture: none of them
    within it. Of k-of-n rules only the points that count are flagged, of the others all.

    Args:
        used: points sorted by time within `stretch`, with value, centre, lower, upper,
            near_lower, near_upper and the working columns `_tolerance` and `_runless`.
        stretch: columns of one unbroken run of periods.
        rules: in the order of their priority.
    """
    placed = used.with_columns(_side().alias("_side"), _depth().alias("_depth")).with_columns(
        (_beyond("lower", "upper") & (pl.col("_side") != 0)).alias("_outside"),
        _beyond("near_lower", "near_upper").alias("_near"),
    )
    stretch = [name for name in stretch if used[name].n_unique() > 1]
    flags = {rule.signal: _over(stretch, _flags(rule)) for rule in rules if rule.signal != "trend"}
    trend = next((rule.points for rule in rules if rule.signal == "trend"), 0)
    flagged = placed.with_columns(
        *(flag.alias(f"_is_{name}") for name, flag in flags.items()), *_trends(stretch, trend)
    )
    signal: pl.Expr = pl.lit("")
    for rule in reversed(rules):
        holds = pl.col(f"_is_{rule.signal}")
        if rule.signal not in {"outside", "trend"}:
            holds &= ~pl.col("_runless")
        signal = pl.when(holds).then(pl.lit(rule.signal)).otherwise(signal)
    return flagged.with_columns(signal.alias("signal")).with_columns(_high().alias("high"))


def _over(stretch: list[str], flag: pl.Expr) -> pl.Expr:
    """Look at each stretch by itself, where there are several."""
    return flag.over(stretch) if stretch else flag


def _flags(rule: Rule) -> pl.Expr:
    """Return which points one rule flags, within one stretch."""
    makers = {
        "outside": lambda: pl.col("_outside"),
        "two_of_three": lambda: _two_of_three(rule.zone),
        "four_of_five": lambda: _some(pl.col("_depth") > 1 / 3, 4, rule.points),
        "nearer_limit": lambda: _some(pl.col("_depth") > 1 / 2, 3, rule.points),
        "shift": lambda: _either(lambda side: _all(pl.col("_side") == side, rule.points)),
        "alternating": lambda: _alternating(rule.points),
        "hugging": lambda: _all(pl.col("_depth") < 1 / 3, rule.points),
        "mixture": lambda: _all(pl.col("_depth") > 1 / 3, rule.points),
    }
    return makers[rule.signal]()


def _side() -> pl.Expr:
    away = pl.col("value") - pl.col("centre")
    on_centre = away.abs() <= pl.col("_tolerance")
    return pl.when(on_centre).then(0).otherwise(away.sign()).cast(pl.Int8).fill_null(0)


def _depth() -> pl.Expr:
    """Return how far of the way from the centre to its limit a point lies; null without limits."""
    away = (pl.col("value") - pl.col("centre")).abs()
    return (away / (pl.col("upper") - pl.col("centre"))).fill_nan(None)


def _beyond(low: str, high: str) -> pl.Expr:
    value = pl.col("value")
    return ((value < pl.col(low)) | (value > pl.col(high))).fill_null(value=False)


def _ends(condition: pl.Expr, width: int) -> pl.Expr:
    return _count(condition, width) == width


def _count(condition: pl.Expr, width: int) -> pl.Expr:
    return condition.fill_null(value=False).cast(pl.Int32).rolling_sum(width).fill_null(0)


def _spread(ends: pl.Expr, width: int) -> pl.Expr:
    back = ends.cast(pl.Int32).reverse().rolling_max(width, min_samples=1).reverse()
    return back == 1


def _all(condition: pl.Expr, width: int) -> pl.Expr:
    return _spread(_ends(condition, width), width)


def _some(deep: pl.Expr, enough: int, width: int) -> pl.Expr:
    def on(side: int) -> pl.Expr:
        counts = deep & (pl.col("_side") == side)
        return _spread(_count(counts, width) >= enough, width) & counts

    return _either(on)


def _either(on: Callable[[int], pl.Expr]) -> pl.Expr:
    return (on(-1) | on(1)).fill_null(value=False)


def _two_of_three(zone: Zone) -> pl.Expr:
    if zone == "beyond":
        return _some(pl.col("_near"), 2, 3)
    near = pl.col("_near") & ~pl.col("_outside")

    def on(side: int) -> pl.Expr:
        here = pl.col("_side") == side
        ends = (_count(near & here, 3) >= 2) & _ends(here, 3)  # noqa: PLR2004 - the rule's name
        return _spread(ends, 3) & near & here

    return _either(on)


def _trends(stretch: list[str], trend: int) -> tuple[pl.Expr, ...]:
    if not trend:
        return (pl.lit(value=False).alias("_is_rising"),)
    step = pl.col("value").diff()
    rising = _ends(step > 0, trend - 1)
    falling = _ends(step < 0, trend - 1)
    starts = {"rising": rising.shift(1 - trend), "falling": falling.shift(1 - trend)}
    # a turning point belongs to the later trend: the one that starts there
    up = _spread(rising, trend) & ~starts["falling"].fill_null(value=False)
    down = _spread(falling, trend) & ~starts["rising"].fill_null(value=False)
    return (
        _over(stretch, up).alias("_is_rising"),
        _over(stretch, up | down).alias("_is_trend"),
    )


def _alternating(width: int) -> pl.Expr:
    step = pl.col("value").diff().sign()
    turns = (step * step.shift(1)) < 0
    return _spread(_ends(turns, width - 2), width)


def _high() -> pl.Expr:
    return (
        pl.when((pl.col("signal") == "") | pl.col("signal").is_in(SIDELESS))
        .then(None)
        .when(pl.col("signal") == "trend")
        .then(pl.col("_is_rising"))
        .otherwise(pl.col("_side") > 0)
    )
