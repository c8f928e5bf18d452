"""Which fonts set a pack, which characters they have, and what stands in for the others."""

from __future__ import annotations

import importlib.util
import io
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path

from kpitools.packs.cleaning import code_point
from kpitools.packs.disk import kept

FAMILY = "Inter"
_FALLBACK_PACKAGES = ("manimgx_fonts", "manimgx_fonts_cjk")
_FIRST_FALLBACKS = ("Noto Sans", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Emoji")
_CJK_FACES = ("Noto Sans CJK SC", "Noto Sans CJK KR", "Noto Sans CJK JP")
_BRACKETS = {"\u27e8": "\u2039", "\u27e9": "\u203a"}
"""Inter lacks the brackets of a code point: single quotation marks stand for them."""
_PRIVATE = "Co"
_INVISIBLE = {"Cf", "Zl", "Zp"}
_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
_WEB_RANGES = (
    (0x20, 0x7E),
    (0xA0, 0x17F),
    (0x18F, 0x18F),
    (0x1B5, 0x1DC),
    (0x218, 0x21B),
    (0x370, 0x3FF),
    (0x400, 0x45F),
    (0x490, 0x4FF),
    (0x1E00, 0x1EFF),
    (0x2000, 0x209F),
    (0x20A0, 0x20BF),
    (0x2100, 0x22FF),
    (0x2500, 0x27BF),
)


@dataclass(frozen=True)
class Face:
    """One font of a file: its family, where it lies, and its place in a collection."""

    family: str
    path: Path
    index: int = -1


def inter_folder() -> Path:
    """Return the folder with the files of the Inter family."""
    import fontpkg_inter

    return Path(fontpkg_inter.ROOT) / "files"


@cache
def fallback_folders() -> tuple[Path, ...]:
    """Return the folders of the installed fallback fonts, which are optional."""
    specs = [importlib.util.find_spec(name) for name in _FALLBACK_PACKAGES]
    return tuple(Path(spec.origin).parent for spec in specs if spec is not None and spec.origin)


@cache
def faces() -> tuple[Face, ...]:
    """List the faces that text may be set in, the first that has a character is taken."""
    found = [Face(FAMILY, inter_folder() / "Inter[opsz,wght].ttf")]
    for folder in fallback_folders():
        for path in sorted(folder.glob("*.tt?")):
            if "Italic" in path.name:
                continue
            found += _collection(path) if path.suffix == ".ttc" else [Face(_family(path), path)]
    first = {name: rank for rank, name in enumerate((FAMILY, *_FIRST_FALLBACKS))}
    last = {name: 100 + rank for rank, name in enumerate(_CJK_FACES)}
    rank_of = {**first, **last}
    return tuple(sorted(found, key=lambda face: (rank_of.get(face.family, 99), face.family)))


def _family(path: Path) -> str:
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as font:
        names = font["name"]
        return str(names.getDebugName(16) or names.getDebugName(1))


def _collection(path: Path) -> list[Face]:
    from fontTools.ttLib import TTCollection

    with TTCollection(str(path), lazy=True) as collection:
        names = [str(font["name"].getDebugName(1)) for font in collection.fonts]
    wanted = [name for name in _CJK_FACES if name in names]
    return [Face(name, path, names.index(name)) for name in wanted]


@cache
def coverage(face: Face) -> frozenset[int]:
    """Return the code points that a face has a glyph for."""
    from fontTools.ttLib import TTFont

    with TTFont(face.path, fontNumber=face.index, lazy=True) as font:
        return frozenset(font.getBestCmap())


def covering(character: str) -> Face | None:
    """Return the first face that has the character, or none.

    Example:
        >>> covering("é").family, covering(chr(0x10FFFD))
        ('Inter', None)
    """
    return _covering(ord(character))


@lru_cache(maxsize=65_536)
def _covering(code: int) -> Face | None:
    if unicodedata.category(chr(code)) == _PRIVATE:
        return None
    return next((face for face in faces() if code in coverage(face)), None)


def _needs_no_glyph(character: str) -> bool:
    return (
        character in "\n\t"
        or unicodedata.category(character) in _INVISIBLE
        or any(ord(character) in selectors for selectors in _SELECTORS)
    )


def families(text: str) -> tuple[str, ...]:
    """List the families that a text needs, Inter first.

    Example:
        >>> families("plain text, 82.4 %")
        ('Inter',)
    """
    wanted = {FAMILY}
    for character in set(text):
        face = None if _needs_no_glyph(character) else _covering(ord(character))
        if face is not None:
            wanted.add(face.family)
    return tuple(face.family for face in faces() if face.family in wanted)


def in_inter(text: str) -> bool:
    """Tell whether Inter alone has every character of a text.

    Example:
        >>> in_inter("82.4 %"), in_inter("\u4e2d")
        (True, False)
    """
    inter = coverage(faces()[0])
    return text.isascii() or all(ord(character) in inter for character in text)


def visible(text: str, *, plain: bool = False) -> str:
    r"""Replace characters that no font has by their code point, so that none is lost.

    Args:
        text: any text, cleaned.
        plain: allow only what Inter has, without composing: for a text that cannot be set
            otherwise.

    Example:
        >>> visible("ok " + chr(0x10FFFD)) == "ok \u2039U+10FFFD\u203a"
        True
    """
    if text.isascii():
        return text
    return "".join(_visible(character, plain=plain) for character in text)


def _visible(character: str, *, plain: bool) -> str:
    if plain:
        kept_as_it_is = character.isascii() or (
            unicodedata.category(character)[0] in "LNPSZ" and ord(character) in coverage(faces()[0])
        )
        return character if kept_as_it_is else _replacement(character)
    if _needs_no_glyph(character) or _covering(ord(character)) is not None:
        return character
    return _replacement(character)


def _replacement(character: str) -> str:
    if character in _BRACKETS:
        return _BRACKETS[character]
    return "".join(_BRACKETS.get(mark, mark) for mark in code_point(character))


def web_font() -> bytes:
    """Return the part of Inter that a page embeds: WOFF2, weights 400 to 700, kept on disk.

    Characters outside of it are set by the reader's own fonts.
    """
    mark = f"{version('fontpkg-inter')}-{version('fonttools')}"
    return kept(f"inter-{mark}.woff2", _web_font)


def _web_font() -> bytes:
    from fontTools import subset
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    options = subset.Options(
        layout_features=["kern", "ccmp", "locl", "mark", "mkmk", "tnum"], hinting=False
    )
    font = TTFont(faces()[0].path, recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[code for a, b in _WEB_RANGES for code in range(a, b + 1)])
    subsetter.subset(font)
    smaller = instancer.instantiateVariableFont(font, {"opsz": 14, "wght": (400, 700)})
    smaller.flavor = "woff2"
    content = io.BytesIO()
    smaller.save(content)
    return content.getvalue()
