"""Names, aliases and variants of a catalogue; which KPIs are means."""

from datetime import date

import pytest

from kpitools.catalog import compile_kpi, describe_kpi, kpi_record, load_builtin
from kpitools.catalog.compiled import mean_of
from kpitools.errors import CatalogError

OWN = """\
- kpi: long_calls
  name: Long calls
  definition: Share of answered calls of more than ten minutes.
  purpose: Shows cases for a second look.
  unit: share
  good: lower
  table: contacts
  period_of: offered_at
  numerator: count(*) filter (where talk_ms > :limit_s * 1000)
  denominator: count(talk_ms)
  parameters: {limit_s: 600, window_days: 7}
  settles_after: :window_days
  aliases: [lengthy, calls that last]
  traps: [Few cases., {en: Holds count too.}]
  source: A book
  roles: {accountable: operations_manager}
  status: draft
  variants:
    all:
      name: Of all calls
      differs: All offered calls below the line.
      used_by: A vendor
      numerator: count(*) filter (where talk_ms > 600000)
      denominator: count(*)
"""


def test_an_alias_names_the_kpi_and_its_variants(read):
    catalog = read(OWN)
    assert catalog.kpi("calls that last").kpi == "long_calls"
    assert catalog.kpi("lengthy:all").kpi == "long_calls:all"
    assert catalog.name_of("lengthy:all") == "long_calls:all"


def test_a_name_near_to_an_alias_is_suggested(read):
    with pytest.raises(CatalogError, match="did you mean 'calls that last'"):
        read(OWN).kpi("calls that lasted")


def test_a_kpi_of_an_own_catalogue_comes_before_an_alias(read):
    text = OWN.replace("aliases: [lengthy, calls that last]", "aliases: [lengthy]")
    other = OWN.replace("long_calls", "lengthy_2").replace("aliases: [lengthy", "aliases: [x")
    assert read(text, other).kpi("lengthy").kpi == "long_calls"
    assert read(text, other).kpi("lengthy_2").kpi == "lengthy_2"


def test_a_variant_is_compared_not_judged(read):
    variant = read(OWN).kpi("long_calls:all")
    assert (variant.variant_of, variant.used_by) == ("long_calls", "A vendor")
    assert variant.differs == {"en": "All offered calls below the line."}
    assert (variant.traps, variant.aliases, variant.targets.default) == ((), (), None)


def test_a_variant_keeps_only_the_parameters_that_it_uses(read):
    assert read(OWN).kpi("long_calls:all").parameters == {"window_days": 7}


def test_an_unknown_variant_lists_the_known(read):
    with pytest.raises(CatalogError, match="did you mean 'all'"):
        read(OWN).kpi("long_calls:al")
    with pytest.raises(CatalogError, match="no variant: this KPI has one definition"):
        read(OWN).kpi("offered:all")


SECOND = OWN.replace("    all:", "    none:").replace(
    "  name: Long calls\n",
    "  version: 2\n  effective: {from: 2026-07-01}\n  name: Long calls\n",
)


def test_a_variant_counts_on_the_days_of_its_version(read):
    catalog = read(OWN, SECOND.replace("    none:", "    all:"))
    before, after = date(2026, 6, 30), date(2026, 7, 1)
    for name in ("long_calls", "long_calls:all"):
        assert catalog.kpi(name, on=before).version == 1
        assert catalog.kpi(name, on=after).version == 2
    assert catalog.kpi("long_calls:all", version=1).effective.end == before


def test_a_variant_of_one_version_only_is_found(read):
    catalog = read(OWN, SECOND)
    assert catalog.kpi("long_calls:all").version == 1
    assert catalog.kpi("long_calls:none").version == 2
    assert [one.kpi for one in catalog.variants("long_calls")] == ["long_calls:none"]


def test_a_retired_kpi_is_listed_and_not_in_use(read):
    catalog = read(OWN.replace("status: draft", "status: retired"))
    assert "long_calls" in catalog.names()
    assert "long_calls" not in catalog.in_use()
    assert "offered" in catalog.in_use()


def test_description_and_record_tell_all_that_is_written(read):
    catalog = read(OWN)
    kpi, variants = catalog.kpi("long_calls"), catalog.variants("long_calls")
    text = describe_kpi(kpi, variants=variants)
    for words in (
        "also called   lengthy, calls that last",
        "status        draft",
        "- Few cases.",
        "- Holds count too.",
        "source        A book",
        "the parameter window_days = 7",
        "long_calls:all: Of all calls (A vendor): All offered calls below the line.",
    ):
        assert words in text
    record = kpi_record(kpi, variants=variants)
    assert record["aliases"] == ["lengthy", "calls that last"]
    assert [one["kpi"] for one in record["variants"]] == ["long_calls:all"]
    assert record["variants"][0]["sql"]["denominator"] == "COUNT(*)"


MEANS = {
    "sum(talk_ms) by count(talk_ms)": True,
    "sum(talk_ms) filter (where transferred) by count(talk_ms) filter (where transferred)": True,
    "sum(talk_ms + hold_ms) by count(talk_ms + hold_ms)": True,
    "sum(talk_ms) filter (where transferred) by count(talk_ms)": False,
    "sum(talk_ms) by count(hold_ms)": False,
    "sum(talk_ms) by count(*)": False,
    "sum(talk_ms) + sum(hold_ms) by count(talk_ms)": False,
}


@pytest.mark.parametrize("text", MEANS)
def test_a_mean_is_the_sum_by_the_count_of_the_same(text):
    top, _, bottom = text.partition(" by ")
    kpi = load_builtin("2026.1").kpi("aht")
    made = kpi.model_copy(update={"numerator": top, "denominator": bottom, "kind": "ratio"})
    found = mean_of(made)
    assert (found is not None) is MEANS[text]
    if found is not None:
        assert not found.is_aggregate
        assert found.fields == compile_kpi(made.model_copy(update={"where": None})).numerator.fields


def test_the_amounts_of_a_filtered_mean_are_null_where_the_filter_leaves_out():
    import polars as pl

    kpi = load_builtin("2026.1").kpi("aht")
    filtered = (
        "sum(talk_ms) filter (where transferred)",
        "count(talk_ms) filter (where transferred)",
    )
    made = kpi.model_copy(update={"numerator": filtered[0], "denominator": filtered[1]})
    rows = pl.DataFrame({"talk_ms": [1, 2, 3], "transferred": [True, False, None]})
    assert rows.select(mean_of(made).to_polars()).to_series().to_list() == [1, None, None]


def test_kinds_are_told_from_the_formulas():
    catalog = load_builtin("2026.1")
    kinds = {name: catalog.kpi(name).kind for name in ("aht", "csat", "nps", "trt_p90", "backlog")}
    assert kinds == {
        "aht": "mean",
        "csat": "ratio",
        "nps": "index",
        "trt_p90": "percentile",
        "backlog": "snapshot",
    }
