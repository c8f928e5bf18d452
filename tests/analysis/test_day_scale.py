import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.analysis.day_scale import (
    SCALES,
    octile_skewness,
    off_scale,
    on_scale,
    other_scales,
    with_scale,
)


def rows(values, *, cases=None, name="csat"):
    below = pl.Series(cases or [None] * len(values), dtype=pl.Float64)
    value = pl.Series(values, dtype=pl.Float64)
    return pl.DataFrame(
        {"kpi": name, "numerator": value * below.fill_null(1.0), "denominator": below}
    ).with_columns(value=value)


def scale_of(frame, kpis=(), asked="auto"):
    return with_scale(frame, ["kpi"], list(kpis), asked)["scale"].unique().item()


@pytest.mark.parametrize(
    ("unit", "scale"),
    [
        ("seconds", "cube_root"),
        ("count", "square_root"),
        ("share", "arcsine"),
        ("money", "plain"),
        ("number", "plain"),
        ("points", "plain"),
    ],
)
def test_the_unit_of_the_kpi_decides_the_scale(kpi, unit, scale):
    assert scale_of(rows([0.2, 0.5], cases=[10, 12]), [kpi(unit=unit)]) == scale


def test_without_a_definition_the_numbers_tell():
    assert scale_of(rows([4, 0, 9])) == "square_root"
    assert scale_of(rows([4.5, 0, 9])) == "plain"
    assert scale_of(rows([0.5, 0.25], cases=[4, 4])) == "arcsine"
    assert scale_of(rows([0.5, 0.3], cases=[4, 4])) == "plain"  # 1.2 of 4 cases are no share
    assert scale_of(rows([-4, 0, 9])) == "plain"


def test_what_a_scale_cannot_take_is_left_as_it_is(kpi):
    seconds, share = kpi(unit="seconds"), kpi(unit="share")
    assert scale_of(rows([-1.0, 2.0]), [seconds]) == "plain"
    assert scale_of(rows([0.2, 1.4]), [share]) == "plain"
    assert scale_of(rows([0.0, 1.4]), asked="log") == "cube_root"
    assert scale_of(rows([0.1, 1.4]), asked="log") == "log"
    assert scale_of(rows([-0.1, 1.4]), asked="square_root") == "plain"


def test_only_a_share_of_cases_is_counted(kpi):
    shares = rows([0.5, 0.25], cases=[4, 4])
    assert with_scale(shares, ["kpi"], [kpi()], "auto")["_of"].to_list() == [4, 4]
    of_time = kpi(numerator="sum(talk_ms)", denominator="sum(paid_ms)")
    assert with_scale(shares, ["kpi"], [of_time], "auto")["_of"].null_count() == 2


def test_each_series_has_its_own_scale(kpi):
    both = pl.concat([rows([4.0, 9.0], name="calls"), rows([0.5, 0.25], cases=[4, 4])])
    found = with_scale(both, ["kpi"], [kpi()], "auto")
    assert found["scale"].to_list() == ["square_root"] * 2 + ["arcsine"] * 2


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0.001, 0.999), min_size=1, max_size=9),
    st.sampled_from(SCALES),
    st.one_of(st.none(), st.integers(1, 500)),
)
def test_there_and_back_is_the_same_value(values, scale, cases):
    frame = pl.DataFrame({"value": values}).with_columns(
        scale=pl.lit(scale), _of=pl.lit(cases, dtype=pl.Float64)
    )
    placed = frame.with_columns(on_scale(pl.col("value")).alias("at"))
    back = placed.select(off_scale(pl.col("at"))).to_series()
    assert back.to_list() == pytest.approx(values, rel=1e-9, abs=1e-9)
    assert placed.sort("value")["at"].is_sorted()


@pytest.mark.parametrize(
    ("scale", "place", "value"),
    [
        ("square_root", -1.0, 0.0),
        ("cube_root", -1.0, 0.0),
        ("arcsine", -0.2, 0.0),
        ("arcsine", 2.0, 1.0),
    ],
)
def test_places_beyond_the_ends_are_at_the_ends(scale, place, value):
    frame = pl.DataFrame({"at": [place]}).with_columns(
        scale=pl.lit(scale), _of=pl.lit(None, dtype=pl.Float64)
    )
    assert frame.select(off_scale(pl.col("at"))).item() == value


def test_skewness_sees_the_shape_and_not_the_outliers():
    even = np.linspace(-1, 1, 201)
    assert octile_skewness(even) == pytest.approx(0, abs=1e-12)
    skewed = np.exp(2 * even)
    assert octile_skewness(skewed) == pytest.approx(-octile_skewness(-skewed))
    wild = skewed.copy()
    wild[-20:] = 1e6  # a tenth of the days
    assert octile_skewness(wild) == pytest.approx(octile_skewness(skewed))
    assert octile_skewness(np.zeros(0)) == octile_skewness(np.ones(9)) == 0


def test_other_scales_are_tried_only_beyond_chance():
    skewed = np.exp(np.linspace(-1, 1, 301))
    assert other_scales("plain", skewed, lowest=0.5) == ["square_root", "cube_root", "log"]
    assert other_scales("plain", skewed, lowest=0.0) == ["square_root", "cube_root"]
    assert other_scales("plain", skewed, lowest=-1.0) == []
    assert other_scales("arcsine", skewed, lowest=0.1) == []
    assert other_scales("plain", skewed[::30], lowest=0.5) == []
