"""Rebases in `kpitools.yaml`: who moves limits says why, and every fault has its line."""

from datetime import date

import pytest

from kpitools.errors import SourceError, WorkspaceError
from kpitools.sources import Rebase, read_config, workspace_schema
from kpitools.workspace import open_workspace

TOP = """\
kpitools: 1
name: Test
teams:
  billing: {name: Billing, aliases: Bill}
sources:
  calls:
    file: calls.csv
    table: contacts
    columns:
      contact_id: Id
      team: Team
      offered_at: {from: Offered, format: iso}
rebases:
"""
GOOD = "  - {kpi: aht, team: billing, on: 2026-04-01, reason: New telephones, author: Ana}\n"


@pytest.fixture
def place(tmp_path):
    def write(text):
        (tmp_path / "kpitools.yaml").write_text(TOP + text, encoding="utf-8")
        return tmp_path / "kpitools.yaml"

    return write


def faults(path):
    with pytest.raises(SourceError) as caught:
        read_config(path, {})
    return [(fault.where, fault.what) for fault in caught.value.faults]


def test_a_rebase_is_read(place):
    assert read_config(place(GOOD), {}).rebases == (
        Rebase(
            on=date(2026, 4, 1),
            kpi="aht",
            team="billing",
            reason="New telephones",
            author="Ana",
        ),
    )
    assert "rebases" in workspace_schema()["properties"]


def test_reason_and_author_are_asked_for(place):
    bare = "  - {on: 2026-04-01}\n  - {on: 2026-05-01, reason: ' ', author: Ana}\n"
    assert faults(place(bare)) == [
        ("kpitools.yaml:14", "'rebases.0.reason' is missing"),
        ("kpitools.yaml:14", "'rebases.0.author' is missing"),
        ("kpitools.yaml:15", "'rebases.1.reason' is not right"),
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (GOOD.replace("billing", "bilings"), ("kpitools.yaml:14", "no team 'bilings'")),
        (GOOD.replace("billing", "Bill"), ("kpitools.yaml:14", "no team 'Bill'")),
        (GOOD.replace("author", "auther"), ("kpitools.yaml:14", "unknown key 'auther'")),
        (GOOD.replace("2026-04-01", "April"), ("kpitools.yaml:14", "'rebases.0.on' is not right")),
        (GOOD + GOOD, ("kpitools.yaml:15", "this rebase is declared twice")),
    ],
)
def test_a_wrong_rebase_is_refused_with_its_line(place, text, fault):
    assert fault in faults(place(text))


def test_an_alias_of_a_team_names_the_team(place):
    with pytest.raises(SourceError, match="write 'billing'"):
        read_config(place(GOOD.replace("billing", "Bill")), {})


def test_the_workspace_knows_the_catalogue_name(place):
    workspace = open_workspace(place(GOOD.replace("aht", "average waiting time")).parent)
    (found,) = workspace.rebases
    assert found.kpi == "asa"
    assert open_workspace(place("  []\n").parent).rebases == ()


def test_an_unknown_kpi_is_refused_with_its_line(place):
    workspace = open_workspace(place(GOOD + GOOD.replace("aht", "ahd")).parent)
    with pytest.raises(WorkspaceError) as caught:
        _ = workspace.rebases
    (fault,) = caught.value.faults
    assert (fault.where, fault.what) == ("kpitools.yaml:15", "no KPI 'ahd'")
    assert "aht" in fault.fix
