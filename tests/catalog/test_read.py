"""Catalogue files of a workspace: what they may say, and every fault with its line."""

from datetime import date

import pytest

from kpitools.catalog import load_builtin, read_catalog
from kpitools.errors import CatalogError

OWN = """\
- kpi: long_calls
  name: Long calls
  definition: {en: Answered calls of more than ten minutes.}
  purpose: {en: Shows cases for a second look.}
  unit: share
  good: lower
  table: contacts
  period_of: ended_at
  where: outcome = 'answered'
  numerator: count(*) filter (where talk_ms > :limit_s * 1000)
  denominator: count(talk_ms)
  parameters: {limit_s: 600}
  settles_after: 2d
  roles: {accountable: operations_manager, measured: [team_lead]}
  target: {value: 5%, range: 40%}
  beside: [aht]
"""


def test_own_entry_stands_beside_the_built_in_ones(read):
    catalog = read(OWN)
    kpi = catalog.kpi("long_calls")
    assert catalog.names() == (*load_builtin("2026.1").names(), "long_calls")
    assert kpi.name == {"en": "Long calls"}
    assert (kpi.kind, kpi.origin, kpi.settles_after_s) == ("ratio", "kpis0.yaml", 172_800)
    assert kpi.targets.default.model_dump(exclude_defaults=True) == {"value": 0.05, "high": 0.07}


def test_version_names_what_the_files_say_not_how(read):
    one, other = read(OWN), read("# a comment\n" + OWN)
    assert one.version == other.version
    assert one.version.startswith("2026.1+")
    assert read(OWN.replace("600", "601")).version != one.version
    assert read().version == "2026.1"


def test_order_of_files_does_not_change_the_version(read):
    second = OWN.replace("long_calls", "longer_calls")
    assert read(OWN, second).version == read(second, OWN).version


def test_inherit_changes_single_keys(read):
    catalog = read(
        "- kpi: service_level_offered\n"
        "  inherit: true\n"
        "  name: {tr: Hizmet seviyesi}\n"
        "  parameters: {threshold_s: 30}\n"
        "  target: {value: 70%, teams: {billing: {value: 90%}}, periods: {day: {value: 60%}}}\n"
        "  action: null\n"
    )
    before, after = (
        load_builtin("2026.1").kpi("service_level_offered"),
        catalog.kpi("service_level_offered"),
    )
    assert after.parameters == {"threshold_s": 30, "inclusive": True}
    assert after.name == {**before.name, "tr": "Hizmet seviyesi"}
    assert after.numerator == before.numerator
    assert after.action is None
    assert after.targets.target().low == pytest.approx(0.665)
    assert after.targets.target(team="billing", grain="day").value == 0.9
    assert after.targets.target(team="other", grain="day").low == pytest.approx(0.57)
    assert len(catalog.entries) == len(load_builtin("2026.1").entries)


def test_inherited_version_stands_beside_the_built_in_one(read):
    catalog = read(
        "- kpi: aht\n"
        "  inherit: true\n"
        "  version: 2\n"
        "  effective: {from: 2026-07-01}\n"
        "  change: {by: ops, reason: hold time is not ours}\n"
        "  numerator: sum(talk_ms + acw_ms)\n"
        "  denominator: count(talk_ms + acw_ms)\n"
    )
    assert catalog.kpi("aht").version == 2
    assert catalog.kpi("aht", on=date(2026, 6, 30)).version == 1
    assert catalog.kpi("aht", on=date(2026, 7, 1)).version == 2
    assert catalog.kpi("aht", version=1).effective.end == date(2026, 6, 30)
    assert catalog.kpi("aht", version=1).numerator == "sum(talk_ms + hold_ms + acw_ms)"


def test_an_own_version_inherits_from_the_own_one_above(read):
    second = (
        "- kpi: long_calls\n"
        "  inherit: true\n"
        "  version: 2\n"
        "  effective: {from: 2026-07-01}\n"
        "  parameters: {limit_s: 900}\n"
    )
    first = OWN.replace(
        "  name: Long calls\n",
        "  name: Long calls\n"
        "  effective: {to: 2026-06-30}\n"
        "  change: {by: ops, reason: the first}\n",
    )
    catalog = read(first + second)
    one, two = catalog.versions("long_calls")
    assert (one.parameters, two.parameters) == ({"limit_s": 600}, {"limit_s": 900})
    assert (two.effective.start, two.effective.end, two.change) == (date(2026, 7, 1), None, None)
    assert two.numerator == one.numerator


def test_without_the_built_in_catalogue(read):
    roles = (
        "roles: {operations_manager: Head, team_lead: {en: Lead, tr: Lider}, analyst: Analyst}\n"
    )
    entries = "".join(f"  {line}\n" for line in OWN.splitlines() if "beside" not in line)
    catalog = read(f"{roles}kpis:\n{entries}", builtin="none")
    assert catalog.names() == ("long_calls",)
    assert catalog.roles["team_lead"] == {"en": "Lead", "tr": "Lider"}
    assert catalog.version.startswith("none+")


