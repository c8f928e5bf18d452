"""Small pictures of a verdict: a shape, an arrow and a letter, told apart without colour."""

from __future__ import annotations

from html import escape

from kpitools.analysis.assurance import Icon
from kpitools.errors import AnalysisError, suggest
from kpitools.visuals.blocks import Tone
from kpitools.visuals.theme import TONE_COLOURS

BOX = 48
SIZE = 24
PAPER = "#ffffff"

ASSURANCE_WORDS: dict[Icon, str] = {
    "pass": "Limits meet the target (P): the whole natural range lies on its safe side",
    "fail": "Limits miss the target (F): the whole natural range lies short of it",
    "hit_and_miss": "Hit and miss (M): the target lies between the natural limits",
    "none": "No verdict on the target (-): none is set, it is a range, or evidence is lacking",
}
"""What each assurance icon means; its title."""

_SIDES: dict[Tone, str] = {
    "better": "Changed for the better",
    "worse": "Changed for the worse",
    "neutral": "Changed, neither better nor worse",
}
_ALIKE: dict[Tone, str] = {
    "common": "Common variation (C): no change beyond chance",
    "unknown": "Not enough evidence to tell",
}
_GLYPHS = {
    "H": "M0 0V14M10 0V14M0 7H10",
    "L": "M0 0V14H9",
    "C": "M10 2.5L7 0H3L0 3V11L3 14H7L10 11.5",
    "P": "M0 14V0H7L10 2V5.5L7 7.5H0",
    "F": "M0 14V0H9M0 6.5H7.5",
    "M": "M0 14V0L5 7L10 0V14",
    "?": "M0 3L3 0H7L10 3V5L5 8.5V10M5 13V14",
    "-": "M0 7H10",
}
"""Letters as strokes in a box of 10 by 14: no font is needed."""
_UP, _DOWN = "M15 15L21 24H9ZM15 23V33", "M15 33L21 24H9ZM15 25V15"
_DISC = "M24 2A22 22 0 0 1 24 46A22 22 0 0 1 24 2Z"
_DIAMOND = "M24 1L47 24L24 47L1 24Z"
_SQUARE = "M3 3H45V45H3Z"
_SHIELD = "M4 3H44V26C44 36 34 43 24 46C14 43 4 36 4 26Z"
_LIMITS = "M3 9H45M3 39H45"
_WAVE = "M4 26L9 19L14 28L19 20L24 27L28 22"
_AIM = "M24 6V22"
_BARS: dict[Icon, str] = {
    "pass": "M28 14H40",
    "fail": "M8 14H20",
    "hit_and_miss": "M12 14H36",
}
_LETTERS: dict[Icon, str] = {"pass": "P", "fail": "F", "hit_and_miss": "M", "none": "-"}


def variation_words(tone: Tone, *, high: bool | None = None, sure: bool = True) -> str:
    """Say what a variation icon means; its title.

    Example:
        >>> variation_words("worse", high=True)
        'Changed for the worse: higher (H)'
        >>> variation_words("better", high=False, sure=False)
        'Changed for the better: lower (L); maybe by chance among so many charts'
    """
    if tone in _ALIKE:
        return _ALIKE[tone]
    doubt = "" if sure else "; maybe by chance among so many charts"
    return f"{_SIDES[tone]}: {'higher (H)' if high else 'lower (L)'}{doubt}"


