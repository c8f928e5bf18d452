"""How much members of a group spread beyond chance: phi and tau squared of a funnel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
WINSORISED = 0.1


@dataclass(frozen=True)
class Dispersion:
    """Spread of members: `phi` 1 is chance alone, `tau2` the variance beyond it (0 is none)."""

    phi: float
    tau2: float


def dispersion(z: Floats, errors: Floats, *, cut: float = WINSORISED) -> Dispersion:
    """Tell whether members differ more than chance explains, one or two odd ones aside.

        z_w = z, those beyond the quantiles cut and 1 - cut set to them;  phi = mean(z_w^2)
        tau2 = max(0, (n phi - (n - 1)) / (sum w - sum w^2 / sum w)),  w = 1 / error^2

    Args:
        z: (member - target) / error, on the scale of `errors`.
        errors: standard error of each member by chance.
        cut: share winsorised on either side.

    Returns:
        phi 1 and tau2 0 for fewer than 2 members.

    Source: Spiegelhalter 2005, Statistics in Medicine 24:1185, doi:10.1002/sim.1970, as in the R
        package FunnelPlotR 0.6.0.

    Example:
        >>> found = dispersion(np.array([-3.0, -2.0, 2.0, 3.0]), np.full(4, 0.1))
        >>> round(found.phi, 3), round(found.tau2, 4)
        (5.645, 0.0653)
    """
    count = len(z)
    if count < 2:  # noqa: PLR2004 - one member has no spread
        return Dispersion(1.0, 0.0)
    low, high = np.quantile(z, [cut, 1 - cut])
    phi = float((np.clip(z, low, high) ** 2).mean())
    weights = 1 / errors**2
    room = float(weights.sum() - (weights**2).sum() / weights.sum())
    return Dispersion(phi, max(0.0, (count * phi - (count - 1)) / room))
