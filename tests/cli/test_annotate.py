"""`kpitools annotate`: one line more in the file, checked first; nothing else changes."""

import shlex
from pathlib import Path

import pytest

from kpitools.cli import main
from kpitools.errors import SourceError
from kpitools.sources.annotation_lines import added_line
from kpitools.sources.annotations import COLUMNS, parse_annotations
from kpitools.sources.pseudonyms import pseudonym
from kpitools.workspace import open_workspace

CALLS = """Call,Team,Queue,Agent,When
1,billing,vip,Becky Jones,2026-10-14T09:00:00Z
2,orders,vip,a-07,2026-10-15T09:00:00Z
3,orders,vip,a-0042,2026-10-15T09:00:00Z
"""
CONFIG = """kpitools: 1
name: Test review
privacy: {key: secret}
annotations: notes/reasons.csv
sources:
  calls:
    file: calls.csv
    table: contacts
    columns:
      contact_id: Call
      team: Team
      queue: Queue
      agent: Agent
      offered_at: {from: When, format: iso}
"""
HEAD = "date,from,to,entity,kpi,text,author,exclude\n"
SAID = ("--text", "Outage", "--author", "Ana")


@pytest.fixture
def file(tmp_path):
    (tmp_path / "calls.csv").write_text(CALLS, encoding="utf-8")
    (tmp_path / "kpitools.yaml").write_text(CONFIG, encoding="utf-8")
    return tmp_path / "notes" / "reasons.csv"


@pytest.fixture
def command(file, capsys):
    def run(*words):
        code = 0
        try:
            main(["annotate", *words, "-w", str(file.parent.parent)])
        except SystemExit as end:
            code = end.code or 0
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture
def noted(file):
    def read():
        return open_workspace(file.parent.parent).annotations

    return read


def test_the_first_reason_makes_the_file(command, file, noted):
    code, out, err = command("--from", "2026-10-14", "--team", "billing", *SAID, "--exclude")
    assert (code, out) == (0, "2026-10-14,,,team=billing,,Outage,Ana,yes\n")
    assert f"recorded in {file}" in err
    assert file.read_text(encoding="utf-8") == HEAD + out
    assert noted().select("member", "text", "author", "exclude").row(0) == (
        *("billing", "Outage", "Ana", True),
    )
    assert list(file.parent.iterdir()) == [file]


def test_more_reasons_stand_behind_it(command, file, noted):
    command("--from", "2026-10-14", *SAID)
    first = file.read_bytes()
    assert command("--kpi", "offered", "--entity", "agent=Becky Jones", *SAID)[0] == 0
    assert command("--from", "2026-09-01", "--to", "2026-09-03", *SAID)[0] == 0
    assert command("--from", "2026-09-01", "--lasting", *SAID)[0] == 0
    assert file.read_bytes().startswith(first)
    found = noted()
    assert found["member"].to_list() == [None, pseudonym("Becky Jones", b"secret"), None, None]
    assert [str(day) for day in found["to"]] == ["2026-10-14", "None", "2026-09-03", "None"]


def test_the_pseudonym_of_a_pack_will_do(command, noted):
    shown = pseudonym("a-07", b"secret")
    assert command("--entity", f"agent={shown}", *SAID)[0] == 0
    assert noted()["member"].to_list() == [shown]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--from", "2026-10-14", "--team", "biling"), "did you mean 'billing'?"),
        (("--from", "2026-10-14", "--kpi", "ofered"), "did you mean 'offered'?"),
        (("--entity", "agent=Becky Jonas"), "no such agent in the data"),
        (("--entity", "quue=vip"), "no such dimension"),
        (("--from", "2026-10-14", "--to", "2026-10-13"), "the end lies before the beginning"),
        ((), "the annotation is about nothing"),
    ],
)
def test_what_the_data_do_not_have_is_refused(command, file, words, message):
    code, out, err = command(*words, *SAID)
    assert (code, out) == (1, "")
    assert message in err
    assert "reasons.csv:2" in err
    assert not file.exists()


def test_an_empty_text_or_author_is_refused(command, file):
    code, _, err = command("--from", "2026-10-14", "--text", " ", "--author", "")
    assert code == 1
    assert "has no text" in err
    assert "has no author" in err
    assert command("--from", "2026-10-14", "--text", "two\nlines", "--author", "A")[0] == 1
    assert not file.exists()


