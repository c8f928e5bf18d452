import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.errors import SourceError
from kpitools.sources.values import Marks, clock_ms, duration, money, number, whole


def marks(decimal=".", thousands=""):
    return Marks(decimal, thousands, ("true",), ("false",), ())


def read(made, values):
    return (
        pl.DataFrame({"x": values}, schema={"x": pl.String}).select(made.alias("x"))["x"].to_list()
    )


@pytest.mark.parametrize(
    ("decimal", "thousands", "text", "value"),
    [
        (".", "", "12", 12.0),
        (".", "", "-1.5e3", -1500.0),
        (".", "", "1,234", None),
        (".", ",", "1,234.5", 1234.5),
        (".", ",", "1,23.5", None),
        (".", ",", "12,34,567", 1_234_567.0),
        (",", ".", "1.234,5", 1234.5),
        (",", ".", "1.5", None),
        (",", " ", "1\u202f234,5", 1234.5),
        (",", "", "0,5", 0.5),
        (".", "'", "1'234", 1234.0),
        (".", "", "inf", None),
        (".", "", "nan", None),
        (".", "", "1e999", None),
        (".", "", "0x10", None),
        (".", "", "٣", None),
    ],
)
def test_numbers_follow_the_declared_marks(decimal, thousands, text, value):
    assert read(number(pl.col("x"), marks(decimal, thousands)), [text]) == [value]


@pytest.mark.parametrize(
    ("unit", "text", "value"),
    [
        ("ms", "1500", 1500),
        ("seconds", "109.0", 109_000),
        ("seconds", "0.0005", 1),
        ("minutes", "1.5", 90_000),
        ("hours", "0.1", 360_000),
        ("days", "2", 172_800_000),
        ("hh:mm:ss", "00:02:23", 143_000),
        ("hh:mm:ss", "100:00:00.25", 360_000_250),
        ("hh:mm:ss", "1899-12-31 00:02:23", 143_000),
        ("hh:mm:ss", "1900-01-01 02:00:05.000000", 93_605_000),
        ("hh:mm:ss", "00:61:00", None),
        ("hh:mm:ss", "2:23", None),
        ("mm:ss", "62:03", 3_723_000),
        ("hh:mm", "01:30", 5_400_000),
        ("day_fraction", "0.25", 21_600_000),
        ("excel_time", "1899-12-31 06:00:00", 21_600_000),
        ("excel_time", "0.25", 21_600_000),
        ("excel_time", "06:00:00", 21_600_000),
        ("epoch_1970", "1970-01-02 09:46:18", 121_578_000),
        ("epoch_1970", "09:46:18", None),
        ("seconds", "x", None),
    ],
)
def test_durations_are_whole_milliseconds(unit, text, value):
    assert read(duration(pl.col("x"), marks(), unit), [text]) == [value]


@pytest.mark.parametrize(
    ("text", "digits", "value"),
    [
        ("12.34", 2, 1234),
        ("$1,234.50", 2, 123_450),
        ("1,234.50 EUR", 2, 123_450),
        ("-€5", 2, -500),
        ("(12.00)", 2, -1200),
        ("¥500", 0, 500),
        ("0.285", 2, 29),
        ("5 apples", 2, None),
    ],
)
def test_money_is_whole_minor_units(text, digits, value):
    assert read(money(pl.col("x"), marks(thousands=","), digits=digits), [text]) == [value]


@given(st.lists(st.integers(0, 10**10), min_size=1, max_size=10))
@settings(max_examples=60, deadline=None)
def test_a_clock_reads_back(values):
    text = [
        f"{item // 3_600_000}:{item // 60_000 % 60:02}:{item // 1000 % 60:02}.{item % 1000:03}"
        for item in values
    ]
    assert read(clock_ms(pl.col("x"), "hh:mm:ss"), text) == values


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=10))
@settings(max_examples=60, deadline=None)
def test_cents_read_back(values):
    text = [f"{'-' if item < 0 else ''}{abs(item) // 100}.{abs(item) % 100:02}" for item in values]
    assert read(money(pl.col("x"), marks(), digits=2), text) == values


def test_halves_go_away_from_zero():
    frame = pl.DataFrame({"x": [0.5, -0.5, 1.49, 2.0**53, 2.0**60]})
    assert frame.select(whole(pl.col("x")))["x"].to_list() == [1, -1, 1, 2**53, None]


HEAD = "Id,At,Wait,Ok,Kind,N\n"
COLUMNS = {
    "contact_id": "Id",
    "offered_at": "At",
    "wait_ms": {"from": "Wait", "unit": "seconds"},
    "transferred": "Ok",
    "outcome": {"from": "Kind", "values": {"A": "answered", "B": "abandoned"}},
}


def test_negative_durations_are_counted_and_left_empty(desk):
    events = desk.calls(HEAD + "1,2026-10-05,-5,Y,A,\n2,2026-10-05,5,N,B,\n", COLUMNS)
    finding = desk.one(events, "negative_durations")
    assert (finding.count, finding.examples) == (1, ("calls.csv line 2: '-5'",))
    assert events.tables["contacts"].collect()["wait_ms"].to_list() == [None, 5000]


def test_values_outside_the_map_are_found(desk):
    events = desk.calls(HEAD + "1,2026-10-05,5,Y,C,\n2,2026-10-05,5,N,,\n", COLUMNS)
    finding = desk.one(events, "unmapped_values")
    assert (finding.field, finding.count) == ("outcome", 1)
    assert finding.examples == ("calls.csv line 2: 'C'",)
    assert not desk.found(events, "unreadable")


