"""Tables, canonical and derived, and slices with a name."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.errors import FactsError
from kpitools.facts import dimensions_of, fields_of, slice_key

texts = st.text("ab,=%:", max_size=4)


def test_an_unknown_table_asks_did_you_mean():
    with pytest.raises(FactsError, match="did you mean 'team_costs'"):
        fields_of("team_cost")
    with pytest.raises(FactsError, match="did you mean 'contacts'"):
        dimensions_of("contact")


@settings(deadline=None)
@given(st.tuples(texts, texts), st.tuples(texts, texts))
def test_two_slices_have_two_names(first, second):
    names = [slice_key({"team": a, "queue": b}, ["team", "queue"]) for a, b in (first, second)]
    assert (names[0] == names[1]) == (first == second)
