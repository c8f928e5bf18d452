import unicodedata
from datetime import date

import pytest

from kpitools.errors import SourceError
from kpitools.sources.annotations import SCHEMA, Known, read_annotations
from kpitools.sources.pseudonyms import pseudonym
from kpitools.workspace import open_workspace

KNOWN = Known(kpis={"offered": "offered"}, teams={"billing": "billing", "Bill": "billing"})
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
        known=KNOWN,
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
        + ",,,,,All of it,Ana,yes\n"
    )
    with pytest.raises(SourceError) as refused:
        read_annotations(file(text), known=KNOWN)
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
        "annotations.csv:6: the annotation is about nothing",
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


def test_aliases_of_kpis_and_teams_become_their_names(file):
    known = Known(kpis={"sl": "service_level"}, teams={"Bill": "billing"})
    found = read_annotations(file(HEAD + "2026-10-14,,,team=Bill,sl,T,A,\n"), known=known)
    assert found.select("kpi", "member").row(0) == ("service_level", "billing")


def test_a_name_written_in_two_forms_of_unicode_is_one(file):
    decomposed = unicodedata.normalize("NFD", "müşteri")
    found = read_annotations(
        file(HEAD + f"2026-10-14,,,team={decomposed},,T,A,\n"),
        known=Known(teams={"müşteri": "müşteri"}),
    )
    assert found["member"].to_list() == ["müşteri"]


def test_an_apostrophe_before_a_formula_is_taken_away_again(file):
    found = read_annotations(file(HEAD + "2026-10-14,,,,,'=cmd(),'tis,\n"))
    assert found.select("text", "author").row(0) == ("=cmd()", "'tis")


def test_a_line_that_stands_twice_is_refused(file):
    line = "2026-10-14,,,team=billing,,Outage,Ana,"
    with pytest.raises(SourceError) as refused:
        read_annotations(file(HEAD + f"{line}\n{line}yes\n"))
    assert "annotations.csv:3: the annotation stands twice" in str(refused.value)
    assert "first in line 2" in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        read_annotations(tmp_path / "annotations.csv")


CONFIG = """\
kpitools: 1
name: Test
teams:
  billing: {name: Billing, aliases: [Bill]}
sources:
  calls:
    file: calls.csv
    table: contacts
    columns:
      contact_id: Id
      team: Team
      queue: Queue
      agent: Agent
      offered_at: {from: Offered, format: iso}
"""
CALLS = """\
Id,Team,Queue,Agent,Offered
c1,billing,vip,Becky Jones,2026-10-14T09:00:00Z
c2,billing,vip,a-07,2026-10-14T09:00:00Z
"""
DECLARED = "annotations: annotations.csv\n"
KEYED = "privacy: {key: secret}\n"


@pytest.fixture
def folder(tmp_path):
    def write(text, *, config=DECLARED):
        (tmp_path / "kpitools.yaml").write_text(CONFIG + config, encoding="utf-8")
        (tmp_path / "annotations.csv").write_text(HEAD + text, encoding="utf-8")
        (tmp_path / "calls.csv").write_text(CALLS, encoding="utf-8")
        return open_workspace(tmp_path)

    return write


def test_a_workspace_has_the_reasons_that_were_recorded(folder):
    found = folder("2026-10-14,,,team=Bill,offered,Outage,Ana,yes\n").annotations
    assert found.select("member", "text", "exclude").rows() == [("billing", "Outage", True)]
    assert folder("", config="").annotations.height == 0


def test_a_workspace_knows_its_kpis_teams_and_members(folder):
    lines = "2026-10-14,,,team=biling,ofered,Outage,Ana,yes\n,,,queue=vp,,T,A,\n,,,quue=vip,,T,A,\n"
    with pytest.raises(SourceError) as refused:
        _ = folder(lines).annotations
    for part in (
        "annotations.csv:2: no such KPI",
        "annotations.csv:2: no such team",
        "annotations.csv:3: no such queue in the data",
        "did you mean 'vip'?",
        "annotations.csv:4: no such dimension",
        "did you mean 'queue'?",
    ):
        assert part in str(refused.value)


def test_an_agent_is_named_by_the_own_name_or_the_pseudonym(folder):
    becky, other = pseudonym("Becky Jones", b"secret"), pseudonym("a-07", b"secret")
    lines = f",,,agent=Becky Jones,,New,Ana,yes\n,,,agent={other},,Trainer,Ana,\n"
    found = folder(lines, config=DECLARED + KEYED).annotations
    assert found.select("dimension", "member").rows() == [("agent", becky), ("agent", other)]
    plain = folder(
        ",,,agent=Becky Jones,,New,Ana,yes\n", config=DECLARED + "privacy: {agents: plain}\n"
    )
    assert plain.annotations["member"].to_list() == ["Becky Jones"]


def test_names_of_persons_in_a_text_become_pseudonyms(folder):
    becky, other = pseudonym("Becky Jones", b"secret"), pseudonym("a-07", b"secret")
    text = "Becky Jones's first week (with a-07); see a-07. Becky asked, B. Jones agreed"
    found = folder(f',,,queue=vip,,"{text}",a-07,\n', config=DECLARED + KEYED).annotations
    assert found["author"].item() == other
    assert found["text"].item() == (
        f"{becky}'s first week (with {other}); see {other}. Becky asked, B. Jones agreed"
    )
    kept = folder(f',,,queue=vip,,"{text}",Ana,\n', config=DECLARED + "privacy: {agents: plain}\n")
    assert kept.annotations["text"].item() == text


@pytest.mark.parametrize("entity", ["agent=Becky Jonas", "Becky Jonas", "agent: Becky Jonas"])
def test_a_fault_does_not_repeat_the_name_of_a_person(folder, entity):
    with pytest.raises(SourceError) as refused:
        _ = folder(f",,,{entity},,New,Ana,yes\n", config=DECLARED + KEYED).annotations
    assert "annotations.csv:2: no such" in str(refused.value)
    assert "Jonas" not in str(refused.value)
    assert pseudonym("Becky Jonas", b"secret") not in str(refused.value)
