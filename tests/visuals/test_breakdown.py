from datetime import date

import polars as pl
import pytest

from kpitools.analysis.series import build_series
from kpitools.analysis.slices import compare_slices
from kpitools.errors import VisualsError
from kpitools.visuals import table_breakdown

DASH = "\N{EN DASH}"


def slices(kpi, parts):
    rows = [
        build_series([value], start=date(2026, 10, 1), kpi="csat", cases=cases).with_columns(
            channel=pl.lit(name)
        )
        for name, (value, cases) in parts.items()
    ]
    names = ["kpi", "version", "grain", "period", "channel", "numerator", "denominator", "value"]
    return compare_slices(pl.concat(rows).select(*names, "final"), kpi, by="channel")


def test_parts_stand_by_size_each_beside_the_rest(kpi):
    found = slices(kpi(), {"chat": (0.6, 100), "voice": (0.9, 300)})
    table = table_breakdown(found, kpi(), about="Billing, October 2026").block
    assert table.title == "Satisfied customers by channel, Billing, October 2026"
    voice, chat = table.rows
    assert [cell.text for cell in voice] == ["voice", "90.0 %", "300", "60.0 %", "+30.0 pts"]
    assert voice[2].sub == "75 % of all"
    assert voice[1].sub == f"86.1{DASH}92.9 %"
    assert chat[4].sub.startswith("\N{MINUS SIGN}")


def test_a_small_part_shows_no_number(kpi):
    found = slices(kpi(), {"voice": (0.9, 300), "fax": (0.25, 4)})
    table = table_breakdown(found, kpi(), minimum_group=5).block
    assert [cell.text for cell in table.rows[1]] == ["fax", "under 5 cases", DASH, DASH, DASH]
    assert table.notes == ("Parts on fewer than 5 cases are not shown.",)
    assert "25" not in str(table.rows[1])


def test_a_small_count_is_kept_back_too(kpi):
    offered = kpi(kind="count", unit="count", denominator=None, targets={})
    rows = slices(kpi(), {"voice": (300.0, 1), "fax": (3.0, 1)}).with_columns(
        denominator=pl.lit(None, pl.Float64), numerator=pl.col("value"), cases=pl.col("value")
    )
    table = table_breakdown(rows, offered, minimum_group=5).block
    assert sorted(row[1].text for row in table.rows) == ["300", "under 5 cases"]


def test_parts_are_not_ranked_by_value(kpi):
    found = slices(kpi(), {"a": (0.1, 10), "b": (0.9, 20), "c": (0.5, 30)})
    assert [row[0].text for row in table_breakdown(found, kpi()).block.rows] == ["c", "b", "a"]


def test_many_parts_are_cut_and_said(kpi):
    found = slices(kpi(), {f"p{place:02}": (0.5, 100 - place) for place in range(50)})
    table = table_breakdown(found, kpi()).block
    assert len(table.rows) == 40
    assert table.notes == ("The first 40 of 50 parts are shown.",)


def test_a_part_alone_has_no_rest(kpi):
    table = table_breakdown(slices(kpi(), {"voice": (0.9, 300)}), kpi()).block
    assert [cell.text for cell in table.rows[0]][3:] == [DASH, DASH]


def test_no_parts_are_refused(kpi):
    found = slices(kpi(), {"voice": (0.9, 300)})
    with pytest.raises(VisualsError, match="no part of csat to show"):
        table_breakdown(found.clear(), kpi())
    with pytest.raises(VisualsError, match="no column 'rest'"):
        table_breakdown(found.drop("rest"), kpi())


def test_a_hostile_part_is_text(kpi, hostile):
    table = table_breakdown(slices(kpi(), {hostile: (0.9, 300)}), kpi(), about=hostile).block
    assert len(table.rows[0][0].text) <= 60
    assert len(table.title) < 150
