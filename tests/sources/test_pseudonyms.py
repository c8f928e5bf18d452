import pytest

from kpitools.errors import SourceError
from kpitools.sources import pseudonyms as room

HEAD = "Id,At,Who,By\n"
COLUMNS = {"evaluation_id": "Id", "submitted_at": "At", "agent": "Who", "evaluator": "By"}
ROWS = HEAD + "1,2026-10-05,Becky,Jim\n2,2026-10-05, Jim ,\n3,2026-10-05,Becky,Becky\n"


def read(desk, content=ROWS, columns=None, **privacy):
    config = {"privacy": {"agents": "pseudonym", **privacy}}
    return desk.calls(content, columns or COLUMNS, table="evaluations", config=config)


def test_persons_are_the_same_person_everywhere_and_not_named(desk):
    events = read(desk, key="secret")
    frame = events.tables["evaluations"].collect()
    becky, jim = frame["agent"][0], frame["agent"][1]
    assert becky != jim
    assert becky.startswith("agent-")
    assert frame["agent"].to_list() == [becky, jim, becky]
    assert frame["evaluator"].to_list() == [jim, None, becky]
    assert not desk.found(events, "pseudonym_key")


def test_pseudonyms_are_stable_for_a_key_and_other_for_another(desk):
    first = read(desk, key="one").tables["evaluations"].collect()["agent"][0]
    assert read(desk, key="one").tables["evaluations"].collect()["agent"][0] == first
    assert read(desk, key="two").tables["evaluations"].collect()["agent"][0] != first
    assert room.pseudonym("Becky", b"one") == first


def test_the_key_of_the_workspace_is_a_file(desk):
    desk.write(".kpitools/pseudonym.key", "from the file\n")
    events = read(desk)
    expected = room.pseudonym("Becky", b"from the file")
    assert events.tables["evaluations"].collect()["agent"][0] == expected
    assert not desk.found(events, "pseudonym_key")


def test_without_a_secret_a_finding_says_so(desk):
    finding = desk.one(read(desk), "pseudonym_key")
    assert finding.severity == "warning"
    assert "KPITOOLS_PRIVACY_KEY" in finding.message
    persons = {"evaluation_id": "Id", "submitted_at": "At"}
    assert not desk.found(read(desk, columns=persons), "pseudonym_key")


def test_plain_names_are_shown_when_asked_for(desk):
    frame = read(desk, agents="plain").tables["evaluations"].collect()
    assert frame["agent"].to_list() == ["Becky", "Jim", "Becky"]


def test_conditions_see_names_and_results_do_not(desk):
    columns = {**COLUMNS, "agent": {"expression": "lower(evaluator)"}}
    config = {"privacy": {"agents": "pseudonym", "key": "k"}}
    events = desk.calls(
        ROWS, columns, table="evaluations", rows_where="evaluator <> 'Jim'", config=config
    )
    frame = events.tables["evaluations"].collect()
    assert frame["agent"].to_list() == [room.pseudonym("becky", b"k")]


def test_findings_do_not_name_persons(desk):
    content = HEAD + "1,2026-10-05,Becky,Jim\n1,2026-10-06,Becky,Xaver\n2,2026-10-05,Unlisted\n"
    columns = {**COLUMNS, "evaluator": {"from": "By", "values": {"Jim": "J"}}}
    events = desk.calls(
        content,
        columns,
        table="evaluations",
        key=["agent", "evaluation_id"],
        config={"privacy": {"agents": "pseudonym", "key": "k"}},
    )
    kinds = {item.kind for item in events.findings}
    assert {"duplicates", "unmapped_values", "broken_lines"} <= kinds
    said = repr(events.findings)
    assert not any(name in said for name in ("Becky", "Jim", "Xaver", "Unlisted"))


def test_two_persons_never_share_a_pseudonym(monkeypatch):
    monkeypatch.setattr(room, "DIGITS", 1)
    with pytest.raises(SourceError, match="same pseudonym"):
        room.pseudonyms([str(n) for n in range(40)], b"k")
