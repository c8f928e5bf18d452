from datetime import date

import pytest

from kpitools.errors import SourceError
from kpitools.sources.annotations import SCHEMA, read_annotations
from kpitools.workspace import open_workspace

HEAD = "date,from,to,entity,kpi,text,author,exclude\n"


@pytest.fixture
def file(tmp_path):
    def write(text, **form):
        path = tmp_path / "annotations.csv"
        path.write_text(text, encoding="utf-8", **form)
        return path

    return write


def test_days_spans_entities_and_words_are_read(file):
    found = read_annotations(
        file(
            HEAD
            + '2026-10-14,,,team=billing,offered,"Outage, long",Ana,yes\n'
            + ",2026-08-01,2026-08-15,,,Summer,Ben,no\n"
            + ",2026-09-01,,queue = vip calls ,,New queue,Ben,\n"
        ),
        kpis=["offered"],
        teams=["billing"],
    )
    assert dict(found.schema) == SCHEMA
    day = date(2026, 10, 14)
    assert found.rows() == [
        (day, day, "offered", "team", "billing", "Outage, long", "Ana", True),
        (date(2026, 8, 1), date(2026, 8, 15), None, None, None, "Summer", "Ben", False),
        (date(2026, 9, 1), None, None, "queue", "vip calls", "New queue", "Ben", False),
    ]


def test_semicolons_marks_and_a_few_columns_do(file):
    path = file("\ufeffdate;text;author\n2026-10-14;<b>Störung</b>;Ana\n\n")
    found = read_annotations(path)
    assert found.row(0)[5:] == ("<b>Störung</b>", "Ana", False)
    assert read_annotations(file(HEAD)).height == 0
    assert read_annotations(None).schema == found.schema


def test_all_faults_are_told_at_once_with_their_lines(file):
    text = (
        HEAD
        + "14.10.2026,,,billing,ofered,,Ana,perhaps\n"
        + "2026-10-14,2026-10-13,,team=biling,,Text,,\n"
        + ",2026-10-14,2026-10-13,,,Text,Ana,no\n"
        + "2026-10-14,short\n"
    )
    with pytest.raises(SourceError) as refused:
        read_annotations(file(text), kpis=["offered"], teams=["billing"])
    said = str(refused.value)
    for part in (
        "annotations.csv:2: the annotation has no text",
        "annotations.csv:2: `date` is no date",
        "annotations.csv:2: no such entity",
        "annotations.csv:2: no such KPI",
        "annotations.csv:2: `exclude` is neither yes nor no",
        "annotations.csv:3: a date beside a span",
        "annotations.csv:3: the annotation has no author",
        "annotations.csv:3: no such team",
        "annotations.csv:4: the end lies before the beginning",
        "annotations.csv:5: a line of another width",
        "offered",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("date,text\n", "column 'author' is missing"),
        ("date,text,author,texts\n", "unknown columns"),
        ("date,text,author,date\n", "stands twice"),
        ('date,text,author\n2026-10-14,"open,Ana\n', "no CSV file"),
    ],
)
def test_a_file_without_the_columns_is_refused(file, text, message):
    with pytest.raises(SourceError, match=message):
        read_annotations(file(text))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        read_annotations(tmp_path / "annotations.csv")


CONFIG = """\
kpitools: 1
name: Test
teams:
  billing: {name: Billing}
sources:
  calls:
    file: calls.csv
    table: contacts
    columns:
      contact_id: Id
      team: Team
      offered_at: {from: Offered, format: iso}
"""


@pytest.fixture
def folder(tmp_path):
    def write(text, *, config="annotations: annotations.csv\n"):
        (tmp_path / "kpitools.yaml").write_text(CONFIG + config, encoding="utf-8")
        (tmp_path / "annotations.csv").write_text(HEAD + text, encoding="utf-8")
        calls = "Id,Team,Offered\nc1,billing,2026-10-14T09:00:00Z\n"
        (tmp_path / "calls.csv").write_text(calls, encoding="utf-8")
        return open_workspace(tmp_path)

    return write


def test_a_workspace_has_the_reasons_that_were_recorded(folder):
    found = folder("2026-10-14,,,team=billing,offered,Outage,Ana,yes\n").annotations
    assert found.select("member", "text", "exclude").rows() == [("billing", "Outage", True)]
    assert folder("", config="").annotations.height == 0


def test_a_workspace_knows_its_kpis_and_teams(folder):
    with pytest.raises(SourceError) as refused:
        _ = folder("2026-10-14,,,team=biling,ofered,Outage,Ana,yes\n").annotations
    assert "no such KPI" in str(refused.value)
    assert "no such team" in str(refused.value)