def test_a_reason_is_recorded_once(command, file):
    words = ("--from", "2026-10-14", "--kpi", "offered", *SAID)
    command(*words)
    before = file.read_bytes()
    code, _, err = command(*words, "--exclude")
    assert code == 1
    assert "reasons.csv:3: the annotation stands twice" in err
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "words",
    [
        ("--from", "14.10.2026"),
        ("--to", "soon"),
        ("--lasting",),
        ("--from", "2026-10-14", "--to", "2026-10-15", "--lasting"),
        ("--team", "billing", "--entity", "queue=vip"),
        ("--entity", "billing"),
    ],
)
def test_wrong_usage_ends_with_two(command, file, words):
    assert command(*words, *SAID)[0] == 2
    assert not file.exists()


def test_a_file_with_faults_is_left_as_it_is(command, file):
    file.parent.mkdir()
    file.write_text(HEAD + "2026-10-14,,,team=nobody,,Text,Ana,\n", encoding="utf-8")
    before = file.read_bytes()
    code, _, err = command("--from", "2026-10-15", *SAID)
    assert code == 1
    assert "reasons.csv:2: no such team" in err
    assert file.read_bytes() == before
    file.write_bytes(b"text,author\n\xff\xfe,Ana\n")
    code, _, err = command("--from", "2026-10-15", *SAID)
    assert code == 1
    assert "expected: a CSV file in UTF-8" in err


def test_a_file_that_changes_meanwhile_is_left_as_it_is(command, file, monkeypatch):
    command("--from", "2026-10-14", *SAID)
    real, times = Path.read_bytes, []

    def read_and_edit(path):
        content = real(path)
        if path == file and not times:
            times.append(path)
            path.write_bytes(content + b"2026-10-20,,,,,Edited beside,Bo,\n")
        return content

    monkeypatch.setattr(Path, "read_bytes", read_and_edit)
    code, _, err = command("--from", "2026-10-15", *SAID)
    assert code == 1
    assert "the file was changed meanwhile" in err
    assert file.read_text(encoding="utf-8").splitlines()[2:] == ["2026-10-20,,,,,Edited beside,Bo,"]


def test_a_workspace_that_declares_no_file_is_told_the_line(command, file):
    config = file.parent.parent / "kpitools.yaml"
    config.write_text(CONFIG.replace("annotations: notes/reasons.csv\n", ""), encoding="utf-8")
    code, _, err = command("--from", "2026-10-14", *SAID)
    assert code == 1
    assert "`annotations: annotations.csv`" in err


def test_the_packaged_sample_is_not_written_to(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KPITOOLS_WORKSPACE", raising=False)
    with pytest.raises(SystemExit):
        main(["annotate", "--from", "2026-10-14", *SAID])
    assert "packaged sample" in capsys.readouterr().err


def test_the_examples_of_the_help_run(command, capsys, noted):
    with pytest.raises(SystemExit):
        main(["annotate", "--help"])
    text = capsys.readouterr().out
    examples = [line.strip() for line in text.splitlines() if "kpitools annotate --" in line]
    for example in examples:
        assert command(*shlex.split(example)[2:])[0] == 0
    assert noted().height == len(examples) == 4


def test_the_form_of_the_file_is_kept(command, file):
    file.parent.mkdir()
    file.write_bytes(b"\xef\xbb\xbftext;author;date\r\nOutage;Ana;2026-10-13")
    assert command("--from", "2026-10-14", *SAID)[0] == 0
    assert file.read_bytes() == (
        b"\xef\xbb\xbftext;author;date\r\nOutage;Ana;2026-10-13\r\nOutage;Ana;2026-10-14\r\n"
    )
    code, out, _ = command("--kpi", "offered", "--from", "2026-10-14", *SAID, "--exclude")
    assert (code, out) == (0, "Outage;Ana;2026-10-14;offered;yes\n")
    assert file.read_bytes().splitlines()[:2] == [
        b"\xef\xbb\xbftext;author;date;kpi;exclude",
        b"Outage;Ana;2026-10-13;;",
    ]


def test_other_people_may_read_the_file(command, file):
    command("--from", "2026-10-14", *SAID)
    assert file.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    "text",
    ["=cmd()", "+1", "-1", "@x", " =x", "\uff1dx", 'quo"ted', "a,b;c", "'tis", "客服", "plain"],
)
def test_a_text_comes_back_as_it_was_and_begins_no_formula(text):
    line = {"date": "2026-10-14", "text": text, "author": text}
    written = added_line("", line, name="a.csv")
    cells = written.splitlines()[1].split(",", 5)[5].lstrip('"')
    assert not cells.lstrip().startswith(("=", "+", "-", "@", "\uff1d"))
    found = parse_annotations(written, name="a.csv")
    assert found.select("text", "author").row(0) == (text.strip(), text.strip())


def test_a_line_break_in_a_cell_is_refused():
    with pytest.raises(SourceError, match="the end of a line"):
        added_line("", {"text": "a\nb"}, name="a.csv")
    assert added_line("", {}, name="a.csv").splitlines()[0] == ",".join(COLUMNS)
