"""What has been written, counted while it is written: for totals, tables and the truth."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from kpitools.workspace.sample.planted import DIFFERENT_TEAM, SEEMING_FROM

LATEST_MONTH = "2026-10"
REVISED = "contacts/revised_2026-09.parquet"


@dataclass
class Observed:
    """Counts over the parts of a sample; feed every part to `add`."""

    rows: dict[str, int] = field(default_factory=dict)
    contacts: dict[str, int] = field(default_factory=dict)
    latest: dict[str, int] = field(default_factory=dict)
    field_months: dict[str, tuple[int, int]] = field(default_factory=dict)
    ratings: dict[str, tuple[int, int]] = field(default_factory=dict)
    revised: int = 0

    def add(self, name: str, rows: pl.DataFrame) -> None:
        """Count one part."""
        self.rows[name] = self.rows.get(name, 0) + rows.height
        if name == "calls_field.csv":
            self._add_calls(rows)
        elif name == REVISED:
            self.revised += rows.height
        elif name.startswith("contacts/"):
            self._add_contacts(rows)
        elif name == "surveys.parquet":
            self._add_ratings(rows)

    @property
    def total(self) -> int:
        """Contacts counted so far."""
        return sum(self.contacts.values())

    def _add_contacts(self, rows: pl.DataFrame) -> None:
        first = rows.filter(pl.col("leg_id") == "1")
        month = first["offered_at"].dt.strftime("%Y-%m")
        for team, here in first.group_by("team"):
            key = str(team[0])
            self.contacts[key] = self.contacts.get(key, 0) + here.height
        latest = first.filter(month == LATEST_MONTH)
        for team, here in latest.group_by("team"):
            self.latest[str(team[0])] = self.latest.get(str(team[0]), 0) + here.height

    def _add_calls(self, rows: pl.DataFrame) -> None:
        self.contacts["field"] = self.contacts.get("field", 0) + int((rows["Leg"] == "1").sum())
        parts = rows["Talking"].str.split(":").list
        seconds = sum(
            parts.get(place).cast(pl.Int64) * scale for place, scale in enumerate((3600, 60, 1))
        )
        month = (rows["Date"].str.slice(6, 4) + "-" + rows["Date"].str.slice(0, 2)).rename("month")
        frame = pl.DataFrame({"month": month, "seconds": seconds})
        sums = frame.group_by("month").agg(pl.len(), pl.col("seconds").sum())
        for name, count, talk in sums.iter_rows():
            before = self.field_months.get(name, (0, 0))
            self.field_months[name] = (before[0] + count, before[1] + talk)
        here = rows.filter(month == LATEST_MONTH, pl.col("Leg") == "1")
        self.latest["field"] = self.latest.get("field", 0) + here.height

    def _add_ratings(self, rows: pl.DataFrame) -> None:
        recent = rows.filter(
            pl.col("team") == DIFFERENT_TEAM,
            pl.col("score").is_not_null(),
            pl.col("answered_at").dt.date() >= SEEMING_FROM,
        )
        sums = recent.group_by("agent").agg(pl.len(), (pl.col("score") > 3).sum().alias("good"))  # noqa: PLR2004 - of five
        for agent, count, good in sums.iter_rows():
            before = self.ratings.get(agent, (0, 0))
            self.ratings[agent] = (before[0] + count, before[1] + good)
