"""Small workspaces of very different shape, made where the tests run."""

import csv
import random
from datetime import datetime, timedelta

import pytest

CONTACTS = """kpitools: 1
name: {name}
timezone: Europe/Istanbul
sources:
  calls:
    file: calls.csv
    table: contacts
    format: {{type: csv}}
    columns:
      contact_id: id
      offered_at: {{from: at, format: "%Y-%m-%d %H:%M:%S", timezone: UTC}}
      outcome: outcome
      wait_ms: {{from: wait, unit: seconds}}
{team}
"""
SURVEYS = """  answers:
    file: answers.csv
    table: surveys
    format: {type: csv}
    columns:
      survey_id: id
      team: team
      instrument: {constant: csat}
      score: score
      scale_min: {constant: "1"}
      scale_max: {constant: "5"}
      answered_at: {from: at, format: "%Y-%m-%d %H:%M:%S", timezone: UTC}
"""


def write_calls(folder, *, teams, days, per_day):
    """Write calls of a few teams over many days."""
    draw = random.Random(7)  # noqa: S311 - invented data
    start = datetime(2026, 1, 1, 9)  # noqa: DTZ001 - the export's own clock
    with (folder / "calls.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "at", "team", "outcome", "wait"])
        for day in range(days):
            for call in range(per_day):
                at = start + timedelta(days=day, minutes=draw.randrange(480))
                outcome = "answered" if draw.random() < 0.9 else "abandoned"
                wait = draw.randrange(60)
                rows.writerow([f"c{day}-{call}", at, teams[call % len(teams)], outcome, wait])


def write_answers(folder, *, teams, days):
    """Write one answer a day and team."""
    draw = random.Random(8)  # noqa: S311 - invented data
    start = datetime(2026, 1, 1, 12)  # noqa: DTZ001 - the export's own clock
    with (folder / "answers.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "at", "team", "score"])
        for day in range(days):
            for place, team in enumerate(teams):
                at = start + timedelta(days=day)
                rows.writerow([f"s{day}-{place}", at, team, draw.randrange(1, 6)])


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """Calls of two teams over 14 months and answers: no forecasts, tickets or reviews."""
    folder = tmp_path_factory.mktemp("small")
    team = "      team: team"
    text = CONTACTS.format(name="Small", team=team) + SURVEYS
    (folder / "kpitools.yaml").write_text(text, encoding="utf-8")
    write_calls(folder, teams=["north", "south"], days=430, per_day=6)
    write_answers(folder, teams=["north", "south"], days=430)
    return folder


@pytest.fixture(scope="session")
def teamless(tmp_path_factory):
    """Twelve calls on three days, without a team: next to nothing."""
    folder = tmp_path_factory.mktemp("teamless")
    text = CONTACTS.format(name="Teamless", team="")
    (folder / "kpitools.yaml").write_text(text, encoding="utf-8")
    write_calls(folder, teams=["unused"], days=3, per_day=4)
    return folder


HOSTILE = (
    *("<script>alert(1)</script>", "../../x", "=cmd()", "{{< include /etc/passwd >}}"),
    *("$(id)", "x" * 10_000, "a\u202eb\u0007c", "客服 고객 دعم 🙂"),
)


@pytest.fixture(scope="session")
def foreign(tmp_path_factory):
    """Calls of teams whose names nothing may interpret."""
    folder = tmp_path_factory.mktemp("foreign")
    team = "      team: team"
    text = CONTACTS.format(name="Foreign <b>", team=team) + SURVEYS
    (folder / "kpitools.yaml").write_text(text, encoding="utf-8")
    write_calls(folder, teams=HOSTILE, days=420, per_day=16)
    write_answers(folder, teams=HOSTILE, days=420)
    return folder


@pytest.fixture
def at(monkeypatch):
    """Let notebooks open a workspace."""

    def choose(folder):
        monkeypatch.setenv("KPITOOLS_WORKSPACE", str(folder))

    return choose
