"""Ranges of forecasts are read in their unit, and every fault is told with its line."""

import pytest

HEAD = "at,offered,low,high,level\n"
COLUMNS = {
    "interval_at": "at",
    "offered": "offered",
    "offered_low": "low",
    "offered_high": "high",
    "range_level": {"from": "level", "unit": "percent"},
}


@pytest.fixture
def read(desk):
    def read(*lines, columns=None):
        text = HEAD + "".join(f"2026-10-05 09:{10 + n},{line}\n" for n, line in enumerate(lines))
        more = {"as_of": "2026-10-06T00:00:00Z"}
        asked = columns or COLUMNS
        return desk.calls(text, asked, table="forecasts", file="plan.csv", config=more)

    return read


def kinds(events):
    return [item.kind for item in events.findings if item.kind != "missing"]


def test_a_level_in_percent_is_a_fraction(read):
    frame = read("10,8.5,12,80").tables["forecasts"].collect()
    assert frame.select("offered_low", "offered_high", "range_level").row(0) == (8.5, 12.0, 0.8)


def test_ranges_without_fault_are_not_told(read):
    assert kinds(read("10,8,12,80", "10,10,10,50", "10,,,80", "10,,,")) == []


def test_a_constant_level_serves_rows_without_a_range(read):
    columns = {**COLUMNS, "range_level": {"constant": "80", "unit": "percent"}}
    events = read("10,8,12,", "10,,,", columns=columns)
    assert kinds(events) == []
    assert events.tables["forecasts"].collect()["range_level"].to_list() == [0.8, 0.8]


def test_every_fault_is_told_with_its_lines(read, desk):
    events = read("10,12,8,80", "10,8,,80", "10,,12,80", "10,8,12,", "10,8,12,8000", "10,11,12,80")
    assert sorted(kinds(events)) == [
        *("forecast_outside_range", "range_incomplete", "range_level", "range_reversed")
    ]
    turned = desk.one(events, "range_reversed")
    assert (turned.count, turned.rows, turned.severity) == (1, 6, "warning")
    assert turned.message == "calls: 1 range ends before it begins."
    assert turned.examples == ("plan.csv line 2: 10 in 12 to 8, level 0.8",)
    assert desk.one(events, "range_incomplete").count == 3
    assert "unit: percent" in desk.one(events, "range_level").message
    outside = desk.one(events, "forecast_outside_range")
    assert (outside.count, outside.severity) == (1, "info")
    assert outside.examples == ("plan.csv line 7: 10 in 11 to 12, level 0.8",)


def test_ranges_without_a_mapped_level_are_incomplete(read, desk):
    columns = {name: COLUMNS[name] for name in COLUMNS if name != "range_level"}
    assert desk.one(read("10,8,12,80", columns=columns), "range_incomplete").count == 1


def test_forecasts_without_ranges_are_not_asked_for_them(read):
    columns = {"interval_at": "at", "offered": "offered"}
    assert kinds(read("10,12,8,80", columns=columns)) == []
