"""The rules of the usual control charts at the latest point, for many series at once.

The same as `kpitools.xmr_limits`, for the last point alone: one simulation needs hundreds of
thousands of charts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpitools.analysis.xmr_profiles import Profile
from kpitools.analysis.xmr_rules import Rule

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]
SCREEN = 3.267


@dataclass(frozen=True)
class Placed:
    """Values, the side of the centre they lie on, and how far towards their limit."""

    values: Values
    side: NDArray[np.int8]
    depth: Values


def marked(values: Values, profile: Profile) -> tuple[Flags, Flags]:
    """Tell which series have a signal at their last point, and which of them on the high side."""
    placed = _place(values, profile)
    signal = np.zeros(len(values), dtype=bool)
    high = np.zeros(len(values), dtype=bool)
    for rule in profile.rules:
        holds, above = _rule(placed, rule)
        high |= holds & ~signal & above
        signal |= holds
    return signal, high


def _place(values: Values, profile: Profile) -> Placed:
    centre = values.mean(axis=1, keepdims=True)
    ranges = np.abs(np.diff(values, axis=1))
    mean = ranges.mean(axis=1, keepdims=True)
    if profile.screened:
        kept = ranges < SCREEN * mean
        count = kept.sum(axis=1, keepdims=True)
        screened = (ranges * kept).sum(axis=1, keepdims=True) / np.maximum(count, 1)
        mean = np.where(screened > 0, screened, mean)
    away = values - centre
    side = np.where(np.abs(away) <= 1e-9 * np.abs(values).max(), 0, np.sign(away)).astype(np.int8)
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = np.abs(away) / (profile.factor * mean)
    return Placed(values, side, np.nan_to_num(depth, posinf=np.inf))


def _rule(at: Placed, rule: Rule) -> tuple[Flags, Flags]:
    """Return where the rule marks the last point, and whether that is on the high side."""
    side, depth, wide = at.side[:, -1], at.depth, rule.points
    last = at.depth[:, -1]
    above: Flags = side > 0
    if at.values.shape[1] < wide:
        return np.zeros_like(above), above
    same = at.side[:, -wide:] == side[:, None]
    turns = np.sign(np.diff(at.values, axis=1))
    found = {
        "outside": lambda: last > 1,
        "shift": lambda: same.all(axis=1) & (side != 0),
        "trend": lambda: np.abs(turns[:, 1 - wide :].sum(axis=1)) == wide - 1,
        "two_of_three": lambda: _two_of_three(at, rule),
        "four_of_five": lambda: _some(same, depth[:, -wide:] > 1 / 3, 4),
        "nearer_limit": lambda: _some(same, depth[:, -wide:] > 1 / 2, 3),
        "alternating": lambda: _alternating(turns[:, 1 - wide :]),
        "hugging": lambda: (depth[:, -wide:] < 1 / 3).all(axis=1),
        "mixture": lambda: (depth[:, -wide:] > 1 / 3).all(axis=1),
    }[rule.signal]()
    if rule.signal == "trend":
        above = turns[:, -1] > 0
    if rule.signal in {"alternating", "hugging", "mixture"}:
        above = np.zeros_like(above)
    return found, above


def _some(same: Flags, deep: Flags, enough: int) -> Flags:
    counts = same & deep
    marks: Flags = counts[:, -1] & (counts.sum(axis=1) >= enough)
    return marks


def _alternating(turns: Values) -> Flags:
    found: Flags = (turns[:, 1:] * turns[:, :-1] < 0).all(axis=1)
    return found


def _two_of_three(at: Placed, rule: Rule) -> Flags:
    deep = at.depth[:, -3:]
    same = at.side[:, -3:] == at.side[:, -1:]
    if rule.zone == "beyond":
        return _some(same, deep > 2 / 3, 2)
    return _some(same, (deep > 2 / 3) & (deep <= 1), 2) & same.all(axis=1)
