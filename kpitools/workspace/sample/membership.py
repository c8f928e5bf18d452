"""Who belongs to a team from when to when, and how many customers the team serves."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl

from kpitools.workspace.sample.days import GROWTH_DAYS, TeamDays
from kpitools.workspace.sample.names import agent_name, instants
from kpitools.workspace.sample.people import Staff
from kpitools.workspace.sample.plan import DAYS, FIRST

CUSTOMERS_A_CONTACT = 14
"""Active customers for each contact that is planned on a usual day."""
GROWTH = 0.12
"""By how much the number of active customers grows over the whole time."""


def build_memberships(staff: Staff) -> pl.DataFrame:
    """Return one row for each person: the first day in the team, and the day after the last."""
    left = [None if day >= DAYS else FIRST + timedelta(days=int(day)) for day in staff.left]
    return pl.DataFrame(
        {
            "agent": [agent_name(int(number)) for number in staff.number],
            "starts_at": [FIRST + timedelta(days=int(day)) for day in staff.hired],
            "ends_at": pl.Series(left, dtype=pl.Date),
            "share": np.ones(len(staff.number)),
        }
    )


def build_customer_base(days: TeamDays) -> pl.DataFrame:
    """Return the number of active customers on each day, counted at local midnight."""
    usual = float(np.median(days.planned[:DAYS]))
    number = np.arange(DAYS)
    active = usual * CUSTOMERS_A_CONTACT * (1 + GROWTH * number / GROWTH_DAYS)
    return pl.DataFrame(
        {
            "at": instants(days.midnight[:DAYS]),
            "active_customers": np.rint(active).astype(np.int64),
        }
    )
