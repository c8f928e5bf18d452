import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.sources.mending import LONGEST
from kpitools.sources.splitting import split_records


def split(text, width=2, *, first_line=1, final=True):
    return split_records(text, first_line=first_line, width=width, delimiter=b",", final=final)


def rows(found):
    return list(csv.reader(io.StringIO(found.text.decode(), newline="")))


def test_plain_lines_are_taken_as_they_are():
    found = split(b"1,a\n2,b\n", first_line=2)
    assert found.text == b"1,a\n2,b\n"
    assert found.lines.tolist() == [2, 3]
    assert found.broken == ()


def test_the_last_line_needs_no_line_end():
    assert rows(split(b"1,a\n2,b")) == [["1", "a"], ["2", "b"]]


def test_a_line_break_inside_quotes_belongs_to_the_value():
    found = split(b'1,"a\n\nb"\n2,c\n', first_line=2)
    assert rows(found) == [["1", "a\n\nb"], ["2", "c"]]
    assert found.lines.tolist() == [2, 5]
    assert found.blank == 0


def test_too_many_and_too_few_fields_are_kept_out_with_their_lines():
    found = split(b"1,a\n2\n3,b,c\n4,d\n", first_line=2)
    assert rows(found) == [["1", "a"], ["4", "d"]]
    assert [(item.line, item.fields, item.text) for item in found.broken] == [
        (3, 1, "2"),
        (4, 3, "3,b,c"),
    ]


def test_blank_lines_are_counted():
    found = split(b"1,a\n\n\r\n2,b\n\n")
    assert rows(found) == [["1", "a"], ["2", "b"]]
    assert found.blank == 3


def test_the_start_of_a_record_waits_for_the_next_block():
    found = split(b'1,a\n2,"b\nc', final=False)
    assert rows(found) == [["1", "a"]]
    assert (found.rest, found.rest_line) == (b'2,"b\nc', 2)
    again = split(found.rest + b'"\n', first_line=found.rest_line)
    assert rows(again) == [["2", "b\nc"]]


def test_a_quote_inside_a_value_is_part_of_it():
    found = split(b'1,5" pipe\n2,a "b" c\n3,d\n')
    assert rows(found) == [["1", '5" pipe'], ["2", 'a "b" c'], ["3", "d"]]


def test_a_quote_that_never_closes_takes_no_other_line_with_it():
    found = split(b'1,a\n2,"b\n3,c\n4,d\n')
    assert rows(found) == [["1", "a"], ["3", "c"], ["4", "d"]]
    assert [item.line for item in found.broken] == [2]


def test_two_quotes_that_never_close_take_no_line_with_them():
    found = split(b'1,"a\n2,"b\n3,c\n')
    assert rows(found)[-1] == ["3", "c"]
    assert [item.line for item in found.broken] == [1, 2]


def test_a_loose_quote_does_not_spoil_a_line_break_inside_quotes():
    found = split(b'1,5" x\n2,"a\nb"\n3,c\n')
    assert rows(found) == [["1", '5" x'], ["2", "a\nb"], ["3", "c"]]
    assert found.lines.tolist() == [1, 2, 4]


@pytest.mark.slow
def test_a_quote_open_for_too_long_is_given_up():
    block = b'1,"a\n' + b"2,b\n" * (LONGEST // 4 + 10)
    found = split(block, final=False)
    assert [item.line for item in found.broken] == [1]
    assert len(found.lines) == LONGEST // 4 + 10


VALUE = st.text(alphabet=st.sampled_from('ab,"\n x'), max_size=6)


@given(st.lists(st.tuples(VALUE, VALUE, VALUE), max_size=12), st.integers(0, 80))
@settings(max_examples=150, deadline=None)
def test_well_formed_text_comes_back_whatever_the_blocks(records, cut):
    made = io.StringIO()
    csv.writer(made, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(records)
    text = made.getvalue().encode()
    first = split(text[:cut], 3, final=False)
    second = split(first.rest + text[cut:], 3, first_line=first.rest_line)
    assert rows(first) + rows(second) == [list(item) for item in records]
    assert not first.broken
    assert not second.broken


@given(st.text(alphabet=st.sampled_from('ab,"\n'), max_size=60), st.integers(0, 60))
@settings(max_examples=300, deadline=None)
def test_every_line_of_any_text_is_accounted_for(text, cut):
    block = text.encode()
    first = split(block[:cut], final=False)
    second = split(first.rest + block[cut:], first_line=first.rest_line)
    found = [first, second]
    good = [line for item in found for line in item.lines.tolist()]
    bad = [item.line for part in found for item in part.broken]
    assert len(set(good + bad)) == len(good + bad)
    inside = sum(row.count("\n") for part in found for row in map("".join, rows(part)))
    lines = block.count(b"\n") + (1 if block and not block.endswith(b"\n") else 0)
    continued = sum(item.text.count("\n") for part in found for item in part.broken)
    blank = sum(part.blank for part in found)
    assert len(good) + len(bad) + blank + inside + continued == lines
    assert all(len(row) == 2 for part in found for row in rows(part))
