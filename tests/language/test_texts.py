"""Text of people and data: chosen, named, shown."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitools.language import display, entity_id, pick, safe_slug
from kpitools.language.texts import BIDI


@pytest.mark.parametrize(
    ("lang", "text"), [("tr", "b"), ("tr-TR", "b"), ("tr_TR", "b"), ("de", "a"), ("", "a")]
)
def test_pick(lang, text):
    assert pick({"en": "a", "tr": "b"}, lang) == text


def test_pick_without_english():
    assert pick({"en": "", "tr": "b"}, "de") == "b"
    assert pick({}, "de") == ""


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Billing", "billing"),
        ("../../etc/passwd", "etc-passwd"),
        ("<script>alert(1)</script>", "script-alert-1-script"),
        ("Kayıt / Müşteri", "kayit-musteri"),  # noqa: RUF001 letters that look alike
        ("客服", "team"),
        ("", "team"),
        ("...", "team"),
        ("x" * 10_000, "x" * 40),
        ("a" * 39 + " b", "a" * 39),
        ("CON\x00\u202e", "con"),
    ],
)
def test_slug(text, slug):
    assert safe_slug(text) == slug


@given(st.text())
def test_slug_and_id_are_safe_for_any_text(text):
    assert re.fullmatch(r"[a-z0-9](-?[a-z0-9])*", safe_slug(text))
    assert len(safe_slug(text)) <= 40
    assert re.fullmatch(r"[0-9a-f]{8}", entity_id(text))


def test_ids_tell_texts_apart_that_share_a_slug():
    assert safe_slug("a b") == safe_slug("a/b")
    assert entity_id("a b") != entity_id("a/b")
    assert entity_id("\ud800") == entity_id("\ud800")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("a\x00b\x07c\x7f", "abc"),
        ("a\tb\r\nc", "a b  c"),
        ("abc\u202edef", "abc⟨U+202E⟩def"),
        ("\u200fx", "⟨U+200F⟩x"),
        ("\ud800x\ufffe", "\ufffdx\ufffd"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # noqa: RUF001 letters that look alike
        ("👩‍💻 客服", "👩‍💻 客服"),
        ("<b>&amp;", "<b>&amp;"),
        ("x" * 100, "x" * 79 + "…"),
        ("x" * 80, "x" * 80),
    ],
)
def test_display(text, shown):
    assert display(text) == shown


@given(st.text(), st.integers(1, 50))
def test_display_is_bounded_and_harmless(text, limit):
    shown = display(text, limit)
    assert len(shown) <= limit
    assert not any(char in BIDI or unicodedata.category(char) in {"Cc", "Cs"} for char in shown)


def test_display_of_a_huge_text_looks_at_its_beginning_only():
    assert display("y" * 10_000_000, 10) == "y" * 9 + "…"
