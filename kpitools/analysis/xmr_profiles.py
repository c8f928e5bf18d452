"""The schools of XmR charts: constants, screening and rules, each under its own name."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt

from kpitools.analysis.xmr_rules import Rule
from kpitools.errors import AnalysisError, suggest

ROUNDED = 2.66
"""Wheeler's factor from mean moving range to limits, rounded to two places."""
D2_ROUNDED = 3 / 1.128
"""The same from the table value of d2."""
D2_EXACT = 3 * sqrt(pi) / 2
"""The same from d2 = 2 / sqrt(pi) = 1.128379: 2.658681."""


@dataclass(frozen=True)
class Profile:
    """The settings that make up one school of XmR charts.

    `factor` times the mean moving range is the distance from the centre to a limit; `screened`
    leaves moving ranges out that are far larger than the others, once; `rules` stand in the
    order of their priority; `runs` adds the two tests of Anhoej to the chart as a whole.
    """

    name: str
    screened: bool
    factor: float
    rules: tuple[Rule, ...]
    runs: bool = False

    def points(self, signal: str) -> int:
        """Return how many points a rule looks at; 0 where the school does not have it.

        Example:
            >>> PROFILES["mdc_r"].points("shift"), PROFILES["wheeler"].points("trend")
            (7, 0)
        """
        return next((rule.points for rule in self.rules if rule.signal == signal), 0)


def _mdc(name: str, *, screened: bool, length: int) -> Profile:
    rules = (
        Rule("outside", 1),
        Rule("trend", length),
        Rule("two_of_three", 3, "between"),
        Rule("shift", length),
    )
    return Profile(name, screened, ROUNDED, rules)


PROFILES = {
    profile.name: profile
    for profile in (
        _mdc("mdc_r", screened=True, length=7),
        _mdc("mdc_excel", screened=False, length=7),
        _mdc("mdc_excel_6", screened=False, length=6),
        Profile(
            "wheeler",
            screened=False,
            factor=ROUNDED,
            rules=(Rule("outside", 1), Rule("nearer_limit", 4), Rule("shift", 8)),
        ),
        Profile(
            "western_electric",
            screened=False,
            factor=D2_ROUNDED,
            rules=(
                Rule("outside", 1),
                Rule("two_of_three", 3),
                Rule("four_of_five", 5),
                Rule("shift", 8),
            ),
        ),
        Profile(
            "nelson",
            screened=False,
            factor=D2_EXACT,
            rules=(
                Rule("outside", 1),
                Rule("shift", 9),
                Rule("trend", 6),
                Rule("alternating", 14),
                Rule("two_of_three", 3),
                Rule("four_of_five", 5),
                Rule("hugging", 15),
                Rule("mixture", 8),
            ),
        ),
        Profile("anhoej", screened=True, factor=D2_ROUNDED, rules=(Rule("outside", 1),), runs=True),
    )
}
"""Profiles by name.

`mdc_r`: NHSRplotthedots 0.2.2. `mdc_excel`, `mdc_excel_6`: the "Making Data Count" workbooks
with rules of 7 or of 6 points. `wheeler`: Understanding Variation (1993). `western_electric`:
Statistical Quality Control Handbook (1956). `nelson`: J. Quality Technology 16:237 (1984).
`anhoej`: Anhoej & Olesen, PLoS ONE 9:e113825 (2014), as qicharts2 has it.
"""


def profile_of(profile: str | Profile) -> Profile:
    """Return a profile by its name, or the reader's own as it is.

    Raises:
        AnalysisError: no profile of this name.
    """
    if isinstance(profile, Profile):
        return profile
    if profile not in PROFILES:
        raise AnalysisError(
            f"no profile '{profile}'", found=profile, fix=suggest(profile, PROFILES)
        )
    return PROFILES[profile]
