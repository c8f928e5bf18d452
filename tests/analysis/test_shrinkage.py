import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitools.analysis.shrinkage import gross_up
from kpitools.errors import AnalysisError


def test_ten_needed_at_thirty_percent_are_fourteen_paid_not_thirteen():
    assert gross_up(10, shrinkage=0.3) == pytest.approx(14.2857142857)
    assert gross_up(10, shrinkage=0.3) > 10 * 1.3


@given(st.floats(0, 1e6), st.floats(0, 0.99))
def test_what_is_left_after_shrinkage_is_the_need(need, shrinkage):
    assert gross_up(need, shrinkage=shrinkage) * (1 - shrinkage) == pytest.approx(need)


@pytest.mark.parametrize("shrinkage", [1, 1.3, 30, -0.1, float("nan")])
def test_a_shrinkage_that_is_no_share_is_refused(shrinkage):
    with pytest.raises(AnalysisError, match="no share of the base"):
        gross_up(10, shrinkage=shrinkage)


@pytest.mark.parametrize("need", [-1, float("inf"), float("nan")])
def test_a_need_that_is_no_number_of_people_is_refused(need):
    with pytest.raises(AnalysisError, match="no number of people"):
        gross_up(need, shrinkage=0.3)
