"""What a formula may not be, and what the reader is told."""

import contextlib

import polars as pl
import pytest
from catalog.engines import FIELDS, formula
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.catalog.expressions import FUNCTIONS, parse_formula
from kpitools.errors import CatalogError

FAULTS = {
    "": "is empty",
    "   ": "is empty",
    "sum(wait_ms": "cannot be read",
    "sum(wait_ms) +": "cannot be read",
    "'abc": "cannot be read",
    "wait_ms; talk_ms": "one expression",
    "(select 1)": "may not contain subquery",
    "wait_ms in (select 1)": "'in' takes a list",
    "exists(select 1)": "may not contain exists",
    "sum(wait_ms) over ()": "may not contain window",
    "wait_ms talk_ms": "may not contain alias",
    "wait_ms % 2": "may not contain mod",
    "cast(wait_ms as text)": "no function 'cast'",
    "wait_ms::text": "may not convert",
    "contacts.wait_ms": "a field has no prefix",
    "read_csv('/etc/passwd')": "no function 'read_csv'",
    "wiat_ms": "no field 'wiat_ms'",
    "Wait_ms": "no field 'Wait_ms'",
    ":limt": "no parameter ':limt'",
    "?": "no parameter ':?'",
    "summ(wait_ms)": "no function 'summ'",
    "sum(resolved)": "count(*) filter",
    "sum(outcome)": "not text",
    "sum(*)": "may not contain star",
    "sum(wait_ms, talk_ms)": "other arguments",
    "count()": "other arguments",
    "count(distinct agent, outcome)": "other arguments",
    "sum(sum(wait_ms))": "inside an aggregate",
    "sum(1)": "at least one field",
    "count(*) filter (where true)": "fields of one row",
    "count(*) filter (where count(*) > 1)": "fields of one row",
    "count(*) filter (where wait_ms)": "a condition is true or false",
    "abs(wait_ms) filter (where resolved)": "follows an aggregate",
    "percentile(wait_ms, 1.5)": "from 0 to 1",
    "percentile(wait_ms, talk_ms)": "from 0 to 1",
    "percentile(outcome, 0.5)": "not text",
    "avg(resolved)": "not a flag",
    "min(resolved)": "cannot order flag",
    "wait_ms + amount": "cannot join duration and money",
    "wait_ms + replies": "cannot join duration and count",
    "wait_ms * talk_ms": "cannot join duration and duration",
    "wait_ms + outcome": "takes numbers, not text",
    "created_at - solved_at": "takes numbers, not timestamp",
    "-outcome": "takes a number, not text",
    "outcome = 1": "cannot compare text with number",
    "wait_ms > amount": "cannot compare duration with money",
    "created_at > local_date(created_at)": "cannot compare timestamp with date",
    "resolved > true": "a flag has no order",
    "outcome = null": "never true",
    "outcome in ('a', 1)": "cannot compare",
    "outcome in ('a', null)": "never true",
    "outcome in ()": "takes a list",
    "resolved and wait_ms": "a condition is true or false",
    "not outcome": "a condition is true or false",
    "outcome is true": "takes a flag",
    "wait_ms like 'a%'": "takes text",
    "outcome like agent": "takes a pattern",
    "outcome || wait_ms": "joins texts",
    "wait_ms between symmetric 1 and 2": "lower to the upper",
    "case when wait_ms then 1 end": "a condition is true or false",
    "case when resolved then 1 else 'a' end": "different kinds",
    "coalesce(wait_ms, outcome)": "values of one kind",
    "least(outcome, agent)": "numbers or times",
    "round(wait_ms, talk_ms)": "whole number from 0 to 15",
    "round(wait_ms, 99)": "whole number from 0 to 15",
    "lower(wait_ms)": "takes text",
    "hours(replies)": "takes a duration, not count",
    "milliseconds(created_at, wait_ms)": "two time stamps",
    "later(wait_ms, 1)": "a time stamp first",
    "later(created_at, score)": "whole milliseconds",
    "local_date(wait_ms)": "name of a time stamp",
    "local_hour(later(created_at, 1))": "name of a time stamp",
    "date 'tomorrow'": "not a date",
    "99999999999999999999 + wait_ms": "too large",
    "null": "gives null",
    "sum(wait_ms) + talk_ms": "outside the aggregate: talk_ms",
}


@pytest.mark.parametrize("text", FAULTS)
def test_is_refused(text):
    with pytest.raises(CatalogError) as caught:
        formula(text)
    assert FAULTS[text] in str(caught.value)


