"""What a catalogue entry is: frozen records, nothing computed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Unit = Literal["seconds", "share", "count", "points", "money", "number"]
Good = Literal["higher", "lower", "within"]
KpiKind = Literal[
    "count", "ratio", "mean", "index", "percentile", "snapshot", "distinct", "censored"
]
Status = Literal["draft", "approved", "retired"]
Parameter = bool | int | float | str
Texts = dict[str, str]
"""Text by language code; `en` is always there."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Effective(_Record):
    """First and last day on which a version counts; open where none."""

    start: date | None = Field(None, alias="from")
    end: date | None = Field(None, alias="to")


class Change(_Record):
    """Who changed the definition, and why."""

    by: str
    reason: str
    on: date | None = None
    approved_by: str = ""


class Roles(_Record):
    """Who answers for the KPI, who is measured by it, who reports it."""

    accountable: str
    measured: tuple[str, ...] = ()
    reports: str = "analyst"


class Target(_Record):
    """What should be reached, in the KPI's unit, with its acceptable range.

    `low` and `high` are the ends of the range; `None` is open (a KPI of which more is
    better has no upper end). Percentages are resolved when the file loads. `per` is the one
    period length that the value is meant for; any when None. `consequence` says what follows
    from missing it, `incentive` what hangs on it, `note` where it comes from.
    """

    value: float
    low: float | None = None
    high: float | None = None
    per: str | None = None
    consequence: Texts = {}
    incentive: Texts = {}
    note: Texts = {}


class Targets(_Record):
    """The targets from one day on, with exceptions by team and by period length.

    `start` is the first day on which they count (None: from the beginning) and `earlier` holds
    the targets before that, the oldest first.
    """

    default: Target | None = None
    teams: dict[str, Target] = {}
    periods: dict[str, Target] = {}
    team_periods: dict[str, dict[str, Target]] = {}
    start: date | None = None
    earlier: tuple[Targets, ...] = ()

    def target(
        self, *, team: str | None = None, grain: str | None = None, on: date | None = None
    ) -> Target | None:
        """Return the target that counts: the team's, else the period length's, else the default.

        Args:
            team: team whose own target comes first.
            grain: period length; a value meant for another length does not count.
            on: day on which it has to count, a period's first day; default: the latest.

        Example:
            >>> later = Targets.model_validate({"default": {"value": 0.9}, "start": "2026-07-01",
            ...     "earlier": [{"default": {"value": 0.8}}]})
            >>> later.target().value, later.target(on=date(2026, 6, 30)).value
            (0.9, 0.8)
        """
        current = self.on(on)
        if current is None:
            return None
        found = current.undated(team, grain)
        return found if found is None or grain is None or found.per in {None, grain} else None

    def on(self, day: date | None) -> Targets | None:
        """Return the targets that count on a day; None before the first."""
        if day is None or self.start is None or self.start <= day:
            return self
        for older in reversed(self.earlier):
            if older.start is None or older.start <= day:
                return older
        return None

    def dated(self) -> tuple[Targets, ...]:
        """Return every set of targets, the oldest first."""
        return (*self.earlier, self)

    def every(self) -> tuple[Target, ...]:
        """Return every target of the latest set."""
        nested = (item for periods in self.team_periods.values() for item in periods.values())
        found = (*self.teams.values(), *self.periods.values(), *nested)
        return found if self.default is None else (self.default, *found)

    def undated(self, team: str | None, grain: str | None) -> Target | None:
        """Return the target of this set for a team and period length."""
        own = self.team_periods.get(team or "", {})
        if grain is not None and grain in own:
            return own[grain]
        if team is not None and team in self.teams:
            return self.teams[team]
        if grain is not None and grain in self.periods:
            return self.periods[grain]
        return self.default


class Action(_Record):
    """What is done when the KPI leaves its range."""

    when: str
    steps: tuple[str, ...]
    owner: str
    due: str


class Band(_Record):
    """What a value is called from `start` up to the next band; the lowest has no start."""

    start: float | None = Field(None, alias="from")
    name: Texts


class Example(_Record):
    """A miniature example that can be worked by hand: rows of tables, and what comes out.

    `tables` holds rows as written by table name, each a text table with columns between `|`;
    `value` is in the KPI's unit, for the period `period`, as known at `as_of`.
    """

    tables: dict[str, str]
    text: Texts
    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    period: str = "2026-10"
    as_of: datetime = datetime(2027, 1, 1, tzinfo=UTC)


class Kpi(_Record):
    """One version of one KPI.

    Formulas are texts of the expression language (`catalog.expressions`) over the fields of
    `table` (canonical or derived). `numerator` and `denominator` are aggregates; a count has
    no denominator; a percentile has `percentile(x, q)` as numerator; a snapshot has `enters`
    and `leaves` (row-level time stamps) and counts the rows between them at a period's end.
    """

    kpi: str
    version: int
    kind: KpiKind
    effective: Effective = Effective()
    change: Change | None = None
    name: Texts
    definition: Texts
    purpose: Texts
    unit: Unit
    show: Literal["seconds", "minutes", "hours", "days"] = "seconds"
    good: Good
    table: str
    period_of: str
    where: str | None = None
    numerator: str | None = None
    denominator: str | None = None
    enters: str | None = None
    leaves: str | None = None
    starts: str | None = None
    ends: str | None = None
    quantile: float = 0.5
    parameters: dict[str, Parameter] = {}
    settles_after_s: int = 0
    settles_by: str | None = None
    groups: tuple[str, ...] = ()
    goal: str = ""
    roles: Roles
    controllable: bool | None = None
    targets: Targets = Targets()
    minimum: int = 1
    action: Action | None = None
    beside: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    status: Status = "approved"
    traps: tuple[Texts, ...] = ()
    bands: tuple[Band, ...] = ()
    source: str = ""
    example: Example | None = None
    variant_of: str | None = None
    differs: Texts = {}
    used_by: str = ""
    origin: str = "builtin"
