"""Text from data is made safe to set: nothing invisible steers a page, nothing stops it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_DROPPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff]")
_SHOWN = re.compile(
    "[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufff9-\ufffb]"
    "|[\U0001fffe\U0001ffff\ufffe\uffff]"
)
_BREAKS = re.compile("\r\n?|[\u2028\u2029]")
_LONG_WORD = re.compile(r"[^\s\u200b]{40,}")
LONGEST = 600
"""Most characters of one text in a PDF, where a page has an end; HTML holds all of it."""


def clean_text(text: str) -> str:
    r"""Strip control characters and make bidirectional controls visible.

    Line ends become `\n`; tabs stay; lone surrogates and non-characters, which no file can
    hold, are written as their code points.

    Example:
        >>> clean_text("be\x07ll\x00 \u202etxt")
        'bell ⟨U+202E⟩txt'
    """
    plain = _DROPPED.sub("", _BREAKS.sub("\n", text))
    return _SHOWN.sub(lambda found: code_point(found[0]), plain)


def code_point(character: str) -> str:
    """Write a character as its code point, for a reader who cannot see it otherwise.

    Example:
        >>> code_point("中")
        '⟨U+4E2D⟩'
    """
    return f"⟨U+{ord(character):04X}⟩"


def clean_data(data: Any) -> Any:  # noqa: ANN401 - any JSON value, given back in its shape
    r"""Clean every text inside a JSON value, keys included.

    Example:
        >>> clean_data({"a\x00": ["b\x07", 1, None]})
        {'a': ['b', 1, None]}
    """
    if isinstance(data, str):
        return clean_text(data)
    if isinstance(data, Mapping):
        return {clean_text(str(key)): clean_data(value) for key, value in data.items()}
    if isinstance(data, Sequence) and not isinstance(data, bytes | bytearray):
        return [clean_data(item) for item in data]
    return data


def bounded(text: str, *, longest: int = LONGEST) -> str:
    """Cut a text that would run over a page, and say how much is left out.

    Example:
        >>> bounded("abcdefgh", longest=3)
        'abc … (5 more characters)'
    """
    rest = len(text) - longest
    return f"{text[:longest]} … ({rest} more characters)" if rest > 0 else text


def breakable(text: str, *, every: int = 20) -> str:
    r"""Let a very long word break across lines, by zero-width spaces.

    Example:
        >>> breakable("x" * 45).count("\u200b")
        2
    """
    return _LONG_WORD.sub(
        lambda found: "\u200b".join(
            found[0][at : at + every] for at in range(0, len(found[0]), every)
        ),
        text,
    )
