"""How long contacts wait for so many agents: Erlang C."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpitools.errors import AnalysisError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST_STEPS = 100_000


@dataclass(frozen=True)
class Waiting:
    """What so many agents give at a load, when nobody hangs up.

    `service_level` is the part answered within the threshold, `waits` the part that waits at
    all, `asa_s` the mean wait in seconds (None where the queue grows without end).
    """

    load: float
    agents: int
    service_level: float
    waits: float
    asa_s: float | None
    occupancy: float


def erlang_c(
    contacts: float, aht_s: float, agents: int, *, interval_s: float = 1800, threshold_s: float = 20
) -> Waiting:
    """Tell which service level so many agents give, when nobody hangs up.

    With as much load as agents or more, the queue grows without end: the service level is 0.

        A = contacts x AHT / interval;   B = A^N/N! / sum_(k <= N) A^k/k!
        Pw = N B / (N - A (1 - B));   service level = 1 - Pw exp(-(N - A) T / AHT)

    Args:
        contacts: contacts offered in the interval.
        aht_s: mean handle time, seconds.
        agents: agents at work, all for these contacts.
        interval_s: length of the interval, seconds.
        threshold_s: answered within so many seconds.

    Returns:
        Waiting times of the steady state: arrivals by chance, handle times exponential, no
        abandons. Real queues lose callers, so they wait less than this says.

    Raises:
        AnalysisError: a number below 0, an AHT or interval of 0 with contacts, or no number.

    Source: Erlang 1917; Gans, Koole & Mandelbaum 2003, Manufacturing & Service Operations
        Management 5:79, doi:10.1287/msom.5.2.79.16071.

    Example:
        >>> found = erlang_c(100, 180, 14)
        >>> round(found.service_level, 6), round(found.asa_s, 4), round(found.occupancy, 6)
        (0.88835, 7.8359, 0.714286)
    """
    check_load(contacts, aht_s, interval_s, threshold_s)
    if agents < 0:
        raise AnalysisError("there cannot be fewer than 0 agents", found=str(agents))
    load = contacts * aht_s / interval_s
    if not load:
        return Waiting(0.0, agents, 1.0, 0.0, 0.0, 0.0)
    if load >= agents:
        return Waiting(load, agents, 0.0, 1.0, None, 1.0)
    waits = float(_waits([load], [agents])[0])
    spare = agents - load
    level = 1 - waits * math.exp(-spare * threshold_s / aht_s)
    return Waiting(load, agents, level, waits, waits * aht_s / spare, load / agents)


def erlang_agents(
    contacts: float,
    aht_s: float,
    *,
    service_level: float = 0.8,
    interval_s: float = 1800,
    threshold_s: float = 20,
) -> int:
    """Tell how many agents at work it takes to reach a service level.

        least N > A with 1 - Pw exp(-(N - A) T / AHT) >= service level

    Args:
        contacts: contacts offered in the interval.
        aht_s: mean handle time, seconds.
        service_level: part to be answered within the threshold.
        interval_s: length of the interval, seconds.
        threshold_s: answered within so many seconds.

    Returns:
        Agents, before breaks and absence; 0 without contacts.

    Raises:
        AnalysisError: as `erlang_c`, or a service level that is no part.

    Source: as `erlang_c`.

    Example:
        >>> erlang_agents(100, 180)
        14
    """
    import numpy as np

    check_load(contacts, aht_s, interval_s, threshold_s)
    if not 0 < service_level < 1:
        raise AnalysisError(
            "a service level is a part",
            found=str(service_level),
            expected="a number between 0 and 1",
        )
    load = contacts * aht_s / interval_s
    if not load:
        return 0
    first = math.floor(load) + 1
    for begin in range(first, first + _MOST_STEPS, 64):
        agents = np.arange(begin, begin + 64)
        waits = _waits([load] * 64, agents.tolist())
        level = 1 - waits * np.exp(-(agents - load) * threshold_s / aht_s)
        enough = np.flatnonzero(level >= service_level)
        if len(enough):
            return int(agents[enough[0]])
    raise AnalysisError("no number of agents reaches the service level", found=str(service_level))


def _waits(load: Sequence[float], agents: Sequence[int]) -> NDArray[np.float64]:
    """Give the chance to wait, for loads below the number of agents."""
    import numpy as np
    from scipy.special import gammaln, pdtr

    a, n = np.asarray(load, dtype=float), np.asarray(agents, dtype=float)
    blocked = np.exp(n * np.log(a) - a - gammaln(n + 1)) / pdtr(n, a)
    found: NDArray[np.float64] = n * blocked / (n - a * (1 - blocked))
    return found


def check_load(contacts: float, aht_s: float, interval_s: float, threshold_s: float) -> None:
    """Refuse numbers that make no load.

    Raises:
        AnalysisError: a number below 0, an AHT or interval of 0 with contacts, or no number.
    """
    numbers = (contacts, aht_s, interval_s, threshold_s)
    if not all(0 <= number < math.inf for number in numbers) or not interval_s:
        raise AnalysisError(
            "contacts, times and lengths are numbers from 0 upwards",
            found=", ".join(map(str, numbers)),
            expected="numbers, and an interval longer than 0",
        )
    if contacts and not aht_s:
        raise AnalysisError("contacts take time", found="an AHT of 0")
