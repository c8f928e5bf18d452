"""From the bytes of a text file to blocks of UTF-8 lines: gzip, byte order marks, encodings."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

BLOCK = 16 << 20
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
        chunk, line, old_mac, first = start[skipped:], 1, False, True
        while True:
            more = _read(stream, BLOCK, noted)
            text = decoder.decode(chunk + more if first else more, final=not more)
            if first and "\n" not in text and "\r" in text.rstrip("\r"):
                old_mac = True
            first = False
            if old_mac:
                text = text.replace("\r", "\n")
            _note(text, line, noted)
            line += text.count("\n")
            if text:
                yield text.encode("utf-8", "replace")
            if not more:
                return


def _read(stream: BinaryIO, size: int, noted: Decoding) -> bytes:
    try:
        return stream.read(size)
    except (EOFError, OSError, zlib.error) as error:
        noted.cut_short = str(error) or type(error).__name__
        return b""


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
