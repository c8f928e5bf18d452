"""Count, over the rows of the files, what could not be read as declared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from kpitools.language import display
from kpitools.sources.fields import Reading
from kpitools.sources.findings import Finding, Severity, bounded, counted, share_of
from kpitools.sources.plan import Plan
from kpitools.sources.raw import FILE, LINE
from kpitools.sources.reading import Raw

MANY = 0.2
"""Above this share of unreadable values a column cannot be trusted."""
_MESSAGES = {
    "unreadable": "{count} of {field} cannot be read ({share} of those filled) and {are} "
    "left empty",
    "unmapped_values": "{count} of {field} {are} not in its value map and {are} left empty",
    "negative_durations": "{count} of {field} {are} negative and {are} left empty",
    "mixed_date_order": "{field} mixes day-first and month-first dates: {count} {contradict} the "
    "order of the others; what proves no order is left empty",
    "ambiguous_local_times": "{count} of {field} {stand} in the hour that the clock showed twice; "
    "the first is taken",
    "skipped_local_times": "{count} of {field} {stand} in the hour that the clock skipped; the "
    "offset before it is taken",
}
_PLURAL = {
    "are": ("is", "are"),
    "stand": ("stands", "stand"),
    "contradict": ("does not fit", "do not fit"),
}


@dataclass(frozen=True)
class _Count:
    kind: str
    key: str
    reading: Reading
    where: pl.Expr

    @property
    def name(self) -> str:
        return f"{self.key}:{self.kind}"


def check_values(name: str, table: str, raw: Raw, plan: Plan) -> list[Finding]:
    """Count unreadable, unmapped, negative and doubtful values of every field.

    Args:
        name: the source's name.
        table: the canonical table that it feeds.
        raw: its rows.
        plan: how each field is read.
    """
    counts = [item for key, reading in plan.readings.items() for item in _counts(key, reading)]
    if not counts:
        return []
    sums = [item.where.sum().cast(pl.Int64).alias(item.name) for item in counts]
    filled = [
        reading.filled.sum().cast(pl.Int64).alias(f"{key}:filled")
        for key, reading in plan.readings.items()
        if any(item.key == key for item in counts)
    ]
    row = raw.frame.select(*sums, *filled).collect(engine="streaming").row(0, named=True)
    return [_finding(name, table, item, row, raw) for item in counts if (row[item.name] or 0) > 0]


def check_derived(
    name: str, table: str, frame: pl.LazyFrame, fields: Sequence[str], files: Sequence[str]
) -> list[Finding]:
    """Count derived durations that are negative.

    Args:
        name: the source's name.
        table: the canonical table that it feeds.
        frame: its typed rows, with `file` and `line`.
        fields: the derived durations.
        files: names of the files.
    """
    if not fields:
        return []
    sums = [(pl.col(key) < 0).sum().alias(key) for key in fields]
    row = frame.select(pl.len().alias("all rows"), *sums).collect(engine="streaming")
    found = []
    for key in fields:
        count, rows = int(row[key].item()), int(row["all rows"].item())
        if not count:
            continue
        places = frame.filter(pl.col(key) < 0).select(FILE, LINE, key).head(3)
        shown = places.collect(engine="streaming").sort(FILE, LINE).iter_rows()
        text = _text("negative_durations", key, count, rows)
        examples = bounded(f"{files[file]} line {line}: {value} ms" for file, line, value in shown)
        severity = _severity("negative_durations", count, rows)
        found.append(
            Finding(
                "negative_durations",
                name,
                table,
                key,
                count,
                rows,
                severity,
                f"{name}: {text}.",
                examples,
            )
        )
    return found


def _text(kind: str, key: str, count: int, filled: int) -> str:
    words = {word: pair[count != 1] for word, pair in _PLURAL.items()}
    share = share_of(count, filled)
    return _MESSAGES[kind].format(count=counted(count, "value"), field=key, share=share, **words)


def _counts(key: str, reading: Reading) -> list[_Count]:
    if reading.field.kind == "text" and not reading.marks:
        return []
    unread = reading.filled & reading.value.is_null()
    mixed = reading.marks.get("mixed_date_order")
    if mixed is not None:
        unread = unread & ~mixed
    found = [_Count("unreadable", key, reading, unread)]
    if reading.field.kind == "duration":
        found.append(_Count("negative_durations", key, reading, reading.value < 0))
    found += [_Count(kind, key, reading, where) for kind, where in reading.marks.items()]
    return found


def _finding(
    name: str, table: str, item: _Count, row: Mapping[str, int | None], raw: Raw
) -> Finding:
    count, filled = int(row[item.name] or 0), int(row[f"{item.key}:filled"] or 0)
    text = _text(item.kind, item.key, count, filled)
    return Finding(
        kind=item.kind,
        source=name,
        table=table,
        field=item.key,
        count=count,
        rows=raw.rows,
        severity=_severity(item.kind, count, filled),
        message=f"{name}: {text}.",
        examples=bounded(_examples(item, raw)),
    )


def _severity(kind: str, count: int, filled: int) -> Severity:
    if kind == "mixed_date_order":
        return "blocking"
    if kind in {"ambiguous_local_times", "skipped_local_times"}:
        return "info"
    return "blocking" if count > MANY * filled else "warning"


def _examples(item: _Count, raw: Raw) -> list[str]:
    """Name up to three places; a person's name is not repeated."""
    value = pl.lit("") if item.reading.field.person else item.reading.shown
    rows = (
        raw.frame.filter(item.where)
        .select(FILE, LINE, value.alias("value"))
        .head(3)
        .collect(engine="streaming")
    )
    return [
        f"{raw.files[file].name} line {line}" + (f": {display(text)!r}" if text else "")
        for file, line, text in rows.sort(FILE, LINE).iter_rows()
    ]