def test_unknown_built_in_version_lists_the_known(faults):
    _, text = faults(OWN, builtin="2025.3")
    assert "one of 2026.1" in text


EDITS = {
    "unit: share": ("unit: secs", "kpis0.yaml:5: long_calls: unknown unit", "seconds"),
    "unit: share\n": ("unti: share\n", "kpis0.yaml:5: long_calls: unknown key 'unti'", "'unit'"),
    "good: lower": ("good: low", "kpis0.yaml:6: long_calls: unknown good", "did you mean 'lower'"),
    "table: contacts": ("table: contact", "kpis0.yaml:7: no table 'contact'", "'contacts'"),
    "period_of: ended_at": (
        "period_of: ended",
        "kpis0.yaml:8: period_of names no time stamp of the table",
        "did you mean 'ended_at'",
    ),
    "outcome = 'answered'": (
        "outcom = 'answered'",
        "kpis0.yaml:9, character 1: long_calls, where: no field 'outcom'",
        "did you mean 'outcome'",
    ),
    "where: outcome = 'answered'": (
        "where: talk_ms",
        "kpis0.yaml:9: long_calls: where is no condition",
        "talk_ms",
    ),
    ":limit_s * 1000": (
        "600000",
        "kpis0.yaml:12: long_calls: no formula uses the parameter 'limit_s'",
        ":limit_s",
    ),
    "parameters: {limit_s: 600}": (
        "parameters: {limits: 600}",
        "kpis0.yaml:10, character 34: long_calls, numerator: no parameter ':limit_s'",
        "'limits'",
    ),
    "settles_after: 2d": (
        "settles_after: 2 weeks",
        "kpis0.yaml:13: long_calls: settles_after cannot be used",
        "no span such as",
    ),
    "accountable: operations_manager": (
        "accountable: operation_manager",
        "kpis0.yaml:14: long_calls: no role 'operation_manager'",
        "did you mean 'operations_manager'",
    ),
    "measured: [team_lead]": (
        "measured: [lead]",
        "kpis0.yaml:14: long_calls: no role 'lead'",
        "'team_lead'",
    ),
    "value: 5%": (
        "value: 5",
        "kpis0.yaml:15: a target cannot be used",
        "a share is a fraction: write 5%",
    ),
    "range: 40%": (
        "range: [6%, 7%]",
        "kpis0.yaml:15: the range does not contain the target",
        "0.05",
    ),
    "range: 40%}": ("rnage: 40%}", "kpis0.yaml:15: long_calls: unknown key 'rnage'", "'range'"),
    "beside: [aht]": (
        "beside: [ath]",
        "kpis0.yaml:16: long_calls: no KPI 'ath' to read beside it",
        "did you mean 'aht'",
    ),
    "beside: [aht]\n": (
        "beside: [long_calls]\n",
        "kpis0.yaml:16: long_calls: stands beside itself",
        "itself",
    ),
    "denominator: count(talk_ms)": (
        "denominator: sum(talk_ms)",
        "kpis0.yaml:5: long_calls: unit and formulas do not fit",
        "a share of count by duration",
    ),
    "  denominator: count(talk_ms)\n": (
        "",
        "kpis0.yaml:5: long_calls: unit and formulas do not fit",
        "needs a numerator and a denominator",
    ),
    "name: Long calls": (
        "name: {tr: Uzun}",
        "kpis0.yaml:2: long_calls: name cannot be used",
        "English text (en) is missing",
    ),
    "definition: {en: ": (
        "definition: {english: ",
        "kpis0.yaml:3: long_calls: definition cannot be used",
        "language code",
    ),
    "- kpi: long_calls": (
        "- kpi: Long-Calls",
        "kpis0.yaml:1: Long-Calls: kpi cannot be used",
        "small letters",
    ),
    "  table: contacts\n": ("", "kpis0.yaml:1: long_calls: the key 'table' is missing", "table"),
}


@pytest.mark.parametrize("before", EDITS)
def test_fault_has_its_line(faults, before):
    after, where, hint = EDITS[before]
    assert OWN.count(before) == 1
    found, text = faults(OWN.replace(before, after))
    assert where in found
    assert hint in text


