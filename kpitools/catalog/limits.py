"""Targets and their ranges: from percentages and durations to values in the KPI's unit."""

from __future__ import annotations

from collections.abc import Iterator

from kpitools.catalog.entry import LimitsEntry, TargetEntry, read_span
from kpitools.catalog.model import Good, Target, Targets, Unit
from kpitools.errors import Fault

Placed = tuple[tuple[str | int, ...], Fault]
"""A fault and the keys that lead to it."""
Ends = tuple[float | None, float | None]
SURELY_PERCENT = 1.5
"""A bare share from here on was meant as a percentage."""


class AmountError(ValueError):
    """An amount that does not fit the unit; the text says why."""


def read_amount(raw: float | str, unit: Unit) -> float:
    """Return an amount in the KPI's unit: `85%` is 0.85 of a share, `5min` is 300 seconds.

    Raises:
        AmountError: a percentage or a duration where the unit has none, or no amount at all.

    Example:
        >>> read_amount("85%", "share"), read_amount("5min", "seconds")
        (0.85, 300.0)
    """
    if isinstance(raw, int | float):
        if unit == "share" and abs(raw) >= SURELY_PERCENT:
            raise AmountError(f"a share is a fraction: write {raw:g}%")
        return float(raw)
    text = raw.strip()
    if text.endswith("%"):
        return _percentage(text, unit)
    if unit != "seconds":
        raise AmountError(f"'{text}' is no amount in {unit}")
    try:
        return read_span(text)
    except ValueError as error:
        raise AmountError(str(error)) from error


def _percentage(text: str, unit: Unit) -> float:
    try:
        number = float(text[:-1])
    except ValueError as error:
        raise AmountError(f"'{text}' is no percentage") from error
    if unit == "share":
        return number / 100
    if unit == "points":
        return number
    raise AmountError(f"a percentage is no amount in {unit}")


def resolve_targets(
    entry: TargetEntry | None, *, unit: Unit, good: Good
) -> tuple[Targets, list[Placed]]:
    """Return the targets in the KPI's unit, and every fault with its place."""
    if entry is None:
        return Targets(), []
    faults: list[Placed] = []

    def one(limits: LimitsEntry, path: tuple[str, ...]) -> Target | None:
        spread = limits.range if limits.range is not None else _percent_only(entry.range)
        try:
            amount = read_amount(limits.value, unit)
            ends = _ends(amount, spread, unit)
        except AmountError as error:
            faults.append((path, Fault("a target cannot be used", found=str(error))))
            return None
        faults.extend((path, fault) for fault in _range_faults(amount, ends, good))
        low = None if good == "lower" else ends[0]
        high = None if good == "higher" else ends[1]
        return Target(value=amount, low=low, high=high)

    default = one(entry, ("target",))
    teams = {name: one(item, ("target", "teams", name)) for name, item in entry.teams.items()}
    periods = {name: one(item, ("target", "periods", name)) for name, item in entry.periods.items()}
    made = Targets(
        default=default,
        teams={name: item for name, item in teams.items() if item is not None},
        periods={name: item for name, item in periods.items() if item is not None},
    )
    return made, faults


def _percent_only(spread: object) -> str | None:
    """Return the default's range for a team that gives a value only; fixed ends do not carry."""
    return spread if isinstance(spread, str) else None


def _ends(amount: float, spread: object, unit: Unit) -> Ends:
    if spread is None:
        return amount, amount
    if isinstance(spread, tuple):
        low, high = (None if end is None else read_amount(end, unit) for end in spread)
        if low is not None and high is not None and low > high:
            raise AmountError(f"the range starts after its end: {low:g} > {high:g}")
        return low, high
    return _around(amount, str(spread))


def _around(amount: float, spread: str) -> Ends:
    text = spread.strip()
    try:
        percent = float(text.removesuffix("%"))
    except ValueError as error:
        raise AmountError(f"'{text}' is no range: write 10% or [start, end]") from error
    if not text.endswith("%") or percent < 0:
        raise AmountError(f"'{text}' is no range: write 10% or [start, end]")
    if amount == 0:
        raise AmountError("a percentage of 0 is 0: write the range as [start, end]")
    width = round(abs(amount) * percent / 100, 12)
    return round(amount - width, 12), round(amount + width, 12)


def _range_faults(amount: float, written: Ends, good: Good) -> Iterator[Fault]:
    low, high = written
    ends = f"[{low}, {high}]"
    if (low is not None and amount < low) or (high is not None and amount > high):
        yield Fault("the range does not contain the target", found=f"{amount:g} and {ends}")
    if good == "higher" and low is None:
        yield Fault("more is better, but the range has no lower end", found=ends)
    if good == "lower" and high is None:
        yield Fault("less is better, but the range has no upper end", found=ends)
    if good == "within" and (low is None or high is None or low == high):
        yield Fault(
            "good is within a range, but the range is not closed",
            found=ends,
            expected="range: 10% or range: [start, end]",
        )
