"""Which chart fits a KPI: by what its values are made of, and by how often nothing happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kpitools.analysis.intervals import is_share_of_cases
from kpitools.catalog.basis import rests_on
from kpitools.catalog.model import Kpi
from kpitools.errors import AnalysisError, suggest

Values = NDArray[np.float64]
ChartAsked = Literal["auto", "xmr", "p", "p_prime", "u_prime", "i_prime", "g"]
CHARTS: tuple[ChartAsked, ...] = ("auto", "xmr", "p", "p_prime", "u_prime", "i_prime", "g")
RARE = 0.5
"""Events are rare when at least so many periods have none."""
FEWEST_EVENTS = 3
_WITH_CASES = ("ratio", "mean", "index")


@dataclass(frozen=True)
class Counted:
    """The columns of one series that a chart can be made of, in order of time."""

    value: Values
    numerator: Values
    denominator: Values
    known: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: pl.DataFrame, known: NDArray[np.bool_]) -> Counted:
        """Take the columns of one series."""
        value, top, n = (
            rows[name].cast(pl.Float64).to_numpy() for name in ("value", "numerator", "denominator")
        )
        return cls(value, top, n, known)

    @property
    def shares(self) -> bool:
        """Whether every known row has counts that make a share."""
        top, n = self.numerator[self.known], self.denominator[self.known]
        return bool(((top >= 0) & (top <= n) & (n > 0)).all())

    @property
    def weighted(self) -> bool:
        """Whether every known row says what it rests on."""
        return bool((self.denominator[self.known] > 0).all())

    def events(self, kpi: Kpi) -> tuple[Values, int] | None:
        """Return rare events and whether more of them lift the value (1) or lower it (-1).

        Of a share the cases with the property, or those without it; of a count itself.
        """
        if is_share_of_cases(kpi) and self.shares:
            for events, side in ((self.numerator, 1), (self.denominator - self.numerator, -1)):
                if self._rare(events):
                    return events, side
        elif kpi.kind == "count" and self._whole(self.value) and self._rare(self.value):
            return self.value, 1
        return None

    @property
    def whole(self) -> bool:
        """Whether every known numerator is a count."""
        return self._whole(self.numerator)

    def _whole(self, values: Values) -> bool:
        counts = values[self.known]
        return bool(((counts >= 0) & (counts == np.rint(counts))).all())

    def _rare(self, events: Values) -> bool:
        counts = events[self.known]
        return bool(
            len(counts)
            and (counts < 0.5).mean() >= RARE  # noqa: PLR2004 - none, of counts made from shares
            and (counts >= 0.5).sum() >= FEWEST_EVENTS  # noqa: PLR2004
        )


def choose_chart(kpi: Kpi, counted: Counted) -> ChartAsked:
    """Name the chart that fits a KPI.

    Shares of cases get limits from their cases (`p_prime`), means and other ratios limits that
    follow what they rest on (`i_prime`), counts out of an amount `u_prime`, rare events the gaps
    between them (`g`), everything else single values (`xmr`): counts, percentiles, snapshots,
    and money, of which a few large amounts make the mean.
    """
    if not counted.known.any():
        return "xmr"
    if counted.events(kpi) is not None:
        return "g"
    if is_share_of_cases(kpi) and counted.shares:
        return "p_prime"
    if kpi.unit == "money" or kpi.kind not in _WITH_CASES or not counted.weighted:
        return "xmr"
    if kpi.kind == "ratio" and kpi.unit == "number" and counted.whole and rests_on(kpi) != "cases":
        return "u_prime"
    return "i_prime"


def check_chart(chart: str, kpi: Kpi, counted: Counted) -> None:
    """Refuse a chart that the facts of a KPI cannot give.

    Raises:
        AnalysisError: an unknown chart, or facts without the counts that it needs.
    """
    if chart not in CHARTS:
        raise AnalysisError(f"no chart '{chart}'", found=chart, fix=suggest(chart, CHARTS))
    needs = {
        "p": (counted.shares, "numerator and denominator, counts that make a share"),
        "p_prime": (counted.shares, "numerator and denominator, counts that make a share"),
        "u_prime": (counted.weighted, "a denominator above 0"),
        "i_prime": (counted.weighted, "a denominator above 0"),
        "g": (counted.events(kpi) is not None, "a share or count, half of the periods without any"),
    }
    holds, expected = needs.get(chart, (True, ""))
    if not holds:
        raise AnalysisError(
            f"{kpi.kpi} cannot be drawn as chart {chart}",
            expected=f"{expected}, in every row with a value",
            fix='chart="auto" takes the chart that fits',
        )
