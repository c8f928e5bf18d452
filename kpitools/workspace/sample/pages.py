"""The pages that come with the sample: kpitools.yaml, recorded reasons and the README."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kpitools.sources.annotations import COLUMNS
from kpitools.workspace.sample import planted
from kpitools.workspace.sample.days import HOLIDAYS
from kpitools.workspace.sample.names import agent_name
from kpitools.workspace.sample.observed import Observed
from kpitools.workspace.sample.teams import TEAMS

TEXTS = Path(__file__).parent / "texts"
CALENDARS = {"ES": "spain", "TR": "turkiye", "US": "usa"}
CONTROL_MONTHS = ("2026-08", "2026-09", "2026-10")
_TABLES = {
    "contacts/": "contacts",
    "calls_field": "contacts",
    "recommendations": "surveys",
    "forecast_steps": "forecasts",
}
SIZES = {
    "seconds": "{:+g} s",
    "share": "{:+.1%}",
    "share_per_month": "{:+.1%} a month",
    "factor": "times {:g}",
    "rows": "{:,} rows",
    "contacts_per_day": "about {:g} a day",
}


def settings_page(observed: Observed) -> str:
    """Return kpitools.yaml with calendars, derived columns and the control totals filled in."""
    text = (TEXTS / "kpitools.yaml").read_text(encoding="utf-8")
    derived = (TEXTS / "derived.yaml").read_text(encoding="utf-8").rstrip("\n")
    return (
        text.replace("@calendars@", "\n".join(_calendar_lines()))
        .replace("@derived@", derived)
        .replace("@control_totals@", "\n".join(_total_lines(observed)))
    )


def story_page(observed: Observed, truth: dict[str, Any]) -> str:
    """Return the README with the tables of teams, files and planted facts filled in."""
    text = (TEXTS / "README.md").read_text(encoding="utf-8")
    return (
        text.replace("@teams@", "\n".join(_team_lines(observed)))
        .replace("@files@", "\n".join(_file_lines(observed)))
        .replace("@truth@", "\n".join(_truth_lines(truth["facts"])))
    )


def reasons_page() -> str:
    """Return annotations.csv: what the company recorded about a day and about an agent.

    Example:
        >>> print(reasons_page().splitlines()[1])
        2026-10-14,,,team=müşteri,,Outage of the network provider,Operations manager,yes
    """
    slow = f"agent={agent_name(planted.SLOW_AT + 1)}"
    lines = (
        ",".join(COLUMNS),
        (
            f"{planted.OUTAGE_DAY},,,team={planted.OUTAGE_TEAM},,Outage of the network provider,"
            "Operations manager,yes"
        ),
        f",,,{slow},aht,Shows new colleagues how to work on live calls,Team lead,no",
    )
    return "\n".join(lines) + "\n"


def _calendar_lines() -> list[str]:
    lines = []
    for country, name in CALENDARS.items():
        days = HOLIDAYS[country].split()
        lines += [f"  {name}:", "    days: [mon, tue, wed, thu, fri]", "    hours: 09:00-17:00"]
        lines += ["    holidays:", *(f"      - {day}" for day in days)]
    return lines


def _total_lines(observed: Observed) -> list[str]:
    lines = []
    for month in CONTROL_MONTHS:
        rows, talk = observed.field_months.get(month, (0, 0))
        lines.append(f"      - {{period: {month}, measure: rows, value: {rows}}}")
        lines.append(f"      - {{period: {month}, measure: sum(talk_ms), value: {talk * 1000}}}")
    return lines


def _team_lines(observed: Observed) -> list[str]:
    return [
        f"| `{team.key}` | {team.name} | {team.zone} | "
        f"{', '.join(sorted({queue.channel for queue in team.queues}))} | "
        f"{observed.latest.get(team.key, 0):,} | {observed.contacts.get(team.key, 0):,} |"
        for team in TEAMS
    ]


def _file_lines(observed: Observed) -> list[str]:
    return [
        f"| `exports/{name}` | {_table(name)} | {rows:,} |"
        for name, rows in sorted(observed.rows.items())
    ]


def _table(name: str) -> str:
    for start, table in _TABLES.items():
        if name.startswith(start):
            return table
    return name.split(".", maxsplit=1)[0]


def _truth_lines(facts: list[dict[str, Any]]) -> list[str]:
    lines = []
    for fact in facts:
        places = (fact.get(key) for key in ("team", "queue", "segment", "agent", "evaluator"))
        where = ", ".join(f"`{place}`" for place in places if place)
        until = "on" if fact["to"] == fact["from"] else "from"
        when = f"{until} {fact['from']}"
        if fact["to"] and until == "from":
            when += f" to {fact['to']}"
        lines.append(f"| {fact['kpi']}: {fact['note']} | {where} | {when} | {_size(fact)} |")
    return lines


def _size(fact: dict[str, Any]) -> str:
    if fact["kind"] == "agent_seems":
        seen = f"{fact['observed']:+.1%}".replace("%", " points")
        return f"none (seen {seen} on {fact['cases']} answers)"
    text = SIZES[fact["unit"]].format(fact["size"])
    return text.replace("%", " points") if fact["kpi"] != "forecast_bias" else text
