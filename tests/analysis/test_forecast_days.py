from datetime import date, datetime, timedelta

import polars as pl
import pytest

from kpitools.analysis import forecast_netting_days
from kpitools.errors import AnalysisError

NINE = datetime(2026, 10, 5, 9)  # noqa: DTZ001 - local


def rows(days, **more):
    """Days of pairs (forecast, actual), one per hour."""
    lines = [
        (NINE + timedelta(days=n, hours=hour), float(f), float(y))
        for n, pairs in enumerate(days)
        for hour, (f, y) in enumerate(pairs)
    ]
    names = ["interval_at", "forecast_offered", "actual_offered"]
    return pl.DataFrame(lines, schema=names, orient="row").with_columns(
        **{name: pl.lit(value) for name, value in more.items()}
    )


HIDDEN = [(700, 1000), (1300, 1000)]
RIGHT = [(1000, 1000), (1010, 1000)]
HIGH = [(1300, 1000), (1300, 1000)]


def test_right_totals_that_hide_wrong_intervals_are_found():
    found = forecast_netting_days(rows([HIDDEN, RIGHT, HIGH]))
    assert found["netted"].to_list() == [True, False, False]
    assert found["total_error"].to_list() == pytest.approx([0, 0.005, 0.3])
    assert found["wape"].to_list() == pytest.approx([0.3, 0.005, 0.3])
    assert forecast_netting_days(rows([HIDDEN, RIGHT, HIGH]).reverse()).equals(found)


def test_what_chance_explains_is_not_netting():
    """Misses of 3 in 10 are what chance alone gives at ten contacts an interval."""
    few = forecast_netting_days(rows([[(10, 7), (10, 13)]]))
    assert few["wape"].item() == pytest.approx(0.3)
    assert few["floor_wape"].item() > 0.25
    assert not few["netted"].item()


def test_single_intervals_cannot_net_and_days_without_contacts_are_left_out():
    assert forecast_netting_days(rows([[(100, 100)], [(5, 0), (0, 0)]]))["netted"].to_list() == [
        False
    ]
    assert forecast_netting_days(rows([HIDDEN]).clear()).height == 0


def test_dimensions_and_start():
    both = pl.concat([rows([HIDDEN, RIGHT], queue="a"), rows([RIGHT, RIGHT], queue="b")])
    found = forecast_netting_days(both, by=("queue",), start=date(2026, 10, 5))
    assert found.filter("netted").select("queue", "day").rows() == [("a", date(2026, 10, 5))]
    late = forecast_netting_days(both, by=("queue",), start=date(2026, 10, 6))
    assert late.height == 2


def test_wrong_questions_are_refused():
    with pytest.raises(AnalysisError, match="a share is a part"):
        forecast_netting_days(rows([RIGHT]), right=1)
    with pytest.raises(AnalysisError, match="no column"):
        forecast_netting_days(rows([RIGHT]).drop("actual_offered"))
