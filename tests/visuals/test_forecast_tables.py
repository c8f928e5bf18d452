"""Every measure with its rules and floor; ranges; since when a forecast leans; handle times."""

from datetime import date, timedelta

import polars as pl
import pytest
from visuals.specs import unquoted

from kpitools.analysis import (
    MEASURE_RULES,
    forecast_accuracy,
    forecast_by_lead,
    forecast_handle_time,
    forecast_ledger,
    forecast_netting,
    forecast_range_scores,
    forecast_tracking,
)
from kpitools.errors import VisualsError
from kpitools.visuals import (
    chart_forecast_lead,
    say_forecast,
    say_handle_time,
    say_ranges,
    say_tracking,
    table_forecast,
    table_measures,
    table_ranges,
)
from kpitools.visuals.forecast_measures_table import MEASURE_NAMES

DASH = "\N{EN DASH}"


@pytest.fixture
def ledger(intervals):
    """Forecasts 2 and 10 days ahead with handle times and ranges of half hours."""
    made = pl.concat(
        [
            intervals.select(
                "queue",
                "interval_at",
                pl.lit("statistical").alias("step"),
                (pl.col("interval_at") - timedelta(days=days)).alias("made_at"),
                pl.col("actual_offered").cast(pl.Float64).alias("offered"),
                (pl.col("actual_offered") * low).alias("offered_low"),
                (pl.col("actual_offered") * 1.1).alias("offered_high"),
                pl.lit(0.8).alias("range_level"),
                pl.lit(1_800_000).alias("interval_ms"),
                pl.lit(270_000).alias("aht_ms"),
            )
            for days, low in ((2, 0.9), (10, 1.05))
        ]
    )
    came = intervals.with_columns(
        actual_handled=pl.col("actual_offered"), actual_handle_ms=pl.col("actual_offered") * 300_000
    )
    return forecast_ledger(made, came)


def said(visual):
    """The text of a sentence without a bare number, well begun and ended."""
    text = visual.block.text
    assert unquoted(visual.block, names=["orders", "refunds"]) == []
    assert text.endswith(".")
    assert not text.endswith("..")
    return text


def numbers_hold(visual, *findings):
    """Every number of the sentence is a number of the findings."""
    known = set()
    for row in (row for finding in findings for row in finding.rows()):
        for cell in row:
            if isinstance(cell, date):
                known.add(float(cell.year * 10_000 + cell.month * 100 + cell.day))
            elif isinstance(cell, int | float):
                known.add(abs(float(cell)))
    assert visual.block.numbers
    for number in visual.block.numbers:
        assert any(abs(number.value) == pytest.approx(one) for one in known), number


