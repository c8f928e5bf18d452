"""What the invented company looks like: its days, teams, queues, reasons and customers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

SEED = 12
FIRST = date(2024, 11, 1)
LAST = date(2026, 11, 3)
AS_OF = datetime(2026, 11, 3, 6, tzinfo=UTC)
DAYS = (LAST - FIRST).days + 1
"""Days with events; the last one is cut at `AS_OF`."""
HORIZON = DAYS + 120
"""Days for which calendars exist, so that work still open at the end has somewhere to go."""
SLOTS = 48
SLOT_S = 1800
DAY_S = 86_400


@dataclass(frozen=True, kw_only=True)
class Queue:
    """One queue; `at_once` contacts share one agent, as chats do."""

    name: str
    channel: str
    share: float = 1.0
    at_once: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why customers make contact; `work` multiplies the handle time."""

    name: str
    share: float
    work: float = 1.0
    solved: float = 0.85


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A kind of customer, and how likely one of them is satisfied."""

    name: str
    share: float
    satisfied: float


@dataclass(frozen=True, kw_only=True)
class Team:
    """One team.

    `daily` is the volume of an ordinary weekday in October 2026 and `growth` what that is of
    November 2024's; `week` weighs the weekdays from Monday, `season` the months from January;
    `slack` is the staffing margin in square roots of the load.
    """

    key: str
    name: str
    zone: str
    country: str
    daily: float
    growth: float
    week: tuple[float, ...]
    hours: tuple[int, int]
    queues: tuple[Queue, ...]
    reasons: tuple[Reason, ...]
    segments: tuple[Segment, ...]
    talk_s: float
    acw_s: float
    held: float = 0.2
    transferred: float = 0.05
    second_line: str = ""
    callbacks: bool = False
    slack: float = 1.3
    invited: float = 0.3
    responds: float = 0.28
    tickets: float
    blend: float = 0.5
    """Share of the time between live contacts that goes to tickets."""
    customers: int = 1000
    season: tuple[float, ...] = (1.0,) * 12
    month_start: float = 1.0
    staff: int = 3
    fresh: int = 0
    """How many part-time agents joined in the last quarter."""

    @property
    def written(self) -> bool:
        """Whether the team works through a mailbox and not through live queues."""
        return all(queue.channel == "email" for queue in self.queues)

    @property
    def slug(self) -> str:
        """The key in plain letters, for file names."""
        return self.key.replace("ü", "u").replace("ş", "s")