def icon_variation(
    tone: Tone, *, high: bool | None = None, sure: bool = True, size: int = SIZE
) -> str:
    """Draw whether a series has changed: an SVG whose shape says what its colour says.

    A full disc is a change for the better, a full diamond one for the worse, an empty square
    one of a KPI without a good side; arrow and letter tell higher (H) from lower (L). A wave
    between two lines is common variation (C), a dashed ring stands for too little evidence (?).
    A change that may be one of those that chance gives among many charts (not `sure`) is empty
    with a dashed edge.

    Args:
        tone: better, worse, neutral, common or unknown.
        high: whether it moved to the high side; needed where it has changed.
        sure: whether the change stays when the number of charts is allowed for.
        size: width and height in pixels.

    Raises:
        AnalysisError: no such tone, or a change without its side.

    Example:
        >>> icon_variation("common")[:41]
        '<svg xmlns="http://www.w3.org/2000/svg" c'
    """
    if tone not in TONE_COLOURS:
        raise AnalysisError(f"no tone '{tone}'", found=tone, fix=suggest(tone, TONE_COLOURS))
    if tone in _SIDES and high is None:
        raise AnalysisError(
            "a change has a side", found=f"tone '{tone}' alone", expected="high=True or high=False"
        )
    ink = TONE_COLOURS[tone]
    words = variation_words(tone, high=high, sure=sure)
    if tone == "common":
        parts = [_stroke(_LIMITS, ink), _stroke(_WAVE, ink), _letter("C", 33, 17, ink)]
    elif tone == "unknown":
        parts = [_shape(_DISC, ink, full=False, dashed=True), _letter("?", 19, 17, ink)]
    else:
        full = sure and tone != "neutral"
        frame = {"better": _DISC, "worse": _DIAMOND}.get(tone, _SQUARE)
        on_it = PAPER if full else ink
        parts = [
            _shape(frame, ink, full=full, dashed=not sure),
            _stroke(_UP if high else _DOWN, on_it, fill=on_it),
            _letter("H" if high else "L", 27, 17, on_it),
        ]
    return _svg(words, parts, size)


def icon_assurance(icon: Icon, *, size: int = SIZE) -> str:
    """Draw whether a target will be met: natural limits as a bar, the target as a line.

    The bar lies past the line (P), short of it (F), or across it (M); without a verdict the
    shield is dashed and empty.

    Args:
        icon: pass, fail, hit_and_miss or none, as `assurance` returns it.
        size: width and height in pixels.

    Raises:
        AnalysisError: no such icon.

    Example:
        >>> "Limits miss the target" in icon_assurance("fail")
        True
    """
    if icon not in ASSURANCE_WORDS:
        raise AnalysisError(f"no icon '{icon}'", found=icon, fix=suggest(icon, ASSURANCE_WORDS))
    tones: dict[Icon, Tone] = {"pass": "better", "fail": "worse"}
    ink = TONE_COLOURS[tones.get(icon, "common")]
    parts = [_shape(_SHIELD, ink, full=False, dashed=icon == "none")]
    if icon in _BARS:
        parts += [_stroke(_AIM, ink), _stroke(_BARS[icon], ink, width=7, cap="butt")]
    parts.append(_letter(_LETTERS[icon], 19, 26, ink))
    return _svg(ASSURANCE_WORDS[icon], parts, size)


def _svg(words: str, parts: list[str], size: int) -> str:
    label = escape(words)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="icon" width="{size}" height="{size}" '
        f'viewBox="0 0 {BOX} {BOX}" role="img" aria-label="{label}"><title>{label}</title>'
        f"{''.join(parts)}</svg>"
    )


def _shape(path: str, ink: str, *, full: bool, dashed: bool = False) -> str:
    dashes = ' stroke-dasharray="5 4"' if dashed else ""
    return (
        f'<path d="{path}" fill="{ink if full else PAPER}" stroke="{ink}" stroke-width="2.5"'
        f"{dashes}/>"
    )


def _stroke(
    path: str, ink: str, *, fill: str = "none", width: float = 3, cap: str = "round"
) -> str:
    return (
        f'<path d="{path}" fill="{fill}" stroke="{ink}" stroke-width="{width:g}" '
        f'stroke-linecap="{cap}" stroke-linejoin="round"/>'
    )


def _letter(letter: str, x: float, y: float, ink: str) -> str:
    return f'<g transform="translate({x:g} {y:g})">{_stroke(_GLYPHS[letter], ink)}</g>'