def test_all_faults_of_all_files_come_at_once(faults):
    first = OWN.replace("share", "secs").replace("accountable: o", "accountable: x")
    second = OWN.replace("long_calls", "other").replace("talk_ms >", "tlak_ms >")
    found, _ = faults(first, second, "- kpi: third\n- 7\n")
    assert "kpis0.yaml:5: long_calls: unknown unit" in found
    assert any(text.startswith("kpis1.yaml:10, character 24") for text in found)
    assert "kpis2.yaml:2: an entry is not a mapping" in found
    assert "kpis2.yaml:1: third: the key 'unit' is missing" in found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- kpi: x\n   bad: : y\n", "kpis0.yaml:2: the file is no YAML"),
        ("- kpi: x\n  kpi: y\n", "kpis0.yaml:2: "),
        ("- &a {kpi: x}\n- *a\n", "kpis0.yaml:1: an alias repeats a part of the file"),
        ("- kpi: !!python/object x\n", "kpis0.yaml:1: the tag"),
        ("- ? [a, b]\n  : c\n", "kpis0.yaml:1: a key is not a word"),
        ("hello\n", "kpis0.yaml:1: a catalogue file is a list of entries"),
        ("kpis: {a: b}\n", "kpis0.yaml:1: a catalogue file is a list of entries"),
        ("kpi: []\n", "kpis0.yaml:1: unknown key 'kpi'"),
        ("roles: {night_owl: Owl}\n", "kpis0.yaml:1: no KPI has the role 'night_owl'"),
        (
            "- kpi: ath\n  inherit: true\n",
            "kpis0.yaml:1: no built-in KPI 'ath' to inherit from, nor one above",
        ),
        ("- kpi: aht\n  inherit: true\n  unti: x\n", "kpis0.yaml:3: aht: unknown key 'unti'"),
        (
            "- kpi: aht\n  inherit: true\n  where: outcom = 'x'\n",
            "kpis0.yaml:3, character 1: aht, where: no field 'outcom'",
        ),
        (
            "- kpi: aht\n  inherit: true\n  version: 2\n",
            "kpis0.yaml:1: aht: two versions overlap",
        ),
        (
            "- kpi: aht\n  inherit: true\n  effective: {from: 2026-05-01, to: 2026-04-01}\n",
            "kpis0.yaml:3: aht: effective ends before it begins",
        ),
    ],
)
def test_file_that_cannot_be_used(faults, text, expected):
    found, _ = faults(text)
    assert any(item.startswith(expected) for item in found), found


def test_same_entry_twice(faults):
    found, text = faults(OWN, OWN)
    assert found == ["kpis1.yaml:1: long_calls version 1 stands twice"]
    assert "first at kpis0.yaml:1" in text


def test_built_in_entry_is_not_replaced_by_accident(faults):
    found, text = faults(OWN.replace("long_calls", "aht").replace("beside: [aht]", "beside: [acw]"))
    assert found == ["kpis0.yaml:1: aht version 1 is built in already"]
    assert "inherit: true" in text


def test_overlap_of_stated_days(faults):
    ending = OWN + "  effective: {from: 2026-01-01, to: 2026-06-30}\n"
    starting = OWN + "  version: 2\n  effective: {from: 2026-06-30}\n"
    found, text = faults(ending, starting)
    assert found == ["kpis1.yaml:18: long_calls: two versions overlap"]
    assert "version 1 from 2026-01-01 to 2026-06-30, version 2 from 2026-06-30" in text


def test_versions_that_begin_on_one_day(faults):
    one = OWN + "  effective: {from: 2026-01-01}\n"
    found, _ = faults(one, one + "  version: 2\n")
    assert found == ["kpis1.yaml:17: long_calls: two versions begin together"]


def test_gap_between_versions_is_said(read):
    ending = OWN + "  effective: {from: 2026-01-01, to: 2026-05-31}\n"
    catalog = read(ending, OWN + "  version: 2\n  effective: {from: 2026-07-01}\n")
    with pytest.raises(CatalogError, match="version 1 from 2026-01-01 to 2026-05-31; version 2"):
        catalog.kpi("long_calls", on=date(2026, 6, 15))


def test_unknown_names_and_versions(read):
    catalog = read(OWN)
    with pytest.raises(CatalogError, match="did you mean 'long_calls'"):
        catalog.kpi("longcalls")
    with pytest.raises(CatalogError, match="one of 1"):
        catalog.kpi("long_calls", version=3)


def test_file_that_is_not_there(tmp_path):
    with pytest.raises(CatalogError, match="cannot be read"):
        read_catalog([tmp_path / "none.yaml"])


def test_file_that_is_not_text(tmp_path):
    file = tmp_path / "kpis.yaml"
    file.write_bytes(b"\xff\xfe\x00- kpi")
    with pytest.raises(CatalogError, match="not UTF-8"):
        read_catalog([file])


def test_file_that_is_too_large(tmp_path):
    file = tmp_path / "kpis.yaml"
    file.write_text("#" * 2_000_001, encoding="utf-8")
    with pytest.raises(CatalogError, match="too large"):
        read_catalog([file])


def test_empty_file_adds_nothing(read):
    assert read("").names() == load_builtin("2026.1").names()