def test_values_outside_the_map_may_have_a_place(desk):
    kind = {"from": "Kind", "values": {"A": "answered", "": "blocked"}, "otherwise": "missed"}
    columns = {**COLUMNS, "outcome": kind}
    events = desk.calls(HEAD + "1,2026-10-05,5,Y,C,\n2,2026-10-05,5,N,,\n", columns)
    assert events.tables["contacts"].collect()["outcome"].to_list() == ["missed", "blocked"]
    assert not desk.found(events, "unmapped_values")


def test_missing_words_are_no_values(desk):
    form = {"missing": ["?", "NULL"]}
    content = HEAD + "1,2026-10-05,?,NULL,?,\n2,2026-10-05,5,y,A,\n"
    events = desk.calls(content, COLUMNS, format=form)
    row = events.tables["contacts"].collect().row(0, named=True)
    assert (row["wait_ms"], row["transferred"], row["outcome"]) == (None, None, None)
    assert not desk.found(events, "unreadable")
    assert desk.one(desk.calls(None, COLUMNS), "unmapped_values").count == 1


def test_flags_have_their_words(desk):
    columns = {**COLUMNS, "transferred": {"from": "Ok", "true": ["ja"], "false": ["nein"]}}
    content = HEAD + "1,2026-10-05,1,JA,A,\n2,2026-10-05,1,nein,A,\n3,2026-10-05,1,yes,A,\n"
    events = desk.calls(content, columns)
    assert events.tables["contacts"].collect()["transferred"].to_list() == [True, False, None]
    assert desk.one(events, "unreadable").field == "transferred"


def test_many_unreadable_values_block(desk):
    rows = "".join(f"{n},2026-10-05,{'x' if n < 3 else n},Y,A,\n" for n in range(10))
    finding = desk.one(desk.calls(HEAD + rows, COLUMNS), "unreadable")
    assert (finding.count, finding.severity) == (3, "blocking")
    assert "30.0 %" in finding.message


def test_durations_declare_or_prove_their_unit(desk):
    columns = {**COLUMNS, "wait_ms": "Wait"}
    content = HEAD + "1,2026-10-05,00:01:05,Y,A,\n2,2026-10-05,1899-12-31 00:00:07,Y,A,\n"
    assert desk.frame(content, columns)["wait_ms"].to_list() == [65_000, 7000]
    with pytest.raises(SourceError, match="neither declared nor proven") as caught:
        desk.calls(HEAD + "1,2026-10-05,65,Y,A,\n", columns)
    assert "unit: seconds" in caught.value.faults[0].fix


def test_constants_fill_every_row(desk):
    columns = {
        **COLUMNS,
        "channel": {"constant": "voice"},
        "hold_ms": {"constant": "1.5", "unit": "seconds"},
        "resolved": {"constant": "true"},
    }
    row = desk.frame(HEAD + "1,2026-10-05,1,Y,A,\n", columns).row(0, named=True)
    assert (row["channel"], row["hold_ms"], row["resolved"]) == ("voice", 1500, True)


def test_counts_are_whole_and_percentages_fractions(desk):
    content = "Id,At,N,P\n1,2026-10-05,2.0,85%\n2,2026-10-05,2.5,40\n"
    columns = {
        "evaluation_id": "Id",
        "submitted_at": "At",
        "critical_errors": "N",
        "score": {"from": "P", "unit": "percent"},
    }
    frame = desk.frame(content, columns, table="evaluations")
    assert frame["critical_errors"].to_list() == [2, None]
    assert frame["score"].to_list() == [0.85, 0.4]


def test_money_columns(desk):
    content = 'At,Team,Class,Amount\n2026-10-05,a,x,"1.234,50 €"\n'
    columns = {
        "posted_at": "At",
        "team": "Team",
        "cost_class": "Class",
        "amount": {"from": "Amount", "decimal": ",", "thousands": "."},
    }
    assert desk.frame(content, columns, table="costs")["amount"].to_list() == [123_450]


def test_derived_fields_follow_each_other_whatever_their_order(desk):
    columns = {
        "contact_id": "Id",
        "ended_at": {"expression": "later(answered_at, wait_ms)"},
        "answered_at": {"expression": "later(offered_at, wait_ms)"},
        "offered_at": "At",
        "wait_ms": {"from": "Wait", "unit": "seconds"},
        "escalated": {"expression": "local_hour(offered_at) >= 9 and wait_ms > 3000"},
        "hold_ms": {"expression": "wait_ms * 0.5"},
        "talk_ms": {"expression": "wait_ms - 10000"},
    }
    events = desk.calls(HEAD + "1,2026-10-05 09:00,5,Y,A,\n", columns)
    row = events.tables["contacts"].collect().row(0, named=True)
    assert str(row["ended_at_local"]) == "2026-10-05 09:00:10"
    assert (row["escalated"], row["hold_ms"], row["talk_ms"]) == (True, 2500, None)
    assert desk.one(events, "negative_durations").field == "talk_ms"


def test_a_team_may_be_derived_and_has_its_clock(desk):
    columns = {
        "contact_id": "Id",
        "offered_at": "At",
        "queue": "Kind",
        "team": {"expression": "case when queue = 'A' then 'north' else 'south' end"},
    }
    teams = {"north": {"timezone": "Europe/Istanbul"}, "south": {}}
    content = HEAD + "1,2026-10-05 09:00,5,Y,A,\n2,2026-10-05 09:00,5,Y,B,\n"
    frame = desk.frame(content, columns, config={"teams": teams})
    assert [item.hour for item in frame["offered_at_local"]] == [12, 9]
