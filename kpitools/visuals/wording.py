"""How a sentence is put together, so that every number in it is a number of a finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from kpitools import language
from kpitools.errors import VisualsError
from kpitools.language import Show, Unit
from kpitools.visuals.blocks import NoteBlock, Quoted, SentenceBlock, Tone
from kpitools.visuals.show import Visual

NAME_LIMIT = 60
NOTE_LIMIT = 600


class Named(str):
    """A name that comes from data or from the catalogue; it may hold digits."""

    __slots__ = ()


Part = str | Quoted | Named
LARGE_COUNT = 100
"""From here on a mean of counts is shown without decimals."""


def value_text(value: float | None, *, unit: Unit, show: Show = "seconds") -> str:
    """Write a KPI value with its unit; the mean of large counts without decimals.

    Example:
        >>> value_text(2364.5, unit="count"), value_text(2.5, unit="count")
        ('2,364', '2.5')
    """
    large = unit == "count" and value is not None and abs(value) >= LARGE_COUNT
    return language.format_value(value, unit=unit, show=show, digits=0 if large else None)


def named(text: str, *, limit: int = NAME_LIMIT) -> Named:
    """Bound a name for display.

    Example:
        >>> named("Billing")
        'Billing'
    """
    return Named(language.display(text, limit))


def quote_value(value: float | None, *, unit: Unit, show: Show = "seconds") -> Quoted | Named:
    """Quote a KPI value with its unit; a missing one reads "no data".

    Example:
        >>> quote_value(0.8244, unit="share").text
        '82.4 %'
    """
    text = value_text(value, unit=unit, show=show)
    return Named(text) if value is None else Quoted(text=text, value=value, unit=unit)


def quote_change(change: float, *, unit: Unit, show: Show = "seconds") -> Quoted:
    """Quote a change (later - earlier) with its sign."""
    text = language.format_change(change, unit=unit, show=show)
    return Quoted(text=text, value=change, unit=unit)


def quote_count(count: float) -> Quoted:
    """Quote a number of things.

    Example:
        >>> quote_count(2311).text
        '2,311'
    """
    return Quoted(text=language.format_count(int(count)), value=float(int(count)), unit="count")


def quote_share(share: float, *, digits: int = 1) -> Quoted:
    """Quote a fraction as a percentage."""
    text = language.format_value(share, unit="share", digits=digits)
    return Quoted(text=text, value=share, unit="share")


def quote_period(start: date, *, grain: str, short: bool = False) -> Quoted:
    """Quote a period; its number is its first day as year, month and day (20261001).

    Example:
        >>> quote_period(date(2026, 10, 1), grain="month")
        Quoted(text='October 2026', value=20261001.0, unit='period')
    """
    text = language.format_period(start, grain, short=short)
    day = start.year * 10_000 + start.month * 100 + start.day
    return Quoted(text=text, value=float(day), unit="period")


def counted(count: float, one: str, many: str) -> tuple[Quoted, str]:
    """Quote a number and the word that agrees with it.

    Example:
        >>> [part if isinstance(part, str) else part.text for part in counted(1, "team", "teams")]
        ['1', ' team']
    """
    return quote_count(count), f" {one}" if int(count) == 1 else f" {many}"


def listed(names: Sequence[str], *, most: int = 3) -> tuple[Part, ...]:
    """List names, at most `most` of them, and count the rest.

    Example:
        >>> say(*listed(["Billing", "Orders"])).block.text
        'Billing and Orders'
        >>> say(*listed(["a", "b", "c", "d", "e"])).block.text
        'a, b, c and 2 more'
    """
    shown = names[:most]
    rest = len(names) - len(shown)
    parts: list[Part] = []
    for place, name in enumerate(shown):
        last = place == len(shown) - 1 and not rest
        parts += ([" and "] if last else [", "]) if place else []
        parts.append(named(name))
    return (*parts, " and ", quote_count(rest), " more") if rest else tuple(parts)


def chance_text(expected: float) -> str:
    """Say how many changes chance alone would have shown; nothing where that rounds to none.

    Example:
        >>> chance_text(1.53)
        'By chance alone about 1.5 of these charts would show a change.'
        >>> chance_text(0.01)
        ''
    """
    if round(expected, 1) <= 0:
        return ""
    head = ("By chance alone ", *chance_parts(expected))
    return say(*head, " of these charts would show a change.").block.text


def chance_parts(expected: float) -> tuple[Part, ...]:
    """Quote how many charts chance alone gives: about so many, or hardly any.

    Example:
        >>> say(*chance_parts(1.53)).block.text, say(*chance_parts(0.02)).block.text
        ('about 1.5', 'hardly any')
    """
    if round(expected, 1) <= 0:
        return ("hardly any",)
    text = language.format_value(expected, unit="number", digits=1)
    return ("about ", Quoted(text=text, value=expected, unit="number"))


def say(*parts: Part, tone: Tone = "neutral", headline: bool = False) -> Visual[SentenceBlock]:
    """Join words, names and quoted numbers to a sentence.

    Args:
        parts: words of ours (without a digit), `Named` texts and `Quoted` numbers.
        tone: what the sentence means.
        headline: the sentence is the message of its page.

    Raises:
        VisualsError: a digit in the words, that is, a number that no finding gave.

    Example:
        >>> say(*counted(2, "KPI", "KPIs"), " changed for the worse.").block.text
        '2 KPIs changed for the worse.'
    """
    for part in parts:
        if type(part) is str and any(sign.isdigit() for sign in part):
            raise VisualsError(
                "a sentence has a number that no finding gave",
                found=repr(part),
                expected="numbers as Quoted, names as Named",
            )
    text = "".join(part.text if isinstance(part, Quoted) else part for part in parts)
    numbers = tuple(part for part in parts if isinstance(part, Quoted))
    return Visual(SentenceBlock(text=text, numbers=numbers, tone=tone, headline=headline))


def note(text: str, *, tone: Tone = "neutral") -> Visual[NoteBlock]:
    """Show a remark to the reader: a caveat, a refusal, a hint.

    Example:
        >>> note("No forecasts in this workspace.").block.text
        'No forecasts in this workspace.'
    """
    return Visual(NoteBlock(text=language.display(text, NOTE_LIMIT), tone=tone))


def note_refused(
    refused: Mapping[str, str], *, labels: Mapping[str, str] | None = None
) -> Visual[NoteBlock]:
    """Say which KPIs are not shown and why; those with one reason stand together.

    Args:
        refused: reason by KPI, as the workspace gives it.
        labels: names by KPI, as a reader knows them.

    Example:
        >>> note_refused({"aht": "no talk time", "acw": "no tickets", "trt": "no tickets"},
        ...     labels={"aht": "Average handle time"}).block.text
        'Not shown: Average handle time (no talk time); acw and trt (no tickets).'
    """
    together: dict[str, list[str]] = {}
    for name, reason in refused.items():
        together.setdefault(reason, []).append((labels or {}).get(name, name))
    parts = [f"{_joined(names)} ({reason})" for reason, names in together.items()]
    return note(f"Not shown: {'; '.join(parts)}.", tone="unknown")


def _joined(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
