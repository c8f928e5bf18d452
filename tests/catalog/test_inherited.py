"""Variants that a workspace's entry inherits: its condition counts, what does not fit is told."""

import pytest

from kpitools.catalog import advise_left_out, load_builtin
from kpitools.catalog.inherited import conditions, inherited_variants
from kpitools.errors import CatalogError

LATEST = "2026.2"
DROPPED = "- kpi: asa\n  inherit: true\n  where: channel <> 'email'\n"


@pytest.fixture
def latest(read):
    return lambda *texts: read(*texts, builtin=LATEST)


def test_a_variant_whose_table_lacks_a_field_is_left_out_with_the_reason(latest):
    catalog = latest("- kpi: service_level_offered\n  inherit: true\n  where: ivr_ms > 0\n")
    reasons = {
        "service_level_offered:sl10": "where: no field 'ivr_ms'",
        "service_level_offered:first_leg": "where: no field 'ivr_ms'",
    }
    assert catalog.left_out == {("service_level_offered", 1): reasons}
    left = {kpi.kpi for kpi in catalog.variants("service_level")}
    before = {kpi.kpi for kpi in load_builtin(LATEST).variants("service_level")}
    assert before - left == set(reasons)


def test_a_variant_that_uses_a_parameter_taken_away_is_left_out(latest):
    catalog = latest(
        "- kpi: service_level_offered\n  inherit: true\n  parameters: {inclusive: null}\n"
        "  numerator: count(*) filter (where wait_ms <= :threshold_s * 1000)\n"
    )
    reasons = catalog.left_out["service_level_offered", 1]
    assert "inclusive" in reasons["service_level_offered:sl2"]


def test_what_is_left_out_is_told_as_advice_and_when_it_is_asked_for(latest):
    catalog = latest("- kpi: service_level_offered\n  inherit: true\n  where: ivr_ms > 0\n")
    told = advise_left_out(catalog)
    assert [(one.severity, one.kpis) for one in told] == [
        ("warning", ("service_level_offered:sl10",)),
        ("warning", ("service_level_offered:first_leg",)),
    ]
    assert told[0].message == "service_level_offered:sl10 is left out: where: no field 'ivr_ms'"
    with pytest.raises(CatalogError, match="sl10' does not fit the entry") as caught:
        catalog.kpi("service_level:sl10")
    assert "no field 'ivr_ms'" in str(caught.value)


def test_a_faulty_variant_that_the_file_writes_itself_stays_an_error(faults):
    told, _ = faults(
        "- kpi: service_level_offered\n  inherit: true\n  variants:\n    mine:\n"
        "      name: Mine\n      differs: Another count.\n      numerator: count(nothing)\n",
        builtin=LATEST,
    )
    assert "kpis0.yaml:7, character 7" in told[0]
    assert "service_level_offered:mine, numerator: no field 'nothing'" in told[0]


@pytest.mark.parametrize(
    ("name", "own", "varied"),
    [
        ("asa:missed_too", "outcome = 'answered'", "outcome in ('answered', 'missed')"),
        ("wait_median:with_abandons", "outcome = 'answered'", "wait_ms is not null"),
        ("ring_time:with_missed", "outcome = 'answered'", "outcome in ('answered', 'missed')"),
        ("missed_rings:per_contact", "outcome = 'missed'", "missed_rings > 0"),
    ],
)
def test_a_condition_that_is_added_counts_in_variants_with_their_own(latest, name, own, varied):
    entry = name.partition(":")[0]
    where = f"channel <> 'email' and ({own})"
    catalog = latest(f'- kpi: {entry}\n  inherit: true\n  where: "{where}"\n')
    assert not catalog.left_out
    assert catalog.kpi(name).where == f"{varied} and channel <> 'email'"


def test_an_added_condition_stays_through_versions_that_inherit_from_own_ones(latest):
    text = (
        "- kpi: own\n  name: Own\n  definition: All.\n  purpose: To see.\n  unit: count\n"
        "  good: lower\n  table: contacts\n  period_of: offered_at\n"
        "  where: direction = 'inbound'\n  numerator: count(*)\n"
        "  roles: {accountable: operations_manager}\n"
        "  variants:\n    out:\n      name: Out\n      differs: Outbound.\n"
        "      where: direction = 'outbound'\n"
    )
    for n, more in ((2, "channel = 'voice'"), (3, "channel = 'voice' and issue = 'bill'")):
        text += (
            f"- kpi: own\n  inherit: true\n  version: {n}\n"
            f"  effective: {{from: 2026-0{n}-01}}\n  change: {{by: me, reason: fewer}}\n"
            f"  where: direction = 'inbound' and {more}\n"
        )
    catalog = latest(text)
    assert catalog.kpi("own:out", version=1).where == "direction = 'outbound'"
    assert (
        catalog.kpi("own:out", version=3).where
        == "direction = 'outbound' and channel = 'voice' and issue = 'bill'"
    )


def test_where_a_condition_is_dropped_nobody_guesses_what_a_variant_should_count(latest):
    catalog = latest(DROPPED)
    assert list(catalog.left_out["asa", 1]) == ["asa:missed_too"]
    assert "outcome = 'answered'" in catalog.left_out["asa", 1]["asa:missed_too"]
    assert catalog.kpi("asa:with_ring").where == "channel <> 'email'"


def test_a_variant_written_in_the_entry_counts_as_written(latest):
    catalog = latest(
        DROPPED + "  variants:\n    missed_too:\n      name: Missed too\n"
        "      differs: Missed contacts count.\n      where: outcome <> 'abandoned'\n"
    )
    assert not catalog.left_out
    assert catalog.kpi("asa:missed_too").where == "outcome <> 'abandoned'"


def test_conditions_survive_being_taken_apart_and_written():
    builtin = load_builtin(LATEST)
    varied = [kpi for kpis in builtin.variant_entries.values() for kpi in kpis]
    for kpi in (*builtin.entries, *varied):
        if kpi.where is not None:
            item = {"where": kpi.where}
            found, _ = inherited_variants({}, {"where": "a", "variants": {"v": item}}, {})
            assert conditions(found["v"]["where"])[:-1] == conditions(kpi.where)


def test_an_unreadable_condition_is_told_once_as_the_fault_of_the_entry(faults):
    told, _ = faults("- kpi: asa\n  inherit: true\n  where: outcome = = 1\n", builtin=LATEST)
    assert len(told) == 1
    assert told[0].startswith("kpis0.yaml:3")


def test_a_fault_of_the_built_in_catalogue_names_its_file(tmp_path, monkeypatch):
    from kpitools.catalog import read as module

    (tmp_path / "9999.1").mkdir()
    (tmp_path / "9999.1" / "contacts.yaml").write_text("kpis:\n  - kpi: Bad\n", encoding="utf-8")
    monkeypatch.setattr(module, "BUILTIN", tmp_path)
    with pytest.raises(CatalogError, match=r"9999\.1/contacts\.yaml:2: "):
        module.read_builtin("9999.1")
