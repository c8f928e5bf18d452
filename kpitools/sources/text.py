"""Text from files, cleaned once: control characters out, hidden direction marks visible."""

from __future__ import annotations

import polars as pl

from kpitools.tables import Field

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_SPACES = r"[\t\n\v\f\r\x85\u2028\u2029\u00a0\u202f ]+"
_CONTROL = r"[\x00-\x1f\x7f-\x9f\ufeff]"
_SUSPECT = r"[^\x20-\x7e]|  "
_KEYS = ("customer", "issue", "merged_into")


def is_identifier(field: Field) -> bool:
    """Tell whether a field's text names something, so that no character of it may get lost."""
    return field.kind == "text" and (field.name.endswith("_id") or field.name in _KEYS)


def needs_cleaning(text: pl.Expr) -> pl.Expr:
    """Tell whether any text of a column holds more than plain printable characters."""
    return text.str.contains(_SUSPECT).any()


def cleaned(text: pl.Expr, *, identifier: bool = False) -> pl.Expr:
    r"""Clean text: white space becomes one space, control characters go, direction marks show.

    In an identifier control characters are made visible instead, so that two identifiers that
    differ stay different.

    Args:
        text: a String expression.
        identifier: whether the text names something.

    Example:
        >>> pl.select(cleaned(pl.lit("a\u202eb\x07 \n c"))).item()
        'a⟨U+202E⟩b c'
    """
    if not identifier:
        text = text.str.replace_all(_SPACES, " ").str.replace_all(_CONTROL, "")
        return text.str.replace_many(_visible(BIDI)).str.strip_chars()
    controls = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)])) + "\ufeff"
    return text.str.replace_many(_visible(BIDI + controls))


def _visible(characters: str) -> dict[str, str]:
    return {item: f"⟨U+{ord(item):04X}⟩" for item in characters}
