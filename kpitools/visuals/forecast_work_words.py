"""What a forecast error costs: hours of work, people and service level, in words."""

from __future__ import annotations

from kpitools import language
from kpitools.analysis.forecast_workload import ServiceEffect, WorkloadError
from kpitools.visuals.blocks import Quoted, SentenceBlock
from kpitools.visuals.forecast_says import points
from kpitools.visuals.show import Visual
from kpitools.visuals.wording import Part, counted, quote_share, say

_SHORT = 0.05
"""Errors in hours, and people, under this read as none."""


def say_workload(
    error: WorkloadError, *, effect: ServiceEffect | None = None
) -> Visual[SentenceBlock]:
    """Say what the forecast error was in hours of work, in people and in service level.

    Args:
        error: as `workload_error` returns it.
        effect: as `service_effect` returns it.
    """
    if not error.n:
        return say("No interval has a forecast and an actual of both volume and handle time.",
                   tone="unknown")  # fmt: skip
    parts: list[Part] = ["Over ", *counted(error.n, "interval", "intervals")]
    parts += [" the work was forecast ", *_hours(error.net_h)]
    parts += [": volume ", *_hours(error.volume_h), ", handle time ", *_hours(error.aht_h)]
    if error.split == "actual":
        parts += [", both together ", *_hours(error.interaction_h)]
    elif abs(error.volume_h) >= _SHORT and abs(error.aht_h) >= _SHORT:
        parts += [" (what both do together is shared equally)"]
    if error.cancelled_h >= _SHORT:
        parts += ["; ", _number(error.cancelled_h), " hours cancel"]
    parts += _people(error)
    if effect is not None and effect.planned is not None and effect.expected is not None:
        parts += _served(effect, effect.planned, effect.expected)
    return say(*parts, ".")


def _people(error: WorkloadError) -> tuple[Part, ...]:
    """Say the error in people, with what a full-time person was taken to do."""
    if error.fte is None or error.fte_hours is None:
        return ()
    side = " too many" if error.fte > 0 else " too few"
    size: tuple[Part, ...] = (_number(abs(error.fte)), f" full-time people{side} (")
    return (
        ". That is ",
        *(size if abs(error.fte) >= _SHORT else ("next to nothing in full-time people (",)),
        _number(error.fte_hours),
        " paid hours each, ",
        quote_share(error.shrinkage, digits=0),
        " of them away from work and ",
        quote_share(error.occupancy, digits=0),
        " of the rest on contacts)",
    )


def _served(effect: ServiceEffect, planned: float, expected: float) -> tuple[Part, ...]:
    """Say the error in points of service level, with the model and what it takes for granted."""
    given = effect.assumptions
    gap = expected - planned
    side = "fewer" if gap < 0 else "more"
    model: tuple[Part, ...] = ("Erlang C for a target of ",)
    leave: tuple[Part, ...] = ("; nobody hangs up)",)
    if given.patience_s is not None:
        model = ("Erlang A for a target of ",)
        leave = ("; callers hang up after ", _seconds(given.patience_s), " on average)")
    return (
        ". Staffed as forecast, ",
        quote_share(expected),
        " would be answered within ",
        _seconds(given.threshold_s),
        ", ",
        points(gap),
        f" {side} than the ",
        quote_share(planned),
        " of a right forecast (",
        *model,
        quote_share(given.service_level, digits=0),
        *leave,
    )


def _seconds(seconds: float) -> Quoted:
    digits = 0 if seconds == int(seconds) else 1
    text = language.format_value(seconds, unit="seconds", digits=digits)
    return Quoted(text=text, value=seconds, unit="seconds")


def _hours(hours: float) -> tuple[Part, ...]:
    if abs(hours) < _SHORT:
        return ("right",)
    return (_number(abs(hours)), f" hours too {'high' if hours > 0 else 'low'}")


def _number(number: float) -> Quoted:
    text = language.format_value(number, unit="number", digits=1)
    return Quoted(text=text, value=number, unit="number")
