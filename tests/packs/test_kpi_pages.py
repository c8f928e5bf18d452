"""The catalogue as pages: complete, run, and safe against what a catalogue's author may write."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from kpitools.catalog import Catalog, load_builtin, read_catalog
from kpitools.errors import PackError
from kpitools.packs.definitions import define_kpis
from kpitools.packs.kpi_pages import NOT_OURS, escape, index_page, kpi_page, write_pages
from kpitools.packs.worked_words import say_example

CATALOG = load_builtin()
REPOSITORY = Path(__file__).parents[2]


def own(folder: Path, text: str, *, builtin: str | None = None) -> Catalog:
    file = folder / "own.yaml"
    file.write_text(text, encoding="utf-8")
    return read_catalog([file], builtin=builtin)


def test_a_page_has_formula_sql_example_variants_traps_and_versions() -> None:
    page = kpi_page(CATALOG, "service_level")
    for title in ("Formula", "Worked example", "Variants", "Traps", "Versions"):
        assert f"\n## {title}\n" in page
    assert "```sql\nSELECT" in page
    assert "`service_level_offered:sl9`" in page
    assert re.search(r"3 / 10 = 30\.0.%", page)


def test_every_kpi_is_in_the_index_once_with_a_link_to_its_page() -> None:
    index = index_page(CATALOG)
    linked = re.findall(r"\]\(([a-z0-9_]+)\.md\)", index)
    assert sorted(linked) == sorted(CATALOG.names())


ROLES = "roles: {operations_manager: {}, analyst: {}}\nkpis:\n"
OWN = """\
- kpi: {name}
  name: Calls
  definition: All calls.
  purpose: To see.
  unit: count
  good: higher
  table: contacts
  period_of: offered_at
  numerator: {numerator}
  roles: {{accountable: operations_manager}}
  example:
    text: Two calls.
    tables: {{contacts: "contact_id | offered_at | wait_ms\\na | 2026-10-05 09:00 | 5s\\n"}}
    value: {value}
