"""Bands: what a value is called, as data of an entry."""

import pytest

from kpitools.catalog import load_builtin, read_catalog
from kpitools.catalog.bands import band_of
from kpitools.errors import CatalogError

ENTRY = "- kpi: nps\n  inherit: true\n  bands:\n"


def test_a_workspace_names_its_own_bands(tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text(ENTRY + "  - {from: 0, name: fine}\n  - {from: 30, name: {en: great}}\n")
    nps = read_catalog([file]).kpi("nps")
    assert band_of(nps, -1) is None
    assert [band_of(nps, score).name["en"] for score in (0, 29.9, 30)] == ["fine", "fine", "great"]


def test_no_value_lies_in_no_band():
    assert band_of(load_builtin().kpi("nps"), None) is None
    assert band_of(load_builtin().kpi("csat"), 0.9) is None


@pytest.mark.parametrize(
    "lines",
    [
        "  - {from: 50, name: high}\n  - {from: 0, name: low}\n",
        "  - {from: 0, name: low}\n  - {from: 0, name: again}\n",
        "  - {from: 0, name: low}\n  - {name: no start}\n",
    ],
)
def test_bands_that_do_not_rise_are_refused_with_their_line(tmp_path, lines):
    file = tmp_path / "own.yaml"
    file.write_text(ENTRY + lines)
    with pytest.raises(CatalogError, match="the bands do not rise") as raised:
        read_catalog([file])
    assert "own.yaml:5" in str(raised.value)


def test_variants_take_no_bands():
    assert load_builtin().kpi("nps:promoters").bands == ()
