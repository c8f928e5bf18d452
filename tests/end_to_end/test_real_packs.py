"""Packs of real exports: every file is there and every figure is the known one."""

import json
import re
from pathlib import Path

import polars as pl
import pytest

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent
REAL = HERE.parent / "real"
ASKED = {"schema", "period", "as_of", "inputs", "catalogue", "packages", "teams"}
OURS = {"run_id", "recipe", "renderer", "privacy", "overview", "timings", "made_at"}
TEAM = {"team", "status", "reason", "files", "kpis"}
TEAM_OURS = {"name", "run_id", "as_of_text", "last_good"}
TOPICS = {
    "Admin Support",
    "Contract related",
    "Payment related",
    "Streaming",
    "Technical Support",
}
GROUPS = ("70", "25", "39", "24", "20")


@pytest.fixture(scope="module")
def make_real(make_packs, real_data, tmp_path_factory):
    def make(name, recipe, *words):
        out = tmp_path_factory.mktemp(name)
        return make_packs(
            *(REAL / name, HERE / recipe, *words, "--out", out), KPITOOLS_REAL_DATA=real_data
        )

    return make


@pytest.fixture(scope="module")
def march(make_real):
    return make_real("phone_now", "phone_now.yaml", "--period", "2021-03")


@pytest.fixture(scope="module")
def quarter(make_real):
    return make_real("phone_now", "phone_now_short.yaml", "--period", "2021-Q1")


@pytest.fixture(scope="module")
def april(make_real):
    chosen = [word for group in GROUPS for word in ("--team", group)]
    return make_real("incidents", "incidents.yaml", "--period", "2016-04", *chosen)


