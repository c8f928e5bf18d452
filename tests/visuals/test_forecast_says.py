from dataclasses import asdict
from datetime import date, timedelta

import polars as pl
import pytest
from visuals.specs import check_reading, check_spec, unquoted

from kpitools.analysis import (
    forecast_accuracy,
    forecast_benchmarks,
    forecast_by_lead,
    forecast_ledger,
    forecast_netting,
    forecast_netting_days,
    forecast_value_added,
    service_effect,
    target_feasible,
    workload_error,
)
from kpitools.analysis.forecast_workload import ServiceAssumptions
from kpitools.errors import VisualsError
from kpitools.visuals import (
    chart_forecast_lead,
    chart_forecast_netting,
    say_benchmarks,
    say_forecast,
    say_netting,
    say_target_feasible,
    say_value_added,
    say_workload,
    table_benchmarks,
    table_value_added,
)
from kpitools.visuals.forecast_says import MODEL_WORDS, STEP_WORDS


@pytest.fixture
def ledger(intervals):
    """Three steps: naive wavers, statistical is near, the final forecast leans 20 % up."""
    near = pl.col("actual_offered") + (pl.int_range(pl.len()) % 5 - 2)
    wild = pl.col("actual_offered") + (pl.int_range(pl.len()) % 7 - 3) * 12
    steps = {"naive": wild, "statistical": near, "final": pl.col("actual_offered") * 1.2}
    made = pl.concat(
        [
            intervals.select(
                "queue",
                "interval_at",
                pl.lit(step).alias("step"),
                (pl.col("interval_at") - timedelta(days=4)).alias("made_at"),
                offered.cast(pl.Float64).alias("offered"),
            )
            for step, offered in steps.items()
        ]
    )
    return forecast_ledger(made, intervals)


def said(visual):
    """The text of a sentence, each number of which is quoted, and no number left bare."""
    assert unquoted(visual.block, names=()) == []
    text = visual.block.text
    assert text.endswith(".")
    assert not text.endswith("..")
    assert text[0].isupper() or text[0].isdigit()
    return text


class TestNetting:
    def test_the_sentence_names_what_cancels(self, intervals):
        up = pl.col("interval_at").dt.minute() == 0
        both = intervals.with_columns(
            forecast_offered=pl.col("actual_offered") + pl.when(up).then(20.0).otherwise(-20.0)
        )
        netting = forecast_netting(both)
        text = said(say_netting(netting))
        assert text.startswith("By interval the forecast missed 19.8 % of contacts, by month 0.0 %")
        assert text.endswith("100 % of the misses cancel.")
        chart = chart_forecast_netting(netting, about="Billing").block
        check_spec(chart.spec)
        assert chart.title + "." == text
        heads = [column.label for column in chart.twin.columns]
        assert heads == ["Measure", "Interval", "Day", "Week", "Month"]
        assert len(chart.spec["datasets"]["floors"]) == 4
        assert next(bar["text"] for bar in chart.spec["datasets"]["bars"]) == "19.8 %"

    def test_days_whose_right_total_hid_wrong_intervals_are_counted(self, intervals):
        up = pl.col("interval_at").dt.minute() == 0
        wavy = intervals.with_columns(
            forecast_offered=pl.col("actual_offered") + pl.when(up).then(30.0).otherwise(-30.0)
        )
        days = forecast_netting_days(wavy)
        text = said(say_netting(forecast_netting(wavy), days=days))
        assert text.endswith(
            ". On 28 of 28 days the total was right and hid more wrong intervals than chance "
            "explains."
        )
        chart = chart_forecast_netting(forecast_netting(wavy), days=days).block
        assert chart.notes == (text.partition(". ")[2],)
        flat = days.with_columns(netted=pl.lit(value=False))
        assert ". On none of 28 days" in said(say_netting(forecast_netting(wavy), days=flat))

    def test_one_side_does_not_cancel(self, intervals):
        up = intervals.with_columns(forecast_offered=pl.col("actual_offered") + 10.0)
        assert said(say_netting(forecast_netting(up))).endswith(": nothing cancels.")

    def test_nothing_and_too_much_are_answers(self, intervals):
        empty = forecast_netting(intervals.clear())
        assert said(say_netting(empty)) == "No interval has both a forecast and contacts."
        with pytest.raises(VisualsError, match="no forecast to draw"):
            chart_forecast_netting(empty)
        with pytest.raises(VisualsError, match="one forecast"):
            say_netting(forecast_netting(intervals, by=["queue"]))
        with pytest.raises(VisualsError, match="no column 'netted'"):
            say_netting(intervals)


