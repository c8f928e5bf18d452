from datetime import datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.errors import SourceError
from kpitools.sources.timestamps import Shapes, date_order, read_times, shape_counts


def read(values, declared=None):
    frame = pl.DataFrame({"x": values}, schema={"x": pl.String})
    shapes = Shapes(*frame.select(shape_counts(pl.col("x"))).row(0))
    found = read_times(pl.col("x"), declared, shapes)
    clock = frame.select(found.clock.alias("x"))["x"].to_list()
    if found.instant is None:
        return clock
    instant = frame.select(found.instant.alias("x"))["x"].to_list()
    return [left if right is None else right for left, right in zip(clock, instant, strict=True)]


def at(*parts):
    return datetime(*parts)  # noqa: DTZ001 - clock times are naive


def test_year_first_needs_no_proof():
    found = read(["2026-10-05 09:01:02", "2026-10-05T09:01:02.345", "2026/1/5 9:05", "2026-10-05"])
    assert found == [
        at(2026, 10, 5, 9, 1, 2),
        at(2026, 10, 5, 9, 1, 2, 345000),
        at(2026, 1, 5, 9, 5),
        at(2026, 10, 5),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-05T09:00:00Z",
        "2026-10-05 09:00:00 UTC",
        "2026-10-05T11:00+02:00",
        "2026-10-05 04:30:00-0430",
        "2026-10-05T12:00:00.000+03",
    ],
)
def test_an_offset_in_the_text_counts(text):
    (found,) = read([text])
    assert found.tzinfo is not None
    assert found.replace(tzinfo=None) == at(2026, 10, 5, 9)


def test_day_first_is_proven_by_one_value_of_the_whole_column():
    assert read(["05/10/2026 09:00", "1.2.2026 9:05", "31-12-2026 23:59"]) == [
        at(2026, 10, 5, 9),
        at(2026, 2, 1, 9, 5),
        at(2026, 12, 31, 23, 59),
    ]


def test_month_first_is_proven_too_and_half_days_are_read():
    assert read(["10/05/2026, 1:05 PM", "10/31/2026 12:00:01 a.m."]) == [
        at(2026, 10, 5, 13, 5),
        at(2026, 10, 31, 0, 0, 1),
    ]


def test_equal_day_and_month_need_no_proof():
    assert read(["05/05/2026 09:00", "1/1/2026"]) == [at(2026, 5, 5, 9), at(2026, 1, 1)]


def test_iso_does_not_guess_the_order_of_other_dates():
    assert read(["05/10/2026", "2026-10-05"], "iso") == [None, at(2026, 10, 5)]


def test_a_mixed_column_is_read_where_a_value_proves_itself():
    found = read(["13/10/2026", "10/13/2026", "05/10/2026", "06/06/2026"])
    assert found == [at(2026, 10, 13), at(2026, 10, 13), None, at(2026, 6, 6)]


@pytest.mark.parametrize("text", ["31/02/2026", "29/2/2026", "2026-13-01", "x", "2026-10-05 25:00"])
def test_times_that_do_not_exist_are_unreadable(text):
    assert read([text, "13/10/2026 10:00"])[0] is None


@pytest.mark.parametrize(
    ("declared", "text"),
    [
        ("day_first", "05/10/2026"),
        ("month_first", "10/05/2026"),
        ("%d.%m.%y", "05.10.26"),
        ("%Y%m%d", "20261005"),
        ("%d %b %Y", "05 Oct 2026"),
        ("%B %d, %Y", "October 05, 2026"),
        ("%Y%m%dT%H%M%S", "20261005T000000"),
    ],
)
def test_declared_formats(declared, text):
    assert read([text, None], declared) == [at(2026, 10, 5), None]


@pytest.mark.parametrize(
    ("declared", "text"),
    [
        ("epoch_s", "1791190800"),
        ("epoch_s", "1791190800.0"),
        ("epoch_ms", "1791190800000"),
        ("%Y-%m-%d %H:%M:%S %z", "2026-10-05 12:00:00 +0300"),
    ],
)
def test_declared_instants(declared, text):
    (found,) = read([text], declared)
    assert found.replace(tzinfo=None) == at(2026, 10, 5, 9)


@given(
    st.lists(
        st.datetimes(min_value=at(1990, 1, 1), max_value=at(2050, 1, 1)).map(
            lambda item: item.replace(second=0, microsecond=0)
        ),
        min_size=1,
        max_size=20,
    )
)
@settings(max_examples=60, deadline=None)
def test_what_is_proven_is_right(times):
    text = [f"{item.day}/{item.month}/{item.year} {item:%H:%M}" for item in times]
    proven = any(item.day > 12 for item in times)
    frame = pl.DataFrame({"x": text})
    shapes = Shapes(*frame.select(shape_counts(pl.col("x"))).row(0))
    if proven or all(item.day == item.month for item in times):
        assert read(text) == times
    else:
        assert date_order(None, shapes) is None
    assert read(text, "day_first") == times


COLUMNS = {"contact_id": "Id", "offered_at": "At"}


def test_a_column_that_proves_nothing_is_refused_with_the_way_out(desk):
    with pytest.raises(SourceError, match="whether day or month comes first") as caught:
        desk.calls("Id,At\n1,05/10/2026\n2,06/11/2026\n")
    (fault,) = caught.value.faults
    assert "calls" in fault.where
    assert "format: day_first" in fault.fix
    declared = {"contact_id": "Id", "offered_at": {"from": "At", "format": "day_first"}}
    frame = desk.frame(None, declared)
    assert frame["offered_at_local"].to_list() == [at(2026, 10, 5), at(2026, 11, 6)]


