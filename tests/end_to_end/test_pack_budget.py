"""Packs of all teams of the sample: the index counts the charts that the packs judge, no others."""

import re

import pytest
import yaml
from end_to_end.planted import RECIPE, ROOT, SAMPLE

from kpitools.analysis.latest import ALPHA

pytestmark = pytest.mark.slow
CHANGED = ("better", "worse", "neutral")


def words(page):
    """Give the text of a page with single spaces."""
    return " ".join("".join(page.texts).split())


@pytest.fixture(scope="module")
def packs(make_packs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("budget")
    short = {**RECIPE, "team": ["scorecard"], "overview": ["overview"], "formats": ["html"]}
    for name in ("scorecard", "overview"):
        text = (ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8")
        (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")
    recipe = folder / "short.yaml"
    recipe.write_text(yaml.safe_dump(short, allow_unicode=True), encoding="utf-8")
    return make_packs(SAMPLE, recipe, "--period", "2026-10", "--out", folder / "out")


def test_the_index_counts_what_the_packs_say(packs):
    tones = [kpi["tone"] for team in packs.teams.values() for kpi in team["kpis"]]
    assert len(tones) == len(packs.teams) * len(RECIPE["kpis"])
    judged = [tone for tone in tones if tone != "unknown"]
    changed = [tone for tone in tones if tone in CHANGED]
    said = re.search(r"(\d+) of (\d+) charts changed; about ([\d.]+) by chance", words(packs.index))
    assert (int(said[1]), int(said[2])) == (len(changed), len(judged))
    assert float(said[3]) == pytest.approx(ALPHA * len(judged), abs=0.05)
    assert 5 < len(changed) < len(judged) < len(tones)


def test_teams_that_changed_for_the_worse_are_as_many_as_their_packs_say(packs):
    worse = [
        team["name"]
        for team in packs.teams.values()
        if any(kpi["tone"] == "worse" for kpi in team["kpis"])
    ]
    said = re.search(r"(\d+) of (\d+) teams have a KPI that changed", words(packs.index))
    assert (int(said[1]), int(said[2])) == (len(worse), len(packs.teams))