class TestValueAdded:
    def test_each_step_is_said_with_its_interval(self, ledger):
        value = forecast_value_added(ledger)
        text = said(say_value_added(value))
        assert text.startswith("The statistical forecast missed ")
        assert " less than the naive forecast (" in text
        assert "the final forecast missed " in text
        assert " more than the statistical forecast (" in text
        assert say_value_added(value).block.tone == "worse"

    def test_the_table_has_floor_and_value_beside_accuracy(self, ledger):
        table = table_value_added(forecast_value_added(ledger), about="Billing").block
        assert [column.label for column in table.columns][:3] == [
            "Step",
            "Missed (WAPE)",
            "At best",
        ]
        naive, statistical, final = table.rows
        assert naive[4].text == "\N{EN DASH}"
        assert (statistical[4].tone, final[4].tone) == ("better", "worse")
        assert final[3].text == "▲ 20.0 % too high"
        assert table.subtitle == say_value_added(forecast_value_added(ledger)).block.text

    def test_a_difference_that_chance_explains_is_called_that(self, ledger):
        shifted = ledger.with_columns(
            forecast_offered=pl.when(pl.col("step") == "final")
            .then(pl.col("actual_offered") + 2 - pl.int_range(pl.len()) % 5)
            .otherwise("forecast_offered")
        ).filter(pl.col("step") != "naive")
        row = forecast_value_added(shifted).row(1, named=True)
        text = said(say_value_added(forecast_value_added(shifted)))
        explained = row["added_low"] is None or row["added_low"] <= 0 <= row["added_high"]
        assert explained == ("no more than chance" in text or "as much as" in text)

    def test_the_month_it_tripped_stands_with_its_chance(self, ledger):
        tripped = forecast_value_added(ledger).with_columns(
            tripped=pl.lit(date(2026, 9, 1)), tripped_p=pl.lit(0.025)
        )
        tail = ". The tracking signal of the final forecast tripped in September 2026; that of an "
        assert said(say_value_added(tripped)).endswith(
            f"{tail}unbiased one gets as far in 2.5 % of cases."
        )
        rare = tripped.with_columns(tripped_p=pl.lit(0.0))
        assert said(say_value_added(rare)).endswith("unbiased one gets as far hardly ever.")
        often = tripped.with_columns(tripped_p=pl.lit(0.2))
        assert "tripped" not in said(say_value_added(often))
        row = table_value_added(tripped).block.rows[-1]
        assert (row[-1].text, row[-1].sub) == ("Sep 2026", "by chance: 2.5 %")

    def test_few_days_and_same_steps(self, ledger):
        few = ledger.filter(pl.col("interval_at").dt.date() < date(2026, 10, 8))
        assert "too few days to judge" in said(say_value_added(forecast_value_added(few)))
        same = pl.concat(
            [
                ledger.filter(pl.col("step") == "final"),
                ledger.filter(pl.col("step") == "final").with_columns(step=pl.lit("override")),
            ]
        )
        text = said(say_value_added(forecast_value_added(same)))
        assert text.startswith("The final forecast missed as much as the override")
        only = forecast_value_added(ledger.filter(pl.col("step") == "final"))
        assert "no two steps" in said(say_value_added(only))
        with pytest.raises(VisualsError, match="no step to show"):
            table_value_added(only.clear())


