"""What the typed rows have wrong: values missing, ends before starts, what the days show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from kpitools import tables
from kpitools.sources.findings import Finding, bounded, counted, share_of
from kpitools.sources.range_checks import check_ranges
from kpitools.sources.raw import FILE, LINE

EVENT_TIMES = {
    "contacts": ("offered_at", "enqueued_at", "answered_at", "ended_at"),
    "tickets": ("created_at", "updated_at", "solved_at", "closed_at"),
    "ticket_events": ("at",),
    "surveys": ("sent_at", "answered_at", "contact_at"),
    "evaluations": ("submitted_at", "contact_at"),
    "evaluation_answers": ("submitted_at",),
    "agent_time": ("started_at", "ended_at"),
    "schedules": ("started_at",),
    "forecasts": ("interval_at",),
    "costs": ("posted_at",),
    "headcount": ("at",),
    "certifications": ("valid_from",),
    "memberships": ("starts_at",),
    "customer_base": ("at",),
}
"""The time that a row counts at for findings by day: the first of these that is mapped."""

SPANS = {
    "contacts": (
        ("offered_at", "answered_at"),
        ("offered_at", "ended_at"),
        ("enqueued_at", "dequeued_at"),
        ("answered_at", "ended_at"),
        ("offered_at", "abandoned_at"),
    ),
    "tickets": (
        ("created_at", "first_response_at"),
        ("created_at", "first_solved_at"),
        ("created_at", "solved_at"),
        ("created_at", "closed_at"),
        ("solved_at", "closed_at"),
    ),
    "surveys": (("sent_at", "answered_at"),),
    "agent_time": (("started_at", "ended_at"),),
    "schedules": (("started_at", "ended_at"),),
    "headcount": (("hired_at", "left_at"),),
    "certifications": (("valid_from", "valid_to"),),
    "memberships": (("starts_at", "ends_at"),),
}
NEEDED = ("team",)
SHOWN = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True)
class Summary:
    """Numbers about the typed rows of a source that later findings need."""

    rows: int
    nulls: dict[str, int]
    latest: dict[str, datetime]


def event_time(table: str, fields: tuple[str, ...]) -> str | None:
    """Return the field whose day a row counts on; None when the source maps none."""
    return next((name for name in EVENT_TIMES[table] if name in fields), None)


def summary_of(rows: pl.LazyFrame, table: str, fields: tuple[str, ...]) -> Summary:
    """Count rows and nulls, and find the latest of each time stamp."""
    times = [name for name in tables.table(table).timestamps if name in fields]
    row = (
        rows.select(
            pl.len().alias("rows"),
            *(pl.col(name).null_count().alias(f"nulls:{name}") for name in fields),
            *(pl.col(name).max().alias(f"latest:{name}") for name in times),
        )
        .collect(engine="streaming")
        .row(0, named=True)
    )
    latest = {name: row[f"latest:{name}"] for name in times if row[f"latest:{name}"] is not None}
    return Summary(row["rows"], {name: row[f"nulls:{name}"] for name in fields}, latest)


def days_of(rows: pl.LazyFrame, table: str, fields: tuple[str, ...]) -> pl.DataFrame:
    """Count rows by team and local day: columns team, day, rows."""
    at = event_time(table, fields)
    schema = {"team": pl.String, "day": pl.Date, "rows": pl.Int64}
    if at is None:
        return pl.DataFrame(schema=schema)
    team = pl.col("team") if "team" in fields else pl.lit(None, dtype=pl.String).alias("team")
    day = pl.col(tables.local_name(at)).dt.date().alias("day")
    counted_days = rows.select(team, day).drop_nulls("day").group_by("team", "day")
    found = counted_days.agg(pl.len().cast(pl.Int64).alias("rows")).collect(engine="streaming")
    return found.sort("day", "team", nulls_last=True)


def check_rows(
    name: str, table: str, rows: pl.LazyFrame, summary: Summary, files: tuple[str, ...]
) -> list[Finding]:
    """Count values missing and spans that end before they start.

    Args:
        name: the source's name.
        table: the canonical table that it feeds.
        rows: its typed rows, with `file` and `line`.
        summary: numbers about them.
        files: names of the files.
    """
    found = [
        Finding(
            kind="missing",
            source=name,
            table=table,
            field=field,
            count=count,
            rows=summary.rows,
            severity="warning" if _needed(table, field, summary) else "info",
            message=f"{name}: {field} is empty in {counted(count, 'row')} "
            f"({share_of(count, summary.rows)}).",
        )
        for field, count in summary.nulls.items()
        if count
    ]
    spans = [
        (start, end)
        for start, end in SPANS.get(table, ())
        if start in summary.nulls and end in summary.nulls
    ]
    if spans:
        found += _check_spans(name, table, rows, spans, files)
    return found + check_ranges(name, table, rows, tuple(summary.nulls), files)


def _needed(table: str, field: str, summary: Summary) -> bool:
    """Tell whether a row without this field counts nowhere."""
    key = tables.table(table).key
    return field in NEEDED or field in key or field == event_time(table, tuple(summary.nulls))


def _check_spans(
    name: str,
    table: str,
    rows: pl.LazyFrame,
    spans: list[tuple[str, str]],
    files: tuple[str, ...],
) -> list[Finding]:
    total, *counts = (
        rows.select(
            pl.len(),
            *((pl.col(end) < pl.col(start)).sum().alias(f"{start}:{end}") for start, end in spans),
        )
        .collect(engine="streaming")
        .row(0)
    )
    found = []
    for (start, end), count in zip(spans, counts, strict=True):
        if not count:
            continue
        places = (
            rows.filter(pl.col(end) < pl.col(start))
            .select(FILE, LINE, start, end)
            .head(3)
            .collect(engine="streaming")
        )
        examples = bounded(
            f"{files[file]} line {line}: {first:{SHOWN}}, then {last:{SHOWN}} UTC"
            for file, line, first, last in places.sort(FILE, LINE).iter_rows()
        )
        verb = "lies" if count == 1 else "lie"
        what = f"{name}: {counted(count, 'value')} of {end} {verb} before {start}."
        found.append(
            Finding("end_before_start", name, table, end, count, total, "warning", what, examples)
        )
    return found
