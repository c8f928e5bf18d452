import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from kpitools.visuals.privacy import keep_back

ROWS = st.lists(
    st.tuples(st.integers(0, 20), st.one_of(st.none(), st.integers(0, 20))), min_size=1, max_size=8
)


def frame(rows):
    schema = {"numerator": pl.Float64, "denominator": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(value="numerator")


@given(ROWS, st.integers(1, 10))
def test_no_value_on_too_few_cases_is_left(rows, fewest):
    kept = keep_back(frame(rows), minimum_group=fewest)
    small = kept.filter(pl.col("kept_back"))
    assert (
        small.select("value", "numerator", "denominator", "cases")
        .null_count()
        .sum_horizontal()
        .item()
        == 4 * small.height
    )
    shown = kept.filter(~pl.col("kept_back"), pl.col("denominator").is_not_null())
    assert shown.filter(pl.col("cases").is_between(0, fewest, closed="none")).is_empty()


def test_a_count_of_a_team_is_shown_and_that_of_a_part_is_not():
    rows = frame([(3, None)])
    assert not keep_back(rows, minimum_group=5)["kept_back"].item()
    assert keep_back(rows, minimum_group=5, counts=True)["kept_back"].item()


def test_no_case_at_all_discloses_nobody():
    assert not keep_back(frame([(0, 0)]), minimum_group=5)["kept_back"].item()


def test_an_overview_has_cases_and_units_alone():
    rows = pl.DataFrame({"value": [0.5, 3.0], "cases": [4.0, 3.0], "unit": ["share", "count"]})
    assert keep_back(rows, minimum_group=5)["kept_back"].to_list() == [True, False]
