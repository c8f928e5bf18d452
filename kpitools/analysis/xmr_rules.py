"""Which points of a chart with limits are signals: the rules of the schools, one per name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Values = NDArray[np.float64]

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
    stretches = _stretches(used, stretch)
    order = np.argsort(stretches, kind="stable")
    points = _Points.of(used[order] if (np.diff(stretches) < 0).any() else used, stretches[order])
    trend = next((rule.points for rule in rules if rule.signal == "trend"), 0)
    rising, falling = points.trends(trend)
    signal, high = np.full(len(order), "", dtype=object), points.side > 0
    for rule in reversed(rules):
        holds = rising | falling if rule.signal == "trend" else points.flags(rule)
        if rule.signal not in {"outside", "trend"}:
            holds &= ~points.runless
        signal[holds] = rule.signal
    high = np.where(signal == "trend", rising, high).astype(object)
    high[np.isin(signal, ("", *SIDELESS))] = None
    back = np.argsort(order, kind="stable")
    return used.with_columns(
        pl.Series("signal", signal[back].tolist(), dtype=pl.String),
        pl.Series("high", high[back].tolist(), dtype=pl.Boolean),
    )


def _stretches(used: pl.DataFrame, names: list[str]) -> NDArray[np.int64]:
    """Number the stretches by their first row."""
    several = [name for name in names if used[name].n_unique() > 1]
    if not several:
        return np.zeros(used.height, dtype=np.int64)
    rows = used.select(*several).with_row_index("_row")
    first = rows.select(pl.col("_row").cast(pl.Int64).min().over(several))
    return first.to_series().to_numpy()


@dataclass(frozen=True)
class _Points:
    """The points of all stretches, one after the other, as the rules look at them.

    `side` is -1 below the centre, 1 above, 0 on it or without one; `depth` how far of the way
    from the centre to its limit a point lies; `place` its number within its stretch.
    """

    value: Values
    side: Values
    depth: Values
    outside: Flags
    near: Flags
    runless: Flags
    place: NDArray[np.int64]

    @classmethod
    def of(cls, used: pl.DataFrame, stretches: NDArray[np.int64]) -> _Points:
        def numbers(name: str) -> Values:
            return used[name].cast(pl.Float64).to_numpy()

        value, centre, upper = numbers("value"), numbers("centre"), numbers("upper")
        away = value - centre
        side = np.where(np.abs(away) <= numbers("_tolerance"), 0.0, np.sign(away))
        side[np.isnan(side)] = 0.0
        with np.errstate(divide="ignore", invalid="ignore"):
            depth = np.abs(away) / (upper - centre)
        near = (value < numbers("near_lower")) | (value > numbers("near_upper"))
        runless = used["_runless"].cast(pl.Float64).to_numpy()
        begins = np.diff(stretches, prepend=-1) != 0
        every = np.arange(len(value))
        return cls(
            value=value,
            side=side,
            depth=depth,
            outside=((value < numbers("lower")) | (value > upper)) & (side != 0),
            near=near,
            runless=runless != 0,  # where nothing is known of it as well
            place=every - np.maximum.accumulate(np.where(begins, every, 0)),
        )

    def flags(self, rule: Rule) -> Flags:
        """Return which points one rule flags."""
        depth, points = self.depth, rule.points
        makers: dict[Signal, Callable[[], Flags]] = {
            "outside": self.outside.copy,
            "two_of_three": lambda: self._two_of_three(rule.zone),
            "four_of_five": lambda: self._some(depth > 1 / 3, 4, points),
            "nearer_limit": lambda: self._some(depth > 1 / 2, 3, points),
            "shift": lambda: self._all(self.side < 0, points) | self._all(self.side > 0, points),
            "alternating": lambda: self._alternating(points),
            "hugging": lambda: self._all(depth < 1 / 3, points),
            "mixture": lambda: self._all(depth > 1 / 3, points),
        }
        return makers[rule.signal]()

    def trends(self, width: int) -> tuple[Flags, Flags]:
        """Return the points of strictly rising and of strictly falling stretches."""
        nowhere = np.zeros(len(self.value), dtype=bool)
        if not width:
            return nowhere, nowhere
        step = self._step()
        rising = self._count(step > 0, width - 1) == width - 1
        falling = self._count(step < 0, width - 1) == width - 1
        # a turning point belongs to the later trend: the one that starts there
        up = _spread(rising, width) & ~_starts(falling, width)
        return up, _spread(falling, width) & ~_starts(rising, width)

    def _step(self) -> Values:
        """Return each value less the one before it in its stretch."""
        step = np.diff(self.value, prepend=np.nan)
        step[self.place == 0] = np.nan
        return step

    def _count(self, condition: Flags, width: int) -> NDArray[np.int64]:
        """Count where a condition holds, of so many points up to each; 0 without as many."""
        total = np.concatenate([[0], np.cumsum(condition)])
        found = np.zeros(len(condition), dtype=np.int64)
        found[width - 1 :] = total[width:] - total[: max(len(total) - width, 0)]
        found[self.place < width - 1] = 0
        return found

    def _all(self, condition: Flags, width: int) -> Flags:
        return _spread(self._count(condition, width) == width, width)

    def _some(self, deep: Flags, enough: int, width: int) -> Flags:
        found = np.zeros(len(deep), dtype=bool)
        for side in (-1, 1):
            counts = deep & (self.side == side)
            found |= _spread(self._count(counts, width) >= enough, width) & counts
        return found

    def _two_of_three(self, zone: Zone) -> Flags:
        if zone == "beyond":
            return self._some(self.near, 2, 3)
        near, found = self.near & ~self.outside, np.zeros(len(self.near), dtype=bool)
        for side in (-1, 1):
            here = self.side == side
            two = self._count(near & here, 3) >= 2  # noqa: PLR2004 - the rule's name
            found |= _spread(two & (self._count(here, 3) == 3), 3) & near & here  # noqa: PLR2004
        return found

    def _alternating(self, width: int) -> Flags:
        step = np.sign(self._step())
        turns = step * np.concatenate([[np.nan], step[:-1]]) < 0
        return _spread(self._count(turns, width - 2) == width - 2, width)


def _spread(ends: Flags, width: int) -> Flags:
    """Flag the so many points of which each flagged one is the last."""
    found = ends.copy()
    for back in range(1, min(width, len(ends))):
        found[:-back] |= ends[back:]
    return found


def _starts(ends: Flags, width: int) -> Flags:
    """Flag the first of the so many points of which each flagged one is the last."""
    found = np.zeros(len(ends), dtype=bool)
    found[: max(len(ends) - width + 1, 0)] = ends[width - 1 :]
    return found
