"""Every built-in KPI: complete, checked, and the same number in two engines."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from catalog.engines import both, make_frame, same

from kpitools.catalog import (
    builtin_versions,
    compile_kpi,
    kpi_record,
    load_builtin,
    required_fields,
    table_fields,
)
from kpitools.catalog.rules import check_entry, check_names, unused_roles
from kpitools.errors import CatalogError

CATALOG = load_builtin("2026.1")
PROMISED = (
    *("offered", "answered", "asa", "service_level_answered", "service_level_offered"),
    *("abandon_rate", "talk_time", "aht", "acw", "transfer_rate", "tickets_created"),
    *("tickets_resolved", "resolved_share", "tfr", "trt", "trt_median", "trt_p90", "sdr_24h"),
    *("reopen_rate", "sla_met", "backlog", "backlog_unclosed", "csat", "csat_mean", "dsat"),
    *("nps", "rr", "fcr_survey", "survey_response_rate", "qa_score", "agent_quality"),
    *("cost_per_contact", "utilisation", "occupancy", "forecast_wape", "forecast_bias"),
    *("staffing_vs_forecast", "escalation_rate", "throughput"),
)
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
WORDS = {"outcome": ["answered", "abandoned", None], "instrument": ["csat", "nps", "csat"]}
SPECIAL = {
    "kind": ["regular", "regular", "calibration"],
    "score": [4.0, 10.0, None],
    "scale_min": [1.0, 0.0, 1.0],
    "scale_max": [5.0, 10.0, 5.0],
    "evaluations": [6, 4, 9],
    "mean_score": [0.9, 0.95, 0.7],
}
BY_KIND = {
    "duration": [20_000, 20_001, None],
    "money": [1250, 3, None],
    "count": [2, 0, None],
    "number": [1.5, 0.25, None],
    "text": ["a", "b", None],
    "flag": [True, False, None],
    "timestamp": [START, START + timedelta(hours=30), None],
}


def tiny_rows(table: str) -> list[dict]:
    """Three rows of a table: an ordinary one, another, and one that is nearly empty."""
    fields = table_fields(table)
    columns = {
        name: SPECIAL.get(name) or WORDS.get(name) or BY_KIND[k] for name, k in fields.items()
    }
    return [{name: column[n] for name, column in columns.items()} for n in range(3)]


def test_holds_every_promised_kpi():
    assert CATALOG.names() == tuple(dict.fromkeys(CATALOG.names()))
    assert set(PROMISED) <= set(CATALOG.names())


@pytest.mark.parametrize("kpi", CATALOG.entries, ids=lambda kpi: kpi.kpi)
def test_entry_has_no_fault(kpi):
    found = [*check_entry(kpi), *check_names(kpi, CATALOG.names(), CATALOG.roles)]
    assert [str(fault) for _, fault in found] == []


@pytest.mark.parametrize("kpi", CATALOG.entries, ids=lambda kpi: kpi.kpi)
def test_entry_is_complete(kpi):
    assert kpi.definition["en"].endswith(".")
    assert kpi.purpose["en"].endswith(".")
    assert kpi.groups
    assert kpi.goal
    assert kpi.origin == "builtin"
    json.dumps(kpi_record(kpi))
    if kpi.kind != "count" and kpi.targets.default is not None:
        assert kpi.minimum >= 1


@pytest.mark.parametrize("kpi", CATALOG.entries, ids=lambda kpi: kpi.kpi)
def test_both_engines_give_the_same(duck, kpi):
    frame = make_frame(tiny_rows(kpi.table), table_fields(kpi.table))
    made = compile_kpi(kpi)
    by_row = [item for item in made.all if not item.is_aggregate]
    over_all = [item for item in made.all if item.is_aggregate]
    found = both(duck, frame, by_row, kpi.parameters) if by_row else []
    if made.where is not None:
        frame = frame.filter(made.where.to_polars(kpi.parameters))
    found += both(duck, frame, over_all, kpi.parameters) if over_all else []
    assert len(found) == len(made.all)
    for text, ours, theirs in found:
        assert same(ours, theirs), (text, ours, theirs)


@pytest.mark.parametrize("kpi", CATALOG.entries, ids=lambda kpi: kpi.kpi)
def test_needs_only_fields_of_its_table(kpi):
    assert required_fields(kpi) <= set(table_fields(kpi.table))


def test_every_role_is_used():
    assert unused_roles(CATALOG.entries, CATALOG.roles) == []


def test_versions_are_listed_when_one_is_unknown():
    assert builtin_versions()[:2] == ("2026.1", "2026.2")
    with pytest.raises(CatalogError, match=r"2026\.1"):
        load_builtin("2025.9")


def value(name: str, rows: list[dict], **parameters) -> float:
    """Compute a ratio of the built-in catalogue over some rows."""
    kpi = CATALOG.kpi(name)
    made, values = compile_kpi(kpi), {**kpi.parameters, **parameters}
    frame = make_frame(rows, table_fields(kpi.table))
    if made.where is not None:
        frame = frame.filter(made.where.to_polars(values))
    top = frame.select(made.numerator.to_polars(values)).item()
    if made.denominator is None:
        return top
    return top / frame.select(made.denominator.to_polars(values)).item()


ICMI = [
    *[{"outcome": "answered", "wait_ms": 20_000}] * 860,
    *[{"outcome": "answered", "wait_ms": 20_001}] * 140,
    *[{"outcome": "abandoned", "wait_ms": 20_000}] * 20,
    *[{"outcome": "abandoned", "wait_ms": 40_000}] * 40,
]
"""ICMI's example of 2002: 1,000 answered (860 within the threshold) and 60 abandoned."""


