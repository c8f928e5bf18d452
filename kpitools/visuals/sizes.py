"""How large a change is, with its interval: all in one unit and with the same decimals."""

from __future__ import annotations

from kpitools import language
from kpitools.analysis.latest import LASTING, SEEN
from kpitools.language import Show, Unit
from kpitools.language.numbers import DIGITS, LARGE, LONG
from kpitools.visuals.axes import DIVISORS
from kpitools.visuals.blocks import Quoted, SentenceBlock
from kpitools.visuals.show import Visual
from kpitools.visuals.wording import LARGE_COUNT, Part, quote_count, quote_share, say

_MOST_DIGITS = 6


def quote_sizes(
    *sizes: float, unit: Unit, show: Show = "seconds", fine: bool = False
) -> tuple[Quoted, ...]:
    """Quote changes that belong together; the first has the unit, the others go without.

    All are in one unit and have the same decimals, as many as the first needs not to read 0;
    `fine`: as many as each of them needs, and so many that they differ where they do.

    Example:
        >>> [size.text for size in quote_sizes(0.0314, 0.018, 0.044, unit="share")]
        ['3.1 pts', '1.8', '4.4']
        >>> [size.text for size in quote_sizes(5000.0, 1800.0, 9000.0, unit="seconds")]
        ['1.4 h', '0.5', '2.5']
        >>> [size.text for size in quote_sizes(0.0002, 0.0001, unit="share")]
        ['0.02 pts', '0.01']
        >>> [size.text for size in quote_sizes(0.001, 0.0002, 0.002, unit="share", fine=True)]
        ['0.10 pts', '0.02', '0.20']
    """
    if unit == "seconds" and show == "seconds" and max(map(abs, sizes)) >= LONG:
        show = "hours"
    digits = _digits(sizes, unit, show, count=len(sizes) if fine else 1)
    texts = [
        language.format_change(size, unit=unit, show=show, digits=digits).removeprefix("+")
        for size in sizes
    ]
    bare = [text if not place else text.rpartition(" ")[0] for place, text in enumerate(texts)]
    return tuple(
        Quoted(text=short or full, value=size, unit=unit)
        for short, full, size in zip(bare, texts, sizes, strict=True)
    )


def _digits(sizes: tuple[float, ...], unit: Unit, show: Show, *, count: int) -> int:
    first = _scaled(sizes[0], unit, show)
    if unit == "seconds":
        digits = 0 if show == "seconds" and abs(first) >= LARGE else 1
    elif unit == "count":
        whole = abs(first) >= LARGE_COUNT or all(size == int(size) for size in sizes)
        digits = 0 if whole else 1
    else:
        digits = DIGITS[unit]
    told = [_scaled(size, unit, show) for size in sizes[:count] if size]
    while told and digits < _MOST_DIGITS and not _legible(told, digits):
        digits += 1
    return digits


def _legible(sizes: list[float], digits: int) -> bool:
    """Tell whether no size reads 0 and different ends of a range read differently."""
    low, high = min(sizes), max(sizes)
    none = any(round(size, digits) == 0 for size in sizes)
    same = high - low < 10.0**-_MOST_DIGITS
    return not none and (same or round(low, digits) != round(high, digits))


def _scaled(size: float, unit: Unit, show: Show) -> float:
    if unit == "share":
        return size * 100
    return size / DIVISORS[show] if unit == "seconds" else size


def effect_parts(
    effect: float | None,
    low: float | None,
    high: float | None,
    *,
    unit: Unit,
    show: Show = "seconds",
) -> tuple[Part, ...]:
    """Say by how much, with the interval; without signs where the words give the direction.

    A minus sign at an end of the interval says that the change may be the other way.

    Example:
        >>> say("lower", *effect_parts(-0.031, -0.044, -0.018, unit="share")).block.text
        'lower by 3.1 pts (1.8 to 4.4)'
    """
    if effect is None or low is None or high is None:
        return ()
    sign = 1 if effect > 0 else -1
    least, most = sorted((sign * low, sign * high))
    size, *ends = quote_sizes(sign * effect, least, most, unit=unit, show=show)
    return (" by ", size, " (", ends[0], " to ", ends[1], ")")


def signed_effect(effect: float, *, unit: Unit, show: Show = "seconds") -> str:
    """Write a change with its sign.

    Example:
        >>> signed_effect(0.031, unit="share"), signed_effect(12.0, unit="count")
        ('+3.1 pts', '+12')
    """
    size = quote_sizes(effect, unit=unit, show=show)[0].text
    return f"+{size}" if effect > 0 else size


def say_power(
    detectable: float | None,
    once: float | None = None,
    *,
    grain: str,
    unit: Unit,
    show: Show = "seconds",
) -> Visual[SentenceBlock] | None:
    """Say which change a chart could have seen, a lasting one and one of the last period alone.

    Nothing where it was not judged.

    Example:
        >>> print(say_power(0.02, 0.045, grain="month", unit="share"))
        A change of 2.0 pts over the last 6 months, or of 4.5 in the last month alone, is seen \
with a chance of 80 %; a smaller one less often.
    """
    if detectable is None:
        return None
    size, *alone = quote_sizes(
        *(detectable, *(() if once is None else (once,))), unit=unit, show=show
    )
    lasting = (" over the last ", quote_count(LASTING), f" {periods_text(grain)}")
    one: tuple[Part, ...] = ()
    if alone:
        one = (", or of ", *alone, f" in the last {grain.replace('_', ' ')} alone,")
    seen = (" is seen with a chance of ", quote_share(SEEN, digits=0))
    return say("A change of ", size, *lasting, *one, *seen, "; a smaller one less often.")


def power_text(
    detectable: float | None,
    once: float | None = None,
    *,
    grain: str,
    unit: Unit,
    show: Show = "seconds",
) -> str:
    """Return the sentence of `say_power` as text; nothing where there is none."""
    said = say_power(detectable, once, grain=grain, unit=unit, show=show)
    return "" if said is None else said.block.text


def periods_text(grain: str) -> str:
    """Name several periods of a length.

    Example:
        >>> periods_text("half_year"), periods_text("fiscal_month")
        ('half years', 'fiscal months')
    """
    return f"{grain}s".replace("_", " ")
