"""890 incidents: how long they take, known as of one day after another (section 2.5 T2)."""

import pytest

from kpitools.catalog.model import Kpi
from kpitools.facts import Asked
from kpitools.facts.survival import censored_summary
from kpitools.workspace.workspace import read_as_of

HOUR = 3_600
KPI = Kpi.model_validate(
    {
        "kpi": "time_to_solve",
        "version": 1,
        "kind": "censored",
        "name": {"en": "Time to solve"},
        "definition": {"en": "From opening to the last time solved."},
        "purpose": {"en": "Says how long incidents take while many are open."},
        "unit": "seconds",
        "good": "lower",
        "table": "tickets",
        "period_of": "created_at",
        "starts": "created_at",
        "ends": "coalesce(solved_at, closed_at)",
        "roles": {"accountable": "operations_manager"},
    }
)


@pytest.fixture(scope="module")
def as_known(open_real):
    """Look at the whole cohort (three days in two months, so of one year) from an instant."""
    events = open_real("extract").events

    def asking(as_of):
        asked = Asked((KPI,), grain="year", as_of=read_as_of(as_of))
        (row,) = censored_summary(asked, events).iter_rows(named=True)
        return row

    return asking


@pytest.mark.parametrize(
    ("as_of", "ended", "still_open", "naive", "km"),
    [
        ("2016-03-02", 127, 395, 3.0, None),
        ("2016-03-04", 432, 458, 22.4, 53.3),
        ("2016-03-07", 518, 372, 25.6, 61.0),
        ("2016-03-31", 801, 89, 52.4, 61.0),
    ],
)
def test_naive_and_kaplan_meier_medians(  # noqa: PLR0913, PLR0917 - a row of the reference
    as_known, as_of, ended, still_open, naive, km
):
    row = as_known(as_of)
    assert (row["ended"], row["still_open"]) == (ended, still_open)
    assert row["naive_median"] / HOUR == pytest.approx(naive, abs=0.0501)
    found = row["km_median"]
    assert found is km is None or found / HOUR == pytest.approx(km, abs=0.05)


def test_the_final_truth(as_known):
    row = as_known("2018-01-01")
    assert (row["ended"], row["still_open"], row["share_open"]) == (890, 0, 0.0)
    assert round(row["naive_median"] / HOUR, 1) == 61.8
    assert round(row["naive_mean"] / HOUR, 1) == 309.5


@pytest.mark.parametrize(("as_of", "hours"), [("2016-03-02", 7.1), ("2016-04-01", 129.9)])
def test_the_naive_mean_is_far_too_short(as_known, as_of, hours):
    assert round(as_known(as_of)["naive_mean"] / HOUR, 1) == hours
