"""What `truth.json` says was planted in the sample: which figures move because of it, which way.

Nothing else is known here of how the sample is made.
"""

import json
from datetime import date
from pathlib import Path

import polars as pl
import yaml
from scipy.stats import binom

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data_samples"
RECIPE = yaml.safe_load((ROOT / "reports" / "monthly_review.yaml").read_text(encoding="utf-8"))
TRUTH = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))["facts"]
FACTS = {fact["id"]: fact for fact in TRUTH}
SURE = 0.99
"""Certainty with which chance alone stays within a budget."""
MOVING = ("step", "drift", "mix", "outage", "growth", "growth_waits")
"""Kinds of facts that change the months of a team."""


def of(kind):
    return [fact for fact in TRUTH if fact["kind"] == kind]


def starts(fact):
    return date.fromisoformat(fact["from"])


def way(fact):
    """Tell which way the KPI of a fact goes."""
    still = 1 if fact["unit"] == "factor" else 0
    return "higher" if fact["size"] > still else "lower"


def moves(*kinds):
    """Give, by team and KPI, the ways in which facts of these kinds make a figure go."""
    found = {}
    for fact in (one for one in TRUTH if one["kind"] in kinds):
        ways = {fact["kpi"]: way(fact), **fact.get("follows", {})}
        for kpi, side in ways.items():
            found.setdefault((fact["team"], kpi), set()).add(side)
    return found


def allowed(tests, rate):
    """Tell how many false calls so many tests may make at this rate (binomial, 99 %)."""
    return int(binom.ppf(SURE, tests, rate))


def pairs(rows):
    """Name team and KPI of every row."""
    return list(rows.select("team", "kpi").iter_rows())


def without(rows, planted):
    """Keep the rows of which nothing was planted."""
    keep = [pair not in planted for pair in pairs(rows)]
    return rows.filter(pl.Series(keep, dtype=pl.Boolean))