def test_near_names_are_suggested_with_their_place():
    with pytest.raises(CatalogError) as caught:
        formula("sum(talk_ms) + sum(wiat_ms)")
    (fault,) = caught.value.faults
    assert fault.where == "character 20"
    assert fault.fix.startswith("did you mean 'wait_ms'")


def test_all_faults_of_a_formula_come_at_once():
    with pytest.raises(CatalogError) as caught:
        formula("summ(wait_ms) + sum(wiat_ms) + :limt")
    assert [fault.where for fault in caught.value.faults] == [
        "character 1",
        "character 21",
        "character 32",
    ]


@pytest.mark.parametrize(
    ("text", "mode"), [("sum(wait_ms)", "row"), ("wait_ms", "aggregate"), ("1", "aggregate")]
)
def test_wrong_mode(text, mode):
    with pytest.raises(CatalogError, match="aggregate"):
        formula(text, mode=mode)


@pytest.mark.parametrize("text", ["(" * 1900 + "1" + ")" * 1900, "-" * 3000 + "1", "a" * 5000])
def test_huge_texts_are_refused_without_a_crash(text):
    with pytest.raises(CatalogError):
        formula(text)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="abw_t ms(),'\":*+-/<>=.%0123456789\n;|[]{}?@\\~&^!é", max_size=40))
def test_any_text_is_a_formula_or_a_catalog_error(text):
    with contextlib.suppress(CatalogError):
        assert parse_formula(text, table_fields=FIELDS).text == text


def test_parameters_need_values_of_their_kind():
    asked = formula("count(*) filter (where wait_ms > :limit and :inclusive and outcome = :word)")
    with pytest.raises(CatalogError) as caught:
        asked.to_polars({"limit": 2.5, "inclusive": 1})
    text = str(caught.value)
    assert "parameter 'word' has no value" in text
    assert "a whole number" in text
    assert "true or false" in text


def test_a_parameter_declared_as_number_takes_whole_numbers():
    frame = pl.DataFrame({"score": [1.0, 2.0, 3.0]})
    asked = formula("count(*) filter (where score >= :share)")
    assert frame.select(asked.to_polars({"share": 2})).item() == 2


def test_unknown_dialect():
    with pytest.raises(CatalogError, match="known: duckdb"):
        formula("count(*)").to_sql("oracle")


def test_sql_keeps_names_of_parameters_without_values():
    asked = formula("count(*) filter (where wait_ms > :limit)")
    assert asked.to_sql() == 'COUNT(*) FILTER(WHERE "wait_ms" > $limit)'
    assert asked.to_sql(parameters={"limit": 7}) == 'COUNT(*) FILTER(WHERE "wait_ms" > 7)'


def test_text_of_data_stays_text_in_sql():
    asked = formula("count(*) filter (where outcome = :word)")
    made = asked.to_sql(parameters={"word": "x'; drop table rows; --"})
    assert made == "COUNT(*) FILTER(WHERE \"outcome\" = 'x''; drop table rows; --')"


def test_fields_columns_and_parameters():
    asked = formula("count(distinct local_date(created_at)) filter (where wait_ms > :limit)")
    assert asked.fields == {"created_at", "wait_ms"}
    assert asked.columns == {"created_at_local", "wait_ms"}
    assert asked.parameters == {"limit"}


def test_any_column_name_can_be_read_in_quotes():
    asked = parse_formula('"Call Id" is not null', table_fields={"Call Id": "text"})
    assert asked.fields == {"Call Id"}
    assert asked.to_sql() == 'NOT ("Call Id" IS NULL)'


@pytest.mark.parametrize(
    ("text", "kind", "whole"),
    [
        ("sum(wait_ms)", "duration", True),
        ("avg(wait_ms)", "duration", False),
        ("sum(wait_ms) / count(*)", "duration", False),
        ("sum(wait_ms) / sum(talk_ms)", "number", False),
        ("sum(amount) / sum(wait_ms)", "number", False),
        ("count(*) - count(wait_ms)", "count", True),
        ("sum(replies * wait_ms)", "duration", True),
        ("2 * 3", "count", True),
        ("1.5", "number", False),
        ("sum(replies + score)", "number", False),
        ("max(local_date(created_at))", "date", False),
        ("later(created_at, wait_ms)", "timestamp", False),
    ],
)
def test_kind_of_the_result(text, kind, whole):
    asked = formula(text)
    assert (asked.kind, asked.whole) == (kind, whole)


def test_every_function_has_a_usage_line_that_can_be_read():
    for name, function in FUNCTIONS.items():
        assert function.usage.startswith(f"{name}(")
