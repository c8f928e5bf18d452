import pytest

from kpitools.sources.column_history import check_columns
from kpitools.sources.fiscal import FiscalCalendar
from kpitools.sources.periods import allowed_difference, covered_days

HEAD = "Id,At,Wait\n"
COLUMNS = {
    "contact_id": "Id",
    "offered_at": {"from": "At", "timezone": "UTC"},
    "wait_ms": {"from": "Wait", "unit": "seconds", "optional": True},
}


def test_columns_that_changed_since_the_last_run_are_found(desk):
    assert not desk.found(desk.calls(HEAD + "1,2026-10-05,5\n", COLUMNS), "columns_changed")
    changed = "Id,At,Note,More\n1,2026-10-05,x,y\n"
    finding = desk.one(desk.calls(changed, COLUMNS), "columns_changed")
    assert finding.severity == "warning"
    assert finding.message == (
        "calls: columns changed since the last run; gone: Wait; new: Note, More."
    )
    assert finding.examples == ("Wait", "Note", "More")


def test_the_same_input_gives_the_same_findings_again(desk):
    first = HEAD + "1,2026-10-05,5\n"
    second = "Id,At\n1,2026-10-05\n"
    before = [desk.calls(content, COLUMNS).findings for content in (first, second, second)]
    assert before[1] == before[2]
    assert desk.calls(first, COLUMNS).findings == before[0]
    assert desk.calls(second, COLUMNS).findings == before[1]


def test_a_history_that_cannot_be_read_starts_anew(tmp_path):
    history = tmp_path / "history.json"
    for content in ("", "[1, [2], [3, 4]]", '{"a": 1}', "[" * 10_000):
        history.write_text(content)
        assert check_columns("s", "contacts", ["a"], digest="x", history=history) == []
    assert check_columns("s", "contacts", ["a", "b"], digest="y", history=history)


def test_a_history_that_cannot_be_written_is_no_fault(tmp_path):
    (tmp_path / "file").write_text("")
    history = tmp_path / "file" / "history.json"
    assert check_columns("s", "contacts", ["a"], digest="x", history=history) == []


ROWS = HEAD + "1,2026-09-30,5\n2,2026-10-01,6\n3,2026-10-31,7\n4,2026-11-01,8\n"


@pytest.mark.parametrize(
    ("total", "agrees", "said"),
    [
        ({"period": "2026-10", "value": 2}, True, "agrees: theirs 2, ours 2"),
        ({"period": "2026-10", "value": 3}, False, "does not agree: theirs 3, ours 2"),
        ({"period": "2026-Q4", "value": 3}, True, "ours 3"),
        ({"period": "2026-W44", "value": 2}, True, "ours 2"),
        ({"period": "2026-10-31", "value": 1}, True, "ours 1"),
        ({"period": "all", "value": 4}, True, "ours 4"),
        ({"period": "2026", "measure": "sum(wait_ms)", "value": 26000}, True, "ours 26,000"),
        ({"period": "all", "measure": "avg(wait_ms)", "value": 6500}, True, "ours 6,500"),
        ({"period": "all", "value": 4.1, "tolerance": "5%"}, True, "theirs 4.1"),
        ({"period": "all", "value": 5, "tolerance": "0.5"}, False, "theirs 5"),
    ],
)
def test_control_totals_are_reconciled(desk, total, agrees, said):
    finding = desk.one(desk.calls(ROWS, COLUMNS, control_totals=[total]), "control_total")
    assert finding.severity == ("info" if agrees else "blocking")
    assert finding.count == (0 if agrees else 1)
    assert said in finding.message


def test_a_total_over_a_column_that_is_gone_cannot_be_checked(desk):
    totals = [{"period": "all", "measure": "sum(wait_ms)", "value": 1}]
    events = desk.calls("Id,At\n1,2026-10-05\n", COLUMNS, control_totals=totals)
    finding = desk.one(events, "control_total")
    assert finding.severity == "blocking"
    assert "cannot be checked" in finding.message


def test_a_total_of_a_period_needs_times(desk):
    totals = [{"period": "2026-10", "value": 1}]
    events = desk.calls(
        ROWS, {"contact_id": "Id"}, control_totals=totals, config={"as_of": "2026-11-01"}
    )
    assert "maps no time" in desk.one(events, "control_total").message


@pytest.mark.parametrize("text", ["2026-13", "2026-Q5", "2026-W60", "October", ""])
def test_what_is_no_period_is_refused(text):
    with pytest.raises(ValueError, match=r"expected|week|month"):
        covered_days(text)


def test_what_is_no_tolerance_is_refused():
    with pytest.raises(ValueError, match="could not convert"):
        allowed_difference("much", 1)


def test_the_last_quarter_ends_the_year():
    assert [str(day) for day in covered_days("2026-Q4")] == ["2026-10-01", "2026-12-31"]
    assert [str(day) for day in covered_days("2026")] == ["2026-01-01", "2026-12-31"]


def test_weeks_from_sunday_half_years_and_fiscal_periods_are_covered():
    sunday = covered_days("2026-W41", week_start="sunday")
    assert [str(day) for day in sunday] == ["2026-10-04", "2026-10-10"]
    assert [str(day) for day in covered_days("2026-H2")] == ["2026-07-01", "2026-12-31"]
    april = FiscalCalendar(starts=4)
    fiscal = covered_days("FY2026-Q1", fiscal=april)
    assert [str(day) for day in fiscal] == ["2025-04-01", "2025-06-30"]
    with pytest.raises(ValueError, match="needs `fiscal:`"):
        covered_days("FY2026")


def test_control_totals_of_a_week_go_by_the_workspaces_week(desk):
    rows = "Id,At\n1,2026-10-04\n2,2026-10-05\n3,2026-10-11\n"
    totals = [{"period": "2026-W41", "value": 2}]
    columns = {"contact_id": "Id", "offered_at": "At"}
    for week_start, ours in (("sunday", "ours 2"), ("monday", "ours 2")):
        events = desk.calls(rows, columns, control_totals=totals, config={"week_start": week_start})
        assert ours in desk.one(events, "control_total").message
    totals = [{"period": "2026-W40", "value": 1}]
    for week_start, ours in (("sunday", "ours 0"), ("monday", "ours 1")):
        events = desk.calls(rows, columns, control_totals=totals, config={"week_start": week_start})
        assert ours in desk.one(events, "control_total").message
