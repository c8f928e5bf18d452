from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from kpitools.packs.cleaning import bounded, breakable, clean_data, clean_text


def test_control_characters_go_and_line_ends_become_one_kind():
    assert clean_text("a\x00b\x07c\r\nd\re\u2028f\tg") == "abc\nd\ne\nf\tg"


def test_characters_that_turn_the_direction_are_shown_as_code_points():
    assert clean_text("pay\u202efdp.exe\u2069") == "pay⟨U+202E⟩fdp.exe⟨U+2069⟩"


def test_keys_and_values_of_any_depth_are_cleaned_and_numbers_stay():
    assert clean_data({"a\x01": [{"b": ("c\x02", 1.5, None, True)}]}) == {
        "a": [{"b": ["c", 1.5, None, True]}]
    }


@given(st.text(alphabet=st.characters(codec=None)))
def test_cleaned_text_can_be_written_to_any_file(text):
    clean = clean_text(text)
    assert clean.encode("utf-8").decode("utf-8") == clean
    assert json.loads(json.dumps(clean)) == clean
    assert clean_text(clean) == clean


@given(st.text(min_size=1), st.integers(1, 50))
def test_a_bounded_text_says_how_much_is_left_out(text, longest):
    short = bounded(text, longest=longest)
    if len(text) <= longest:
        assert short == text
    else:
        assert short.startswith(text[:longest])
        assert f"({len(text) - longest} more characters)" in short


@given(st.text(alphabet="ab ", max_size=300))
def test_breaking_long_words_adds_nothing_visible(text):
    assert breakable(text).replace("\u200b", "") == text
    assert all(len(part) < 40 for part in breakable(text).replace("\u200b", " ").split())
