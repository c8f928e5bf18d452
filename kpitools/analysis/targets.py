"""Is the target met: a simple rule that is printed beside its result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from kpitools.analysis.intervals import Interval, value_interval
from kpitools.catalog.model import Good, Kpi, Target
from kpitools.language import format_count, format_value

Status = Literal["met", "within", "outside", "not_judged", "no_target", "no_data"]

RULE = "S1"
RULE_OF_SHARES = "S2"
RULE_TEXT = (
    "Status rule S1: value against range. Met: at the target or on its good side "
    "(for a KPI that should stay within a range: inside it). In range: short of the target, "
    "still inside the range. Outside: beyond the range. Not judged: fewer cases than the "
    "KPI's minimum. Rule S2, for shares of cases: the same, and where the 95 % interval of the "
    "share (Wilson) reaches across the limit that decides, the judgement is not certain and "
    "says so."
)


@dataclass(frozen=True)
class Judgement:
    """A value against its target; `reason` says it in words.

    A share of cases has the ends of its interval, and `certain` tells whether every share in
    it would be judged the same; None where no interval is known.
    """

    status: Status
    target: float | None
    low: float | None
    high: float | None
    reason: str
    rule: str = RULE
    interval_low: float | None = None
    interval_high: float | None = None
    certain: bool | None = None


def judge_target(  # noqa: PLR0913 - a value, its parts and what they are judged by
    value: float | None,
    numerator: float | None,
    denominator: float | None,
    kpi: Kpi,
    *,
    team: str | None = None,
    grain: str | None = None,
    on: date | None = None,
    lang: str = "en",
) -> Judgement:
    """Tell whether a value meets its target, by rule S1 (value against range) or S2.

    The status looks at the value alone. For a share of cases rule S2 adds how sure that is:
    it is certain when every share inside the interval would have the same status.

    Args:
        value: KPI value (share as a fraction, seconds, ...); None where there is no data.
        numerator: numerator of the value.
        denominator: cases that the value rests on; None for a count.
        kpi: definition with target, range, good direction and minimum number of cases.
        team: team whose own target counts, where it has one.
        grain: period length whose own target counts, where it has one.
        on: first day of the period: the target of that day counts; default the latest.
        lang: language of the numbers in the reason.

    Returns:
        Status met | within | outside | not_judged | no_target | no_data, the target, the ends
        of its range and the reason. A range without an end on the bad side of the target
        leaves no room: short of the target is outside. For shares of cases also the ends of
        the 95 % interval and `certain`.

    Source: interval as `wilson_interval`. Deviation: a status by the value and its certainty
        beside it, so that a team with few cases is neither acquitted nor blamed by them.

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
    target = kpi.targets.target(team=team, grain=grain, on=on)
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
    made = _judgement(status, target, _reason(value, target, kpi, status, lang))
    interval = value_interval(kpi, numerator, denominator)
    if interval is None or numerator is None or denominator is None:
        return made
    certain = _certain(interval, target, kpi.good, status)
    doubt = "" if certain else _doubt((numerator, denominator), interval, target, lang)
    return replace(
        made,
        rule=RULE_OF_SHARES,
        reason=f"{made.reason}{doubt}",
        interval_low=interval.low,
        interval_high=interval.high,
        certain=certain,
    )


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


def _certain(interval: Interval, target: Target, good: Good, status: Status) -> bool:
    """Tell whether every share of an interval has the same status."""
    ends = {_status(end, target, good) for end in (interval.low, interval.high)}
    spans = good == "within" and _crossed(interval, target.low) and _crossed(interval, target.high)
    return ends == {status} and not spans


def _crossed(interval: Interval, limit: float | None) -> bool:
    return limit is not None and interval.low <= limit <= interval.high


def _doubt(cases: tuple[float, float], interval: Interval, target: Target, lang: str) -> str:
    """Say that the cases are too few to tell a share from the limit that decides."""
    some, n = (format_count(round(number), lang) for number in cases)
    ends = (interval.low, interval.high)
    low, high = (format_value(end, unit="share", show="seconds", lang=lang) for end in ends)
    limit = "the target" if _crossed(interval, target.value) else "the end of its range"
    return f" But {some} of {n} cases cannot tell it from {limit} (95 % interval {low} to {high})."


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