class TestMeasures:
    def test_each_number_has_denominator_sign_zero_rule_and_floor(self, intervals):
        table = table_measures(forecast_accuracy(intervals, by=[]), about="Billing").block
        assert [column.label for column in table.columns] == ["Measure", "Interval"]
        by_name = {row[0].text: row for row in table.rows}
        assert set(MEASURE_NAMES.values()) < set(by_name)
        missed = by_name["Contacts missed (WAPE)"]
        assert missed[1].text == "8.9 %"
        assert missed[0].sub == "÷ sum of actual contacts; zeros count in the sum"
        assert "above 0: forecast too high" in by_name["Leaning (bias)"][0].sub
        assert "left out and counted" in by_name["Missed by the average period (MAPE)"][0].sub
        for name in MEASURE_RULES:
            assert by_name[MEASURE_NAMES[name]][0].sub.startswith("÷ ")
            unknown = name in {"mase", "rmsse"}  # nothing before the first interval
            assert (by_name[MEASURE_NAMES[name]][1].text == DASH) == unknown
            assert by_name[MEASURE_NAMES[name]][1].sub.startswith("at best ") != unknown
        assert by_name["Periods scored"][1].sub == "0 without contacts"

    def test_all_lengths_of_period_stand_side_by_side(self, intervals):
        netting = forecast_netting(intervals, start=date(2026, 10, 19))
        table = table_measures(netting).block
        assert [column.label for column in table.columns][1:] == [
            *("Interval", "Day", "Week", "Month")
        ]
        assert all(len(row) == 5 for row in table.rows)
        scaled = next(row for row in table.rows if "(MASE)" in row[0].text)
        assert scaled[1].text != DASH
        assert scaled[2].text != DASH

    def test_lead_times_and_handle_times(self, ledger):
        lead = forecast_by_lead(ledger, edges=(7,))
        times = forecast_handle_time(ledger, edges=(7,))
        table = table_measures(lead, times=times, about="Billing").block
        assert table.title == "Every measure of the forecast by lead time, by interval, Billing"
        assert [column.label for column in table.columns][1:] == ["under 7 days", "7 days and more"]
        missed, leaning = table.rows[-2:]
        assert [cell.text for cell in missed] == ["Handle time missed", "10.0 %", "10.0 %"]
        assert leaning[1].text == "\N{MINUS SIGN}10.0 %"
        chart = chart_forecast_lead(lead, times=times).block
        assert chart.twin.rows[-1][0].text == "Handle time leaning"
        one = table_measures(lead, times=times.head(1)).block
        assert one.rows[-1][2].text == DASH

    def test_of_one_forecast_alone(self, intervals):
        with pytest.raises(VisualsError, match="of one forecast"):
            table_measures(forecast_accuracy(intervals))
        with pytest.raises(VisualsError, match="of one forecast"):
            table_measures(forecast_accuracy(intervals).clear())
        with pytest.raises(VisualsError, match="no column 'phi'"):
            table_measures(forecast_accuracy(intervals, by=[]).drop("phi"))

    def test_the_accuracy_table_says_what_was_possible(self, intervals):
        row = table_forecast(forecast_accuracy(intervals)).block.rows[0]
        assert row[3].text == "7.9 / 7.9 %"
        assert row[6].sub.startswith("at best: ")

    def test_weeks_repeat_the_week_before(self, intervals):
        weekly = forecast_accuracy(intervals, by=[], grain="week")
        assert "; repeating the week before would have missed " in said(say_forecast(weekly))
        heads = [column.label for column in table_forecast(weekly).block.columns]
        assert "Week before" in heads


class TestRanges:
    def test_what_they_held_is_said_with_its_interval(self, ledger):
        scores = forecast_range_scores(ledger)
        visual = say_ranges(scores)
        assert said(visual) == (
            "The 80 % ranges of the statistical forecast held 100.0 % (87.9 to 100.0 %) of 448 "
            "half hours: too wide."
        )
        assert visual.block.tone == "worse"
        numbers_hold(visual, scores)

    def test_lead_times_are_said_apart(self, ledger):
        scores = forecast_range_scores(ledger, edges=(7,))
        text = said(say_ranges(scores))
        assert "forecast under 7 days ahead held 100.0 %" in text
        assert (
            "; the 80 % ranges of the statistical forecast 7 days and more ahead held 0.0 %" in text
        )
        assert text.endswith("half hours: too narrow.")
        numbers_hold(say_ranges(scores), scores.with_columns(edge=pl.lit(7)))

    def test_the_table_has_floor_price_and_losses(self, ledger):
        table = table_ranges(forecast_range_scores(ledger), about="Billing").block
        assert [column.label for column in table.columns] == [
            *("Measure", "80 %, statistical forecast, half hours")
        ]
        rows = {row[0].text: row for row in table.rows}
        assert (rows["Scored"][1].text, rows["Scored"][1].sub) == ("448 half hours", "on 28 days")
        assert (rows["Held"][1].text, rows["Held"][1].sub) == ("100.0 %", "87.9 % to 100.0 %")
        assert rows["Price (Winkler score)"][0].sub.startswith("width, and the distance of a miss")
        assert "times 10;" in rows["Price (Winkler score)"][0].sub
        priced = [row for name, row in rows.items() if "(" in name or name == "Mean width"]
        assert len(priced) == 4
        assert all(row[1].sub.startswith("at best ") for row in priced)
        assert (rows["Says"][1].text, rows["Says"][1].tone) == (
            *("\N{MULTIPLICATION SIGN} too wide", "worse"),
        )
        assert table.subtitle == say_ranges(forecast_range_scores(ledger)).block.text

    def test_few_days_are_not_judged_and_none_is_an_answer(self, ledger):
        few = forecast_range_scores(ledger, start=date(2026, 10, 28))
        assert said(say_ranges(few)).endswith("half hours, too few days to judge.")
        assert say_ranges(few).block.tone == "unknown"
        assert table_ranges(few).block.rows[-1][1].text == "? not enough evidence"
        assert "No forecast was given with a range." in said(say_ranges(few.clear()))
        with pytest.raises(VisualsError, match="no ranges to show"):
            table_ranges(few.clear())
        with pytest.raises(VisualsError, match="one forecast"):
            say_ranges(forecast_range_scores(ledger, by=["queue"]))
        many = [few.with_columns(level=pl.lit(0.5 + n / 100)) for n in range(9)]
        whole = pl.concat(many)
        assert len(table_ranges(whole).block.columns) == 9
        assert said(say_ranges(whole)).endswith("; and 6 more kinds of ranges.")


