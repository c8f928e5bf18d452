"""Whatever the order of the rows: every worked example of these domains gives the same bits."""

import random
from pathlib import Path

import pytest

import kpitools.catalog as room
from kpitools.catalog import load_builtin
from kpitools.catalog.yaml_lines import read_yaml
from kpitools.facts.examples import run_example

CATALOG = load_builtin()
FOLDER = Path(room.__file__).parent / "builtin" / "2026.2"
FILES = ("surveys.yaml", "quality.yaml", "costs.yaml", "forecasts.yaml")
WRITTEN = [
    CATALOG.kpi(entry["kpi"]) for name in FILES for entry in read_yaml(FOLDER / name).value["kpis"]
]
ENTRIES = [each for kpi in WRITTEN for each in (kpi, *CATALOG.variants(kpi.kpi))]


def mixed(text, seed):
    head, *rows = [line for line in text.splitlines() if line.strip()]
    random.Random(seed).shuffle(rows)  # noqa: S311 - any order will do
    return "\n".join([head, *rows])


@pytest.mark.parametrize(
    "kpi",
    [
        pytest.param(kpi, id=kpi.kpi, marks=pytest.mark.slow if kpi.variant_of else [])
        for kpi in ENTRIES
    ],
)
def test_an_example_in_another_order_gives_the_same_bits(kpi):
    straight = run_example(kpi)
    for seed in (1, 2):
        tables = {name: mixed(text, seed) for name, text in kpi.example.tables.items()}
        other = kpi.model_copy(
            update={"example": kpi.example.model_copy(update={"tables": tables})}
        )
        assert run_example(other).equals(straight)


@pytest.mark.parametrize("name", ["csat", "nps", "ces", "dsat"])
def test_what_customers_feel_never_stands_without_what_was_solved_or_who_answered(name):
    beside = set(CATALOG.kpi(name).beside)
    assert "rr" in beside
    assert name == "dsat" or "survey_response_rate" in beside
