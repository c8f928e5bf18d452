"""Read delimited text, any size, one block at a time."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from kpitools.sources.declaration import FormatConfig
from kpitools.sources.decoding import Decoding, utf8_blocks
from kpitools.sources.raw import LINE, KeptOut, RawFile, Target, column_names
from kpitools.sources.splitting import Records, split_records

SHOWN = 3
HEADER_AT_MOST = 1 << 20
CANDIDATES = (",", ";", "\t", "|")
_SEP = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)


@dataclass
class _Tally:
    """What is counted while the blocks go by."""

    rows: int = 0
    broken: int = 0
    blank: int = 0
    kept_out: list[KeptOut] = field(default_factory=list)


def read_csv(
    path: Path, form: FormatConfig, *, name: str, target: Target, mapped: frozenset[str]
) -> RawFile:
    """Read a delimited text file; every line becomes a row or is counted.

    Args:
        path: the file, plain or gzip.
        form: its declared format.
        name: what findings call it.
        target: where the rows go, and which columns are wanted.
        mapped: names that the mapping uses; they decide an undeclared delimiter.
    """
    noted = Decoding()
    blocks = utf8_blocks(path, form.encoding, noted)
    head = _read_head(blocks, form, mapped)
    columns, repeated = column_names(head.names)
    chosen = target.chosen(columns)
    tally = _Tally()
    frames = _frames(head, blocks, tally, [index for index, _ in chosen])
    frame = target.write(frames, [f"c{index}" for index, _ in chosen])
    return RawFile(
        name=name,
        columns=columns,
        frame=frame,
        rows=tally.rows,
        broken=tally.broken,
        kept_out=tuple(tally.kept_out),
        blank=tally.blank,
        repeated=repeated,
        encoding=noted.encoding,
        undecodable=noted.undecodable,
        undecodable_lines=tuple(noted.first_lines),
        cut_short=noted.cut_short,
    )


@dataclass(frozen=True)
class _Head:
    """The line of column names, and what of the first block follows it."""

    names: Sequence[str]
    delimiter: str
    rest: bytes
    line: int


def _read_head(blocks: Iterator[bytes], form: FormatConfig, mapped: frozenset[str]) -> _Head:
    text, line = next(blocks, b""), 1
    skip = form.skip_rows
    declared = "\t" if form.delimiter == "tab" else form.delimiter
    first = _SEP.fullmatch(text.split(b"\n", 1)[0].decode("utf-8", "replace"))
    if first:
        skip, declared = skip + 1, declared or first.group(1)
    while text and (skip > 0 or not text.split(b"\n", 1)[0].strip()):
        _, _, text = text.partition(b"\n")
        skip, line = skip - 1, line + 1
    default = "\t" if form.type == "tsv" else ""
    delimiter = declared or default or _proven_delimiter(text, mapped)
    names, used = _first_record(text, delimiter)
    return _Head(names, delimiter, text[used:], line + text.count(b"\n", 0, used))


def _proven_delimiter(text: bytes, mapped: frozenset[str]) -> str:
    """Choose the delimiter under which the header holds most of the mapped columns."""
    return max(
        CANDIDATES,
        key=lambda mark: len(mapped & set(column_names(_first_record(text, mark)[0])[0])),
    )


def _first_record(text: bytes, delimiter: str) -> tuple[list[str], int]:
    """Return the fields of the first record, and how many bytes it takes."""
    end = text.find(b"\n")
    while end != -1 and text.count(b'"', 0, end) % 2 and end < HEADER_AT_MOST:
        end = text.find(b"\n", end + 1)
    if end == -1 or end >= HEADER_AT_MOST:
        end = text.find(b"\n") if b"\n" in text else len(text)
    line = text[:end].decode("utf-8", "replace").rstrip("\r")
    fields = next(csv.reader(io.StringIO(line), delimiter=delimiter), [])
    return fields, min(end + 1, len(text))


def _frames(
    head: _Head, blocks: Iterator[bytes], tally: _Tally, chosen: Sequence[int]
) -> Iterator[pl.DataFrame]:
    rest, line = head.rest, head.line
    final = False
    while not final:
        more = next(blocks, None)
        final = more is None
        block = rest + (more or b"")
        found = split_records(
            block,
            first_line=line,
            width=len(head.names),
            delimiter=head.delimiter.encode("utf-8"),
            final=final,
        )
        rest, line = found.rest, found.rest_line
        yield from _rows(found, head, tally, chosen)


def _rows(
    found: Records, head: _Head, tally: _Tally, chosen: Sequence[int]
) -> Iterator[pl.DataFrame]:
    width = len(head.names)
    tally.broken += len(found.broken)
    for item in found.broken[: max(0, SHOWN - len(tally.kept_out))]:
        reason = f"{item.fields} fields, {width} columns"
        tally.kept_out.append(KeptOut(item.line, reason, item.text))
    tally.blank += found.blank
    if not len(found.lines):
        return
    everything = _table(found.text, head.delimiter, width, len(found.lines))
    everything = everything.with_columns(pl.Series(LINE, found.lines, dtype=pl.Int64))
    blank = _blank_rows(everything)
    if blank.any():
        tally.blank += int(blank.sum())
        everything = everything.filter(~blank)
    tally.rows += everything.height
    kept = [pl.nth(index).alias(f"c{index}") for index in chosen]
    yield everything.select(*kept, LINE)


def _table(text: bytes, delimiter: str, width: int, rows: int) -> pl.DataFrame:
    """Parse well-formed text; where polars counts other rows than we do, parse it plainly."""
    names = [f"f{index}" for index in range(width)]
    try:
        frame = pl.read_csv(
            io.BytesIO(text),
            has_header=False,
            separator=delimiter,
            schema=dict.fromkeys(names, pl.String),
            quote_char='"' if b'"' in text else None,
        )
    except pl.exceptions.PolarsError:
        frame = pl.DataFrame()
    if frame.height == rows and frame.width == width:
        return frame
    plain = csv.reader(io.StringIO(text.decode("utf-8"), newline=""), delimiter=delimiter)
    schema = dict.fromkeys(names, pl.String)
    return pl.DataFrame([row for row in plain if row], schema=schema, orient="row")


def _blank_rows(frame: pl.DataFrame) -> pl.Series:
    """Mark rows in which every field is empty or white space."""
    first = frame.columns[0]
    maybe = frame[first].str.strip_chars().fill_null("") == ""
    if not maybe.any():
        return maybe
    blank = pl.all_horizontal(pl.exclude(LINE).str.strip_chars().fill_null("") == "")
    return frame.select(blank.alias("blank"))["blank"]
