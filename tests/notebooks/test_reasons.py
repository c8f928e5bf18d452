"""Reasons are short, plain, and keep what helps."""

import pytest

from kpitools.errors import FactsError
from kpitools.notebooks.reasons import clean_text, death_reason, error_reason


def test_an_error_of_ours_is_given_whole():
    text = str(FactsError("no such team", found="x", expected="billing", fix="choose one"))
    assert error_reason({"ename": "FactsError", "evalue": text}, cell=3) == text


def test_any_other_error_is_one_line_with_its_cell():
    output = {"ename": "ColumnNotFoundError", "evalue": 'unable to find "x"\n\nResolved plan: ...'}
    assert error_reason(output, cell=3) == 'ColumnNotFoundError: unable to find "x" (cell [3])'


def test_an_error_without_a_message_is_its_class():
    assert error_reason({"ename": "AssertionError", "evalue": ""}, cell=None) == "AssertionError"


def test_an_exit_is_called_an_exit():
    reason = error_reason({"ename": "SystemExit", "evalue": "0"}, cell=2)
    assert reason == "the notebook ended itself by exit(0) (cell [2])"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (-9, "killed (SIGKILL); too little memory is the usual cause"),
        (-11, "killed (SIGSEGV)"),
        (-64, "killed (SIGRTMAX)"),
        (-99, "killed (signal 99)"),
        (3, "ended by itself (exit code 3)"),
        (None, "ended by itself"),
    ],
)
def test_a_death_names_its_signal_or_code(code, text):
    assert death_reason(code, cell=None).endswith(text)


def test_messages_are_bounded_and_clean():
    assert clean_text("\x1b]0;title\x07a\rb\u202ec\x00") == "a\nbc"
    assert len(clean_text("x" * 10_000)) == 2000