@pytest.mark.parametrize(
    ("name", "expected"),
    [("service_level_answered", 86.00), ("service_level_offered", 81.13), ("abandon_rate", 5.66)],
)
def test_service_levels_as_icmi_prints_them(name, expected):
    assert round(100 * value(name, ICMI), 2) == expected


def test_threshold_may_be_strict():
    assert value("service_level_answered", ICMI, inclusive=False) == 0
    assert value("service_level_answered", ICMI, inclusive=False, threshold_s=21) == 1


def test_net_promoter_score_of_fifty_answers():
    rows = [{"instrument": "nps", "scale_max": 10.0, "score": s} for s in [9.0] * 30 + [6.0] * 10]
    rows += [{"instrument": "nps", "scale_max": 10.0, "score": 8.0}] * 10
    assert 100 * value("nps", rows) == 40


@pytest.mark.parametrize(
    ("scale", "score", "satisfied", "unhappy"),
    [
        ((1, 5), 4, 1, 0),
        ((1, 5), 3, 0, 0),
        ((1, 5), 2, 0, 1),
        ((1, 3), 2, 0, 0),
        ((1, 3), 3, 1, 0),
        ((0, 1), 1, 1, 0),
        ((0, 1), 0, 0, 1),
        ((1, 7), 6, 1, 0),
    ],
)
def test_satisfied_is_the_upper_quarter_of_the_scale(scale, score, satisfied, unhappy):
    row = {"instrument": "csat", "scale_min": scale[0], "scale_max": scale[1], "score": score}
    rows = [{name: float(v) if isinstance(v, int) else v for name, v in row.items()}]
    assert value("csat", rows) == satisfied
    assert value("dsat", rows) == unhappy


def test_missing_after_contact_work_is_not_zero():
    full = {"outcome": "answered", "talk_ms": 100_000, "hold_ms": 0, "acw_ms": 20_000}
    assert value("aht", [full, {**full, "acw_ms": None}]) == 120_000
    assert value("talk_time", [full, {**full, "talk_ms": None}]) == 100_000


def test_silence_is_not_an_answer_within_24_hours():
    day = timedelta(hours=24)
    rows = [
        {"created_at": START, "first_response_at": START + day},
        {"created_at": START, "first_response_at": START + day + timedelta(milliseconds=1)},
        {"created_at": START, "first_response_at": None},
    ]
    assert value("sdr_24h", rows) == pytest.approx(1 / 3)
    assert value("tfr", rows) == 86_400_000.5


def test_wape_does_not_net_errors_and_bias_does():
    rows = [
        {"actual_offered": 100, "error": 10.0, "absolute_error": 10.0},
        {"actual_offered": 100, "error": -10.0, "absolute_error": 10.0},
        {"actual_offered": 0, "error": None, "absolute_error": None},
    ]
    assert value("forecast_wape", rows) == 0.1
    assert value("forecast_bias", rows) == 0


def test_agents_without_enough_evaluations_are_not_judged():
    rows = [{"evaluations": 5, "mean_score": s} for s in (0.8, 0.79)]
    assert value("agent_quality", [*rows, {"evaluations": 4, "mean_score": 1.0}]) == 0.5


def test_resolved_share_of_all_or_of_answered():
    rows = [
        {"outcome": "answered", "resolved": True},
        {"outcome": "answered", "resolved": False},
        {"outcome": "abandoned", "resolved": False},
        {"outcome": None, "resolved": None},
    ]
    assert value("resolved_share", rows) == 0.25
    assert value("resolved_share", rows, answered_only=True) == 0.5


def test_backlog_leaves_when_solved_or_else_closed():
    made = compile_kpi(CATALOG.kpi("backlog"))
    later = START + timedelta(days=5)
    frame = make_frame(
        [{"solved_at": START, "closed_at": later}, {"solved_at": None, "closed_at": later}],
        table_fields("tickets"),
    )
    assert frame.select(made.leaves.to_polars()).to_series().to_list() == [START, later]


def test_percentile_is_interpolated():
    rows = [
        {"created_at": START, "solved_at": START + timedelta(hours=h)} for h in (1, 2, 3, 4, 10)
    ]
    assert value("trt_median", rows) == 3 * 3_600_000
    assert value("trt_p90", rows) == pytest.approx(7.6 * 3_600_000)
    frame = make_frame([*rows, {"created_at": START}], table_fields("tickets"))
    cases = compile_kpi(CATALOG.kpi("trt_median")).numerator.cases()
    assert frame.select(cases.to_polars()).item() == 5


def test_labels_are_not_empty_and_known_languages():
    languages = {lang for kpi in CATALOG.entries for lang in kpi.name}
    assert languages == {"en", "tr", "zh", "fa", "ko", "es"}
    assert all(text.strip() for kpi in CATALOG.entries for text in kpi.name.values())
