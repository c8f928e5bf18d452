"""Small findings that the tests of the visuals share."""

from datetime import date, datetime, timedelta
from functools import cache

import polars as pl
import pytest

from kpitools.analysis.scorecard import scorecard
from kpitools.analysis.series import build_series
from kpitools.analysis.xmr import xmr_limits
from kpitools.catalog.model import Kpi

FALLING = (
    *(0.855, 0.86, 0.876, 0.867, 0.847, 0.861, 0.856, 0.862, 0.847, 0.863, 0.863, 0.875),
    *(0.864, 0.866, 0.848, 0.881, 0.844, 0.853, 0.846, 0.84, 0.838, 0.833, 0.829, 0.824),
)
"""24 months to October 2026: a fall at the end."""
STEADY = tuple(350 + step % 3 for step in range(24))
OCTOBER = date(2026, 10, 1)

HOSTILE = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)",
    "../../x",
    "=cmd()",
    "{{< include /etc/passwd >}}",
    '#read("/etc/passwd")',
    "$(id)",
    "x" * 10_000,
    "a\u202eb\u0000c\u0007d",
    "客服 고객 دعم 🙂",
    "datum.value || 1",
    "12.5 % of [a.b]",
    "",
)


def define(key="csat", **given):
    """Make a KPI definition; csat is a share of which more is better."""
    return Kpi.model_validate(
        {
            "kpi": key,
            "version": 1,
            "kind": "ratio",
            "name": {"en": "Satisfied customers"},
            "definition": {"en": "-"},
            "purpose": {"en": "-"},
            "unit": "share",
            "good": "higher",
            "table": "surveys",
            "period_of": "answered_at",
            "numerator": "count(*) filter (where score >= 4)",
            "denominator": "count(*)",
            "roles": {"accountable": "operations_manager"},
            "minimum": 30,
            "targets": {"default": {"value": 0.85, "low": 0.83}},
            "action": {
                "when": "outside twice running",
                "steps": ("Listen to ten calls.", "ask QA for its view"),
                "owner": "team_lead",
                "due": "10 business days",
            },
            **given,
        }
    )


@pytest.fixture
def kpi():
    """Make KPI definitions."""
    return define


def make_months(values, *, kpi="csat", team="billing", cases=2311, provisional=False):
    """Make facts by month that end in October 2026."""
    start = date(2026, 10, 1)
    for _ in range(len(values) - 1):
        start = (start - timedelta(days=1)).replace(day=1)
    facts = build_series(values, start=start, kpi=kpi, team=team, cases=cases)
    last = pl.col("period") == OCTOBER
    return facts.with_columns(~(last & pl.lit(provisional)).alias("final"))


@pytest.fixture
def months():
    """Make facts by month that end in October 2026."""
    return make_months


@pytest.fixture
def falling(months):
    """A series that falls at its end, with limits."""
    return xmr_limits(months(FALLING, provisional=True))


CARD = (
    define(),
    define(
        "backlog",
        kind="snapshot",
        name={"en": "Open tickets"},
        unit="count",
        good="lower",
        numerator=None,
        denominator=None,
        targets={"default": {"value": 400, "high": 480}},
    ),
    define(
        "aht",
        name={"en": "Handle time 24/7"},
        unit="seconds",
        good="within",
        numerator="sum(talk_ms)",
        targets={"default": {"value": 352, "low": 340, "high": 396}},
    ),
    define("nps", name={"en": "Recommendation"}, unit="points", targets={}),
    define("qa", name={"en": "Quality score"}, minimum=30),
    define("tiny", name={"en": "Solved at once"}),
)
"""KPIs of every unit: one falls, one is a count, one has no target, two have few cases."""


def card_facts(make, team="billing"):
    """Make the facts behind the scorecard of `CARD`."""
    grown = [400 + step % 4 for step in range(20)] + [480, 520, 560, 611]
    return pl.concat(
        [
            make(FALLING, team=team, provisional=True),
            make(grown, kpi="backlog", team=team, cases=None).with_columns(numerator="value"),
            make(STEADY, kpi="aht", team=team, cases=15988),
            make([31.0 + step % 2 for step in range(24)], kpi="nps", team=team, cases=500),
            make([0.9 + step % 2 / 100 for step in range(24)], kpi="qa", team=team, cases=26),
            make([0.5] * 24, kpi="tiny", team=team, cases=4),
        ]
    )


@cache
def card_of(team):
    """Make the scorecard of one team, once."""
    return scorecard(card_facts(make_months, team), CARD, team=team, period=OCTOBER)


@pytest.fixture
def card():
    """The scorecard of one team."""
    return card_of("billing")


@pytest.fixture
def cards():
    """Make scorecards of several teams, stacked."""
    return lambda teams: pl.concat([card_of(team) for team in teams])


@pytest.fixture
def intervals():
    """Four weeks of half hours in two queues; one is forecast 20 % too high."""
    start = datetime(2026, 10, 5, 8)  # noqa: DTZ001 - polars takes UTC without a zone
    rows = [
        (
            start + timedelta(days=day, minutes=30 * slot),
            queue,
            100.0 * share,
            100 + (day + slot) % 3,
        )
        for day in range(28)
        for slot in range(8)
        for queue, share in (("refunds", 1.2), ("orders", 1.0))
    ]
    names = ["interval_at", "queue", "forecast_offered", "actual_offered"]
    return pl.DataFrame(rows, schema=names, orient="row")


TRIED_FIRST = (HOSTILE[0], HOSTILE[5], HOSTILE[8], HOSTILE[-1])
"""Names that the inner loop tries: a tag, code of a page, letters that turn round, nothing."""


@pytest.fixture(
    params=[
        pytest.param(
            text, id=ascii(text[:24]), marks=[] if text in TRIED_FIRST else [pytest.mark.slow]
        )
        for text in HOSTILE
    ]
)
def hostile(request):
    """Names that nothing may interpret."""
    return request.param