"""


def test_an_own_example_that_does_not_hold_stops_the_pages_and_writes_nothing(
    tmp_path: Path,
) -> None:
    texts = [
        OWN.format(name="first", numerator="count(*)", value=2),
        OWN.format(name="second", numerator="count(*) filter (where talk_ms > 0)", value=1),
        OWN.format(name="third", numerator="count(*)", value=1),
    ]
    target = tmp_path / "pages"
    with pytest.raises(PackError) as caught:
        write_pages(own(tmp_path, "".join([ROLES, *texts]), builtin="none"), target)
    first, second = caught.value.faults
    assert first.what == "the example of 'first' gives another value"
    assert (first.found, first.expected) == ("1", "2")
    assert second.what.startswith("the example of 'second' cannot be run: ")
    assert "'talk_ms'" in second.found
    assert not target.exists()


@pytest.mark.parametrize(
    "where", ["outcome = 'missed'", "outcome = 'answered' and talk_ms > 0 and channel = 'x'"]
)
def test_an_inherited_example_that_is_not_of_the_formula_is_left_out(
    tmp_path: Path, where: str
) -> None:
    text = f'- kpi: asa\n  inherit: true\n  where: "{where}"\n'
    page = kpi_page(own(tmp_path, text), "asa")
    assert "The worked example is that of the built-in definition." in page
    assert "Rows of" not in page
    assert "`asa:with_ring`" in page


def test_a_variant_written_by_the_workspace_has_to_give_its_value(tmp_path: Path) -> None:
    text = (
        "- kpi: service_level_offered\n  inherit: true\n  variants:\n    sl10: null\n"
        "    mine:\n      name: Mine\n      differs: Counts all.\n      example: 1\n"
        "      numerator: count(*)\n      denominator: count(*)\n"
        "  parameters: {threshold_s: 20, inclusive: true}\n"
    )
    page = kpi_page(own(tmp_path, text), "service_level")
    assert re.search(r"\| Mine \| Counts all\. \| +\| 10 / 10 = 100\.0.% \|", page)
    assert "sl10" not in page
    wrong = own(tmp_path, text.replace("example: 1", "example: 0.5"))
    with pytest.raises(PackError, match="'service_level_offered:mine' gives another value"):
        kpi_page(wrong, "service_level")


def test_a_variant_whose_value_is_no_longer_of_its_definition_says_so(tmp_path: Path) -> None:
    where = "outcome = 'answered' and wait_ms < 400 * 1000"
    changed = own(tmp_path, f'- kpi: wait_median\n  inherit: true\n  where: "{where}"\n')
    page = kpi_page(changed, "wait_median")
    assert "Rows of `contacts`:" in page
    assert f"| {NOT_OURS} |" in page
    assert NOT_OURS not in kpi_page(CATALOG, "wait_median")


def test_a_page_lists_variants_that_do_not_fit_with_the_reason(tmp_path: Path) -> None:
    changed = own(tmp_path, "- kpi: service_level_offered\n  inherit: true\n  where: ivr_ms > 0\n")
    page = kpi_page(changed, "service_level")
    assert "- service\\_level\\_offered:sl10: where: no field 'ivr\\_ms'" in page


@pytest.mark.slow
def test_the_sample_workspace_has_pages(tmp_path: Path) -> None:
    sample = read_catalog([REPOSITORY / "data_samples" / "catalogue.yaml"])
    made = write_pages(sample, tmp_path)
    assert len(made) == len(sample.names()) + 1


def test_a_pack_leaves_an_example_out_that_is_not_of_its_definition(tmp_path: Path) -> None:
    changed = own(tmp_path, "- kpi: answered\n  inherit: true\n  where: outcome = 'missed'\n")
    (theirs,) = define_kpis([changed.kpi("answered")], catalog=changed)
    (ours,) = define_kpis([CATALOG.kpi("answered")], catalog=CATALOG)
    assert theirs.example == ""
    assert ours.example.endswith(say_example(CATALOG.kpi("answered")))


def test_words_of_a_catalogue_never_become_markup(tmp_path: Path) -> None:
    hostile = own(
        tmp_path,
        "- kpi: answered\n  inherit: true\n  definition: '<script>x</script> [a](b) | c'\n"
        "  example: null\n",
    )
    page = kpi_page(hostile, "answered")
    assert "<script>" not in page
    assert r"\<script\>" in page
    assert r"\[a\](b) \| c" in page


def test_a_definition_in_a_pack_tells_variants_traps_versions_and_how_it_adds_up(
    tmp_path: Path,
) -> None:
    (found,) = define_kpis([CATALOG.kpi("abandon_rate")], catalog=CATALOG)
    assert len(found.variants) == len(CATALOG.variants("abandon_rate"))
    assert len(found.traps) == len(CATALOG.kpi("abandon_rate").traps)
    assert found.versions == ()
    assert "add up over days and teams" in found.merging
    second = own(
        tmp_path,
        "- kpi: answered\n  inherit: true\n  version: 2\n  effective: {from: 2026-07-01}\n"
        "  change: {by: ops, reason: voicemail counts too}\n"
        "  where: outcome in ('answered', 'voicemail')\n",
    )
    (changed,) = define_kpis([second.kpi("answered")], catalog=second)
    assert [fact.text for fact in changed.versions] == [
        "first version",
        "voicemail counts too (ops)",
    ]


@pytest.mark.slow
def test_the_pages_in_the_repository_are_those_of_the_catalogue(tmp_path: Path) -> None:
    made = write_pages(CATALOG, tmp_path)
    kept = REPOSITORY / "docs" / "kpis"
    assert sorted(path.name for path in kept.glob("*.md")) == sorted(path.name for path in made)
    changed = [
        path.name
        for path in made
        if (kept / path.name).read_text(encoding="utf-8") != path.read_text(encoding="utf-8")
    ]
    assert changed == [], "run `make docs`"


def test_escaped_text_stays_on_one_line() -> None:
    assert escape("a\n# b") == r"a \# b"


def test_a_pack_prints_the_target_of_its_period_and_what_hangs_on_it(tmp_path: Path) -> None:
    text = (
        "- kpi: asa\n  inherit: true\n  target:\n"
        "    - {value: 30s, range: 50%, consequence: A plan within a week.}\n"
        "    - {from: 2026-07-01, value: 20s, range: 50%, incentive: Bonus of 2 %.}\n"
    )
    catalog = own(tmp_path, text)
    told = [
        define_kpis([catalog.kpi("asa")], catalog=catalog, on=on)[0].target
        for on in (date(2026, 6, 1), date(2026, 7, 1))
    ]
    assert told[0].endswith("range at most 45 s; if missed: A plan within a week.")
    assert told[1].endswith("range at most 30 s; incentive: Bonus of 2 %.")
