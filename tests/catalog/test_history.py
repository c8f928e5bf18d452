"""Changes of definitions and targets, told with author, reason and date."""

from datetime import date

import pytest

from kpitools.catalog import load_builtin
from kpitools.catalog.history import changed_keys, definition_history
from kpitools.errors import CatalogError

NEW = """\
- kpi: aht
  inherit: true
  version: 2
  effective: {from: 2026-07-01}
  change: {by: ops, reason: hold time is not ours, on: 2026-06-15, approved_by: board}
  numerator: sum(talk_ms + acw_ms)
  denominator: count(talk_ms + acw_ms)
"""


def test_a_new_version_tells_what_it_changed(read):
    (found,) = definition_history(read(NEW), "aht")
    assert (found.on, found.what, found.by) == (date(2026, 7, 1), "version 2", "ops")
    assert (found.reason, found.approved_by) == ("hold time is not ours", "board")
    assert found.decided == date(2026, 6, 15)
    assert [(one.key, one.old, one.new) for one in found.changed] == [
        ("numerator", "sum(talk_ms + hold_ms + acw_ms)", "sum(talk_ms + acw_ms)"),
        ("denominator", "count(talk_ms + hold_ms + acw_ms)", "count(talk_ms + acw_ms)"),
    ]


def test_what_a_workspace_changes_without_a_version_is_told_too(read):
    own = "- kpi: service_level_offered\n  inherit: true\n  parameters: {threshold_s: 30}\n"
    found = definition_history(read(own), base=load_builtin("2026.1"))
    (one,) = [item for item in found if item.subject == "service_level_offered"]
    assert (one.on, one.what) == (None, "changed by the workspace")
    (key,) = one.changed
    assert (key.key, key.old.split(",")[0], key.new.split(",")[0]) == (
        "parameters",
        "threshold_s = 20",
        "threshold_s = 30",
    )


def test_a_later_target_is_a_change(read):
    own = "- kpi: asa\n  inherit: true\n  target: [{value: 30s}, {from: 2026-07-01, value: 20s}]\n"
    (one,) = definition_history(read(own), "asa")
    assert one.on == date(2026, 7, 1)
    assert (one.changed[0].old[:6], one.changed[0].new[:6]) == ("30.0 s", "20.0 s")


def test_changes_stand_by_the_day_from_which_they_count(read):
    own = NEW + "- kpi: asa\n  inherit: true\n  minimum: 50\n"
    found = definition_history(read(own), base=load_builtin("2026.1"))
    assert [item.subject for item in found] == ["asa", "aht"]


def test_a_name_or_alias_that_is_not_there_is_refused(read):
    with pytest.raises(CatalogError, match="did you mean 'aht'"):
        definition_history(read(NEW), "ath")


def test_nothing_changed_is_nothing_to_tell():
    kpi = load_builtin("2026.1").kpi("aht")
    assert changed_keys(kpi, kpi.model_copy(update={"name": {"en": "Handle time"}})) == ()


NEWER = [kpi for kpi in load_builtin().entries if kpi.version > 1]


@pytest.mark.parametrize("kpi", NEWER, ids=lambda kpi: f"{kpi.kpi}@{kpi.version}")
def test_a_built_in_version_tells_who_changed_it_when_and_why(kpi):
    (found,) = [
        item
        for item in definition_history(load_builtin(), kpi.kpi)
        if item.what == f"version {kpi.version}"
    ]
    assert found.on is not None
    assert found.decided is not None
    assert found.by
    assert found.reason
    assert found.changed, "a version of its own that computes the same"
