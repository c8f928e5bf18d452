"""Whether the ranges given with forecasts held what came as often as they said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from kpitools.analysis.accuracy import expected_contacts
from kpitools.analysis.forecast_ledger import in_lead_classes, last_of_step, lead_ends
from kpitools.analysis.forecast_naive import add_naive
from kpitools.analysis.forecast_ranges import pinball, range_score
from kpitools.analysis.forecast_target import arrival_dispersion
from kpitools.analysis.intervals import Interval, wilson_interval
from kpitools.analysis.poisson_quantiles import BestRange, poisson_range
from kpitools.errors import AnalysisError, suggest

FEWEST_DAYS = 8
"""Ranges on fewer days than this are not judged."""
RANGE_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "step": pl.String,
    "interval_ms": pl.Int64,
    "level": pl.Float64,
    "lead_from": pl.Float64,
    "lead_to": pl.Float64,
    "days": pl.Int64,
    "n": pl.Int64,
    "actual": pl.Float64,
    "coverage": pl.Float64,
    "coverage_low": pl.Float64,
    "coverage_high": pl.Float64,
    "below": pl.Float64,
    "above": pl.Float64,
    "width": pl.Float64,
    "winkler": pl.Float64,
    "pinball_low": pl.Float64,
    "pinball_high": pl.Float64,
    "phi": pl.Float64,
    **{
        f"{kind}_{name}": pl.Float64
        for kind in ("floor", "dispersed")
        for name in ("coverage", "width", "winkler", "pinball_low", "pinball_high")
    },
    "verdict": pl.String,
}
"""Columns of `forecast_range_scores` after the dimensions, in order."""
_HOUR_MS = 3_600_000
_NEEDED = ("forecast_low", "forecast_high", "range_level", "interval_ms")


def forecast_range_scores(
    ledger: pl.DataFrame,
    *,
    by: Sequence[str] = (),
    start: date | None = None,
    edges: Sequence[float] = (),
) -> pl.DataFrame:
    """Tell whether ranges held what came as often as they said, and how wide they had to be.

    Ranges are `too_narrow` where even the upper end of the coverage's interval is under their
    level, and `too_wide` where the lower end is above it, and above what whole numbers force
    on perfect ranges too.

        coverage = mean(low <= y <= high);  winkler, pinball: see `range_score`, `pinball`
        pinball_low, pinball_high: at the quantiles (1 - level) / 2 and (1 + level) / 2

    Args:
        ledger: rows as `forecast_ledger` returns them for forecasts with ranges.
        by: dimensions, one set of rows per combination.
        start: score from this day on; earlier rows only tell the usual spread.
        edges: days at which lead times are parted; none takes the range given last.

    Returns:
        A row per combination, step, length of the forecast intervals (`interval_ms`; days of 23
        and 25 hours count as days), level and class of lead time, in order: the dimensions,
        then the columns of `RANGE_SCHEMA`.
        `coverage_low` to `coverage_high` is a 95 % interval in which all intervals of a day
        count as alike as they were; `below` and `above` are the shares that lay outside;
        `width`, `winkler` and `pinball` are in contacts. `floor_` columns are those of ranges
        that know the true means (Poisson), `dispersed_` with the spread found (`phi`). On fewer
        than 8 days the verdict is null. Ranges are judged at the length at which they were
        given: the ends of half hours do not add up to those of a day.

    Raises:
        AnalysisError: a column is missing, or edges that do not rise from above 0.

    Source: interval as Wilson's with the effective number of cases of a sample in clusters
        (Kish 1965, Survey Sampling, ch. 5), the days being the clusters.
    """
    for name in (*_NEEDED, *by, "step", "lead_days"):
        if name not in ledger.columns:
            raise AnalysisError(
                f"the ledger has no column '{name}'", fix=suggest(name, ledger.columns)
            )
    given = ledger.filter(pl.all_horizontal(pl.col(*_NEEDED).is_not_null()))
    if edges:
        parts = [in_lead_classes(one, edges=edges) for _, one in given.group_by("step")]
        rows = pl.concat(parts) if parts else given.with_columns(_lead=pl.lit(0, pl.Int64))
    else:
        rows = last_of_step(given).with_columns(_lead=pl.lit(0, pl.Int64))
    day = pl.col("interval_ms").is_between(23 * _HOUR_MS, 25 * _HOUR_MS)  # clocks may change
    rows = rows.with_columns(pl.when(day).then(24 * _HOUR_MS).otherwise("interval_ms").name.keep())
    keys = [*by, "step", "interval_ms", "range_level", "_lead"]
    found = []
    for key, one in rows.group_by(keys):
        named = dict(zip(keys, key, strict=True))
        named["level"] = named.pop("range_level")
        found.append({**named, **_score(one, float(named["level"]), start)})
    schema = {
        **{name: ledger.schema[name] for name in by},
        "_lead": pl.Int64,
        **{name: kind for name, kind in RANGE_SCHEMA.items() if not name.startswith("lead_")},
    }
    order = [*by, "step", "interval_ms", "level", "_lead"]
    scored = pl.DataFrame(found, schema=schema).filter(pl.col("n") > 0)
    ends = lead_ends(edges)
    return scored.join(ends, on="_lead", how="left").sort(order).select(*by, *RANGE_SCHEMA)


def _score(rows: pl.DataFrame, level: float, start: date | None) -> dict[str, Any]:
    day = pl.col("interval_at_local").dt.date()
    rows = rows.with_columns(day.alias("_day")).sort(
        "interval_at", "forecast_low", "actual_offered"
    )
    scored = rows if start is None else rows.filter(pl.col("_day") >= start)
    actual, low, high = (
        scored[name].to_list() for name in ("actual_offered", "forecast_low", "forecast_high")
    )
    found = range_score(actual, low, high, level=level)
    sure = None if found.coverage is None else coverage_interval(scored, found.coverage)
    phi = _spread(rows)
    means = expected_contacts(actual, scored["forecast_offered"].to_list())
    floor = poisson_range(means, level=level)
    wide = None if phi is None else poisson_range(means, level=level, phi=phi)
    return {
        "days": scored["_day"].n_unique(),
        "n": found.n,
        "actual": float(sum(actual)),
        "coverage": found.coverage,
        "coverage_low": sure.low if sure else None,
        "coverage_high": sure.high if sure else None,
        "below": _share(scored, pl.col("actual_offered") < pl.col("forecast_low")),
        "above": _share(scored, pl.col("actual_offered") > pl.col("forecast_high")),
        "width": found.width,
        "winkler": found.winkler,
        "pinball_low": pinball(actual, low, quantile=(1 - level) / 2),
        "pinball_high": pinball(actual, high, quantile=(1 + level) / 2),
        "phi": phi,
        **_best("floor", floor),
        **_best("dispersed", wide),
        "verdict": _verdict(sure, level, wide or floor),
    }


def _best(kind: str, best: BestRange | None) -> dict[str, float | None]:
    names = ("coverage", "width", "winkler", "pinball_low", "pinball_high")
    return {f"{kind}_{name}": None if best is None else getattr(best, name) for name in names}


def coverage_interval(rows: pl.DataFrame, coverage: float) -> Interval | None:
    """Tell which true coverage fits, as intervals of one day are alike; None on under 8 days.

    Args:
        rows: actual_offered, forecast_low, forecast_high, and the day as `_day`.
        coverage: share of the rows that lie in their range.

    Example:
        >>> from datetime import date
        >>> one = pl.DataFrame({"_day": [date(2026, 10, n) for n in range(1, 11)],
        ...     "actual_offered": [5.0] * 10, "forecast_low": [4.0] * 10,
        ...     "forecast_high": [6.0] * 9 + [4.5]})
        >>> round(coverage_interval(one, 0.9).low, 3)
        0.577
    """
    held = pl.col("actual_offered").is_between(pl.col("forecast_low"), pl.col("forecast_high"))
    days = rows.group_by("_day").agg(held.sum().alias("held"), pl.len().alias("all")).sort("_day")
    if days.height < FEWEST_DAYS:
        return None
    n, count = rows.height, days.height
    apart = float(((days["held"] - coverage * days["all"]) ** 2).sum()) * count / (count - 1)
    alone = coverage * (1 - coverage) * n
    effective = n / max(1.0, apart / alone) if alone > 0 else float(count)
    return wilson_interval(coverage * effective, effective)


def _spread(rows: pl.DataFrame) -> float | None:
    """Tell how much arrivals spread about the last same weekday's, each queue by itself."""
    fine = rows.columns[: rows.columns.index("interval_at")]
    at = rows.select(*fine, pl.col("interval_at_local").alias("at"), "actual_offered")
    known = add_naive(at.unique([*fine, "at"], keep="first", maintain_order=True), fine, None)
    known = known.drop_nulls(["naive", "actual_offered"])
    days = known.select(pl.struct(*fine, pl.col("at").dt.date()).hash())
    return arrival_dispersion(
        known["actual_offered"].to_list(), known["naive"].to_list(), days.to_series().to_list()
    )


def _verdict(sure: Interval | None, level: float, best: BestRange | None) -> str | None:
    if sure is None or best is None:
        return None
    if sure.high < level:
        return "too_narrow"
    return "too_wide" if sure.low > max(level, best.coverage) else "as_stated"


def _share(rows: pl.DataFrame, wrong: pl.Expr) -> float | None:
    return float(rows.select(wrong.mean()).item()) if rows.height else None
