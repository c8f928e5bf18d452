"""Why customers make contact: whether the mix of reasons drifted, and by which reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import fsum, log2
from typing import Any

import polars as pl

from kpitools.analysis.series import check_facts, dimensions
from kpitools.errors import AnalysisError, examples, suggest

BASELINE = 12
MINIMUM = 30
LEAST_EXPECTED = 5.0
"""Cases that must be expected of a part for its own term in the chi-square test (Cochran)."""

PERIODS: dict[str, pl.DataType | type[pl.DataType]] = {
    "cases": pl.Float64,
    "baseline_cases": pl.Float64,
    "baseline_periods": pl.Int64,
    "divergence": pl.Float64,
    "chi_square": pl.Float64,
    "degrees": pl.Int64,
    "p_value": pl.Float64,
    "judged": pl.Boolean,
    "final": pl.Boolean,
}
"""Columns of `mix_drift` after `period`, in order."""
PARTS: dict[str, pl.DataType | type[pl.DataType]] = {
    "cases": pl.Float64,
    "baseline_cases": pl.Float64,
    "share": pl.Float64,
    "baseline_share": pl.Float64,
    "change": pl.Float64,
    "divergence": pl.Float64,
    "divergence_share": pl.Float64,
}
"""Columns of `mix_parts` after `period` and the dimension, in order."""

_Counts = Mapping[str, float]


def mix_drift(
    facts: pl.DataFrame, *, by: str = "reason", baseline: int = BASELINE, minimum: float = MINIMUM
) -> pl.DataFrame:
    """Tell in which periods the mix of reasons differs from the periods before.

    The divergence is 0 for the same mix and 1 for mixes that share nothing; the p value says how
    often chance alone would make mixes of so many cases differ that much. With many cases a small
    drift is sure, so read its size off the divergence.

        divergence = sum over parts of (p log2(p/m) + q log2(q/m)) / 2,  m = (p + q) / 2
        chi_square = sum over parts and both samples of (cases - expected)^2 / expected

    A mix is no KPI of one formula: its shares stand over the sum of all parts, and how far it
    drifted compares two periods.

    Args:
        facts: facts of one count, for example `offered`, with the dimension `by`; other
            dimensions hold one value.
        by: the dimension whose mix is compared.
        baseline: periods before that are taken together, p is the period and q the baseline.
        minimum: with fewer cases in the period or its baseline nothing is judged.

    Returns:
        One row per period, in order: `period`, cases (Float64), baseline_cases,
        baseline_periods (Int64), divergence (0 to 1; null without a baseline), chi_square,
        degrees, p_value (null with less than two parts to compare), judged (enough periods and
        cases), final (of the period and all its baseline).

    Raises:
        AnalysisError: no fact table, no such dimension, another dimension with several values,
            several KPIs, versions or grains, a KPI that is no count, a baseline below 1.

    Source: Lin 1991, IEEE Transactions on Information Theory 37:145, doi:10.1109/18.61115;
        Cochran 1954, Biometrics 10:417, doi:10.2307/3001616 (parts of which fewer than five
        cases are expected are put together for the test).

    Example:
        >>> from datetime import date
        >>> facts = pl.DataFrame({"kpi": "offered", "version": 1, "grain": "month",
        ...     "period": [date(2026, 9, 1)] * 2 + [date(2026, 10, 1)],
        ...     "reason": ["billing", "orders", "billing"], "numerator": [50.0, 50.0, 20.0],
        ...     "denominator": [None] * 3, "value": [50.0, 50.0, 20.0], "final": True})
        >>> found = mix_drift(facts, baseline=1, minimum=20)
        >>> found.select(pl.col("divergence", "chi_square").round(4), "degrees").row(1)
        (0.3113, 17.1429, 1)
    """
    rows = _checked(facts, by, baseline)
    final = dict(rows.group_by("period").agg(pl.col("final").all()).iter_rows())
    made = []
    for period, now, before, spans in _paired(rows, by, baseline):
        cases, base = fsum(now.values()), fsum(before.values())
        made.append(
            {
                "period": period,
                "cases": cases,
                "baseline_cases": base,
                "baseline_periods": len(spans),
                "divergence": _divergence(now, before),
                **_chi_square(now, before),
                "judged": len(spans) == baseline and min(cases, base) >= max(minimum, 1),
                "final": all(final[each] for each in (period, *spans)),
            }
        )
    return pl.DataFrame(made, schema={"period": facts.schema["period"], **PERIODS})


def mix_parts(facts: pl.DataFrame, *, by: str = "reason", baseline: int = BASELINE) -> pl.DataFrame:
    """Tell which reasons make up the drift of the mix, period by period.

    Args:
        facts: as `mix_drift`.
        by: the dimension whose mix is compared.
        baseline: periods before that are taken together.

    Returns:
        One row per period that has a baseline and per part, the part that drifted most first
        (ties by name): `period`, the dimension, cases, baseline_cases, share, baseline_share,
        change (share - baseline_share; the changes of a period add up to 0), divergence (those
        of a period add up to that of `mix_drift`), divergence_share (null where there is none).

    Raises:
        AnalysisError: as `mix_drift`.

    Source: as `mix_drift`.

    Example:
        >>> from datetime import date
        >>> facts = pl.DataFrame({"kpi": "offered", "version": 1, "grain": "month",
        ...     "period": [date(2026, 9, 1)] * 2 + [date(2026, 10, 1)],
        ...     "reason": ["billing", "orders", "billing"], "numerator": [50.0, 50.0, 20.0],
        ...     "denominator": [None] * 3, "value": [50.0, 50.0, 20.0], "final": True})
        >>> mix_parts(facts, baseline=1).select("reason", "change").rows()
        [('orders', -0.5), ('billing', 0.5)]
    """
    rows = _checked(facts, by, baseline)
    made: list[dict[str, Any]] = []
    for period, now, before, _ in _paired(rows, by, baseline):
        cases, base = fsum(now.values()), fsum(before.values())
        if not cases or not base:
            continue
        shares = {part: (now[part] / cases, before[part] / base) for part in now}
        terms = {part: _term(*pair) for part, pair in shares.items()}
        total = fsum(terms.values())
        for part in sorted(terms, key=lambda name: (-terms[name], name)):
            share, usual = shares[part]
            found = (now[part], before[part], share, usual, share - usual, terms[part])
            told = terms[part] / total if total else None
            made.append(
                {"period": period, by: part, **dict(zip(PARTS, (*found, told), strict=True))}
            )
    return pl.DataFrame(
        made, schema={"period": facts.schema["period"], by: facts.schema[by], **PARTS}
    )


def _paired(
    rows: pl.DataFrame, by: str, baseline: int
) -> Iterator[tuple[Any, _Counts, _Counts, Sequence[Any]]]:
    """Yield each period with its cases, those of its baseline by part, and the baseline."""
    counts: dict[Any, Counter[str]] = {}
    for period, part, cases in rows.select("period", by, "numerator").iter_rows():
        counts.setdefault(period, Counter())[part] += cases
    periods = list(counts)
    for n, period in enumerate(periods):
        spans = periods[max(0, n - baseline) : n]
        parts = sorted(set().union(counts[period], *(counts[each] for each in spans)))
        now = {part: float(counts[period][part]) for part in parts}
        before = {part: fsum(counts[each][part] for each in spans) for part in parts}
        yield period, now, before, spans


def _term(share: float, usual: float) -> float:
    """Give what one part adds to the divergence: never below 0."""
    middle = (share + usual) / 2
    found = fsum(each * log2(each / middle) for each in (share, usual) if each > 0) / 2
    return max(found, 0.0)


def _divergence(now: _Counts, before: _Counts) -> float | None:
    cases, base = fsum(now.values()), fsum(before.values())
    if not cases or not base:
        return None
    return min(fsum(_term(now[part] / cases, before[part] / base) for part in now), 1.0)


def _chi_square(now: _Counts, before: _Counts) -> dict[str, float | int | None]:
    """Test whether both samples may come from one mix."""
    cells = _pooled(now, before)
    if len(cells) < 2:  # noqa: PLR2004 - one part alone is always the whole
        return {"chi_square": None, "degrees": None, "p_value": None}
    from scipy.special import chdtrc

    sizes = [fsum(cell[side] for cell in cells) for side in (0, 1)]
    total = fsum(sizes)
    found = fsum(
        (cell[side] - expected) ** 2 / expected
        for cell in cells
        for side in (0, 1)
        for expected in [fsum(cell) * sizes[side] / total]
    )
    degrees = len(cells) - 1
    return {"chi_square": found, "degrees": degrees, "p_value": float(chdtrc(degrees, found))}


def _pooled(now: _Counts, before: _Counts) -> list[tuple[float, float]]:
    """Put parts together of which too few cases are expected, the rarest first."""
    cases, base = fsum(now.values()), fsum(before.values())
    if not cases or not base:
        return []
    least = min(cases, base) / (cases + base)
    cells = sorted((now[part] + before[part], part) for part in now)
    kept = [(now[part], before[part]) for both, part in cells if both * least >= LEAST_EXPECTED]
    rare = [part for both, part in cells if both * least < LEAST_EXPECTED]
    rest = (fsum(now[part] for part in rare), fsum(before[part] for part in rare))
    if fsum(rest) * least >= LEAST_EXPECTED or not kept:
        return [rest, *kept] if fsum(rest) else kept
    first, *others = kept
    return [(first[0] + rest[0], first[1] + rest[1]), *others]


def _checked(facts: pl.DataFrame, by: str, baseline: int) -> pl.DataFrame:
    """Return the rows in order of time, or say what they lack."""
    check_facts(facts)
    known = dimensions(facts)
    if by not in known:
        raise AnalysisError(
            f"the facts have no dimension '{by}'", found=by, fix=suggest(by, known) if known else ""
        )
    if baseline < 1:
        raise AnalysisError("a baseline has at least one period", found=str(baseline))
    for name in ("kpi", "version", "grain", *(each for each in known if each != by)):
        values = facts[name].unique().sort().to_list()
        if len(values) > 1:
            raise AnalysisError(
                f"the facts hold several values of '{name}'",
                found=examples(str(value) for value in values),
                expected="one, so that the parts make one mix",
                fix=f"filter to one {name} first, or ask the facts without it",
            )
    if facts["denominator"].null_count() < facts.height:
        raise AnalysisError(
            "a mix is made of counts",
            found=examples(facts["kpi"].unique().to_list()),
            expected="a count such as offered",
        )
    return facts.sort("period", by)