def months(bias, **more):
    """Twenty-four months whose forecasts lean by these shares."""
    at = [date(2024 + (10 + n) // 12, (10 + n) % 12 + 1, 1) for n in range(len(bias))]
    near = [share + (n % 3 - 1) / 100 for n, share in enumerate(bias)]
    return pl.DataFrame(
        {
            "interval_at": at,
            "forecast_offered": [1000 * (1 + share) for share in near],
            "actual_offered": [1000] * len(bias),
        }
    ).with_columns(**{name: pl.lit(value) for name, value in more.items()})


class TestTracking:
    def test_the_month_is_said_with_before_and_after(self):
        one = months([0.0] * 17 + [0.16] * 7, queue="orders")
        both = pl.concat([one, months([0.0] * 24, queue="refunds")])
        tracking = forecast_tracking(both, by=["queue"])
        visual = say_tracking(tracking)
        assert said(visual) == (
            "orders: since April 2026 the forecast has been 16.1 % too high, before it was right "
            "on average; the tracking signal tripped in April 2026; 1 other queue did not change "
            "by more than chance explains (November 2024 to October 2026)."
        )
        assert visual.block.tone == "worse"
        numbers_hold(visual, tracking.with_columns(other=pl.lit(1)))

    def test_without_a_name_it_begins_in_capitals(self):
        text = said(say_tracking(forecast_tracking(months([0.05] * 12 + [-0.2] * 12))))
        assert text.startswith(
            "Since November 2025 the forecast has been 20.0 % too low, before it"
        )
        assert "5.0 % too high; the tracking signal tripped already in " in text

    def test_a_lean_that_was_always_there_is_said(self):
        tracking = forecast_tracking(months([0.03] * 24, queue="orders"), by=["queue"])
        visual = say_tracking(tracking)
        assert said(visual) == (
            "orders: the forecast has been 3.0 % too high over 24 months, and its errors pile up "
            "by more than chance explains (November 2024 to October 2026)."
        )
        numbers_hold(visual, tracking)

    def test_no_change_and_no_evidence(self):
        calm = forecast_tracking(months([0.0] * 24, queue="orders"), by=["queue"])
        assert said(say_tracking(calm)).startswith("The forecast of orders did not begin to lean")
        two = pl.concat([months([0.0] * 24, queue=name) for name in ("orders", "refunds")])
        assert said(say_tracking(forecast_tracking(two, by=["queue"]))).startswith(
            "None of the forecasts of 2 queues began to lean by more than chance explains ("
        )
        few = say_tracking(forecast_tracking(months([0.1] * 3)))
        assert "too few months" in said(few)
        assert few.block.tone == "unknown"
        with pytest.raises(VisualsError, match="no column 'leans'"):
            say_tracking(calm.drop("leans"))


class TestHandleTime:
    def test_lead_times_stand_with_side_cases_and_floor(self, ledger):
        times = forecast_handle_time(ledger, edges=(7,)).with_columns(floor_wape=pl.lit(0.02))
        visual = say_handle_time(times)
        assert said(visual) == (
            "The forecast of handle time missed 10.0 % under 7 days ahead, 10.0 % too short "
            "(45,246 contacts handled); 10.0 % 7 days and more ahead, 10.0 % too short (45,246 "
            "contacts handled); one who knows the usual handle time would have missed 2.0 %, as "
            "contacts differ."
        )
        numbers_hold(visual, times)

    def test_one_class_and_none(self, ledger):
        exact = ledger.with_columns(forecast_aht_ms=pl.lit(300_000.0))
        text = said(say_handle_time(forecast_handle_time(exact)))
        assert text.startswith("The forecast of handle time missed 0.0 %, right on average (")
        nothing = say_handle_time(forecast_handle_time(exact.clear()))
        assert "No handle time was forecast" in said(nothing)
