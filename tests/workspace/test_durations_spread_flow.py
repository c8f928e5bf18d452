"""What a reader asks of a workspace beside the facts: durations, spread, flow, final dates."""

from datetime import date

import pytest

import kpitools as kt
from kpitools.cli.app import main
from kpitools.errors import WorkspaceError

CONFIG = """\
kpitools: 1
name: Small
timezone: UTC
as_of: 2026-11-05T00:00:00Z
sources:
  tickets:
    file: tickets.csv
    table: tickets
    columns: {ticket_id: id, team: team, created_at: opened, solved_at: solved,
      closed_at: closed}
  changes:
    file: changes.csv
    table: ticket_events
    columns: {ticket_id: id, at: at, kind: kind, new: new}
"""
TICKETS = """\
id,team,opened,solved,closed
a,north,2026-10-05T08:00:00,2026-10-05T10:00:00,
b,north,2026-10-05T08:00:00,2026-10-06T08:00:00,
c,south,2026-10-06T08:00:00,,
"""
CHANGES = """\
id,at,kind,new
z,2026-09-01T00:00:00,comment,
a,2026-10-05T09:00:00,status_change,solved
a,2026-10-05T09:30:00,reopen,open
a,2026-10-05T10:00:00,status_change,solved
b,2026-10-06T08:00:00,status_change,solved
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "kpitools.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "tickets.csv").write_text(TICKETS, encoding="utf-8")
    (tmp_path / "changes.csv").write_text(CHANGES, encoding="utf-8")
    return tmp_path


@pytest.fixture
def small(folder):
    return kt.open(folder)


def test_durations_with_the_open_cases(small):
    (row,) = small.durations("trt_km").iter_rows(named=True)
    assert (row["cases"], row["ended"], row["still_open"]) == (3, 2, 1)
    assert (row["km_median"], row["naive_mean"]) == (24 * 3_600, 13 * 3_600)


def test_spread_beside_the_mean(small):
    (row,) = small.facts("trt", spread=True).iter_rows(named=True)
    assert row["value"] == 13 * 3_600
    assert row["spread"] == pytest.approx(11 * 2**0.5 * 3_600)


def test_spread_is_told_by_period_with_one_definition(small):
    for other in ({"versions": "effective"}, {"window": "ytd"}):
        with pytest.raises(WorkspaceError, match="spread"):
            small.facts("trt", spread=True, **other)


def test_the_flow_of_the_backlog(small):
    flow = small.flow(grain="day", end="2026-10-06", by="team")
    assert flow.filter(team="north").select("created", "reopened", "solved", "closing").rows() == [
        (2, 1, 2, 1),
        (0, 0, 1, 0),
    ]
    assert flow["balanced"].all()
    months = small.flow("backlog:events")
    assert months.select("opening", "closing").row(0) == (0, 1)


def test_the_date_on_which_a_value_is_final(small):
    assert small.final_on("trt", "2026-10") == date(2026, 11, 8)
    assert small.final_on("tickets_created", small.period("2026-10")) == date(2026, 11, 1)


def test_the_command_says_until_when_and_how_far_apart(folder, capsys):
    words = ["facts", "--kpi", "trt", "--spread", "-w", str(folder)]
    with pytest.raises(SystemExit):
        main(words)
    head, row = capsys.readouterr().out.splitlines()[:2]
    assert "spread" in head
    assert row.endswith("provisional until 2026-11-08")


def test_the_check_names_months_that_do_not_add_up(folder, capsys):
    rows = TICKETS.replace("2026-10-05T10:00:00", "2026-11-02T10:00:00")
    (folder / "tickets.csv").write_text(rows, encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["check", "-w", str(folder)])
    out = capsys.readouterr().out
    assert "backlog is not what came less what went in" in out
    assert "2026-10 by -1" in out


def test_facts_without_spread_have_no_such_columns(small):
    assert not {"squares", "spread"} & set(small.facts("trt").columns)
