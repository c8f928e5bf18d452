"""Where a KPI is heading in the long run, in one sentence: no more than its test supports."""

from __future__ import annotations

from kpitools.analysis.long_run import LongRun
from kpitools.analysis.tones import tone_of
from kpitools.catalog.model import Kpi
from kpitools.visuals.blocks import Quoted, SentenceBlock, Tone
from kpitools.visuals.findings import kpi_name
from kpitools.visuals.show import Visual
from kpitools.visuals.sizes import periods_text, quote_sizes
from kpitools.visuals.wording import (
    Part,
    counted,
    named,
    quote_count,
    quote_period,
    quote_share,
    quote_value,
    say,
)

RARE = 0.001
"""A smaller chance reads "under 0.001"."""
SEASONS = {"": "", "weekday": ", the weekday taken out"}
_SEASON = ", the time of year taken out"
_MOVED = {"rising": "rose", "falling": "fell"}
_CROSSED = {
    (False, "met"): "meets its target of",
    (False, "lost"): "falls short of its target of",
    (True, "met"): "comes into its range at",
    (True, "lost"): "leaves its range at",
}


def say_direction(found: LongRun, kpi: Kpi) -> Visual[SentenceBlock]:
    """Say how fast a KPI rose or fell, or that it moved once, or that nothing can be told.

    Args:
        found: result of `long_run`.
        kpi: the KPI's definition.

    Example:
        >>> from datetime import date
        >>> from kpitools.catalog import load_builtin
        >>> found = LongRun("csat", "", "month", 24, heading="falling", p_value=0.002,
        ...     slope=-0.003, low=-0.005, high=-0.001)
        >>> print(say_direction(found, load_builtin().kpi("csat")))
        Over 24 months Customer satisfaction fell by 0.3 pts a month (95 % interval 0.1 to 0.5; \
p 0.002).
    """
    name, over = named(kpi_name(kpi)), _over(found)
    if found.heading == "unknown":
        return say(*_too_few(found, name), tone="unknown")
    tail = (*_without(found), ".")
    if found.one_step and found.change is not None:
        return say(*over, " ", name, *_step(found), *tail)
    if found.certain:
        moved = f" {_MOVED[found.heading]}"
        return say(*over, " ", name, moved, *_speed(found, kpi), *tail, *_ahead(found, kpi))
    if found.heading in _MOVED:
        certain = (f" {_MOVED[found.heading]}, by how much cannot be told (", *quote_p(found), ")")
        return say(*over, " ", name, *certain, *tail)
    return say(*over, " no long-run direction of ", name, *_level(found, kpi), *tail)


def quote_p(found: LongRun, *, of_change: bool = False) -> tuple[Part, ...]:
    """Quote the chance of so steady a direction, or of so clear a step, without any.

    Example:
        >>> say(*quote_p(LongRun("csat", "", "month", 24, p_value=0.0312))).block.text
        'p 0.031'
    """
    p = found.change_p if of_change else found.p_value
    if p is None:
        return ()
    if p < RARE:
        return ("p under ", Quoted(text=f"{RARE:g}", value=RARE, unit="number"))
    digits = 3 if p < 0.1 else 2  # noqa: PLR2004 - as many decimals as tell chances apart
    return ("p ", Quoted(text=f"{p:.{digits}f}", value=p, unit="number"))


def _over(found: LongRun) -> tuple[Part, ...]:
    number, word = counted(found.n, *_words(found))
    if found.rebased and found.first is not None:
        since = quote_period(found.first, grain=found.grain)
        return ("Over the ", number, word, " since ", since)
    return ("Over ", number, word)


def _words(found: LongRun) -> tuple[str, str]:
    return found.grain.replace("_", " "), periods_text(found.grain)


def _too_few(found: LongRun, name: Part) -> tuple[Part, ...]:
    have = counted(found.n, *_words(found)) if found.n else ("no value",)
    since: tuple[Part, ...] = ()
    if found.rebased and found.first is not None:
        since = (" since ", quote_period(found.first, grain=found.grain))
    needed = (" (", quote_count(found.needed), " are needed).")
    return ("No long-run direction of ", name, " can be told from ", *have, *since, *needed)


def _without(found: LongRun) -> tuple[Part, ...]:
    season = SEASONS.get(found.season, _SEASON)
    if not found.left_out:
        return (season,) if season else ()
    out = counted(found.left_out, *_words(found))
    return (season, ", ", *out, " left out")


def _step(found: LongRun) -> tuple[Part, ...]:
    words = f" {_MOVED[found.heading]}, " if found.heading in _MOVED else " changed, "
    when = quote_period(found.change, grain=found.grain) if found.change else ""
    return (
        *(words, "by one step rather than steadily, likeliest in ", when),
        *(" (", *quote_p(found, of_change=True), ")"),
    )


def _speed(found: LongRun, kpi: Kpi) -> tuple[Part, ...]:
    """Quote the slope and its interval without signs; the words give the direction."""
    if found.slope is None or found.low is None or found.high is None:
        return ()
    sign = 1 if found.slope > 0 else -1
    least, most = sorted((sign * found.low, sign * found.high))
    sizes = (sign * found.slope, least, most)
    size, *ends = quote_sizes(*sizes, unit=kpi.unit, show=kpi.show, fine=True)
    sure = (f" a {_words(found)[0]} (", quote_share(found.confidence, digits=0), " interval ")
    return (" by ", size, *sure, ends[0], " to ", ends[1], "; ", *quote_p(found), ")")


def _level(found: LongRun, kpi: Kpi) -> tuple[Part, ...]:
    if found.low is None or found.high is None or found.p_value is None:
        return (" can be told: the values never varied",)
    low, high = quote_sizes(found.low, found.high, unit=kpi.unit, show=kpi.show)
    sure = (" (", quote_share(found.confidence, digits=0), " interval ")
    return (" can be told", *sure, low, " to ", high, f" a {_words(found)[0]})")


def _ahead(found: LongRun, kpi: Kpi) -> tuple[Part, ...]:
    """Say when the target is met, or lost, at this slope; nothing where that is not certain."""
    if not found.crossing or found.ahead is None or found.soonest is None or found.target is None:
        return ()
    aim = quote_value(found.target, unit=kpi.unit, show=kpi.show)
    crossed = _CROSSED[kpi.good == "within", found.crossing]
    head = (f" At this slope it {crossed} ",)
    soon = (*_whole(found.soonest), " to ")
    far = _whole(found.latest) if found.latest is not None else ("over ", quote_count(found.n))
    ahead = (" in about ", *_whole(found.ahead), f" {periods_text(found.grain)}")
    return (*head, aim, *ahead, " (", *soon, *far, ").")


def _whole(periods: float) -> tuple[Part, ...]:
    """Quote a number of periods ahead, a begun one as a whole one."""
    shown = quote_count(max(round(periods), 1))
    return (shown.model_copy(update={"value": periods}),)


def tone_of_direction(found: LongRun, kpi: Kpi) -> Tone:
    """Tell what a direction means for a KPI.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> tone_of_direction(LongRun("csat", "", "month", 24, heading="falling"),
        ...     load_builtin().kpi("csat"))
        'worse'
    """
    if found.heading in _MOVED:
        return tone_of(kpi.good, high=found.heading == "rising")
    return "common" if found.heading == "level" else "unknown"
