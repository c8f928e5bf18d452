"""Chance with a fixed seed: streams, draws by share, and what happens or does not."""

from __future__ import annotations

import numpy as np

from kpitools.workspace.sample.planted import Flags, Floats, Ints


def stream(seed: int, *keys: int) -> np.random.Generator:
    """Return the source of chance for one purpose, independent of all the others.

    Example:
        >>> stream(1, 2).random() == stream(1, 2).random() != stream(1, 3).random()
        True
    """
    return np.random.default_rng([seed, *keys])


def pick(shares: list[float], count: int, random: np.random.Generator) -> Ints:
    """Draw places by their shares.

    Example:
        >>> pick([0.0, 1.0, 0.0], 3, stream(1)).tolist()
        [1, 1, 1]
    """
    edges = np.cumsum(np.array(shares) / sum(shares))
    drawn: Ints = np.searchsorted(edges, random.random(count), side="right")
    return np.minimum(drawn, len(shares) - 1)


def happens(chance: float | Floats, count: int, random: np.random.Generator) -> Flags:
    """Draw for each of so many cases whether something happens.

    Example:
        >>> happens(1.0, 2, stream(1)).tolist(), happens(0.0, 2, stream(1)).tolist()
        ([True, True], [False, False])
    """
    drawn: Flags = random.random(count) < chance
    return drawn
