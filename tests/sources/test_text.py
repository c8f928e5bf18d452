import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools import tables
from kpitools.sources.text import BIDI, cleaned, is_identifier, needs_cleaning

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>",
    "../../x",
    "=cmd()",
    "{{< include /etc/passwd >}}",
    '#read("/etc/passwd")',
    "$(id)",
    "x" * 10_000,
    "客服 고객 عميل 🎧",
    "müşteri",
    "'; drop table --",
]


def clean(text, *, identifier=False):
    return pl.select(cleaned(pl.lit(text), identifier=identifier)).item()


@pytest.mark.parametrize("text", HOSTILE)
def test_text_that_is_only_text_stays_as_it_is(desk, text):
    content = 'Id,At,Team\n1,2026-10-05,"' + text.replace('"', '""') + '"\n'
    columns = {"contact_id": "Id", "offered_at": "At", "team": "Team", "issue": "Team"}
    events = desk.calls(content, columns)
    row = events.tables["contacts"].collect().row(0, named=True)
    assert (row["team"], row["issue"]) == (text, text)
    assert list(events.teams) == [text]


def test_control_characters_go_and_directions_show():
    assert clean("a\x00b\x07\x1b[31mc\ufeff") == "ab[31mc"
    assert clean("a\u202eb\u2066c") == "a⟨U+202E⟩b⟨U+2066⟩c"
    assert clean(" a\n\tb\u00a0 c \r\n") == "a b c"


def test_identifiers_stay_different_when_their_characters_differ(desk):
    assert clean("a\x00b", identifier=True) == "a⟨U+0000⟩b"
    content = "Id,At\na\x00b,2026-10-05\nab,2026-10-05\n"
    assert desk.frame(content)["contact_id"].to_list() == ["a⟨U+0000⟩b", "ab"]


def test_which_fields_are_identifiers():
    found = {field.name for field in tables.CONTACTS.fields if is_identifier(field)}
    assert {"contact_id", "leg_id", "customer", "issue"} <= found
    assert not {"team", "agent", "queue"} & found


def test_text_of_nothing_but_control_characters_is_missing(desk):
    columns = {"contact_id": "Id", "offered_at": "At", "team": "Team"}
    frame = desk.frame("Id,At,Team\n1,2026-10-05,\x01\x02\n2,2026-10-05,ok\n", columns)
    assert frame["team"].to_list() == [None, "ok"]


@given(st.lists(st.text(max_size=20), min_size=1, max_size=8))
@settings(max_examples=80, deadline=None)
def test_cleaning_once_is_enough_and_plain_text_needs_none(texts):
    frame = pl.DataFrame({"x": texts})
    once = frame.select(cleaned(pl.col("x")))
    assert once.select(cleaned(pl.col("x"))).equals(once)
    assert not any(character in text for text in once["x"] for character in BIDI)
    if not frame.select(needs_cleaning(pl.col("x").str.strip_chars())).item():
        assert once["x"].to_list() == frame["x"].str.strip_chars().to_list()


def test_hostile_text_in_findings_is_bounded_and_plain(desk):
    content = "Id,At\n1,\u202e<script>\x07" + "y" * 500 + "\n2,2026-10-05\n"
    finding = desk.one(desk.calls(content), "unreadable")
    (example,) = finding.examples
    assert len(example) <= 160
    assert "\u202e" not in example
    assert "\x07" not in example
    assert "⟨U+202E⟩<script>" in example
