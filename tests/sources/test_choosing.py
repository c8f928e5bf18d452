import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpitools.errors import SourceError
from kpitools.sources import choosing

HEAD = "Id,At,Seen,N\n"
COLUMNS = {"contact_id": "Id", "offered_at": "At", "reason": "N"}
EVENTS = {"ticket_id": "Id", "created_at": "At", "status": "N"}


def test_of_rows_with_one_key_the_last_in_the_file_stays(desk, lines_of):
    content = HEAD + "1,2026-10-05,,a\n2,2026-10-05,,b\n1,2026-10-05,,c\n2,2026-10-05,,b\n"
    events = desk.calls(content, COLUMNS)
    frame = events.tables["contacts"].collect()
    assert frame.select("contact_id", "reason").rows() == [("1", "c"), ("2", "b")]
    finding = desk.one(events, "duplicates")
    assert (finding.count, finding.rows, finding.severity) == (2, 4, "warning")
    assert "1 of them identical" in finding.message
    assert finding.examples == ("1", "2")
    (account,) = events.accounts
    assert (account.superseded, account.kept) == (2, 2)
    assert lines_of(account) == account.read


def test_identical_rows_are_told_without_warning(desk):
    content = HEAD + "1,2026-10-05,,a\n" * 3
    finding = desk.one(desk.calls(content, COLUMNS), "duplicates")
    assert (finding.count, finding.severity) == (2, "info")


def test_the_declared_rule_decides_and_file_order_breaks_ties(desk):
    content = (
        HEAD
        + "1,2026-10-05,2026-10-07 10:00,last\n1,2026-10-05,2026-10-06 10:00,first\n"
        + "2,2026-10-05,2026-10-07 10:00,first\n2,2026-10-05,2026-10-07 10:00,tie\n"
    )
    columns = {**COLUMNS, "updated_at": "Seen"}
    for keep in ({"keep": {"last_by": ["updated_at"]}}, {}):
        frame = desk.frame(content, columns, **keep)
        assert frame["reason"].to_list() == ["last", "tie"]


def test_rows_are_kept_last_by_a_column_that_is_not_mapped(desk):
    content = HEAD + "1,2026-10-05,10,ten\n1,2026-10-05,9,nine\n"
    frame = desk.frame(content, COLUMNS, keep={"last_by": "Seen"})
    assert frame["reason"].to_list() == ["ten"]


def test_an_order_that_is_neither_number_nor_time_is_refused(desk):
    content = HEAD + "1,2026-10-05,b,x\n1,2026-10-05,a,y\n"
    with pytest.raises(SourceError, match="put in order by numbers or times"):
        desk.calls(content, COLUMNS, keep={"last_by": "Seen"})
    with pytest.raises(SourceError, match="no such field or column") as caught:
        desk.calls(content, COLUMNS, keep={"last_by": "Sen"})
    assert "did you mean 'Seen'" in str(caught.value)


def test_a_row_without_a_key_stands_for_itself(desk):
    content = HEAD + ",2026-10-05,,a\n,2026-10-05,,b\n"
    events = desk.calls(content, COLUMNS)
    assert events.accounts[0].kept == 2
    assert {item.field for item in desk.found(events, "missing")} == {"contact_id"}
    assert desk.one(events, "missing").severity == "warning"


def test_no_key_keeps_every_row(desk):
    content = HEAD + "1,2026-10-05,,a\n1,2026-10-05,,a\n"
    assert desk.calls(content, COLUMNS, key=[]).accounts[0].kept == 2


def test_a_declared_key_counts(desk):
    content = HEAD + "1,2026-10-05,,a\n1,2026-10-05,,b\n1,2026-10-05,,b\n"
    assert desk.calls(content, COLUMNS, key=["contact_id", "reason"]).accounts[0].kept == 2


def test_half_a_key_of_postings_never_removes_any(desk):
    content = "At,Amount\n2026-10-05,1\n2026-10-05,2\n"
    columns = {"posted_at": "At", "amount": "Amount"}
    assert desk.calls(content, columns, table="costs").accounts[0].kept == 2


def test_forecasts_of_other_steps_are_other_rows(desk):
    content = "At,Q,T,C,Made,Step\n" + "".join(
        f"2026-10-05 09:00,q,t,voice,2026-10-01 00:00,{step}\n" for step in ("naive", "final")
    )
    columns = {
        "interval_at": "At",
        "queue": "Q",
        "team": "T",
        "channel": "C",
        "made_at": "Made",
        "step": "Step",
    }
    assert desk.calls(content, columns, table="forecasts").accounts[0].kept == 2


def test_the_latest_state_of_each_case(desk, lines_of):
    content = (
        HEAD
        + "7,2026-10-05,0,new\n7,2026-10-05,10,closed\n7,2026-10-05,9,solved\n"
        + "8,2026-10-05,1,new\n8,2026-10-05,1,pending\n,2026-10-05,1,lost\n"
    )
    latest = {"by": "ticket_id", "order": "Seen"}
    events = desk.calls(content, EVENTS, table="tickets", latest_state=latest)
    frame = events.tables["tickets"].collect()
    assert frame.select("ticket_id", "status").rows() == [
        ("7", "closed"),
        ("8", "pending"),
        (None, "lost"),
    ]
    assert desk.one(events, "latest_state").count == 3
    assert not desk.found(events, "duplicates")
    (account,) = events.accounts
    assert lines_of(account) == account.read


def test_rows_of_another_kind_are_left_out_and_counted(desk, lines_of):
    content = HEAD + "1,2026-10-05,,call\n2,2026-10-05,,note\n3,2026-10-05,,\n"
    events = desk.calls(content, COLUMNS, rows_where="reason = 'call'")
    assert events.accounts[0].kept == 1
    assert desk.one(events, "rows_left_out").count == 2
    assert lines_of(events.accounts[0]) == events.accounts[0].read


def test_many_rows_are_looked_at_in_parts(desk, monkeypatch):
    monkeypatch.setattr(choosing, "PART", 10)
    rows = [f"{n % 40},2026-10-05,,{n}\n" for n in range(100)]
    frame = desk.frame(HEAD + "".join(rows), COLUMNS)
    latest = {str(n % 40): str(n) for n in range(100)}
    assert dict(frame.select("contact_id", "reason").rows()) == latest


ROW = st.tuples(st.integers(0, 5), st.integers(0, 3), st.sampled_from(["a", "b", ""]))


@given(rows=st.lists(ROW, max_size=14), cut=st.integers(0, 14), order=st.randoms())
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_files_split_or_in_another_order_give_the_same_rows(desk, same, rows, cut, order):
    lines = [
        f"{key},2026-10-05,{seen + 10 * at},{text}\n" for at, (key, seen, text) in enumerate(rows)
    ]
    for path in desk.folder.glob("*.csv"):
        path.unlink()
    keep = {"keep": {"last_by": "Seen"}, "config": {"as_of": "2026-10-06"}}
    whole = desk.frame(HEAD + "".join(lines), COLUMNS, file="whole.csv", **keep)
    desk.write("part-1.csv", HEAD + "".join(lines[:cut]))
    desk.write("part-2.csv", HEAD + "".join(lines[cut:]))
    assert same(whole, desk.frame(None, COLUMNS, file="part-*.csv", **keep))
    order.shuffle(lines)
    assert same(whole, desk.frame(HEAD + "".join(lines), COLUMNS, file="mixed.csv", **keep))
    assert whole.height == len({key for key, _, _ in rows})
