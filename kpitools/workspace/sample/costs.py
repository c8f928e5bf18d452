"""Monthly cost postings of a team, and the certificates of its people."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from kpitools.workspace.sample.chance import happens
from kpitools.workspace.sample.names import agent_name
from kpitools.workspace.sample.people import Staff
from kpitools.workspace.sample.plan import DAYS, FIRST, LAST, Team
from kpitools.workspace.sample.planted import Floats

HOURLY = {"ES": 17.5, "TR": 9.8, "US": 24.0}
SHARES = {"salaries": 1.0, "overtime": 0.04, "facilities": 0.13, "software": 0.07, "telecom": 0.05}
CERTIFICATES = {"data protection": 365, "product basics": 730}


def build_costs(team: Team, paid_minutes: Floats, random: np.random.Generator) -> pl.DataFrame:
    """Post the costs of each complete month on its last day.

    `paid_minutes` holds the paid minutes of each day; paid time stands beside salaries alone.
    """
    days = [FIRST + timedelta(days=number) for number in range(DAYS)]
    months = sorted({day.replace(day=1) for day in days if day < LAST.replace(day=1)})
    rows = []
    for month in months:
        here = np.array([day.replace(day=1) == month for day in days])
        hours = float(paid_minutes[here].sum()) / 60
        last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        for cost_class, share in SHARES.items():
            noise = float(np.exp(0.03 * random.standard_normal()))
            amount = hours * HOURLY[team.country] * share * noise
            paid = round(hours, 2) if cost_class == "salaries" else None
            rows.append((last, team.key, cost_class, "EUR", round(amount, 2), paid))
    names = ["posted", "team", "cost_class", "currency", "amount", "paid_hours"]
    return pl.DataFrame(rows, schema=names, orient="row")


def build_certifications(team: Team, staff: Staff, random: np.random.Generator) -> pl.DataFrame:
    """Certify each person after hiring and again when the certificate ends; some lapse."""
    rows = []
    for person, number in enumerate(staff.number):
        hired = FIRST + timedelta(days=int(staff.hired[person]))
        gone = FIRST + timedelta(days=int(staff.left[person]))
        for certificate, valid_days in CERTIFICATES.items():
            day = hired + timedelta(days=int(random.integers(5, 25)))
            while day < min(gone, LAST):
                end = day + timedelta(days=valid_days)
                passed = bool(happens(0.96, 1, random)[0])
                if end >= FIRST:
                    rows.append(
                        (agent_name(int(number)), team.key, certificate, hired, day, end, passed)
                    )
                day = end + timedelta(days=int(random.integers(-20, 10)))
    names = ["agent", "team", "certificate", "required_from", "valid_from", "valid_to", "passed"]
    return pl.DataFrame(rows, schema=names, orient="row")


def comma(values: pl.Expr, *, thousands: str = ".") -> pl.Expr:
    """Write numbers with a decimal comma and two digits; null stays null.

    Example:
        >>> pl.select(comma(pl.lit(1234567.5))).item()
        '1.234.567,50'
    """
    cents = (values * 100).round().cast(pl.Int64)
    whole = (cents // 100).cast(pl.String).str.reverse()
    grouped = whole.str.replace_all(r"(\d{3})", f"${{1}}{thousands}").str.reverse()
    grouped = grouped.str.strip_prefix(thousands)
    rest = (cents % 100).cast(pl.String).str.zfill(2)
    return pl.concat_str(grouped, pl.lit(","), rest)


def posted(day: date) -> str:
    """Write a day as the accounts do.

    Example:
        >>> posted(date(2026, 10, 31))
        '31.10.2026'
    """
    return f"{day:%d.%m.%Y}"
