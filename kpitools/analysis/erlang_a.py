"""How long contacts wait for so many agents, when callers hang up: Erlang A."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpitools.analysis.erlang import check_load
from kpitools.errors import AnalysisError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Chances = NDArray[np.float64]

NEGLIGIBLE = 1e-16


@dataclass(frozen=True)
class Abandoning:
    """What so many agents give at a load, when callers hang up after a while.

    `service_level` is the part of all contacts that is answered within the threshold;
    `of_answered` the same of the contacts that are answered at all, `of_lasting` of those that
    do not hang up within the threshold: three definitions in use. `waits` is the part that waits
    at all, `abandoned` the part that hangs up, `wait_s` the mean time in the queue of all
    contacts, seconds.
    """

    load: float
    agents: int
    service_level: float
    of_answered: float
    of_lasting: float
    waits: float
    abandoned: float
    wait_s: float
    occupancy: float


def erlang_a(  # noqa: PLR0913 - the numbers that make up a queue; times by keyword
    contacts: float,
    aht_s: float,
    agents: int,
    *,
    patience_s: float,
    interval_s: float = 1800,
    threshold_s: float = 20,
) -> Abandoning:
    """Tell which service level so many agents give, when callers hang up.

    Callers who hang up leave the line to others: fewer agents reach a service level than
    `erlang_c` says, and no queue grows without end.

        p(k) = p(k-1) x arrivals / (min(k, N) / AHT + max(k - N, 0) / patience)
        abandoned = E[queue] / (patience x arrivals);   occupancy = E[busy] / N
        service level = P(k < N) + sum over q of p(N + q) P(served within T | q ahead)
        P(served within T | q ahead) = c / (c + q + 1) x I(1 - exp(-T / patience); q + 1, c + 1)
        c = N patience / AHT, I the regularised incomplete beta function

    Args:
        contacts: contacts offered in the interval.
        aht_s: mean handle time, seconds.
        agents: agents at work, all for these contacts; one or more.
        patience_s: mean time after which a caller who is not answered hangs up, seconds.
        interval_s: length of the interval, seconds.
        threshold_s: answered within so many seconds.

    Returns:
        The steady state: arrivals by chance, handle times and patience exponential.

    Raises:
        AnalysisError: as `erlang_c`, or no agent, or a patience of 0.

    Source: Palm 1946; Garnett, Mandelbaum & Reiman 2002, Manufacturing & Service Operations
        Management 4:208, doi:10.1287/msom.4.3.208.7753.

    Example:
        >>> found = erlang_a(100, 180, 12, patience_s=120)
        >>> round(found.service_level, 4), round(found.abandoned, 4), round(found.wait_s, 2)
        (0.8256, 0.0616, 7.39)
    """
    check_load(contacts, aht_s, interval_s, threshold_s)
    if agents < 1 or not 0 < patience_s < math.inf:
        raise AnalysisError(
            "callers wait for one agent or more, and for some time",
            found=f"{agents} agents, patience {patience_s} s",
            expected="1 agent or more, a patience above 0",
        )
    load = contacts * aht_s / interval_s
    if not load:
        return Abandoning(0.0, agents, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0)
    import numpy as np

    free, queued = _states(load, agents, patience_s / aht_s)
    ahead = np.arange(len(queued))
    in_queue = float((ahead * queued).sum())
    abandoned = in_queue * aht_s / (patience_s * load)
    served, gone = _within(agents * patience_s / aht_s, threshold_s / patience_s, ahead)
    at_once = float(free.sum())
    level = at_once + float((queued * served).sum())
    busy = float((np.arange(agents) * free).sum()) + agents * float(queued.sum())
    return Abandoning(
        load=load,
        agents=agents,
        service_level=level,
        of_answered=level / (1 - abandoned),
        of_lasting=level / (1 - float((queued * gone).sum())),
        waits=1 - at_once,
        abandoned=abandoned,
        wait_s=in_queue * aht_s / load,
        occupancy=busy / agents,
    )


def _states(load: float, agents: int, patience: float) -> tuple[Chances, Chances]:
    """Give the chance of each number of busy agents below all, and of each queue behind all.

    Times are in handle times: a caller who waits hangs up at the rate 1 / patience.
    """
    import numpy as np

    most = 64
    while True:
        rates = [np.arange(1, agents + 1), agents + np.arange(1, most + 1) / patience]
        logs = np.concatenate([[0.0], np.cumsum(math.log(load) - np.log(np.concatenate(rates)))])
        chances = np.exp(logs - logs.max())
        falls = load < rates[1][-1]
        if falls and chances[-1] < NEGLIGIBLE * (1 - load / rates[1][-1]):
            break
        most *= 2
    chances /= chances.sum()
    return chances[:agents], chances[agents:]


def _within(c: float, threshold: float, ahead: NDArray[np.int64]) -> tuple[Chances, Chances]:
    """Give the chances to be served, and to have hung up, within the threshold.

    The threshold is in units of patience.
    """
    import numpy as np
    from scipy.special import betainc

    part = -math.expm1(-threshold)
    served = c / (c + ahead + 1) * betainc(ahead + 1, c + 1, part)
    waiting = math.exp(-threshold) * (1 - betainc(ahead + 1, c, part))
    return served, np.maximum(1 - served - waiting, 0.0)
