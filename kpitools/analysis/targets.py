"""Is the target met: a simple rule that is printed beside its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kpitools.catalog.model import Good, Kpi, Target
from kpitools.language import format_count, format_value

Status = Literal["met", "within", "outside", "not_judged", "no_target", "no_data"]

RULE = "S1"
RULE_TEXT = (
    "Status rule S1: value against range. Met: at the target or on its good side "
    "(for a KPI that should stay within a range: inside it). In range: short of the target, "
    "still inside the range. Outside: beyond the range. Not judged: fewer cases than the "
    "KPI's minimum."
)


@dataclass(frozen=True)
class Judgement:
    """A value against its target; `reason` says it in words."""

    status: Status
    target: float | None
    low: float | None
    high: float | None
    reason: str
    rule: str = RULE


def judge_target(  # noqa: PLR0913 - a value, its parts and what they are judged by
    value: float | None,
    numerator: float | None,  # noqa: ARG001 - part of a value wherever one is handed on
    denominator: float | None,
    kpi: Kpi,
    *,
    team: str | None = None,
    grain: str | None = None,
    lang: str = "en",
) -> Judgement:
    """Tell whether a value meets its target, by rule S1: value against range.

    The rule looks at the value alone, not at its uncertainty: the interval stands beside it.

    Args:
        value: KPI value (share as a fraction, seconds, ...); None where there is no data.
        numerator: numerator of the value.
        denominator: cases that the value rests on; None for a count.
        kpi: definition with target, range, good direction and minimum number of cases.
        team: team whose own target counts, where it has one.
        grain: period length whose own target counts, where it has one.
        lang: language of the numbers in the reason.

    Returns:
        Status met | within | outside | not_judged | no_target | no_data, the target, the ends
        of its range and the reason. A range without an end on the bad side of the target
        leaves no room: short of the target is outside.

    Example:
        >>> from kpitools.catalog.model import Kpi
        >>> csat = Kpi.model_validate({"kpi": "csat", "version": 1, "kind": "ratio",
        ...     "name": {"en": "CSAT"}, "definition": {"en": "-"}, "purpose": {"en": "-"},
        ...     "unit": "share", "good": "higher", "table": "surveys", "period_of": "answered_at",
        ...     "roles": {"accountable": "team_lead"}, "minimum": 30,
        ...     "targets": {"default": {"value": 0.85, "low": 0.83}}})
        >>> judge_target(0.84, 84, 100, csat).status, judge_target(0.84, 21, 25, csat).status
        ('within', 'not_judged')
    """
    target = kpi.targets.target(team=team, grain=grain)
    if value is None:
        return _judgement("no_data", target, "No data for this period.")
    if target is None:
        return _judgement("no_target", target, "No target is set.")
    if denominator is not None and denominator < kpi.minimum:
        cases, fewest = (format_count(int(n), lang) for n in (denominator, kpi.minimum))
        return _judgement(
            "not_judged", target, f"Not judged: {cases} cases, at least {fewest} are needed."
        )
    status = _status(value, target, kpi.good)
    return _judgement(status, target, _reason(value, target, kpi, status, lang))


def _judgement(status: Status, target: Target | None, reason: str) -> Judgement:
    if target is None:
        return Judgement(status, None, None, None, reason)
    return Judgement(status, target.value, target.low, target.high, reason)


def _status(value: float, target: Target, good: Good) -> Status:
    if good == "within":
        low = target.value if target.low is target.high is None else target.low
        high = target.value if target.low is target.high is None else target.high
        inside = (low is None or value >= low) and (high is None or value <= high)
        return "met" if inside else "outside"
    sign = 1 if good == "higher" else -1
    end = target.low if good == "higher" else target.high
    if sign * value >= sign * target.value:
        return "met"
    return "within" if end is not None and sign * value >= sign * end else "outside"


def _reason(value: float, target: Target, kpi: Kpi, status: Status, lang: str) -> str:
    numbers = [value, target.value, *(end for end in (target.low, target.high) if end is not None)]
    shown, wanted, *ends = _told_apart(numbers, kpi, lang)
    if not ends:
        span = "no range around it"
    elif len(ends) > 1:
        span = f"range {ends[0]} to {ends[1]}"
    else:
        span = f"range {'from' if target.low is not None else 'up to'} {ends[0]}"
    side = {"higher": "at least ", "lower": "at most ", "within": ""}[kpi.good]
    verb = {"met": "Met", "within": "In range, short of the target", "outside": "Outside"}[status]
    return f"{verb}: {shown}; target {side}{wanted}, {span}."


def _told_apart(numbers: list[float], kpi: Kpi, lang: str) -> list[str]:
    texts: list[str] = []
    for digits in (None, 2, 3, 4, 6):
        texts = [
            format_value(number, unit=kpi.unit, show=kpi.show, lang=lang, digits=digits)
            for number in numbers
        ]
        if len(set(texts)) == len(set(numbers)):
            break
    return texts
