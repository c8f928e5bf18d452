"""Read JSON Lines: one object a line, nested objects under dotted names, numbers as written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from kpitools.sources.declaration import FormatConfig
from kpitools.sources.decoding import Decoding, utf8_blocks
from kpitools.sources.raw import LINE, KeptOut, RawFile, Target, column_names

SHOWN = 3


@dataclass
class _Tally:
    """What is counted, and which names were met, while the lines go by."""

    rows: int = 0
    broken: int = 0
    blank: int = 0
    kept_out: list[KeptOut] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)


def read_jsonl(path: Path, form: FormatConfig, *, name: str, target: Target) -> RawFile:
    """Read a JSON Lines file; every line becomes a row or is counted.

    Args:
        path: the file, plain or gzip.
        form: its declared format.
        name: what findings call it.
        target: where the rows go, and which columns are wanted.
    """
    noted, tally = Decoding(), _Tally()
    blocks = utf8_blocks(path, form.encoding, noted)
    frame = target.write(_frames(blocks, tally, target.wanted), ())
    missing = [f"c{index}" for index in tally.names.values()]
    present = set(frame.collect_schema().names())
    columns, repeated = column_names(list(tally.names))
    return RawFile(
        name=name,
        columns=columns,
        frame=frame.with_columns(
            pl.lit(None, dtype=pl.String).alias(item) for item in missing if item not in present
        ),
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


def _frames(
    blocks: Iterator[bytes], tally: _Tally, wanted: frozenset[str] | None
) -> Iterator[pl.DataFrame]:
    rest, number = b"", 1
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        yield from _rows(lines, number, tally, wanted)
        number += len(lines)
    if rest:
        yield from _rows([rest], number, tally, wanted)


def _rows(
    lines: list[bytes], number: int, tally: _Tally, wanted: frozenset[str] | None
) -> Iterator[pl.DataFrame]:
    rows, places = [], []
    for place, line in enumerate(lines, start=number):
        if not line.strip():
            tally.blank += 1
            continue
        row = _object(line)
        if row is None:
            tally.broken += 1
            if len(tally.kept_out) < SHOWN:
                text = line[:400].decode("utf-8", "replace")
                tally.kept_out.append(KeptOut(place, "not a JSON object", text))
            continue
        if all(value is None or value == "" for value in row.values()):
            tally.blank += 1
            continue
        for name in row:
            tally.names.setdefault(name, len(tally.names))
        rows.append(row)
        places.append(place)
    tally.rows += len(rows)
    if rows:
        kept = {name: at for name, at in tally.names.items() if wanted is None or name in wanted}
        columns = {
            f"c{at}": pl.Series([row.get(name) for row in rows], dtype=pl.String)
            for name, at in kept.items()
        }
        yield pl.DataFrame({**columns, LINE: pl.Series(places, dtype=pl.Int64)})


def _object(line: bytes) -> dict[str, str | None] | None:
    """Read one object; None when the line holds none."""
    try:
        found = json.loads(
            line,
            parse_int=str,
            parse_float=str,
            parse_constant=str,
            object_pairs_hook=_numbered,
        )
    except (ValueError, RecursionError):
        return None
    return dict(_flat(found, "")) if isinstance(found, dict) else None


def _numbered(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Keep all values of equal names: the second as `name#2`."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        free, count = name, 1
        while free in found:
            count += 1
            free = f"{name}#{count}"
        found[free] = value
    return found


def _flat(content: dict[str, Any], prefix: str) -> Iterator[tuple[str, str | None]]:
    for name, value in content.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, bool):
            yield f"{prefix}{name}", "true" if value else "false"
        elif value is None or isinstance(value, str):
            yield f"{prefix}{name}", value
        else:
            yield f"{prefix}{name}", json.dumps(value, ensure_ascii=False)
