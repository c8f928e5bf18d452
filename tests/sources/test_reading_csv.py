import gzip

import pytest

HEAD = "Id,At,Note\n"
COLUMNS = {"contact_id": "Id", "offered_at": "At", "reason": "Note"}


def test_a_plain_file_is_read(desk):
    frame = desk.frame(HEAD + "1,2026-10-05 09:01,first\n2,2026-10-05 09:02,\n", COLUMNS)
    assert frame.select("contact_id", "reason").rows() == [("1", "first"), ("2", None)]


@pytest.mark.parametrize(
    "content",
    [
        "Id\tAt\tNote\n1\t2026-10-05\tx\n",
        "Id;At;Note\n1;2026-10-05;x\n",
        "Id|At|Note\n1|2026-10-05|x\n",
        "sep=;\nId;At;Note\n1;2026-10-05;x\n",
        '"Id","At","Note"\r\n"1","2026-10-05","x"\r\n',
        "\n\nId,At,Note\n1,2026-10-05,x",
        "Id , At,  Note \n1,2026-10-05 , x \n",
    ],
)
def test_the_delimiter_is_proven_by_the_mapped_columns(desk, content):
    assert desk.frame(content, COLUMNS).select("contact_id", "reason").rows() == [("1", "x")]


def test_declared_delimiter_skipped_lines_and_tab(desk):
    content = "Report of calls\nmade, today\nId\tAt\tNote\n1\t2026-10-05\tx,y\n"
    form = {"delimiter": "tab", "skip_rows": 2}
    assert desk.frame(content, COLUMNS, format=form)["reason"].to_list() == ["x,y"]


def test_tsv_by_its_ending_even_zipped(desk):
    content = gzip.compress(b"Id\tAt\tNote\n1\t2026-10-05\tx\n")
    assert desk.frame(content, COLUMNS, file="calls.tsv.gz")["reason"].to_list() == ["x"]


def test_broken_lines_are_kept_out_counted_and_shown(desk, lines_of):
    content = HEAD + "1,2026-10-05,x\n2,2026-10-05\n3,2026-10-05,y,z\n4,2026-10-05,w\n"
    events = desk.calls(content, COLUMNS)
    finding = desk.one(events, "broken_lines")
    assert (finding.count, finding.rows, finding.severity) == (2, 4, "blocking")
    assert finding.examples == (
        "calls.csv line 3: 2 fields, 3 columns: 2,2026-10-05",
        "calls.csv line 4: 4 fields, 3 columns: 3,2026-10-05,y,z",
    )
    (account,) = events.accounts
    assert account.broken == 2
    assert account.kept == 2
    assert lines_of(account) == account.read == 4


def test_broken_lines_show_no_text_when_persons_are_hidden(desk):
    content = HEAD + "1,2026-10-05\n" + "2,2026-10-05,x\n" * 30
    events = desk.calls(content, COLUMNS, config={"privacy": {"agents": "pseudonym"}})
    finding = desk.one(events, "broken_lines")
    assert finding.examples == ("calls.csv line 2: 2 fields, 3 columns",)
    assert finding.severity == "warning"


def test_blank_rows_are_counted(desk, lines_of):
    events = desk.calls(HEAD + "1,2026-10-05,x\n,,\n \n , ,\t\n\n2,2026-10-05,y\n", COLUMNS)
    assert desk.one(events, "blank_rows").count == 3
    (account,) = events.accounts
    assert (account.blank, account.broken, account.kept) == (3, 1, 2)
    assert lines_of(account) == account.read


def test_line_breaks_inside_quotes_are_no_rows(desk):
    frame = desk.frame(HEAD + '1,2026-10-05,"a\nb\r\nc"\n2,2026-10-05,"d ""e"" f"\n', COLUMNS)
    assert frame["reason"].to_list() == ["a b c", 'd "e" f']


def test_the_second_of_two_equal_names_is_numbered(desk):
    content = "Id,At,Note,Note\n1,2026-10-05,first,second\n"
    events = desk.calls(content, {**COLUMNS, "segment": "Note#2"})
    row = events.tables["contacts"].collect().row(0, named=True)
    assert (row["reason"], row["segment"]) == ("first", "second")
    assert desk.one(events, "repeated_columns").examples == ("Note#2",)


def test_characters_outside_the_encoding_are_found(desk):
    events = desk.calls(b"Id,At,Note\n1,2026-10-05,caf\xe9\n", COLUMNS)
    finding = desk.one(events, "undecodable_text")
    assert (finding.count, finding.examples) == (1, ("calls.csv line 2",))
    declared = desk.frame(None, COLUMNS, format={"encoding": "cp1252"})
    assert declared["reason"].to_list() == ["café"]


def test_a_zip_that_ends_early_blocks(desk):
    lines = "".join(f"{n},2026-10-05,x\n" for n in range(50_000))
    content = gzip.compress((HEAD + lines).encode(), compresslevel=0)
    events = desk.calls(content[: len(content) // 2], COLUMNS, file="calls.csv.gz")
    assert desk.one(events, "cut_short").severity == "blocking"
    assert 0 < events.accounts[0].kept < 50_000


def test_a_header_without_rows_is_found(desk):
    desk.write("calls-1.csv", HEAD + "1,2026-10-05,x\n")
    desk.write("calls-2.csv", HEAD)
    events = desk.calls(None, COLUMNS, file="calls-*.csv")
    finding = desk.one(events, "empty_file")
    assert finding.severity == "blocking"
    assert "calls-2.csv" in finding.message


def test_columns_in_another_order_are_the_same_columns(desk):
    desk.write("calls-1.csv", HEAD + "1,2026-10-05,x\n")
    desk.write("calls-2.csv", "Note,Id,At\ny,2,2026-10-06\n")
    frame = desk.frame(None, COLUMNS, file="calls-*.csv")
    assert frame.select("contact_id", "reason").rows() == [("1", "x"), ("2", "y")]


def test_odd_column_names_are_only_names(desk):
    names = ["^.*$", "file", "line", "c0", "*", "<script>", "x" * 10_000]
    content = ",".join(["Id", *names]) + "\n1," + ",".join("abcdefg") + "\n"
    columns = {
        "contact_id": "Id",
        "offered_at": {"constant": "x"},
        "reason": "^.*$",
        "segment": "file",
        "queue": "line",
        "channel": "*",
        "issue": "<script>",
        "customer": "x" * 10_000,
    }
    columns.pop("offered_at")
    frame = desk.frame(content, columns, config={"as_of": "2026-10-05"})
    found = frame.select("reason", "segment", "queue", "channel", "issue", "customer").row(0)
    assert found == ("a", "b", "c", "e", "f", "g")