class TestBenchmarks:
    def test_a_better_model_is_named(self, intervals):
        weeks = pl.concat(
            [
                intervals.with_columns(pl.col("interval_at") - timedelta(days=28 * back))
                for back in range(2)
            ]
        )
        found = forecast_benchmarks(weeks, models=("seasonal_naive", "slot_mean"))
        text = said(say_benchmarks(found))
        assert " would have missed " in text
        assert say_benchmarks(found).block.tone == "worse"
        table = table_benchmarks(found, about="Billing").block
        assert table.rows[0][0].text == "The forecast used"
        assert "✓ yes" in [row[-1].text for row in table.rows]

    def test_none_better_and_too_few_days(self, intervals):
        perfect = intervals.with_columns(forecast_offered=pl.col("actual_offered").cast(pl.Float64))
        found = forecast_benchmarks(
            perfect, models=("seasonal_naive", "slot_mean"), start=date(2026, 10, 20)
        )
        assert said(say_benchmarks(found)).startswith("None of 2 benchmarks would have been better")
        assert table_benchmarks(found).block.rows[1][-1].text.endswith("worse")
        few = forecast_benchmarks(perfect, models=("seasonal_naive",), start=date(2026, 10, 28))
        assert said(say_benchmarks(few)).startswith("Too few days, or no difference, to tell")
        assert say_benchmarks(few).block.tone == "unknown"
        nothing = forecast_benchmarks(perfect.clear())
        assert "no benchmark" in said(say_benchmarks(nothing))
        with pytest.raises(VisualsError, match="no benchmark to show"):
            table_benchmarks(nothing.clear())

    def test_every_model_and_step_has_words(self):
        from kpitools.analysis.forecast_benchmarks import MODEL_NAMES
        from kpitools.analysis.forecast_ledger import STEPS

        assert set(MODEL_WORDS) == {"forecast", *MODEL_NAMES}
        assert set(STEP_WORDS) == set(STEPS)


class TestTargets:
    def test_out_of_reach_with_the_volume_it_takes(self):
        assert said(say_target_feasible(target_feasible([100.0] * 48))) == (
            "95 % of intervals within 10 % of the forecast is out of reach: at 100 contacts an "
            "interval a forecast as good as possible would bring about 70.7 %; it takes about 390 "
            "contacts an interval."
        )

    def test_within_reach_and_never(self):
        assert " is within reach: at 1,000 contacts" in said(
            say_target_feasible(target_feasible([1000.0]))
        )
        never = target_feasible([10.0], within=0.0001)
        assert said(say_target_feasible(never)).endswith("; no volume that occurs would do.")
        nothing = say_target_feasible(target_feasible([])).block
        assert (nothing.tone, nothing.numbers) == ("unknown", ())


class TestWork:
    def test_two_errors_that_cancel_are_both_said(self):
        rows = pl.DataFrame(
            {
                "forecast_offered": [1200.0],
                "actual_offered": [1100.0],
                "forecast_aht_s": [300.0],
                "actual_aht_s": [330.0],
            }
        )
        assert said(say_workload(workload_error(rows))) == (
            "Over 1 interval the work was forecast 0.8 hours too low: volume 8.8 hours too high, "
            "handle time 9.6 hours too low (what both do together is shared equally); 8.8 hours "
            "cancel."
        )
        paid = {"fte_hours": 8, "shrinkage": 0.3, "occupancy": 0.85}
        error = workload_error(rows, split="actual", **paid)
        text = said(say_workload(error, effect=service_effect(rows)))
        assert (
            ". That is 0.2 full-time people too few (8.0 paid hours each, 30 % of them away from "
            "work and 85 % of the rest on contacts)."
        ) in text
        assert (error.volume_h, error.aht_h) == pytest.approx((33_000 / 3600, -33_000 / 3600))
        assert error.interaction_h == pytest.approx(-3000 / 3600)
        assert ", both together 0.8 hours too low; " in text
        assert "shared equally" not in text
        assert " would be answered within 20 s, " in text
        assert "(Erlang C for a target of 80 %; nobody hangs up)." in text

    def test_callers_who_hang_up_are_said(self):
        rows = pl.DataFrame(
            {
                "forecast_offered": [90.0],
                "actual_offered": [100.0],
                "forecast_aht_s": [180.0],
                "actual_aht_s": [180.0],
            }
        )
        given = ServiceAssumptions(patience_s=120)
        text = said(
            say_workload(workload_error(rows), effect=service_effect(rows, assumptions=given))
        )
        assert text.endswith(
            "(Erlang A for a target of 80 %; callers hang up after 120 s on average)."
        )
        assert " points fewer than the " in text

    def test_a_right_forecast_and_none(self):
        rows = pl.DataFrame(
            {
                "forecast_offered": [100.0],
                "actual_offered": [100.0],
                "forecast_aht_s": [300.0],
                "actual_aht_s": [300.0],
            }
        )
        assert said(say_workload(workload_error(rows))) == (
            "Over 1 interval the work was forecast right: volume right, handle time right."
        )
        assert say_workload(workload_error(rows.clear())).block.tone == "unknown"


