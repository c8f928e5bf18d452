from datetime import UTC, datetime

import polars as pl
import pytest
from visuals.specs import unquoted

from kpitools.analysis.extremes import extreme_cases
from kpitools.errors import VisualsError
from kpitools.visuals import say_extremes, table_extremes


@pytest.fixture
def aht(kpi):
    return kpi("aht", name={"en": "Handle time"}, unit="seconds", good="lower", targets={})


def found(*odd, key="c"):
    lengths = [200_000 + 3000 * (n % 50) for n in range(100)] + list(odd)
    rows = {"id": [f"{key}{n}" for n in range(len(lengths))], "talk_ms": lengths}
    return extreme_cases(pl.DataFrame(rows), parts=["talk_ms"], key="id", by=[])


def test_the_sentence_tells_faults_from_extremes(aht):
    said = say_extremes(found(-1000, 3_000_000), aht).block
    assert said.text == (
        "Handle time: 1 of 102 contacts is a fault of the data, 1 truly took very long; the mean "
        "is 298 s, without the faults 300 s, without both 274 s."
    )
    assert unquoted(said) == []
    assert say_extremes(found(), aht).block.text == "Handle time: no contact of 100 is odd."


def test_the_table_has_every_rule_with_examples(aht):
    table = table_extremes(found(-1000, 0, 3_000_000, 50_000_000), aht).block
    assert [(row[0].text, row[1].text) for row in table.rows] == [
        ("Below zero", "1"),
        ("Longer than a shift", "1"),
        ("Stuck timer", "0"),
        ("Zero", "1"),
        ("True extreme", "1"),
    ]
    assert table.rows[0][4].text == "c100"
    assert table.notes[0] == "104 contacts with a length were looked at."


def test_how_long_a_shift_is_and_who_said_so_is_printed(aht):
    rows = pl.DataFrame({"id": ["a"], "talk_ms": [9 * 3_600_000]})
    plan = pl.DataFrame(
        {
            "agent": ["x"],
            "activity": ["work"],
            "started_at": [datetime(2026, 10, 1, 9, tzinfo=UTC)],
            "ended_at": [datetime(2026, 10, 1, 17, 30, tzinfo=UTC)],
        }
    )
    printed = {
        name: table_extremes(
            extreme_cases(rows, parts=["talk_ms"], key="id", by=[], **given), aht
        ).block
        for name, given in {
            "plan": {"schedules": plan},
            "given": {"schedules": plan, "longest_hours": 10},
            "default": {"schedules": plan.clear()},
        }.items()
    }
    assert printed["plan"].source.endswith("above 8.5 hours, the longest shift of the schedules.")
    assert printed["given"].source.endswith("above 10.0 hours, as set.")
    assert printed["default"].source.endswith("above 12.0 hours, as no schedule is known.")
    assert [table.rows[1][1].text for table in printed.values()] == ["1", "0", "0"]


def test_no_contacts_are_said(aht):
    none = extreme_cases(
        pl.DataFrame(schema={"id": pl.String, "talk_ms": pl.Int64}),
        parts=["talk_ms"],
        key="id",
        by=[],
    )
    assert say_extremes(none, aht).block.text == "Handle time: no contact has a length."
    assert len(table_extremes(none, aht).block.rows) == 5


def test_a_share_is_refused(kpi):
    with pytest.raises(VisualsError, match="no mean of lengths"):
        say_extremes(found(), kpi())


def test_hostile_keys_are_text(aht, hostile):
    table = table_extremes(found(-1000, key=hostile), aht).block
    assert len(table.rows[0][4].text) < 60
