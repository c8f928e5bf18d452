"""Emergency departments 2016-04 to 2019-03 (NHS England, OGL v3): how much is flagged."""

import polars as pl
import pytest

from kpitools.analysis.process_limits import process_limits
from kpitools.analysis.xmr import xmr_limits
from kpitools.catalog import load_builtin

MONTHS = 36


@pytest.fixture(scope="module")
def within_four_hours(real_data):
    file = real_data / "timeseries" / "ae_attendances.csv"
    every = pl.read_csv(file, try_parse_dates=True, schema_overrides={"type": pl.String})
    rows = every.filter(type="1")
    whole = rows.filter(pl.len().over("org_code") == MONTHS)
    count, cases = pl.col("attendances") - pl.col("breaches"), pl.col("attendances")
    return whole.select(
        pl.lit("csat").alias("kpi"),
        pl.lit(1, pl.Int64).alias("version"),
        pl.lit("month").alias("grain"),
        "period",
        pl.col("org_code").alias("team"),
        count.cast(pl.Float64).alias("numerator"),
        cases.cast(pl.Float64).alias("denominator"),
        (count / cases).alias("value"),
        pl.lit(value=True).alias("final"),
    )


def test_the_published_half_of_all_points_becomes_a_tenth(within_four_hours):
    plain = xmr_limits(within_four_hours)
    assert round((plain["signal"] != "").mean(), 3) == 0.506
    fitting = process_limits(within_four_hours, load_builtin().kpi("csat"))
    assert (fitting["signal"] != "").mean() < 0.12
    assert (fitting["lag1"] > 0).mean() > 0.7
