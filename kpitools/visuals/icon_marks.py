"""The icons that a block asks for: drawn, in words, as plain text, and as a legend."""

from __future__ import annotations

from collections.abc import Iterable

from kpitools.analysis.assurance import Assurance, Icon
from kpitools.analysis.verdicts import Verdict
from kpitools.visuals.blocks import CHANGES, AssuranceMark, Cell, Mark, Tone, VariationMark
from kpitools.visuals.icons import (
    ASSURANCE_WORDS,
    SIZE,
    icon_assurance,
    icon_variation,
    variation_words,
)
from kpitools.visuals.marks import mark_of

_SHORT: dict[Icon, str] = {
    "pass": "P limits meet the target",
    "fail": "F limits miss the target",
    "hit_and_miss": "M hit and miss",
    "none": "- no verdict on the target",
}
_CHANGES: dict[Tone, str] = {
    "better": "better",
    "worse": "worse",
    "neutral": "changed",
    "common": "no change",
    "unknown": "not enough evidence",
}


def chart_marks(
    said: Verdict, assured: Assurance | None = None, *, kept_back: bool = False
) -> tuple[Mark, ...]:
    """Return the icons of a chart: what it says, and whether its target will be met.

    Args:
        said: what `verdict` says of the chart.
        assured: what `assurance` says of it; None for a chart that is not asked.
        kept_back: whether the latest value may not be shown.

    Example:
        >>> chart_marks(Verdict("csat", "", None, "unknown"))
        (VariationMark(kind='variation', tone='unknown', high=None, sure=True),)
    """
    if kept_back:
        said = Verdict(said.kpi, said.slice, said.period, "unknown")
    changed = said.tone in CHANGES and said.high is not None
    tone: Tone = said.tone if changed or said.tone not in CHANGES else "common"
    first = VariationMark(tone=tone, high=said.high if changed else None)
    if assured is None or assured.target is None:
        return (first,)
    return first, AssuranceMark(icon="none" if kept_back else assured.icon)


def draw_icon(mark: Mark, *, size: int = SIZE) -> str:
    """Draw the icon of a mark.

    Example:
        >>> draw_icon(AssuranceMark(icon="pass")) == icon_assurance("pass")
        True
    """
    if isinstance(mark, VariationMark):
        return icon_variation(mark.tone, high=mark.high, sure=mark.sure, size=size)
    return icon_assurance(mark.icon, size=size)


def icon_words(mark: Mark) -> str:
    """Say what the icon of a mark means; its text alternative.

    Example:
        >>> icon_words(VariationMark(tone="common"))
        'Common variation (C): no change beyond chance'
    """
    if isinstance(mark, AssuranceMark):
        return ASSURANCE_WORDS[mark.icon]
    return variation_words(mark.tone, high=mark.high, sure=mark.sure)


def icon_text(mark: Mark) -> str:
    """Write a mark where no picture can stand: a sign and a word or two.

    Example:
        >>> icon_text(VariationMark(tone="worse", high=False))
        '▼ worse'
    """
    if isinstance(mark, AssuranceMark):
        return _SHORT[mark.icon]
    sign = mark_of(mark.tone, high=bool(mark.high), sure=mark.sure)
    return f"{sign} {_CHANGES[mark.tone]}"


def with_icons(text: str, marks: Iterable[Mark], *, below: bool = False) -> str:
    """Write a text with its icons in words, where no picture can stand.

    Example:
        >>> with_icons("lower since May", [VariationMark(tone="worse", high=False)])
        '▼ worse: lower since May'
        >>> with_icons("no change", [VariationMark(tone="common")])
        '● no change'
        >>> with_icons("82 %", [AssuranceMark(icon="pass")], below=True)
        '82 % (P limits meet the target)'
    """
    texts = [icon_text(mark) for mark in marks]
    if len(texts) == 1 and texts[0].partition(" ")[2] in text:
        return f"{texts[0].partition(' ')[0]} {text}"
    told = ", ".join(texts)
    if not told or not text:
        return told or text
    return f"{text} ({told})" if below else f"{told}: {text}"


def icon_legend(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """List the icons that stand in cells, each once and with its words.

    Example:
        >>> marked = Cell(text="82 %", icons=(VariationMark(tone="common"),))
        >>> [item.text for item in icon_legend([marked, marked])]
        ['Common variation (C): no change beyond chance']
    """
    found = {mark for cell in cells for mark in cell.icons}
    return tuple(Cell(text=icon_words(mark), icons=(mark,)) for mark in sorted(found, key=_place))


def _place(mark: Mark) -> tuple[int, int, int]:
    if isinstance(mark, AssuranceMark):
        return 1, list(ASSURANCE_WORDS).index(mark.icon), 0
    return 0, list(_CHANGES).index(mark.tone), 2 * (not mark.sure) + (not mark.high)
