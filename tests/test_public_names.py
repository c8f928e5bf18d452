"""`import kpitools as kt` gives every public name of the rooms that a notebook uses."""

from importlib import import_module

import pytest

import kpitools as kt


@pytest.mark.parametrize("room", ["analysis", "governance", "visuals"])
def test_every_public_name_of_a_room_is_there(room):
    module = import_module(f"kpitools.{room}")
    for name in module.__all__:
        assert getattr(kt, name) is getattr(module, name)


def test_every_listed_name_loads_once_and_from_one_room():
    listed = [
        name
        for names in kt._ROOMS.values()  # noqa: SLF001 - the list itself is what is tested
        for name in names
    ]
    assert len(listed) == len(set(listed))
    assert set(kt.__all__) == {*listed, "open"}
    assert all(getattr(kt, name) is not None for name in kt.__all__)
    assert set(kt.__all__) <= set(dir(kt))


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'opne'"):
        _ = kt.opne
