import polars as pl
import pytest
from visuals.specs import check_reading, check_spec, unquoted

from kpitools.analysis.forecasts import forecast_accuracy
from kpitools.errors import AnalysisError, VisualsError
from kpitools.visuals import chart_forecast, say_forecast, table_forecast


def test_errors_by_day_add_up_the_intervals(intervals):
    chart = chart_forecast(intervals, by="day", about="Billing").block
    check_spec(chart.spec)
    bars = chart.spec["datasets"]["steps"]
    assert len(bars) == len(chart.twin.rows) == 28
    assert [cell.text for cell in chart.twin.rows[0]] == [
        "5 Oct 2026",
        "1,760",
        "1,614",
        "+146",
        "\N{EN DASH}",
    ]
    assert bars[0]["error"] == 146
    assert not any(bar["far"] for bar in bars)
    assert chart.title == ("The forecast was 8.9 % too high; on none of 28 days it was clearly off")


def test_errors_by_time_of_day_are_means_over_the_days(intervals):
    chart = chart_forecast(intervals, by="time").block
    check_spec(chart.spec)
    assert [row[0].text for row in chart.twin.rows][:2] == ["08:00", "08:30"]
    assert [cell.text for cell in chart.twin.rows[0]] == [
        "08:00",
        "220",
        "202",
        "+18.1",
        "\N{EN DASH}",
    ]


def test_a_far_step_is_dark_and_counted(intervals):
    doubled = intervals.with_columns(pl.col("forecast_offered") * 2)
    chart = chart_forecast(doubled).block
    assert all(bar["far"] for bar in chart.spec["datasets"]["steps"])
    assert chart.title.endswith("too high; on 28 of 28 days it was clearly off")


def test_the_alternative_text_names_mean_and_largest_error(intervals):
    alt = chart_forecast(intervals, about="Billing").block.alt
    assert "by day, Billing, 5 Oct 2026 to 1 Nov 2026." in alt
    assert "Mean error +144 contacts. Largest: +146 at 5 Oct 2026 (1,760 forecast" in alt


def test_the_same_intervals_give_the_same_chart_in_any_order(intervals):
    one = chart_forecast(intervals).block
    assert chart_forecast(intervals.reverse()).block == one


def test_no_pair_of_forecast_and_actual_is_refused(intervals):
    empty = intervals.with_columns(actual_offered=pl.lit(None, pl.Int64))
    with pytest.raises(VisualsError, match="no forecast to draw"):
        chart_forecast(empty)
    with pytest.raises(AnalysisError, match="no column 'interval_at'"):
        chart_forecast(intervals.drop("interval_at"))


def test_the_sentence_compares_with_doing_nothing_and_with_the_floor(intervals):
    said = say_forecast(forecast_accuracy(intervals, by=[]), about="Billing").block
    assert said.text.startswith(
        "Billing: the forecast missed 8.9 % of 45,246 contacts by interval and was 8.9 % too high; "
        "repeating the weekday before would have missed 1.3 %, a perfect forecast "
    )
    assert unquoted(said) == []
    assert said.tone == "worse"


def test_a_sentence_without_a_name_begins_in_capitals(intervals):
    assert say_forecast(forecast_accuracy(intervals, by=[])).block.text.startswith("The forecast")


def test_a_forecast_that_leans_to_no_side_is_said(intervals):
    exact = intervals.with_columns(forecast_offered=pl.col("actual_offered").cast(pl.Float64))
    said = say_forecast(forecast_accuracy(exact, by=[])).block
    assert "and leaned to no side" in said.text
    assert said.tone == "neutral"


def test_nothing_to_compare_is_an_answer(intervals):
    nothing = forecast_accuracy(intervals.clear(), by=[])
    said = say_forecast(nothing).block
    assert said.text == "No interval has both a forecast and contacts."
    assert said.tone == "unknown"


def test_a_sentence_is_about_one_forecast(intervals):
    with pytest.raises(VisualsError, match="a sentence speaks about one forecast"):
        say_forecast(forecast_accuracy(intervals, by=["queue"]))
    with pytest.raises(VisualsError, match="no column 'wape'"):
        say_forecast(intervals)


def test_the_table_has_a_row_for_each_queue(intervals):
    table = table_forecast(forecast_accuracy(intervals, by=["queue"]), about="Billing").block
    assert table.title == "Forecast accuracy by interval, Billing"
    orders, refunds = table.rows
    assert [cell.text for cell in refunds][:3] == ["refunds", "22,623", "18.8 %"]
    assert refunds[5].text == "▲ 18.8 % too high"
    assert refunds[-1].text == "\N{MULTIPLICATION SIGN} no"
    assert orders[0].sub == "224 intervals"


def test_a_queue_without_a_naive_forecast_is_not_judged(intervals):
    first = intervals.filter(pl.col("interval_at").dt.day() == 5)
    table = table_forecast(forecast_accuracy(first, by=["queue"])).block
    assert table.rows[0][-1].text == "? not enough evidence"


def test_an_empty_table_is_refused(intervals):
    with pytest.raises(VisualsError, match="no forecast to show"):
        table_forecast(forecast_accuracy(intervals.clear(), by=["queue"]))


def test_a_hostile_queue_is_text(intervals, hostile):
    named = intervals.with_columns(queue=pl.lit(hostile))
    table = table_forecast(forecast_accuracy(named, by=["queue"]), about=hostile).block
    assert len(table.rows[0][0].text) <= 60
    chart = chart_forecast(named, about=hostile).block
    check_reading(chart.spec)
    assert not any(sign in chart.alt for sign in "\u0000\u0007\u202e")


def test_an_error_that_chance_explains_is_not_called_one(intervals):
    few = intervals.with_columns(
        forecast_offered=pl.lit(2.0) / 8, actual_offered=pl.lit(1, pl.Int64)
    ).filter(pl.col("queue") == "orders")
    first = few.filter(pl.col("interval_at").dt.time() == pl.time(8))
    chart = chart_forecast(first).block
    assert not any(bar["far"] for bar in chart.spec["datasets"]["steps"])
