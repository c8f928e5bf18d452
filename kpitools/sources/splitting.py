"""Cut delimited text into records: line breaks inside quotes kept, broken lines kept out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpitools.sources.mending import LONGEST, Mended, mend

NEWLINE, RETURN, QUOTE = 10, 13, 34
Lines = NDArray[np.int64]


@dataclass(frozen=True)
class Broken:
    """A line that does not have as many fields as there are columns."""

    line: int
    fields: int
    text: str


@dataclass(frozen=True)
class Records:
    """Whole records of one block.

    `text` holds the good ones, well-formed; `lines` the line on which each begins; `rest` is
    the beginning of a record that the next block ends, `rest_line` its line.
    """

    text: bytes
    lines: Lines
    broken: tuple[Broken, ...] = ()
    blank: int = 0
    rest: bytes = b""
    rest_line: int = 0


def split_records(
    block: bytes, *, first_line: int, width: int, delimiter: bytes, final: bool
) -> Records:
    r"""Cut a block that starts with a record into records of `width` fields.

    Args:
        block: UTF-8 text.
        first_line: number of the block's first line in its file.
        width: fields that a record must have.
        delimiter: the one byte between fields.
        final: nothing follows, so the last record ends with the block.

    Example:
        >>> found = split_records(b'1,"a\nb"\n2,c,d\n3', first_line=2, width=2,
        ...     delimiter=b",", final=False)
        >>> found.text, found.lines.tolist(), found.broken[0].line, found.rest
        (b'1,"a\nb"\n', [2], 4, b'3')
    """
    if final and block and not block.endswith(b"\n"):
        block += b"\n"
    data = np.frombuffer(block, dtype=np.uint8)
    newlines = np.flatnonzero(data == NEWLINE)
    quotes = np.flatnonzero(data == QUOTE)
    ends = newlines[_outside(newlines, quotes)]
    open_for = len(block) - (int(ends[-1]) + 1 if len(ends) else 0)
    never_closed = len(quotes) % 2 == 1 and (final or open_for > LONGEST)
    if never_closed or not well_formed(data, quotes, delimiter[0]):
        mended = mend(block, first_line=first_line, width=width, delimiter=delimiter, final=final)
        return _from_mended(mended)
    delimiters = np.flatnonzero(data == delimiter[0])
    marks = _Marks(newlines, ends, delimiters[_outside(delimiters, quotes)])
    return _cut(block, marks, first_line=first_line, width=width)


def well_formed(data: NDArray[np.uint8], quotes: Lines, delimiter: int) -> bool:
    """Tell whether quotes open only at the start of a field and close only at its end."""
    if not len(quotes):
        return True
    opening, closing = quotes[0::2], quotes[1::2]
    before = data[np.maximum(opening - 1, 0)]
    good = (opening == 0) | np.isin(before, (delimiter, NEWLINE, QUOTE))
    after = data[np.minimum(closing + 1, len(data) - 1)]
    ended = closing == len(data) - 1
    closed = ended | np.isin(after, (delimiter, NEWLINE, RETURN, QUOTE))
    return bool(good.all() and closed.all())


def _outside(places: Lines, quotes: Lines) -> NDArray[np.bool_]:
    if not len(quotes):
        return np.ones(len(places), dtype=bool)
    outside: NDArray[np.bool_] = np.searchsorted(quotes, places) % 2 == 0
    return outside


@dataclass(frozen=True)
class _Marks:
    newlines: Lines
    ends: Lines
    delimiters: Lines


def _cut(block: bytes, marks: _Marks, *, first_line: int, width: int) -> Records:
    ends = marks.ends
    starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
    lines = first_line + np.searchsorted(marks.newlines, starts)
    rest_from = int(ends[-1]) + 1 if len(ends) else 0
    rest_line = first_line + int(np.searchsorted(marks.newlines, rest_from))
    before = np.searchsorted(marks.delimiters, ends)
    fields = np.diff(before, prepend=0) + 1
    lengths = ends - starts
    lone_return = (lengths == 1) & (np.frombuffer(block, np.uint8)[starts] == RETURN)
    blank = (lengths == 0) | lone_return
    wrong = ~blank & (fields != width)
    broken = tuple(
        Broken(int(lines[i]), int(fields[i]), _text(block[starts[i] : ends[i]]))
        for i in np.flatnonzero(wrong)
    )
    good = ~(blank | wrong)
    text = block[:rest_from] if good.all() else _joined(block, starts, ends, good)
    return Records(text, lines[good], broken, int(blank.sum()), block[rest_from:], rest_line)


def _joined(block: bytes, starts: Lines, ends: Lines, good: NDArray[np.bool_]) -> bytes:
    """Join the good records, run by run."""
    edges = np.flatnonzero(np.diff(good.astype(np.int8), prepend=0, append=0))
    view = memoryview(block)
    return b"".join(
        view[starts[first] : ends[last - 1] + 1]
        for first, last in zip(edges[0::2], edges[1::2], strict=True)
    )


def _from_mended(mended: Mended) -> Records:
    broken = tuple(Broken(line, fields, _text(raw)) for line, fields, raw in mended.broken)
    return Records(
        b"".join(mended.good),
        np.array(mended.lines, dtype=np.int64),
        broken,
        mended.blank,
        mended.rest,
        mended.rest_line,
    )


def _text(raw: bytes) -> str:
    return raw[:400].decode("utf-8", "replace").rstrip("\r\n")
