"""The catalogue as pages: complete, run, and safe against what a catalogue's author may write."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from kpitools.catalog import Catalog, load_builtin, read_catalog
from kpitools.errors import PackError
from kpitools.packs.definitions import define_kpis
from kpitools.packs.kpi_pages import escape, index_page, kpi_page, say_example, write_pages

CATALOG = load_builtin()
REPOSITORY = Path(__file__).parents[2]


def own(folder: Path, text: str) -> Catalog:
    file = folder / "own.yaml"
    file.write_text(text, encoding="utf-8")
    return read_catalog([file])


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


def test_an_example_that_no_longer_holds_stops_the_pages_and_writes_nothing(tmp_path: Path) -> None:
    changed = own(tmp_path, "- kpi: answered\n  inherit: true\n  where: outcome = 'missed'\n")
    target = tmp_path / "pages"
    with pytest.raises(PackError, match="the example of 'answered' gives another value"):
        write_pages(changed, target)
    assert not target.exists()


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