class TestLead:
    def test_the_chart_names_the_difference_and_the_floor(self, ledger):
        near = ledger.filter(pl.col("step") == "statistical").with_columns(
            lead_days=pl.lit(1.5), made_at=pl.col("interval_at") - timedelta(hours=36)
        )
        both = pl.concat([near, ledger.filter(pl.col("step") == "final")])
        lead = forecast_by_lead(both)
        chart = chart_forecast_lead(lead, about="Billing").block
        check_spec(chart.spec)
        assert chart.title.startswith("Forecasts missed ")
        assert "1 to 3 days ahead, 3 to 7 days ahead " in chart.title
        assert chart.title.endswith(" points more")
        assert len(chart.spec["datasets"]["floors"]) == 2
        assert [column.label for column in chart.twin.columns] == [
            *("Measure", "1 to 3 days", "3 to 7 days")
        ]

    def test_one_class_and_none(self, ledger, hostile):
        one = chart_forecast_lead(forecast_by_lead(ledger), about=hostile).block
        check_reading(one.spec)
        assert not any(sign in one.alt for sign in "\u0000\u0007\u202e")
        with pytest.raises(VisualsError, match="no forecast to draw"):
            chart_forecast_lead(forecast_by_lead(ledger.clear()))


def values_of(*findings):
    """Every number of the findings, without sign; dates as year, month and day."""
    found = set()
    for finding in findings:
        lines = finding.to_dicts() if isinstance(finding, pl.DataFrame) else [asdict(finding)]
        cells = [cell for line in lines for cell in line.values()]
        cells += [inner for cell in cells if isinstance(cell, dict) for inner in cell.values()]
        for cell in cells:
            if isinstance(cell, date):
                found.add(float(cell.year * 10_000 + cell.month * 100 + cell.day))
            elif isinstance(cell, int | float):
                found.add(abs(float(cell)))
    return found


def test_every_number_of_every_sentence_is_a_number_of_its_finding(intervals, ledger):
    netting, days = forecast_netting(intervals), forecast_netting_days(intervals)
    value = forecast_value_added(ledger).with_columns(tripped=pl.lit(date(2026, 9, 1)))
    weeks = pl.concat(
        [intervals.with_columns(pl.col("interval_at") - timedelta(days=28 * n)) for n in (0, 1)]
    )
    beside = forecast_benchmarks(weeks, models=("seasonal_naive", "slot_mean"))
    target = target_feasible([100.0, 40.0])
    work = pl.DataFrame(
        [(12.0, 10.0, 200.0, 250.0)],
        schema=["forecast_offered", "actual_offered", "forecast_aht_s", "actual_aht_s"],
        orient="row",
    )
    error, effect = workload_error(work, fte_hours=1.0), service_effect(work)
    counts = pl.DataFrame(
        {"hidden": [int(days["netted"].sum())], "days": [days.height], "models": [2]}
    )
    accuracy = forecast_accuracy(intervals, by=[])
    sentences = [
        (say_netting(netting, days=days), (netting, counts)),
        (say_value_added(value), (value,)),
        (say_benchmarks(beside), (beside, counts)),
        (say_target_feasible(target), (target,)),
        (say_workload(error, effect=effect), (error, effect)),
        (say_forecast(accuracy), (accuracy,)),
    ]
    for sentence, findings in sentences:
        said(sentence)
        known = values_of(*findings)
        assert sentence.block.numbers
        for number in sentence.block.numbers:
            assert any(abs(number.value) == pytest.approx(one) for one in known), number
