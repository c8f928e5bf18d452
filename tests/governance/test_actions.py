from datetime import date

import pytest

from kpitools.errors import GovernanceError
from kpitools.governance import read_actions
from kpitools.governance.actions import SCHEMA

OPEN = 'A-1,2026-10-01,2026-09,csat,billing,"Rewrite, then test",Bo,2026-10-15,open,,'
CLOSED = "A-2,2026-09-01,2026-08,aht,,Callback script,Ada,2026-09-30,Closed,2026-10-02,AHT -28 s"


def test_an_action_log_is_read_as_it_stands(log):
    found = read_actions(log(OPEN, "", CLOSED))
    assert found.columns == list(SCHEMA)
    assert found["id"].to_list() == ["A-1", "A-2"]
    assert found["text"][0] == "Rewrite, then test"
    assert found["due"].to_list() == [date(2026, 10, 15), date(2026, 9, 30)]
    assert found["team"].to_list() == ["billing", None]
    assert found["status"].to_list() == ["open", "closed"]
    assert found["evidence"].to_list() == [None, "AHT -28 s"]


def test_columns_may_stand_in_any_order_with_more_beside_them(tmp_path):
    path = tmp_path / "actions.csv"
    names = [*reversed(SCHEMA), "note"]
    cells = dict(
        zip(SCHEMA, OPEN.replace('"Rewrite, then test"', "Rewrite").split(","), strict=True)
    )
    path.write_text(
        ";".join(names) + "\n" + ";".join([*(cells[name] for name in reversed(SCHEMA)), "mine"]),
        encoding="utf-8-sig",
    )
    found = read_actions(path)
    assert found.columns == [*SCHEMA, "note"]
    assert found["note"].to_list() == ["mine"]
    assert found["owner"].to_list() == ["Bo"]


def test_a_log_without_actions_is_a_log(log):
    assert read_actions(log()).height == 0


@pytest.mark.parametrize(
    "text",
    ["<script>", "=cmd()", "\u202eevil", "#read(x)", "a\u2028b", "漢字 😀", "x" * 10_000],
)
def test_hostile_text_is_text(log, text):
    found = read_actions(log(OPEN.replace("Rewrite, then test", text)))
    assert found["text"][0] == text


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([OPEN.replace("A-1", "")], "has no id"),
        ([OPEN.replace("Bo", " ")], "has no owner"),
        ([OPEN.replace("2026-10-15", "")], "has no due"),
        ([OPEN.replace("2026-10-15", "15.10.2026")], "due is no date"),
        ([OPEN, OPEN], "an id stands twice"),
        ([OPEN.replace(",open,", ",opne,")], "did you mean 'open'"),
        ([CLOSED.replace("2026-10-02", "")], "needs its day"),
        ([CLOSED.replace("Closed", "cancelled").replace("2026-10-02", "")], "a cancelled action"),
        ([CLOSED.replace("Closed", "open")], "has a closing day"),
        ([CLOSED.replace("2026-10-02", "2026-08-02")], "closed before it was raised"),
        ([OPEN + ",more"], "another width"),
        ([OPEN.removesuffix(",,")], "another width"),
    ],
)
def test_a_faulty_line_is_refused_with_its_number(log, lines, message):
    with pytest.raises(GovernanceError, match=message) as caught:
        read_actions(log(*lines))
    assert caught.value.faults[0].where == f"actions.csv:{len(lines) + 1}"


def test_all_faults_of_a_file_are_told_at_once(log):
    with pytest.raises(GovernanceError) as caught:
        read_actions(
            log(
                OPEN.replace("Bo", "").replace("2026-10-15", "soon"),
                CLOSED.replace("2026-10-02", ""),
            )
        )
    assert [fault.where for fault in caught.value.faults] == [
        "actions.csv:2",
        "actions.csv:2",
        "actions.csv:3",
    ]


def test_known_kpis_can_be_asked_for(log):
    assert read_actions(log(OPEN), kpis=["csat"]).height == 1
    with pytest.raises(GovernanceError, match="did you mean 'csat'"):
        read_actions(log(OPEN.replace(",csat,", ",cast,")), kpis=["csat", "aht"])


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("id,raised_on,period,kpi,team,text,owner,due,status,closed_on", "'evidence' is missing"),
        (
            "id,raised_on,period,kpi,team,text,ownr,due,status,closed_on,evidence",
            "did you mean 'ownr'",
        ),
        (
            "id,id,raised_on,period,kpi,team,text,owner,due,status,closed_on,evidence",
            "stands twice",
        ),
    ],
)
def test_wrong_columns_are_refused(log, header, message):
    with pytest.raises(GovernanceError, match=message):
        read_actions(log(header=header))


def test_files_that_cannot_be_read_are_refused(tmp_path, log):
    with pytest.raises(GovernanceError, match="cannot be read"):
        read_actions(tmp_path / "none.csv")
    with pytest.raises(GovernanceError, match="cannot be read"):
        read_actions(log(OPEN.replace("Bo", "Bö"), encoding="latin-1"))
    with pytest.raises(GovernanceError, match="is empty"):
        read_actions(log(header=""))
    with pytest.raises(GovernanceError, match="no CSV file"):
        read_actions(log('A-1,"never closed'))
