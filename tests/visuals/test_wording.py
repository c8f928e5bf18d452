import pytest

from kpitools.errors import VisualsError
from kpitools.visuals.wording import (
    Named,
    chance_text,
    counted,
    named,
    note,
    quote_change,
    quote_share,
    quote_value,
    say,
)


def test_a_number_that_no_finding_gave_is_refused():
    with pytest.raises(VisualsError, match="a number that no finding gave"):
        say("2 KPIs changed")


def test_a_name_may_hold_digits_and_is_bounded():
    text = say(named("24/7 " + "x" * 100), " fell.").block.text
    assert text.startswith("24/7 xxx")
    assert len(text) == 66


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 teams"), (1, "1 team"), (2, "2 teams"), (1200, "1,200 teams")]
)
def test_words_agree_with_their_number(count, text):
    assert say(*counted(count, "team", "teams")).block.text == text


def test_quoted_numbers_keep_the_value_that_they_were_made_from():
    quoted = quote_value(0.82444, unit="share")
    assert (quoted.text, quoted.value, quoted.unit) == ("82.4 %", 0.82444, "share")
    assert quote_change(-0.034, unit="share").text == "\N{MINUS SIGN}3.4 pts"
    assert quote_share(0.119).text == "11.9 %"


def test_a_missing_value_is_said_and_quotes_nothing():
    missing = quote_value(None, unit="seconds")
    assert isinstance(missing, Named)
    assert say("It was ", missing).block.numbers == ()


def test_a_note_is_bounded():
    assert len(note("y" * 5000).block.text) == 600


def test_chance_is_said_only_where_it_would_show():
    assert chance_text(0.04) == ""
    assert chance_text(1.0) == "By chance alone about 1.0 of these charts would show a change."
