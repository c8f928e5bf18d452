"""Which days and entities carry a recorded reason, and which of them limits leave out."""

from __future__ import annotations

import polars as pl

from kpitools.analysis.series import check_columns, dimensions
from kpitools.errors import AnalysisError, suggest
from kpitools.sources.annotations import SCHEMA

ANNOTATIONS = SCHEMA
"""Columns of annotations, as `kpitools.sources.annotations.read_annotations` returns them."""

ANNOTATED = ("annotation", "annotation_author", "excluded")
"""Columns that `annotated` adds."""


def annotated(facts: pl.DataFrame, annotations: pl.DataFrame | None) -> pl.DataFrame:
    """Add what people recorded about each point, and whether limits leave it out.

    An annotation counts for every period from its `from` to its `to`, both included, that
    lies in it or holds a day of it; without dates for all periods, without a KPI for all
    KPIs, without a member for every slice. One about team billing does not count for all teams
    together. A period is `excluded` when an annotation that says so covers more than half of its
    days: one bad day is left out of the limits of days, but does not silence its month.

    Args:
        facts: facts of any KPIs, grains and dimensions.
        annotations: rows with the columns of `ANNOTATIONS`; None is the same as no row.

    Returns:
        The rows as they came, with `annotation` (texts of all that apply, joined by "; ", or
        null), `annotation_author` (likewise) and `excluded` (Boolean: any of them says so
        and covers most of the period).

    Raises:
        AnalysisError: no fact table, or annotations without their columns.

    Example:
        >>> from datetime import date
        >>> from kpitools.analysis.series import build_series
        >>> noted = pl.DataFrame([{"from": date(2026, 2, 3), "to": date(2026, 2, 28), "kpi": None,
        ...     "dimension": None, "member": None, "text": "Strike", "author": "Ana",
        ...     "exclude": True}], schema=ANNOTATIONS)
        >>> annotated(build_series([1.0, 2.0], start=date(2026, 1, 1)), noted).select(
        ...     "annotation", "annotation_author", "excluded").rows()
        [(None, None, False), ('Strike', 'Ana', True)]
    """
    found = (
        matches(facts, annotations)
        .group_by("_row", maintain_order=True)
        .agg(*_joined(), pl.col("exclude").any().alias("excluded"))
    )
    return (
        facts.drop(ANNOTATED, strict=False)
        .with_row_index("_row")
        .join(found, on="_row", how="left")
        .sort("_row")
        .with_columns(pl.col("excluded").fill_null(value=False))
        .drop("_row")
    )


def annotated_members(
    facts: pl.DataFrame, annotations: pl.DataFrame | None, *, by: str
) -> pl.DataFrame:
    """Add what was recorded about the member of each row, in whichever of its periods.

    A reason about all (an outage day) leaves rows out, but is not written at every member.

    Args:
        facts: facts with the dimension `by`.
        annotations: as for `annotated`.
        by: the dimension whose members are compared: agent, queue, reason.

    Returns:
        The rows as they came with the columns of `annotated`: texts and authors of what was
        recorded about the row's member, `excluded` by any reason.

    Raises:
        AnalysisError: as `annotated`.
    """
    rows = annotated(facts, annotations).drop("annotation", "annotation_author")
    if annotations is None:
        own = matches(facts, None)
    else:
        own = matches(facts, annotations.filter(pl.col("dimension") == by))
    found = (
        own.join(facts.select(by).with_row_index("_row"), on="_row")
        .unique([by, "_note"], maintain_order=True)
        .sort("_note")
        .group_by(by, maintain_order=True)
        .agg(*_joined())
    )
    joined = rows.join(found, on=by, how="left", maintain_order="left")
    return joined.select(*rows.columns[:-1], *ANNOTATED)


def _joined() -> tuple[pl.Expr, pl.Expr]:
    return (
        pl.col("text").unique(maintain_order=True).str.join("; ").alias("annotation"),
        pl.col("author").unique(maintain_order=True).str.join("; ").alias("annotation_author"),
    )


def matches(facts: pl.DataFrame, annotations: pl.DataFrame | None) -> pl.DataFrame:
    """Pair rows and annotations that count for them, in the order of the annotations.

    Args:
        facts: facts of any KPIs, grains and dimensions.
        annotations: as for `annotated`.

    Returns:
        Columns `_row` and `_note` (places in the two frames), `text`, `author` and `exclude`
        (Boolean: the annotation says so and covers most of the period).

    Raises:
        AnalysisError: as `annotated`.
    """
    check_columns(facts)
    noted = pl.DataFrame(schema=ANNOTATIONS) if annotations is None else annotations
    _check(noted)
    rows = facts.drop(ANNOTATED, strict=False).with_row_index("_row")
    pieces = [
        _matching(rows, one)
        for one in noted.with_row_index("_note").partition_by("dimension", maintain_order=True)
    ]
    none: dict[str, pl.DataType | type[pl.DataType]] = {"_row": pl.UInt32, "_note": pl.UInt32}
    empty = pl.DataFrame(
        schema=none | {name: ANNOTATIONS[name] for name in ("text", "author", "exclude")}
    )
    return pl.concat([empty, *pieces], how="vertical_relaxed").sort("_row", "_note")


def _check(noted: pl.DataFrame) -> None:
    for name in ANNOTATIONS:
        if name not in noted.columns:
            raise AnalysisError(
                f"the annotations have no column '{name}'",
                expected="what read_annotations or Workspace.annotations returns",
                fix=suggest(name, noted.columns),
            )


def _matching(rows: pl.DataFrame, noted: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that annotations about one dimension, or about none, count for."""
    columns = ("_row", "_note", "text", "author", "exclude")
    dimension = noted["dimension"][0]
    if dimension is not None and dimension not in dimensions(rows.drop("_row")):
        return rows.clear().join(noted, how="cross").select(columns)
    keep = ["_row", "grain", "period", "kpi", *([dimension] if dimension else [])]
    slim = rows.select(
        *(pl.col(name).alias(f"_{name}" if name != "_row" else name) for name in keep)
    ).with_columns(pl.col("_period").cast(pl.Date).alias("_begin"))
    member = pl.col("member") == pl.col(f"_{dimension}") if dimension else pl.lit(value=True)
    return (
        slim.join(noted, how="cross")
        .filter(
            pl.col("kpi").is_null() | (pl.col("kpi") == pl.col("_kpi")),
            pl.col("from").is_null() | (pl.col("from") <= _last_day()),
            pl.col("to").is_null() | (pl.col("to") >= pl.col("_begin")),
            member,
        )
        .with_columns(pl.col("exclude") & _covers_most())
        .select(columns)
    )


def _covers_most() -> pl.Expr:
    """Tell whether an annotation covers more than half of the days of a period."""
    last = _last_day()
    first = pl.max_horizontal("from", "_begin")
    covered = (pl.min_horizontal("to", last) - first).dt.total_days() + 1
    return covered * 2 > (last - pl.col("_begin")).dt.total_days() + 1


_LENGTHS = {"week": "1w", "month": "1mo", "quarter": "3mo", "half_year": "6mo", "year": "1y"}


def _last_day() -> pl.Expr:
    """Return the last day of a period: that of the grain, or the day itself."""
    found = pl.col("_begin")
    for grain, length in _LENGTHS.items():
        ends = pl.col("_begin").dt.offset_by(length).dt.offset_by("-1d")
        of_grain = (pl.col("_grain") == grain) | pl.col("_grain").str.ends_with(f"_{grain}")
        found = pl.when(of_grain).then(ends).otherwise(found)
    return found