@pytest.fixture(params=["march", "april"])
def packs(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def by_hand(real_data):
    """Give the last row of each incident of the five groups, read without this package."""
    raw = pl.read_csv(
        real_data / "tickets" / "incident-event-log.csv", infer_schema=False, null_values="?"
    )
    last = (
        raw.with_row_index("line")
        .sort(pl.col("sys_mod_count").cast(pl.Int64), "line")
        .group_by("number")
        .last()
        .filter(pl.col("assignment_group").str.extract(r"(\d+)").is_in(GROUPS))
    )
    times = ("opened_at", "resolved_at", "closed_at")
    return last.with_columns(pl.col(times).str.to_datetime("%d/%m/%Y %H:%M"))


def total(packs, kpi):
    """Form one value again over all teams, from numerators and denominators."""
    values = packs.values(kpi).values()
    top = sum(value["numerator"] for value in values)
    below = [value["denominator"] for value in values]
    return top if None in below else top / sum(below)


def test_every_topic_and_group_has_its_pages(march, april):
    assert set(march.teams) == TOPICS
    assert set(april.teams) == set(GROUPS)
    for packs in (march, april):
        for team in packs.teams.values():
            assert (team["status"], team["reason"], team["last_good"]) == ("ok", "", None)
        assert packs.manifest["overview"]["status"] == "ok"


def test_every_file_named_is_there_and_no_other(packs):
    named = {name for team in packs.teams.values() for name in team["files"]}
    assert len(named) == 10
    for name in named:
        assert re.fullmatch(r"[a-z0-9-]{1,40}-[0-9a-f]{8}\.(html|pdf)", name)
        assert (packs.folder / name).stat().st_size > 20_000
    found = {path.name for path in packs.folder.iterdir()}
    assert found == named | {*("index.html", "index.pdf", "manifest.json", "run.log", "notebooks")}
    names = {"scorecard", "trend"} if packs.manifest["period"] == "2021-03" else {"scorecard"}
    notebooks = list((packs.folder / "notebooks").iterdir())
    assert len(notebooks) == 5 * len(names) + 1
    for path in packs.folder.glob("*.pdf"):
        assert path.read_bytes().startswith(b"%PDF-")


def test_the_manifest_has_the_keys_that_scripts_rely_on(packs):
    assert set(packs.manifest) == ASKED | OURS
    for team in packs.teams.values():
        assert set(team) == TEAM | TEAM_OURS
        assert team["run_id"] == packs.manifest["run_id"]
    for item in packs.manifest["inputs"]:
        assert set(item) == {"name", "sha256", "rows"}
        assert re.fullmatch("[0-9a-f]{64}", item["sha256"])
    assert packs.folder.name == packs.manifest["period"]


def test_the_manifest_names_each_input_once(march, april):
    for packs, name, rows in (
        (march, "phone-now.csv", 5_000),
        (april, "incident-event-log.csv", 141_712),
    ):
        assert [(item["name"], item["rows"]) for item in packs.manifest["inputs"]] == [(name, rows)]


MARCH = {
    "offered": (1_612, 0),
    "answered": (1_301, 0),
    "asa": (67.832, 3),
    "talk_time": (220.274, 3),
    "csat_mean": (3.3728, 4),
}


@pytest.mark.parametrize("kpi", MARCH)
def test_the_figures_of_march_add_up_to_the_known_ones(march, kpi):
    expected, digits = MARCH[kpi]
    assert round(total(march, kpi), digits) == expected


QUARTER = {
    "offered": (5_000, 0),
    "answered": (4_054, 0),
    "asa": (67.5207, 4),
    "talk_time": (224.9228, 4),
    "resolved_share": (0.7292, 4),
    "service_level_answered": (0.0923, 4),
    "service_level_offered": (0.0748, 4),
    "csat": (0.4990, 4),
    "csat_mean": (3.4036, 4),
}


@pytest.mark.parametrize("kpi", QUARTER)
def test_the_figures_of_the_quarter_add_up_to_the_known_ones(quarter, kpi):
    expected, digits = QUARTER[kpi]
    assert round(total(quarter, kpi), digits) == expected


def test_the_two_service_levels_differ_in_the_denominator_alone(quarter):
    answered, offered = map(quarter.values, ("service_level_answered", "service_level_offered"))
    assert sum(value["numerator"] for value in answered.values()) == 374
    assert sum(value["denominator"] for value in answered.values()) == 4_054
    assert sum(value["denominator"] for value in offered.values()) == 5_000
    assert [v["numerator"] for v in answered.values()] == [v["numerator"] for v in offered.values()]


def test_resolved_calls_of_march(march):
    assert sum(value["numerator"] for value in march.values("resolved_share").values()) == 1_174


def test_incidents_are_counted_and_judged_as_by_hand(april, by_hand):
    opened = by_hand.filter(pl.col("opened_at").dt.strftime("%Y-%m") == "2016-04")
    for group in GROUPS:
        rows = opened.filter(pl.col("assignment_group").str.ends_with(group))
        assert april.values("tickets_created")[group]["value"] == rows.height > 100
        met = april.values("sla_met")[group]
        assert met["numerator"] == (rows["made_sla"] == "true").sum()
        assert met["denominator"] == rows.height


def test_times_to_resolve_are_those_by_hand(april, by_hand):
    solved = by_hand.filter(pl.col("resolved_at").dt.strftime("%Y-%m") == "2016-04")
    for group in GROUPS:
        rows = solved.filter(pl.col("assignment_group").str.ends_with(group))
        seconds = (rows["resolved_at"] - rows["opened_at"]).dt.total_seconds()
        for kpi, share in (("trt_median", 0.5), ("trt_p90", 0.9)):
            found = april.values(kpi)[group]
            assert found["denominator"] == rows.height
            assert found["value"] == pytest.approx(seconds.quantile(share, "linear"))


def test_backlogs_are_those_by_hand(april, by_hand):
    end = pl.datetime(2016, 5, 1)
    is_open = (pl.col("opened_at") < end) & (pl.col("closed_at") >= end).fill_null(value=True)
    for group in GROUPS:
        rows = by_hand.filter(pl.col("assignment_group").str.ends_with(group), is_open)
        assert april.values("backlog_unclosed")[group]["value"] == rows.height


def test_what_is_shown_is_what_the_manifest_says(packs):
    for name, team in packs.teams.items():
        page, pdf = packs.page(name), packs.pdf(name)
        for value in team["kpis"]:
            shown = re.sub(r"\s", "", value["shown"])
            assert shown in page.text
            assert shown in pdf


REFUSED = {
    "march": {"aht": "source 'calls' maps no column to 'acw_ms', 'hold_ms'"},
    "april": {
        "tfr": "source 'incidents' maps no column to 'first_response_at'",
        "csat": "no source feeds the table 'surveys'",
    },
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_kpis_are_named_with_the_reason(name, request):
    packs = request.getfixturevalue(name)
    for team, entry in packs.teams.items():
        assert not {value["kpi"] for value in entry["kpis"]} & set(REFUSED[name])
        page, pdf = packs.page(team), packs.pdf(team)
        for kpi, reason in REFUSED[name].items():
            for text in (page.text, pdf):
                assert kpi + re.sub(r"\s", "", reason) in text


def test_links_lead_somewhere(packs):
    pages = [packs.index, *map(packs.page, packs.teams)]
    for page in pages:
        assert {link[1:] for link in page.links if link.startswith("#")} <= page.ids
        for link in page.links:
            assert link.startswith("#") or (packs.folder / link).is_file()
    files = {name for team in packs.teams.values() for name in team["files"]}
    assert files <= set(packs.index.links)
    for team in packs.teams:
        assert "index.html" in packs.page(team).links


def test_pages_load_nothing_and_run_only_their_own_script(packs):
    own = packs.index.scripts[-1]
    for page in [packs.index, *map(packs.page, packs.teams)]:
        assert page.loaded == []
        assert page.handlers == []
        assert page.scripts[-1] == own
        assert len(page.scripts) <= 2


def test_charts_carry_their_data_and_nothing_that_is_fetched(march):
    for team in march.teams:
        charts = [
            json.loads(text)
            for tag, attrs, text in march.page(team).blocks
            if tag == "script" and attrs.get("type") == "application/json"
        ]
        assert charts
        assert '"url"' not in json.dumps(charts)


def test_packs_say_as_of_when_and_from_which_run(packs):
    run = packs.manifest["run_id"]
    for team, entry in packs.teams.items():
        for text in (packs.page(team).text, packs.pdf(team)):
            assert re.sub(r"\s", "", entry["as_of_text"]) in text
            assert run in text
