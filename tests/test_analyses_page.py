"""What docs/analyses.md says about numbers, profiles and names is what the package does."""

import doctest
import re
from pathlib import Path

import pytest

import kpitools as kt
from kpitools.analysis.latest import ALPHA
from kpitools.analysis.xmr_profiles import PROFILES

TEXT = (Path(__file__).resolve().parents[1] / "docs" / "analyses.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def test_the_examples_give_what_the_page_prints():
    globs: dict[str, object] = {}
    runner = doctest.DocTestRunner()
    for place, block in enumerate(BLOCKS):
        example = doctest.DocTestParser().get_doctest(block, globs, f"block {place}", None, 0)
        assert example.examples
        runner.run(example, clear_globs=False)
        globs = example.globs
    assert runner.summarize(verbose=False) == doctest.TestResults(0, runner.tries)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`kt\.(\w+)", TEXT))))
def test_a_function_that_the_page_names_is_public(name):
    assert callable(getattr(kt, name))


def profile_line(profile):
    usual = {"outside", "shift", "trend"}
    others = [rule.signal for rule in profile.rules if rule.signal not in usual]
    others += ["longest run and crossings of the chart as a whole"] if profile.runs else []
    cells = (
        f"`{profile.name}`",
        f"{profile.factor:.6f}".rstrip("0"),
        "yes" if profile.screened else "no",
        *(str(profile.points(name) or "none") for name in ("shift", "trend")),
        ", ".join(others),
    )
    return f"| {' | '.join(cells)} |"


def test_the_table_of_profiles_is_that_of_the_package():
    table = TEXT.partition("<!-- profiles")[2].partition("<!-- /profiles")[0]
    assert table.strip().splitlines()[3:] == [profile_line(one) for one in PROFILES.values()]


def test_the_rate_of_false_alarms_is_that_of_the_package():
    assert f"in {ALPHA * 100:.1f} % of cases" in TEXT
