"""The JSON Schema agrees with the reader; descriptions say what the entry says."""

import json

import jsonschema
import pytest
from ruamel.yaml import YAML

from kpitools.catalog import (
    DERIVED,
    catalogue_schema,
    describe_catalog,
    describe_kpi,
    kpi_record,
    load_builtin,
    table_fields,
)
from kpitools.catalog.read import BUILTIN
from kpitools.errors import CatalogError
from kpitools.tables import TABLES

CATALOG = load_builtin()


@pytest.fixture(scope="module")
def validator():
    schema = catalogue_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.fixture(scope="module")
def entries():
    content = YAML(typ="safe", pure=True).load((BUILTIN / "2026.1.yaml").read_text("utf-8"))
    return json.loads(json.dumps(content, default=str))


def test_schema_takes_the_built_in_file(validator, entries):
    assert list(validator.iter_errors(entries)) == []
    assert list(validator.iter_errors(entries["kpis"])) == []


@pytest.mark.parametrize(
    "file", sorted(BUILTIN.glob("*/*.yaml")), ids=lambda file: f"{file.parent.name}/{file.name}"
)
def test_schema_takes_every_file_of_a_built_in_folder(validator, file):
    content = YAML(typ="safe", pure=True).load(file.read_text("utf-8"))
    plain = json.loads(json.dumps(content, default=str))
    assert [error.message for error in validator.iter_errors(plain)] == []


WHOLE = {
    "kind": "censored",
    "numerator": None,
    "starts": "created_at",
    "ends": "solved_at",
    "quantile": 0.9,
    "aliases": ["one", "two words"],
    "status": "draft",
    "controllable": False,
    "traps": ["One trap.", {"en": "Another trap."}],
    "source": "A book, page 3",
    "settles_after": ":window_days",
    "target": [
        {"value": "85%", "range": "5%", "consequence": "Coaching.", "incentive": "Bonus."},
        {"from": "2026-07-01", "value": 3, "per": "month", "periods": {"week": {"value": 1}},
         "teams": {"a": {"value": 2, "periods": {"year": {"value": 9}}}}},
    ],
    "example": {"text": "One.", "tables": {"contacts": "contact_id\na"}, "value": None},
    "variants": {"other": {"name": "Other", "differs": "All.", "quantile": 0.5, "example": 1}},
}  # fmt: skip


@pytest.mark.parametrize("key", WHOLE)
def test_schema_takes_every_key(validator, key):
    assert validator.is_valid([{"kpi": "aht", "inherit": True, key: WHOLE[key]}])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("status", "maybe"),
        ("quantile", 1.5),
        ("controllable", "no"),
        ("target", {"value": 1, "per": "monthly"}),
        ("target", [{"from": "2026-07-01"}]),
        ("example", {"text": "One.", "value": 1}),
        ("variants", {"other": {"name": "Other"}}),
        ("variants", {"other": {"name": "Other", "differs": "All.", "action": "x"}}),
    ],
)
def test_schema_refuses_such_a_value(validator, key, value):
    assert not validator.is_valid([{"kpi": "aht", "inherit": True, key: value}])


@pytest.mark.parametrize(
    "change",
    [{"unit": "secs"}, {"unti": "share"}, {"version": 0}, {"beside": "aht"}, {"roles": {}}],
)
def test_schema_refuses(validator, entries, change):
    assert not validator.is_valid([{**entries["kpis"][2], **change}])


def test_schema_takes_an_entry_that_inherits(validator):
    assert validator.is_valid([{"kpi": "aht", "inherit": True, "minimum": 5, "action": None}])
    assert validator.is_valid([{"kpi": "csat", "inherit": True, "parameters": {"x": None}}])
    assert not validator.is_valid([{"kpi": "aht", "minimum": 5}])
    assert not validator.is_valid([{"kpi": "aht", "inherit": True, "minmum": 5}])


def test_list_has_one_line_per_kpi():
    lines = describe_catalog(CATALOG.entries, lang="tr").splitlines()
    assert len(lines) == len(CATALOG.entries)
    assert any("Ortalama Ele Alma" in line for line in lines)
    assert describe_catalog([]) == ""


@pytest.mark.parametrize("kpi", CATALOG.entries, ids=lambda kpi: kpi.kpi)
def test_description_says_definition_formula_and_sql(kpi):
    text = describe_kpi(kpi)
    record = kpi_record(kpi)
    for part in (kpi.where, kpi.numerator, kpi.denominator, kpi.enters, kpi.leaves):
        assert part is None or part in text
    assert kpi.definition["en"] in text
    assert all(sql in text for sql in record["sql"].values())
    assert record["kpi"] == kpi.kpi
    assert set(record["fields"]) <= set(table_fields(kpi.table))


def test_description_names_target_action_and_change(tmp_path):
    from kpitools.catalog import read_catalog

    file = tmp_path / "own.yaml"
    file.write_text(
        "- kpi: aht\n  inherit: true\n  version: 2\n  effective: {from: 2026-01-01}\n"
        "  change: {by: ops, reason: new clock}\n"
        "  target: {value: 300, range: 10%, teams: {billing: {value: 400}}}\n",
        encoding="utf-8",
    )
    text = describe_kpi(read_catalog([file]).kpi("aht"))
    assert "300 s, range 270\N{EN DASH}330 s" in text
    assert "billing: 400 s, range 360\N{EN DASH}440 s" in text
    assert "outside twice running; team_lead, within 10 business days" in text
    assert "2, from 2026-01-01, own.yaml" in text
    assert "changed by ops: new clock" in text


def test_derived_tables_are_described():
    assert set(DERIVED) & set(TABLES) == set()
    for table in DERIVED.values():
        assert any(field.kind == "timestamp" for field in table.fields)
        for name, needed in table.needs.items():
            assert needed <= set(TABLES[name].names)


def test_unknown_table():
    with pytest.raises(CatalogError, match="did you mean 'team_costs'"):
        table_fields("team_cost")
