"""How text of people and data is shown, named and chosen by language."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping

SLUG = 40
EMPTY = "team"
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the direction of the text around them."""
SPACES = frozenset("\t\n\r\v\f\x85\u2028\u2029")
CUT = "…"
DOTLESS = "\N{LATIN SMALL LETTER DOTLESS I}"


def pick(texts: Mapping[str, str], lang: str) -> str:
    """Return the text of a language, of its base language, of English, or any.

    Example:
        >>> pick({"en": "Backlog", "es": "Acumulado"}, "es-MX")
        'Acumulado'
        >>> pick({"en": "Backlog"}, "ko")
        'Backlog'
    """
    base = lang.replace("_", "-").split("-")[0]
    for key in (lang, base, "en"):
        if texts.get(key):
            return texts[key]
    return next((text for text in texts.values() if text), "")


def safe_slug(text: str) -> str:
    """Return a short name that is safe in files and addresses; several texts may share it.

    Example:
        >>> safe_slug("Müşteri Hizmetleri / İade"), safe_slug("../../x"), safe_slug("客服")
        ('musteri-hizmetleri-iade', 'x', 'team')
    """
    plain = unicodedata.normalize("NFKD", text).replace(DOTLESS, "i").encode("ascii", "ignore")
    slug = re.sub(r"[^a-z0-9]+", "-", plain.decode("ascii").lower()).strip("-")
    return slug[:SLUG].strip("-") or EMPTY


def entity_id(text: str) -> str:
    """Return eight hexadecimal digits that tell two texts apart.

    Example:
        >>> entity_id("Billing")
        '3ac8bbca'
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def display(text: str, limit: int = 80) -> str:
    r"""Return text as it may be shown: no control characters, visible directions, bounded.

    Example:
        >>> display("a\x07b\u202ec"), display("abcdef", 4)
        ('ab⟨U+202E⟩c', 'abc…')
    """
    parts: list[str] = []
    room = limit + 1
    for char in text:
        shown = _shown(char)
        parts.append(shown)
        room -= len(shown)
        if room <= 0:
            break
    whole = "".join(parts)
    return whole if len(whole) <= limit else whole[: max(limit - 1, 0)].rstrip() + CUT


def _shown(char: str) -> str:
    if char in BIDI:
        return f"⟨U+{ord(char):04X}⟩"
    if char in SPACES:
        return " "
    category = unicodedata.category(char)
    if category == "Cc":
        return ""
    return "\ufffd" if category in {"Cs", "Cn"} else char
