"""Read lines whose quotes do not follow the rules, one by one, losing no neighbour."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field

LONGEST = 1 << 20
"""A quoted field that is still open after so many bytes was never meant to be one."""
ATTEMPTS = 200
_OPEN = "unexpected end of data"


@dataclass
class Mended:
    """Records of one block: good ones written well-formed, and what was kept out."""

    good: list[bytes] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    broken: list[tuple[int, int, bytes]] = field(default_factory=list)
    blank: int = 0
    rest: bytes = b""
    rest_line: int = 0


def mend(block: bytes, *, first_line: int, width: int, delimiter: bytes, final: bool) -> Mended:
    r"""Cut a block with loose quotes into records of `width` fields.

    A record goes on over several lines only when all of them together are well-formed and have
    the right number of fields; otherwise its first line stands alone, so that a quote that was
    never closed takes no other line with it.

    Example:
        >>> found = mend(b'1,5" pipe\n2,"x\n3,y\n', first_line=2, width=2,
        ...     delimiter=b",", final=True)
        >>> found.good, found.lines, found.broken
        ([b'1,"5"" pipe"\n', b'3,y\n'], [2, 4], [(3, 2, b'2,"x\n')])
    """
    _allow_long_fields()
    lines = _split(block)
    mended = Mended(rest_line=first_line + len(lines))
    reader = _Reader(lines, width, delimiter.decode("ascii"))
    at = 0
    if not final and lines and not lines[-1].endswith(b"\n"):
        mended.rest, mended.rest_line = lines.pop(), first_line + len(lines)
    while at < len(lines):
        taken = reader.take(at, mended, first_line + at)
        if taken == 0 and not final:
            mended.rest = b"".join(lines[at:]) + mended.rest
            mended.rest_line = first_line + at
            break
        if taken == 0:
            mended.broken.append((first_line + at, reader.count(lines[at]), lines[at]))
        at += max(taken, 1)
    return mended


def _split(block: bytes) -> list[bytes]:
    parts = block.split(b"\n")
    last = parts.pop()
    return [part + b"\n" for part in parts] + ([last] if last else [])


def _allow_long_fields() -> None:
    if csv.field_size_limit() < 64 * LONGEST:
        csv.field_size_limit(64 * LONGEST)


class _Reader:
    """Takes one record at a time from a list of lines."""

    def __init__(self, lines: list[bytes], width: int, delimiter: str) -> None:
        self.lines = lines
        self.width = width
        self.delimiter = delimiter

    def take(self, at: int, mended: Mended, number: int) -> int:
        """Take the record that starts at line `at`; 0 when it is still open at the end."""
        raw = self.lines[at]
        if not raw.strip(b"\r\n"):
            mended.blank += 1
            return 1
        fields, still_open = self._parse(raw)
        count = 1
        if still_open:
            fields, count = self._longer(at)
            if count == 0:
                return 0
        if len(fields) == self.width:
            mended.good.append(self._write(fields))
            mended.lines.append(number)
        else:
            mended.broken.append((number, self.count(raw), raw))
        return count

    def count(self, raw: bytes) -> int:
        """Count the fields of one line, quotes taken as they come."""
        text = raw.decode("utf-8", "replace").rstrip("\r\n")
        return len(next(csv.reader([text], delimiter=self.delimiter), []))

    def _parse(self, raw: bytes) -> tuple[list[str], bool]:
        """Return the fields of a line, and whether a quoted field is open at its end."""
        text = raw.decode("utf-8", "replace").rstrip("\r\n")
        try:
            return next(csv.reader([text], delimiter=self.delimiter, strict=True), []), False
        except csv.Error as error:
            if str(error) == _OPEN:
                return [], True
        return next(csv.reader([text], delimiter=self.delimiter), []), text.count('"') % 2 == 1

    def _longer(self, at: int) -> tuple[list[str], int]:
        """Try the record over more lines; none of the right width leaves the first line alone."""
        parts, size, attempts = [self.lines[at]], len(self.lines[at]), 0
        for last in range(at + 1, len(self.lines)):
            line = self.lines[last]
            parts.append(line)
            size += len(line)
            if b'"' not in line and size <= LONGEST:
                continue
            attempts += 1
            fields, still_open = self._strict(b"".join(parts))
            if not still_open and len(fields) == self.width:
                return fields, len(parts)
            if not still_open or attempts == ATTEMPTS or size > LONGEST:
                return [], 1
        return [], 0

    def _strict(self, raw: bytes) -> tuple[list[str], bool]:
        """Return the fields of several lines when they are one well-formed record."""
        text = raw.decode("utf-8", "replace").rstrip("\r\n")
        try:
            rows = list(csv.reader(io.StringIO(text), delimiter=self.delimiter, strict=True))
        except csv.Error as error:
            return [], str(error) == _OPEN
        return (rows[0] if len(rows) == 1 else []), False

    def _write(self, fields: list[str]) -> bytes:
        made = io.StringIO()
        csv.writer(made, delimiter=self.delimiter, lineterminator="\n").writerow(fields)
        return made.getvalue().encode("utf-8")
