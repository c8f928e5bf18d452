"""Texts that want to do harm go the whole way and stay texts."""

import csv
import io
import json
import re

import polars as pl
import pytest
from end_to_end.hostile import ELSEWHERE, NEVER, TEXTS, as_team, controls
from end_to_end.reading import leftovers, pdf_text, squeezed

from kpitools.packs.fonts import visible
from kpitools.packs.plan import file_stem

pytestmark = pytest.mark.slow
TEAMS = {name: as_team(name) for name in TEXTS if name not in ELSEWHERE}
SHORT = {name: text for name, text in TEAMS.items() if len(text) < 100}
VOICES = (
    """\
import kpitools as kt
import polars as pl
ws = kt.open()
names = {key: one.name for key, one in ws.teams.items()}
kpi = ws.kpi("csat")
facts = ws.facts("csat", team=team, by="team", end=period)
kt.chart_trend(kt.xmr_limits(facts), kpi, names=names, minimum_group=1)
""",
    """\
split = ws.facts("csat", team=team, by="agent", start=period, end=period)
parts = kt.compare_slices(split, kpi, by="agent", minimum_group=1)
kt.table_breakdown(parts, kpi, about=team, names=names, minimum_group=1)
""",
    """\
said = ws.table("surveys").filter(pl.col("team") == team).collect()["comment"]
print(said[0])
display(kt.note(said[1]), *map(kt.note, said[2:]))
said.to_frame()
""",
    """\
card = kt.scorecard(facts, [kpi], team=team, period=ws.period(period))
display(kt.table_scorecard(card, names=names, minimum_group=1))
kt.values_shown(card, minimum_group=1)
""",
)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, write_workspace, write_notebook):
    folder = tmp_path_factory.mktemp("hostile")
    calls, surveys = [], []
    for name in TEAMS:
        text = TEXTS[name]
        said = [text, text, *(TEXTS[other] for other in ELSEWHERE)]
        for day in range(1, 6):
            at = f"2026-10-0{day}T09:00:00Z"
            number = f"{name} {day}"
            calls.append((number, at, text, text, text, "answered", day))
            surveys.append((number, at, text, text, day, said[day - 1]))
    write_workspace(folder, calls=calls, surveys=surveys, name=f"Care {TEXTS['script']}")
    write_notebook(
        folder / "notebooks" / "voices.ipynb",
        *VOICES,
        parameters='team: str = "x"\nperiod: str = "2026-10"',
        question=f"What do they say, {TEXTS['image']}?",
    )
    (folder / "reports").mkdir()
    recipe = {
        "title": f"Review {TEXTS['script ended']}",
        "forum": {"name": TEXTS["shortcode"], "participants": {"team_lead": [TEXTS["typst"]]}},
        "audience": TEXTS["arabic"],
        "team": ["voices"],
        "overview": ["overview"],
        "kpis": ["offered", "csat"],
        "sign_off": [TEXTS["template"]],
    }
    (folder / "reports" / "voices.yaml").write_text(json.dumps(recipe), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def packs(make_packs, workspace, tmp_path_factory):
    out = tmp_path_factory.mktemp("hostile_out")
    return make_packs(workspace, "voices.yaml", "--period", "2026-10", "--out", out)


@pytest.fixture(params=list(TEAMS))
def name(request):
    return request.param


def test_check_tells_what_it_found_without_steering_the_terminal(kpitools, workspace):
    done = kpitools("check", "-w", workspace)
    assert controls(done.stdout + done.stderr) == set()
    told = json.loads(kpitools("check", "-w", workspace, "--format", "json").stdout)
    assert told["trusted"] is True
    assert [item["rows"] for item in told["inputs"]] == [5 * len(TEAMS)] * 2


ASKED = ("facts", "--kpi", "asa", "--by", "team,agent,reason")


def test_facts_in_json_hold_the_texts_as_they_are(kpitools, workspace):
    rows = json.loads(kpitools(*ASKED, "-w", workspace, "--format", "json").stdout)
    assert {row["team"] for row in rows} == set(TEAMS.values())
    assert {(row["team"], row["agent"], row["reason"], row["value"]) for row in rows} == {
        (text, text, text, 3.0) for text in TEAMS.values()
    }


def test_facts_in_parquet_hold_the_texts_as_they_are(kpitools, workspace, tmp_path):
    out = tmp_path / "facts.parquet"
    kpitools(*ASKED, "-w", workspace, "--format", "parquet", "--out", out)
    assert set(pl.read_parquet(out)["reason"]) == set(TEAMS.values())


def test_facts_in_csv_hold_no_formula(kpitools, workspace):
    text = kpitools(*ASKED, "-w", workspace, "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(TEAMS)
    cells = [cell for row in rows for cell in row.values()]
    assert [cell for cell in cells if re.match(r"[=+\-@\t\r]", cell)] == []
    found = {row["team"] for row in rows}
    assert found == {f"'{text}" if text[0] in "=@" else text for text in TEAMS.values()}


def test_facts_as_a_table_are_one_line_each(kpitools, workspace):
    text = kpitools(*ASKED, "-w", workspace).stdout
    assert controls(text) == set()
    assert len(text.splitlines()) == len(TEAMS) + 1
    for shown in SHORT.values():
        assert squeezed(shown) in squeezed(text)


def test_every_team_has_its_pack(packs):
    assert set(packs.teams) == set(TEAMS.values())
    assert {(team["status"], team["reason"]) for team in packs.teams.values()} == {("ok", "")}
    assert packs.manifest["overview"]["status"] == "ok"
    assert controls(packs.run.stdout + packs.run.stderr) == set()


def test_file_names_are_safe_and_every_team_has_its_own(packs):
    names = [name for team in packs.teams.values() for name in team["files"]]
    assert len(set(names)) == 2 * len(TEAMS)
    stems = {file_stem(text) for text in TEAMS.values()}
    assert {name.rpartition(".")[0] for name in names} == stems
    for path in packs.folder.rglob("*"):
        assert re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,80}", path.name)
        assert path.resolve().is_relative_to(packs.folder.resolve())
    assert leftovers(packs.folder) == []


def test_a_page_shows_the_text_as_text(packs, name):
    page = packs.page(TEAMS[name])
    assert page.text.count(squeezed(TEAMS[name])[:200]) > 8
    for sign in map(TEXTS.get, ("script ended", "shortcode", "typst", *ELSEWHERE)):
        assert squeezed(sign) in page.text
    assert controls("".join(page.texts)) == set()
    for never in NEVER:
        assert never not in page.text


def test_a_page_runs_and_loads_only_what_is_its_own(packs, name):
    page = packs.page(TEAMS[name])
    assert (len(page.scripts), page.handlers, page.loaded) == (2, [], [])
    assert page.scripts == packs.page(TEAMS["chinese"]).scripts
    assert not [attrs for tag, attrs in page.elements if tag == "img" and "src" in attrs]
    assert [link for link in page.links if not link.startswith("#")] == ["index.html"]


def test_the_overview_shows_and_links_every_team(packs):
    page = packs.index
    assert (page.handlers, page.loaded, len(page.scripts)) == ([], [], 2)
    for text in TEAMS.values():
        assert squeezed(text)[:60] in page.text
        assert f"{file_stem(text)}.html" in page.links
        assert f"{file_stem(text)}.pdf" in page.links
    for link in page.links:
        assert link[1:] in page.ids if link[0] == "#" else (packs.folder / link).is_file()


def test_a_pdf_shows_the_text_as_text(packs, name):
    text = pdf_text(packs.path(TEAMS[name], "pdf"))
    wanted = visible(TEAMS[name])
    if name == "arabic":
        wanted = "12"  # letters from right to left come out of a PDF in the order of the page
    elif name == "emoji":
        wanted = "Care"
    assert text.count(squeezed(wanted)[:100]) > 8
    for never in NEVER:
        assert never not in text


def test_a_browser_finds_no_error_and_no_request(packs, browse):
    for name in ("script", "script ended", "controls"):
        page = browse(
            packs.path(TEAMS[name], "html"),
            ready="!document.querySelector('[data-chart]:not([data-drawn])')",
            ask={"title": "document.title"},
        )
        assert (page.errors, page.foreign_requests) == ([], [])
        assert squeezed(TEAMS[name]) in squeezed(page.answers["title"])
    index = browse(packs.folder / "index.html")
    assert (index.errors, index.foreign_requests) == ([], [])
