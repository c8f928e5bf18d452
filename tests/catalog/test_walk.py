"""Every entry of the built-in catalogue, walked: its example is run, its fields are complete."""

from __future__ import annotations

import pytest

from kpitools.catalog import Kpi, load_builtin, required_fields
from kpitools.catalog.derived import table_fields
from kpitools.facts.examples import run_example

CATALOG = load_builtin()
ENTRIES = [*CATALOG.entries, *(kpi for some in CATALOG.variant_entries.values() for kpi in some)]
NAMES = [f"{kpi.kpi}@{kpi.version}" for kpi in ENTRIES]
WRITTEN = [kpi for kpi in ENTRIES if kpi.variant_of is None]


FIRST = {kpi.kind: kpi.kpi for kpi in reversed(WRITTEN)}
FIRST |= {kpi.table: kpi.kpi for kpi in reversed(WRITTEN)}
"""The first of every kind and of every table; the others are walked with the slow tests."""


@pytest.mark.parametrize(
    "kpi",
    [
        pytest.param(kpi, id=name, marks=[] if kpi.kpi in FIRST.values() else pytest.mark.slow)
        for kpi, name in zip(ENTRIES, NAMES, strict=True)
    ],
)
def test_the_example_gives_what_the_entry_says(kpi: Kpi) -> None:
    assert kpi.example is not None, f"{kpi.kpi}: no example"
    found = run_example(kpi)
    if kpi.example.value is None:
        assert found.is_empty() or found["value"].item() is None
        return
    assert found.height == 1
    assert found["value"].item() == pytest.approx(kpi.example.value, abs=5e-11, rel=1e-9)
    for part in ("numerator", "denominator"):
        expected = getattr(kpi.example, part)
        if expected is not None:
            assert found[part].item() == pytest.approx(expected, abs=5e-11, rel=1e-9)


@pytest.mark.parametrize("kpi", WRITTEN, ids=[f"{kpi.kpi}@{kpi.version}" for kpi in WRITTEN])
def test_an_entry_is_complete(kpi: Kpi) -> None:
    assert kpi.name["en"].strip()
    assert kpi.definition["en"].strip().endswith(".")
    assert kpi.purpose["en"].strip().endswith(".")
    assert kpi.goal
    assert kpi.groups
    assert kpi.roles.measured or kpi.roles.accountable
    assert kpi.traps, f"{kpi.kpi}: no trap"
    assert all(trap["en"].strip().endswith(".") for trap in kpi.traps)
    assert kpi.beside, f"{kpi.kpi}: nothing to read beside it"


def test_a_formula_uses_only_fields_of_its_table() -> None:
    foreign = {
        name: required_fields(kpi) - set(table_fields(kpi.table))
        for kpi, name in zip(ENTRIES, NAMES, strict=True)
    }
    assert {name: fields for name, fields in foreign.items() if fields} == {}
