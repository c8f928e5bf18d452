"""Targets and their ranges: from percentages and durations to values in the KPI's unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from kpitools.catalog.entry import LimitsEntry, TargetEntry, read_span
from kpitools.catalog.model import Good, Target, Targets, Unit
from kpitools.errors import Fault

Path = tuple[str | int, ...]
"""Keys that lead to a place in an entry."""
Placed = tuple[Path, Fault]
"""A fault and the keys that lead to it."""
Ends = tuple[float | None, float | None]
SURELY_PERCENT = 1.5
"""A bare share from here on was meant as a percentage."""


AMOUNTS: Mapping[Unit, str] = {
    "share": "85% or 0.85",
    "seconds": "30s, 5min, 4h or 2d",
    "points": "40",
    "count": "500",
    "money": "12.50",
    "number": "3.5",
}


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
    entries: Sequence[TargetEntry], *, unit: Unit, good: Good
) -> tuple[Targets, list[Placed]]:
    """Return the targets in the KPI's unit, and every fault with its place.

    Args:
        entries: what is written, one for each day from which other targets count.
        unit: the KPI's unit.
        good: what is better.
    """
    resolving = _Resolving(unit, good)
    made = [resolving.all_of(entry, ("target", n)) for n, entry in enumerate(entries)]
    resolving.faults += _date_faults(entries)
    ordered = sorted(made, key=lambda targets: targets.start or date.min)
    if not ordered:
        return Targets(), []
    latest = ordered[-1].model_copy(update={"earlier": tuple(ordered[:-1])})
    return latest, resolving.faults


class _Resolving:
    """Turns written targets into values, noting every fault."""

    def __init__(self, unit: Unit, good: Good) -> None:
        self.unit = unit
        self.good = good
        self.faults: list[Placed] = []

    def all_of(self, entry: TargetEntry, path: Path) -> Targets:
        """Return the targets that count from one day on."""
        teams = {name: (item, (*path, "teams", name)) for name, item in entry.teams.items()}
        return Targets(
            default=self.one(entry, path, entry),
            teams=self.several(teams, entry),
            periods=self._by_length(entry.periods, path, entry),
            team_periods={
                name: self._by_length(item.periods, at, _under(item, entry))
                for name, (item, at) in teams.items()
                if item.periods
            },
            start=entry.start,
        )

    def several(
        self, items: Mapping[str, tuple[LimitsEntry, Path]], under: LimitsEntry
    ) -> dict[str, Target]:
        """Return those targets that could be resolved."""
        made = {name: self.one(item, at, under) for name, (item, at) in items.items()}
        return {name: target for name, target in made.items() if target is not None}

    def one(self, limits: LimitsEntry, path: Path, under: LimitsEntry) -> Target | None:
        """Return one target; range in percent and texts come from the one above if not given."""
        spread = limits.range if limits.range is not None else _percent_only(under.range)
        try:
            amount = read_amount(limits.value, self.unit)
            ends = _ends(amount, spread, self.unit)
        except AmountError as error:
            expected = f"an amount such as {AMOUNTS[self.unit]}; range: 10% or [start, end]"
            fault = Fault("a target cannot be used", found=str(error), expected=expected)
            self.faults.append((path, fault))
            return None
        self.faults.extend((path, fault) for fault in _range_faults(amount, ends, self.good))
        return Target(
            value=amount,
            low=None if self.good == "lower" else ends[0],
            high=None if self.good == "higher" else ends[1],
            per=limits.per or under.per,
            consequence=dict(limits.consequence or under.consequence or {}),
            incentive=dict(limits.incentive or under.incentive or {}),
            note=dict(limits.note or under.note or {}),
        )

    def _by_length(
        self, periods: Mapping[str, LimitsEntry], path: Path, under: LimitsEntry
    ) -> dict[str, Target]:
        placed = {
            name: (item.model_copy(update={"per": name}), (*path, "periods", name))
            for name, item in periods.items()
        }
        return self.several(placed, under)


def _under(team: LimitsEntry, entry: LimitsEntry) -> LimitsEntry:
    """Return a team's target with what it leaves open taken from the default."""
    keys = ("consequence", "incentive", "note")
    taken = {key: getattr(entry, key) for key in keys if getattr(team, key) is None}
    if team.range is None:
        taken["range"] = _percent_only(entry.range)
    return team.model_copy(update=taken)


def _date_faults(entries: Sequence[TargetEntry]) -> Iterator[Placed]:
    """Yield targets of which it cannot be told when they count."""
    seen: set[date | None] = set()
    for n, entry in enumerate(entries):
        if entry.start in seen:
            when = f"from {entry.start}" if entry.start else "from the beginning"
            fix = "give every target but the first its own from: day"
            yield ("target", n), Fault("two targets count from the same day", found=when, fix=fix)
        seen.add(entry.start)


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
        what, fix = "the range does not contain the target", "widen the range, or move the target"
        yield Fault(what, found=f"{amount:g} and {ends}", fix=fix)
    if good == "higher" and low is None:
        what = "more is better, but the range has no lower end"
        yield Fault(what, found=ends, expected="range: 10% or range: [start, null]")
    if good == "lower" and high is None:
        what = "less is better, but the range has no upper end"
        yield Fault(what, found=ends, expected="range: 10% or range: [null, end]")
    if good == "within" and (low is None or high is None or low == high):
        yield Fault(
            "good is within a range, but the range is not closed",
            found=ends,
            expected="range: 10% or range: [start, end]",
        )
