"""The real exports, counted against their published description."""

from pathlib import Path

import polars as pl
import pytest

from kpitools.sources import read_config, read_events

WORKSPACES = Path(__file__).resolve().parents[1] / "real"
HOUR_MS = 3_600_000


def read(name, real_data, **environment):
    folder = WORKSPACES / name
    config = read_config(
        folder / "kpitools.yaml", {"KPITOOLS_REAL_DATA": str(real_data), **environment}
    )
    return read_events(config, folder=folder)


def found(events, kind):
    return [item for item in events.findings if item.kind == kind]


def hours(frame):
    lasted = frame["solved_at"] - frame["created_at"]
    return (lasted.dt.total_milliseconds() / HOUR_MS).drop_nulls()


def test_the_declarations_are_short():
    for path in WORKSPACES.glob("*/kpitools.yaml"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 60


def test_phone_now(real_data):
    events = read("phone_now", real_data)
    frame = events.tables["contacts"].collect()
    answered = frame.filter(pl.col("outcome") == "answered")
    assert (frame.height, answered.height) == (5000, 4054)
    assert frame["resolved"].sum() == 3646
    assert answered["talk_ms"].sum() == 911_837_000
    assert round(answered["wait_ms"].mean() / 1000, 4) == 67.5207
    assert answered.filter(pl.col("wait_ms") <= 20_000).height == 374
    surveys = events.tables["surveys"].collect()
    assert surveys["score"].value_counts().sort("score")["count"].to_list() == [
        *(417, 396, 1218, 1180, 843),
    ]
    totals = found(events, "control_total")
    assert len(totals) == 4
    assert all(item.severity == "info" for item in totals)
    assert "acw_ms" in events.missing["contacts"]
    assert not [item for item in events.findings if item.severity == "blocking"]


def test_phone_now_as_a_workbook_gives_the_same_tables(real_data, same):
    plain, book = read("phone_now", real_data), read("phone_now_xlsx", real_data)
    for name in ("contacts", "surveys"):
        assert same(plain.tables[name].collect(), book.tables[name].collect())


@pytest.mark.slow
def test_incidents(real_data):
    events = read("incidents", real_data)
    frame = events.tables["tickets"].collect()
    (account,) = events.accounts
    assert (account.read, account.kept, account.broken) == (141_712, 24_918, 0)
    assert frame["sla_met"].sum() == 15_803
    assert frame.filter(pl.col("reopen_count") > 0).height == 275
    lasted = hours(frame)
    assert len(lasted) == 23_362
    assert round(lasted.mean(), 3) == 178.172
    assert round(lasted.median(), 1) == 22.1
    assert round(lasted.quantile(0.9, "linear"), 3) == 381.548
    assert frame["team"].n_unique() == 71
    assert frame["ticket_id"][0] == "0000045"
    opened = frame["created_at_local"].dt.strftime("%Y-%m").value_counts()
    assert dict(opened.iter_rows()) | {
        "2016-02": 207,
        "2016-03": 8995,
        "2016-04": 7934,
        "2016-05": 7508,
    } == dict(opened.iter_rows())
    proven = {item.field: item for item in found(events, "date_order")}
    assert set(proven) == {"created_at", "solved_at", "closed_at", "updated_at"}
    assert all("day first" in item.message for item in proven.values())
    assert found(events, "repeated_columns")[0].examples == ("category#2",)
    assert found(events, "volume_break")


def test_boston(real_data):
    frame = read("boston311", real_data).tables["tickets"].collect()
    both = frame.filter(pl.col("sla_met").is_not_null())
    assert both.height == 77
    assert (both["sla_met"] == both["vendor_sla_met"]).all()
    assert frame["vendor_sla_met"].sum() == 83
    assert round(hours(frame).mean(), 3) == 110.629
    assert round(hours(frame).median(), 3) == 16.157


def test_boston_on_the_citys_own_clock(real_data):
    events = read("boston311", real_data, BOSTON311_ZONE="America/New_York")
    assert round(hours(events.tables["tickets"].collect()).mean(), 3) == 110.618


VARIANTS = {
    "boston311-dmy-100.csv": ("date_order", 100, 0),
    "boston311-100-notime.csv": ("dates_without_times", 100, 0),
    "boston311-100-bad.tsv": ("broken_lines", 99, 1),
    "boston311-100-20dupes-random.csv": ("duplicates", 80, 20),
    "boston311-100-with-nonascii.csv": ("missing", 100, 0),
    "boston311-100.jsonl": ("missing", 100, 0),
}


@pytest.mark.parametrize(("file", "expected"), VARIANTS.items(), ids=VARIANTS)
def test_each_damaged_variant_has_its_finding_and_loses_no_row(real_data, lines_of, file, expected):
    kind, kept, gone = expected
    events = read("boston311", real_data, BOSTON311_FILE=file)
    (account,) = events.accounts
    assert account.kept == kept
    assert account.superseded + account.broken == gone
    assert lines_of(account) == account.read == 100
    assert found(events, kind)


@pytest.mark.parametrize("file", ["boston311-dmy-100.csv", "boston311-100.jsonl"])
def test_variants_that_say_the_same_give_the_same_rows(real_data, same, file):
    plain = read("boston311", real_data).tables["tickets"].collect()
    assert same(
        plain, read("boston311", real_data, BOSTON311_FILE=file).tables["tickets"].collect()
    )


def test_the_broken_line_is_shown(real_data):
    events = read("boston311", real_data, BOSTON311_FILE="boston311-100-bad.tsv")
    (finding,) = found(events, "broken_lines")
    assert finding.examples == ("boston311-100-bad.tsv line 41: 30 fields, 29 columns",)
