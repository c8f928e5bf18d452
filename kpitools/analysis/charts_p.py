"""Charts of shares and rates: p, Laney's p' and u', exact where cases are few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpitools.analysis.chart_limits import (
    D2,
    FAR,
    LINES,
    Chart,
    ChartLimits,
    Flags,
    Values,
    as_values,
    base_of,
    check_lengths,
    mean_range,
    moving_ranges,
    symmetric,
    with_lines,
)
from kpitools.analysis.count_chances import CountChances, binomial, poisson
from kpitools.errors import AnalysisError, suggest

FEW = 25.0
"""With fewer expected cases (or cases of the other kind) the bell curve is not trusted."""
Tails = Literal["normal", "exact", "wilson", "auto"]
TAILS: tuple[Tails, ...] = ("normal", "exact", "wilson", "auto")
_LEAST = 1e-300
_JUST = 1e-6


@dataclass(frozen=True)
class _Given:
    """What a chart is asked: counts, what they are out of, and which rows count."""

    chart: Chart
    counts: Values
    cases: Values
    base: Flags
    centre: Values
    widen: Values | float
    tails: Tails


def p_limits(
    successes: ArrayLike,
    cases: ArrayLike,
    *,
    baseline: Sequence[bool] | Flags | None = None,
    tails: Tails = "normal",
) -> ChartLimits:
    """Tell between which limits a share varies if nothing but chance makes it vary.

    With many cases nearly every month lies outside: shares vary by more than the chance of their
    cases. `p_prime_limits` counts that in.

        centre = sum(successes) / sum(cases)
        limits = centre -/+ 3 sqrt(centre (1 - centre) / cases), clipped to 0 and 1

    Args:
        successes: cases with the property, per period in order of time.
        cases: all cases of the period; rows without any take no part.
        baseline: true for the rows that the centre is calculated from; default all.
        tails: `normal` as above; `exact` binomial limits, beyond which either side lies with a
            chance of at most 0.00135; `wilson` Wilson's interval of the centre at three
            sigma; `auto` exact where a row has under 25 expected cases of either kind, else
            normal.

    Raises:
        AnalysisError: columns of different lengths, counts that make no share, unknown `tails`.

    Source: qicharts2 0.8.1, chart `p`, for `normal`; Wilson 1927, JASA 22:209.

    Example:
        >>> found = p_limits([10, 12, 30], [100, 100, 100])
        >>> found.outside.tolist(), round(float(found.upper[0]), 4)
        ([False, False, True], 0.2869)
    """
    given = _given("p", successes, cases, baseline, tails=tails, offset=None, widen=1.0)
    return _limits(given, _share_unit(given), 1.0)


def p_prime_limits(  # noqa: PLR0913 - what a chart is told; all but the columns by keyword
    successes: ArrayLike,
    cases: ArrayLike,
    *,
    baseline: Sequence[bool] | Flags | None = None,
    tails: Tails = "normal",
    least: float = 0.0,
    screened: bool = True,
    offset: Values | None = None,
    widen: Values | float = 1.0,
    stretch: NDArray[np.int64] | None = None,
) -> ChartLimits:
    """Tell between which limits a share varies as it always did, beyond chance included.

        z(i) = (p(i) - centre) / sqrt(centre (1 - centre) / cases(i))
        sigma_z = mean |z(i) - z(i - 1)| / 1.128;  limits as `p_limits` times sigma_z

    Args:
        successes: cases with the property, per period in order of time.
        cases: all cases of the period.
        baseline: true for the rows that limits are calculated from; default all.
        tails: as `p_limits`; exact limits leave the chance of sigma_z x 3 standard deviations.
        least: sigma_z is never less; 1 says that shares cannot vary by less than chance.
        screened: leave moving ranges from 3.267 times their mean on out, once.
        offset: how much of each share is season.
        widen: factor on sigma_z, per row or for all.
        stretch: number of the unbroken run of periods that a row is in; default one run.

    Raises:
        AnalysisError: as `p_limits`.

    Source: Laney 2002, Quality Engineering 14:531; qicharts2 0.8.1, chart `p'`.

    Example:
        >>> found = p_prime_limits([10, 12, 11, 14], [100] * 4, least=1.0)
        >>> round(found.spread, 4), round(float(found.upper[0]), 4)
        (1.0, 0.2141)
    """
    given = _given("p_prime", successes, cases, baseline, tails=tails, offset=offset, widen=widen)
    unit = _share_unit(given)
    spread = _sigma_z(given, unit, screened=screened, least=least, stretch=stretch)
    return _limits(given, unit, spread)


def u_prime_limits(  # noqa: PLR0913 - what a chart is told; all but the columns by keyword
    counts: ArrayLike,
    exposure: ArrayLike,
    *,
    baseline: Sequence[bool] | Flags | None = None,
    tails: Tails = "normal",
    least: float = 0.0,
    screened: bool = True,
    offset: Values | None = None,
    widen: Values | float = 1.0,
    stretch: NDArray[np.int64] | None = None,
) -> ChartLimits:
    """Tell between which limits a rate varies: counts per customer, per order, per hour.

        centre = sum(counts) / sum(exposure);  z(i) = (u(i) - centre) / sqrt(centre / exposure(i))
        sigma_z = mean |z(i) - z(i - 1)| / 1.128
        limits = centre -/+ 3 sigma_z sqrt(centre / exposure), clipped at 0

    Args:
        counts: events of the period, in order of time.
        exposure: what they are counted against.
        baseline: true for the rows that limits are calculated from; default all.
        tails: as `p_limits`, with Poisson chances for `exact`; there is no `wilson`.
        least: as `p_prime_limits`.
        screened: as `p_prime_limits`.
        offset: as `p_prime_limits`.
        widen: as `p_prime_limits`.
        stretch: as `p_prime_limits`.

    Raises:
        AnalysisError: columns of different lengths, negative counts, unknown `tails`.

    Source: Laney 2002, Quality Engineering 14:531.

    Example:
        >>> found = u_prime_limits([4, 6, 5, 9], [100, 100, 100, 400])
        >>> round(float(found.centre[0]), 4), round(found.spread, 3)
        (0.0343, 1.106)
    """
    given = _given("u_prime", counts, exposure, baseline, tails=tails, offset=offset, widen=widen)
    unit = np.sqrt(given.centre / given.cases)
    spread = _sigma_z(given, unit, screened=screened, least=least, stretch=stretch)
    return _limits(given, unit, spread)


def _given(  # noqa: PLR0913 - what the three charts hand on
    chart: Chart,
    counts: ArrayLike,
    cases: ArrayLike,
    baseline: Sequence[bool] | Flags | None,
    *,
    tails: Tails,
    offset: Values | None,
    widen: Values | float,
) -> _Given:
    top, n = as_values(counts), as_values(cases)
    check_lengths(chart, counts=top, cases=n)
    if tails not in TAILS:
        raise AnalysisError(f"no tails '{tails}'", found=tails, fix=suggest(tails, TAILS))
    known = np.isfinite(top) & (n > 0)
    most = np.full(len(n), np.inf) if chart == "u_prime" else n
    wrong = known & ((top < 0) | (top > most))
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise AnalysisError(
            "these counts make no share" if chart != "u_prime" else "a count is below 0",
            found=f"{top[at]:g} of {n[at]:g}",
            expected="0 <= counts <= cases" if chart != "u_prime" else "0 or more",
        )
    base = base_of(known, baseline)
    n = np.where(known, n, np.nan)
    season = np.zeros(len(n)) if offset is None else offset
    centre = _centre(top, n, season, base)
    high = np.inf if chart == "u_prime" else 1.0
    return _Given(chart, top, n, base, np.clip(centre, 0.0, high), widen, tails)


def _centre(top: Values, n: Values, season: Values, base: Flags) -> Values:
    if not base.any():
        return np.full(len(n), np.nan)
    level = float((top - season * n)[base].sum() / n[base].sum())
    found: Values = level + season
    return found


def _share_unit(given: _Given) -> Values:
    found: Values = np.sqrt(given.centre * (1 - given.centre) / given.cases)
    return found


def _sigma_z(
    given: _Given,
    unit: Values,
    *,
    screened: bool,
    least: float,
    stretch: NDArray[np.int64] | None,
) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        plain = (given.counts / given.cases - given.centre) / unit
    few = _few(given)
    if few.any():
        plain = np.where(few, _normal_scores(given), plain)
    moves = moving_ranges(plain, given.base, stretch)
    return max(mean_range(moves, screened=screened) / D2, least)


def _few(given: _Given) -> Flags:
    """Tell which rows have exact limits."""
    if given.tails in {"normal", "wilson"}:
        return np.zeros(len(given.cases), dtype=bool)
    inner = (given.centre > 0) & np.isfinite(given.cases)
    if given.chart != "u_prime":
        inner &= given.centre < 1
    if given.tails == "exact":
        return inner
    rarer = given.cases * given.centre
    if given.chart != "u_prime":
        rarer = np.minimum(rarer, given.cases * (1 - given.centre))
    found: Flags = inner & (rarer < FEW)
    return found


def _limits(given: _Given, unit: Values, spread: float) -> ChartLimits:
    values = given.counts / given.cases
    high = np.inf if given.chart == "u_prime" else 1.0
    sigma = spread * np.broadcast_to(np.asarray(given.widen, dtype=np.float64), values.shape)
    found = symmetric(given.chart, values, given.centre, sigma * unit, spread, low=0.0, high=high)
    if given.tails == "wilson" and given.chart != "u_prime":
        ends = [_wilson(given, far * sigma) for far in LINES]
        return _replaced(found, values, np.isfinite(values), ends, found.scores)
    few = _few(given)
    if not few.any():
        return found
    ends = [_exact(given, far * sigma) for far in LINES]
    return _replaced(found, values, few, ends, _normal_scores(given) / sigma)


def _replaced(
    found: ChartLimits, values: Values, where: Flags, ends: list[Values], scores: Values
) -> ChartLimits:
    """Put other limits where asked, with scores that pass 3 exactly where these are passed."""
    before = (found.lower, found.upper, found.near_lower, found.near_upper)
    lines = [np.where(where, new, old) for new, old in zip(ends, before, strict=True)]
    scores = np.where(where, scores, found.scores)
    low, high = values < lines[0] - _JUST * _JUST, values > lines[1] + _JUST * _JUST
    within = np.clip(scores, -FAR, FAR)
    scores = np.where(low, np.minimum(scores, -FAR - _JUST), within)
    scores = np.where(high, np.maximum(scores, FAR + _JUST), scores)
    scores = np.where(where, scores, found.scores)
    return with_lines(found.chart, found.centre, lines, scores, found.spread)


def _wilson(given: _Given, z: Values) -> Values:
    n, p = given.cases, given.centre
    half = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    found: Values = np.clip((p + z * z / (2 * n) + half) / (1 + z * z / n), 0.0, 1.0)
    return found


def _exact(given: _Given, z: Values) -> Values:
    """Return the share beyond which chance goes no more often than a bell curve beyond z."""
    from scipy.special import ndtr

    law = _chances(given)
    with np.errstate(invalid="ignore"):
        counts = np.where(z < 0, law.quantile(ndtr(z)), law.upper_quantile(ndtr(-z)))
        found: Values = counts / given.cases
    return found


def _normal_scores(given: _Given) -> Values:
    """Turn each count into the place on the bell curve that is as unlikely (mid-p)."""
    from scipy.special import ndtri

    low, high = _chances(given).mid(np.rint(given.counts))
    with np.errstate(invalid="ignore"):
        found: Values = np.where(
            low < high, ndtri(np.maximum(low, _LEAST)), -ndtri(np.maximum(high, _LEAST))
        )
    return found


def _chances(given: _Given) -> CountChances:
    """Return the law of each row's count."""
    if given.chart == "u_prime":
        return poisson(given.centre * given.cases)
    return binomial(given.cases, given.centre)