@pytest.mark.parametrize("text", ["1791190800", "20261005", "5 Oct 2026", "05/10/26"])
def test_a_column_of_no_plain_format_is_refused(desk, text):
    with pytest.raises(SourceError, match="neither declared nor plain"):
        desk.calls(f"Id,At\n1,{text}\n")


def test_all_columns_that_prove_nothing_are_told_at_once(desk):
    content = "Id,At,End,Wait\n1,05/10/2026,05/10/2026,12\n"
    columns = {**COLUMNS, "ended_at": "End", "wait_ms": "Wait"}
    with pytest.raises(SourceError) as caught:
        desk.calls(content, columns)
    assert len(caught.value.faults) == 3


def test_proven_order_is_said(desk):
    events = desk.calls("Id,At\n1,13/10/2026 09:00\n2,05/10/2026 09:00\n")
    finding = desk.one(events, "date_order")
    assert finding.message == "calls: dates of offered_at are day first, as 1 value proves."


def test_mixed_order_blocks(desk):
    events = desk.calls("Id,At\n1,13/10/2026 09:00\n2,10/13/2026 09:00\n3,05/10/2026 09:00\n")
    finding = desk.one(events, "mixed_date_order")
    assert (finding.count, finding.severity) == (2, "blocking")
    assert finding.examples[-1] == "calls.csv line 4: '05/10/2026 09:00'"
    assert events.tables["contacts"].collect()["offered_at"].null_count() == 1


def test_a_declared_order_that_values_contradict_blocks(desk):
    columns = {"contact_id": "Id", "offered_at": {"from": "At", "format": "%d/%m/%Y"}}
    events = desk.calls("Id,At\n1,05/10/2026\n2,10/13/2026\n", columns)
    assert desk.one(events, "mixed_date_order").count == 1
    assert not desk.found(events, "unreadable")


def test_unreadable_times_are_counted_with_examples(desk):
    rows = "".join(f"{n},2026-10-05 09:00\n" for n in range(20))
    events = desk.calls(f"Id,At\n{rows}x,2026-02-31 09:00\ny,soon\nz,\n")
    finding = desk.one(events, "unreadable")
    assert (finding.count, finding.severity, finding.field) == (2, "warning", "offered_at")
    assert finding.examples == (
        "calls.csv line 22: '2026-02-31 09:00'",
        "calls.csv line 23: 'soon'",
    )


def test_dates_without_times_are_said(desk):
    events = desk.calls("Id,At\n1,2026-10-05\n2,2026-10-05 10:00\n")
    finding = desk.one(events, "dates_without_times")
    assert (finding.count, finding.severity) == (1, "warning")


def test_parts_of_a_time_are_joined_and_a_lone_part_is_unreadable(desk):
    columns = {"contact_id": "Id", "offered_at": {"from": ["Day", "Hour"]}}
    events = desk.calls("Id,Day,Hour\n1,2026-10-05,09:00\n2,2026-10-05,\n3,,\n", columns)
    frame = events.tables["contacts"].collect()
    assert frame["offered_at_local"].to_list() == [at(2026, 10, 5, 9), None, None]
    assert desk.one(events, "unreadable").count == 1


ZONED = {
    "contact_id": "Id",
    "team": "Team",
    "offered_at": {"from": "At", "timezone": "Europe/Madrid"},
}


def test_the_hour_that_comes_twice_and_the_hour_that_is_skipped(desk):
    content = "Id,Team,At\n1,a,2026-10-25 02:30\n2,a,2026-03-29 02:30\n3,a,2026-07-01 12:00\n"
    events = desk.calls(content, ZONED, config={"timezone": "Europe/Madrid"})
    frame = events.tables["contacts"].collect()
    assert [item.replace(tzinfo=None) for item in frame["offered_at"]] == [
        at(2026, 10, 25, 0, 30),
        at(2026, 3, 29, 1, 30),
        at(2026, 7, 1, 10),
    ]
    assert frame["offered_at_local"].to_list()[1] == at(2026, 3, 29, 3, 30)
    assert desk.one(events, "ambiguous_local_times").examples == (
        "calls.csv line 2: '2026-10-25 02:30'",
    )
    assert desk.one(events, "skipped_local_times").count == 1


def test_an_offset_is_never_ambiguous(desk):
    content = "Id,Team,At\n1,a,2026-10-25T02:30:00+01:00\n"
    events = desk.calls(content, ZONED)
    assert not desk.found(events, "ambiguous_local_times")
    assert events.tables["contacts"].collect()["offered_at"][0].hour == 1


def test_each_team_has_its_own_clock(desk):
    teams = {"a": {"timezone": "Europe/Istanbul"}, "b": {"timezone": "America/New_York"}}
    content = "Id,Team,At\n1,a,2026-10-05 01:00\n2,b,2026-10-05 01:00\n3,c,2026-10-05 01:00\n"
    columns = {**ZONED, "offered_at": {"from": "At", "timezone": "UTC"}}
    frame = desk.frame(content, columns, config={"teams": teams})
    assert frame["offered_at_local"].to_list() == [
        at(2026, 10, 5, 4),
        at(2026, 10, 4, 21),
        at(2026, 10, 5, 1),
    ]


def test_times_on_the_teams_own_clock_come_back_on_it(desk):
    teams = {"a": {"timezone": "Europe/Istanbul"}, "b": {"timezone": "America/New_York"}}
    content = "Id,Team,At\n1,a,2026-10-05 01:00\n2,b,2026-10-05 01:00\n"
    columns = {**ZONED, "offered_at": {"from": "At", "timezone": "team"}}
    frame = desk.frame(content, columns, config={"teams": teams})
    assert frame["offered_at_local"].unique().to_list() == [at(2026, 10, 5, 1)]
    gap = frame["offered_at"][1] - frame["offered_at"][0]
    assert gap == timedelta(hours=7)
