"""From the bytes of a text file to blocks of UTF-8 lines: gzip, byte order marks, encodings."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

BLOCK, PIECE = 16 << 20, 1 << 13
REPLACED = "\N{REPLACEMENT CHARACTER}"
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
WITH_MARK = {
    "utf-8-sig": "utf-8",
    "utf-16": "utf-16-le",
    "utf-32": "utf-32-le",
}


@dataclass
class Decoding:
    """What was noticed while a file was read."""

    encoding: str = "utf-8"
    undecodable: int = 0
    cut_short: str = ""
    first_lines: list[int] = field(default_factory=list)


def open_plain(path: Path) -> BinaryIO:
    """Open a file for reading; gzip is told by its first bytes, whatever the file is called."""
    with path.open("rb") as stream:
        zipped = stream.read(2) == b"\x1f\x8b"
    return cast("BinaryIO", gzip.open(path, "rb")) if zipped else path.open("rb")


def utf8_blocks(path: Path, encoding: str | None, noted: Decoding) -> Iterator[bytes]:
    """Give a file's text as UTF-8 bytes in blocks; `noted` is filled on the way.

    Bytes that the encoding does not have become U+FFFD and are counted. A gzip file that ends
    early gives what could be read.
    """
    with open_plain(path) as stream:
        start = _read(stream, 4, noted)
        noted.encoding, skipped = _encoding(start, encoding)
        decoder = codecs.getincrementaldecoder(noted.encoding)(errors="replace")
        line, ends, held = 1, LineEnds(), start[skipped:]
        while True:
            more = _read(stream, BLOCK, noted)
            text = ends.plain(decoder.decode(held + more, final=not more), final=not more)
            held = b""
            _note(text, line, noted)
            line += text.count("\n")
            if text:
                yield text.encode("utf-8", "replace")
            if not more:
                return


class LineEnds:
    r"""Makes every line end `\n`: `\r\n`, and `\r` in files that have nothing else.

    Any other `\r` is no line end, only a stray character in a value, and becomes a space.

    Example:
        >>> ends = LineEnds()
        >>> ends.plain("a\r\nb\rc\r", final=False), ends.plain("\nd", final=True)
        ('a\nb c', '\nd')
    """

    def __init__(self) -> None:
        """Know nothing of the file yet."""
        self._held = ""
        self._instead: str | None = None

    def plain(self, text: str, *, final: bool) -> str:
        """Return the next piece of a text with plain line ends."""
        text = self._held + text
        self._held = ""
        if "\r" not in text:
            return text
        if text.endswith("\r") and not final:
            self._held, text = "\r", text[:-1]
        text = text.replace("\r\n", "\n")
        if self._instead is None and text:
            self._instead = " " if "\n" in text else "\n"
        return text.replace("\r", self._instead or "\n")


def _read(stream: BinaryIO, size: int, noted: Decoding) -> bytes:
    """Read up to so many bytes; a damaged file gives what can be read before the damage."""
    pieces, length = [], 0
    while length < size:
        try:
            piece = stream.read(min(PIECE, size - length))
        except (EOFError, OSError, zlib.error) as error:
            noted.cut_short = str(error) or type(error).__name__
            break
        if not piece:
            break
        pieces.append(piece)
        length += len(piece)
    return b"".join(pieces)


def _encoding(start: bytes, declared: str | None) -> tuple[str, int]:
    """Return the encoding, and how many bytes of a byte order mark to leave out."""
    wanted = None if declared is None else codecs.lookup(declared).name
    for mark, name in MARKS:
        if start.startswith(mark) and (wanted is None or wanted.startswith(name[:6])):
            return name, len(mark)
    if wanted is None:
        return "utf-8", 0
    return WITH_MARK.get(wanted, wanted), 0


def _note(text: str, line: int, noted: Decoding) -> None:
    count = text.count(REPLACED)
    if count:
        noted.undecodable += count
        if len(noted.first_lines) < 3:  # noqa: PLR2004 - three examples are enough
            noted.first_lines.append(line + text.count("\n", 0, text.index(REPLACED)))
