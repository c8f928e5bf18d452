# ruff: noqa: RUF001 - marks that look alike are what is tested
from __future__ import annotations

import io
import subprocess
import sys

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from kpitools.packs.cleaning import clean_text
from kpitools.packs.fonts import covering, faces, families, in_inter, visible, web_font


def test_inter_comes_first_and_has_the_marks_of_a_scorecard():
    assert faces()[0].family == "Inter"
    assert in_inter("▲▼●✓×~≤≥−·—…→“”€ 82.4 % Ödenmiş Žluťoučký Ελληνικά Русский")


def test_a_character_that_no_font_has_is_written_as_its_code_point():
    assert visible("a\U0010fffdb") == "a\u2039U+10FFFD\u203ab"


@pytest.mark.slow
def test_brackets_of_code_points_stay_readable_where_inter_lacks_them():
    assert visible("⟨U+202E⟩") == "\u2039U+202E\u203a"


def test_invisible_joiners_and_selectors_need_no_glyph():
    assert visible("a\u200db\ufe0f") == "a\u200db\ufe0f"


def test_the_plain_form_holds_only_what_inter_has():
    assert visible("é 中 e\u0301", plain=True) == "é \u2039U+4E2D\u203a e\u2039U+0301\u203a"


@pytest.mark.slow
@given(st.text())
def test_what_is_visible_is_set_by_listed_families_only(text):
    shown = visible(clean_text(text))
    assert visible(shown) == shown
    assert families(shown)[0] == "Inter"


def test_fallback_fonts_set_other_scripts_where_they_are_installed():
    pytest.importorskip("manimgx_fonts", reason="fallback fonts are optional")
    assert families("الدعم 😀") == ("Inter", "Noto Sans Arabic", "Noto Emoji")
    assert visible("الدعم 😀") == "الدعم 😀"


def test_chinese_is_set_simplified_first_where_its_font_is_installed():
    pytest.importorskip("manimgx_fonts_cjk", reason="fallback fonts are optional")
    assert covering("中").family == "Noto Sans CJK SC"
    assert visible("客户 상담 カ") == "客户 상담 カ"


def test_without_fallback_fonts_nothing_is_lost():
    code = (
        "import sys; sys.modules['manimgx_fonts'] = sys.modules['manimgx_fonts_cjk'] = None\n"
        "from kpitools.packs import fonts\n"
        "fonts._FALLBACK_PACKAGES = ()\n"
        "print(ascii(fonts.visible('中 A')), [f.family for f in fonts.faces()])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == r"'\u2039U+4E2D\u203a A' ['Inter']"


@pytest.mark.slow
def test_the_page_embeds_a_small_variable_inter():
    content = web_font()
    assert len(content) < 150_000
    font = TTFont(io.BytesIO(content))
    assert [axis.axisTag for axis in font["fvar"].axes] == ["wght"]
    assert {ord(character) for character in "Aé▲−ğЖ"} <= set(font.getBestCmap())
