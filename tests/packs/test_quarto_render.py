"""Quarto as a program: found, called with little, kept in time, believed by its files."""

import json
import os
import shutil
import sys
import time
from pathlib import Path

import psutil
import pytest

from kpitools.errors import PackError
from kpitools.packs.drawings import Drawing
from kpitools.packs.quarto import Quarto, find_quarto, render_quarto
from kpitools.packs.quarto.book import build_metadata, build_notebook, moment
from kpitools.packs.quarto.call import scrubbed_environment
from kpitools.packs.quarto.render import metadata_for

FAKE = r'''#!{python}
"""Does what Quarto was seen to do; the file `mode` beside it says which."""
import json, os, pathlib, subprocess, sys, time
here = pathlib.Path(__file__).parent
mode = (here / "mode").read_text()
if sys.argv[1:] == ["--version"]:
    print({{"old": "1.3.450", "mute": ""}}.get(mode, "1.6.42"))
    sys.exit(1 if mode == "broken" else 0)
walk = os.walk(".", followlinks=True)
names = [os.path.normpath(os.path.join(top, name)) for top, _, files in walk for name in files]
call = {{"argv": sys.argv[1:], "env": dict(os.environ), "files": names}}
call["head"] = json.loads(pathlib.Path(sys.argv[sys.argv.index("--metadata-file") + 1]).read_text())
call["notebook"] = json.loads(pathlib.Path("pack.ipynb").read_text())
calls = here / "calls.json"
seen = json.loads(calls.read_text()) if calls.exists() else []
calls.write_text(json.dumps([*seen, call]))
out = pathlib.Path(sys.argv[sys.argv.index("--output") + 1])
good = b"%PDF-1.7 x" if out.suffix == ".pdf" else b"\n<!DOCTYPE html><html></html>"
if mode == "good" or (mode == "locked once" and seen):
    out.write_bytes(good)
elif mode == "empty":
    out.write_bytes(b"")
elif mode == "stale":
    out.write_bytes(good)
    os.utime(out, (10**9, 10**9))
elif mode == "kind":
    out.write_bytes(b"plain text")
elif mode.startswith("locked"):
    sys.exit("ERROR: database is locked")
elif mode == "silent":
    sys.stderr.write("WARNING: the book has no pages\n")
elif mode == "fails":
    sys.stderr.write("\x1b[91mERROR: YAMLException: bad\x1b[39m\n\nStack trace:\n")
    sys.stderr.write("    at f (a.js:1:2)\n")
    sys.exit(1)
elif mode == "hangs":
    child = subprocess.Popen(["sleep", "300"])
    other = subprocess.Popen(["sleep", "300"], start_new_session=True)
    (here / "pids").write_text(f"{{os.getpid()}} {{child.pid}} {{other.pid}}")
    time.sleep(300)
'''


@pytest.fixture
def fake(tmp_path):
    """Give a function that makes a Quarto of a mode."""

    def make(mode="good", version=(1, 6, 42)):
        folder = tmp_path / "fake quarto"
        folder.mkdir(exist_ok=True)
        program = folder / "quarto"
        program.write_text(FAKE.format(python=sys.executable))
        program.chmod(0o755)
        (folder / "mode").write_text(mode)
        return Quarto(program, version)

    return make


def calls_of(quarto):
    return json.loads((quarto.path.parent / "calls.json").read_text())


def render(document, quarto, folder, **options):
    drawings = {name: Drawing(svg="<svg/>") for name, _ in document.charts()}
    return render_quarto(
        document, folder=folder, stem="billing", drawings=drawings, quarto=quarto, **options
    )


def test_a_pack_is_handed_over_in_both_formats(billing, fake, tmp_path):
    made = render(billing, fake(), tmp_path / "out")
    assert made == {kind: tmp_path / "out" / f"billing.{kind}" for kind in ("html", "pdf")}
    assert made["pdf"].read_bytes() == b"%PDF-1.7 x"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "billing.html",
        "billing.pdf",
    ]


def test_quarto_is_asked_not_to_execute_and_gets_its_head_as_a_file(billing, fake, tmp_path):
    quarto = fake()
    render(billing, quarto, tmp_path)
    first, second = calls_of(quarto)
    assert first["argv"] == [
        *("render", "pack.ipynb", "--to", "html", "--no-execute"),
        *("--output", "pack.html", "--metadata-file", "html.yml"),
    ]
    assert second["argv"][3] == "typst"
    assert first["head"]["embed-resources"] is True
    assert first["head"]["execute"]["enabled"] is False
    assert first["head"]["title"] == "Monthly performance review"
    assert second["head"]["mainfont"] == "Inter"
    assert "ipynb-filters" not in first["head"]
    assert {"pack.ipynb", "quarto/pack.css"} <= set(first["files"])
    assert "fonts/0/Inter[opsz,wght].ttf" in first["files"]


def test_quarto_gets_no_secret_and_no_home(billing, fake, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("KPITOOLS_PRIVACY_KEY", "secret")
    quarto = fake()
    render(billing, quarto, tmp_path, formats=["pdf"])
    (call,) = calls_of(quarto)
    assert "secret" not in call["env"].values()
    assert call["env"]["HOME"] != os.environ["HOME"]
    assert call["env"]["NO_COLOR"] == "1"
    assert call["env"]["SOURCE_DATE_EPOCH"] == str(moment(billing))


def test_the_scratch_folder_is_gone_afterwards(billing, fake, tmp_path):
    quarto = fake()
    render(billing, quarto, tmp_path, formats=["html"])
    assert not Path(calls_of(quarto)[0]["env"]["HOME"]).parent.exists()


@pytest.mark.parametrize(
    ("mode", "message"),
    [
        ("silent", "no file; it said: WARNING: the book has no pages"),
        ("empty", "an empty file"),
        ("stale", "an old file"),
        ("kind", "a file of another kind"),
        ("fails", "found:    YAMLException: bad"),
        ("locked always", "found:    database is locked"),
    ],
)
def test_a_failure_is_told_and_no_old_file_is_taken_for_new(billing, fake, tmp_path, mode, message):
    old = tmp_path / "billing.pdf"
    old.write_bytes(b"%PDF-old")
    with pytest.raises(PackError, match="Quarto") as caught:
        render(billing, fake(mode), tmp_path, formats=["pdf"])
    assert message in str(caught.value)
    assert "--renderer builtin" in str(caught.value)
    assert not old.exists()


def test_a_quarrel_about_a_cache_is_tried_once_more(billing, fake, tmp_path):
    quarto = fake("locked once")
    assert render(billing, quarto, tmp_path, formats=["html"])["html"].exists()
    assert len(calls_of(quarto)) == 2


def test_over_its_time_quarto_ends_with_all_it_started(billing, fake, tmp_path):
    quarto = fake("hangs")
    begun = time.monotonic()
    with pytest.raises(PackError, match="did not finish within 2 s"):
        render(billing, quarto, tmp_path, formats=["html"], timeout_s=2)
    assert time.monotonic() - begun < 20
    pids = [int(pid) for pid in (quarto.path.parent / "pids").read_text().split()]
    assert not any(_runs(pid) for pid in pids)


def _runs(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_an_unknown_format_is_refused_before_anything_is_touched(billing, fake, tmp_path):
    (tmp_path / "billing.html").write_text("old")
    with pytest.raises(PackError, match="no such format"):
        render(billing, fake(), tmp_path, formats=["html", "docx"])
    assert (tmp_path / "billing.html").exists()


def test_without_quarto_the_error_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PackError, match="Quarto is not installed") as caught:
        find_quarto()
    assert "pip install 'kpitools[quarto]'" in str(caught.value)
    assert "--renderer builtin, which needs nothing" in str(caught.value)


@pytest.mark.parametrize(
    ("mode", "message"),
    [
        ("old", "found:    1.3.450\n  expected: 1.4 or newer"),
        ("mute", "Quarto does not tell its version"),
        ("broken", "Quarto does not tell its version"),
    ],
)
def test_a_quarto_that_will_not_do_is_refused(fake, mode, message):
    with pytest.raises(PackError) as caught:
        find_quarto(fake(mode).path)
    assert message in str(caught.value)


def test_a_program_that_cannot_be_started_is_refused(tmp_path):
    program = tmp_path / "quarto"
    program.write_text("no program")
    with pytest.raises(PackError, match="Quarto does not answer"):
        find_quarto(program)


def test_a_good_quarto_is_found_on_the_path(fake, monkeypatch):
    quarto = fake()
    monkeypatch.setenv("PATH", str(quarto.path.parent), prepend=os.pathsep)
    assert find_quarto() == quarto


@pytest.mark.parametrize(("version", "asked"), [((1, 8, 27), None), ((1, 9, 0), "ua-1")])
def test_accessible_pdf_is_asked_for_from_the_version_that_makes_it(billing, version, asked):
    head = metadata_for("pdf", billing, Quarto(Path("quarto"), version))
    assert head.get("pdf-standard") == asked
    assert "pdf-standard" not in metadata_for("html", billing, Quarto(Path("quarto"), version))


def test_the_notebook_is_the_same_twice_and_has_every_part(billing):
    drawings = {name: Drawing(svg="<svg/>") for name, _ in billing.charts()}
    notebook = build_notebook(billing, drawings)
    assert notebook == build_notebook(billing, drawings)
    headings = [
        cell["source"].splitlines()[0]
        for cell in notebook["cells"]
        if cell["cell_type"] == "markdown" and cell["source"].startswith("# ")
    ]
    assert headings == [
        "# Customers were less satisfied\\, and the backlog grew",
        "# CSAT fell 3\\.4 points since about April\\, mostly in refund chats",
        "# Definitions",
        "# Data quality",
        "# Provenance",
    ]
    pictures = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert len(pictures) == 3
    assert all(cell["execution_count"] for cell in pictures)
    assert pictures[0]["source"].startswith(
        '#| echo: false\n#| fig-alt: "Line of 14 months: 85.6 % at first'
    )


def test_a_chart_without_a_picture_is_told_and_has_its_table(billing):
    faults = {name: Drawing(fault="it took too long") for name, _ in billing.charts()}
    notebook = build_notebook(billing, faults)
    text = "\n".join(cell["source"] for cell in notebook["cells"])
    assert all(cell["cell_type"] == "markdown" for cell in notebook["cells"])
    assert "could not be drawn\\, its table stands below\\. it took too long" in text
    assert "| 2025\\-09\\-01 | 85\\.6 \\% | 2\\,311 |" in text


def test_headings_never_skip_a_level(billing):
    first, second = billing.sections
    swapped = billing.model_copy(update={"sections": (first, second), "definitions": ()})
    levels = [
        len(cell["source"]) - len(cell["source"].lstrip("#"))
        for cell in build_notebook(swapped, {})["cells"]
        if cell["source"].startswith("#") and cell["cell_type"] == "markdown"
    ]
    assert all(later <= earlier + 1 for earlier, later in zip([0, *levels], levels, strict=False))


def test_a_part_that_failed_is_told(billing):
    section = billing.sections[0].model_copy(update={"fault": "KeyError: 'x'", "blocks": ()})
    notebook = build_notebook(billing.model_copy(update={"sections": (section,)}), {})
    sources = [cell["source"] for cell in notebook["cells"]]
    assert "**This part did not finish\\.**\n\nKeyError\\: \\'x\\'" in sources


def test_the_head_holds_no_markup_of_the_team(billing):
    hostile = billing.model_copy(update={"team": "{{< env HOME >}} <b>", "title": "---"})
    head = build_metadata(hostile)
    assert head["title"] == "\\-\\-\\-"
    assert "{{<" not in head["subtitle"]
    assert "<b>" not in head["subtitle"].replace("\\<", "")


def test_the_moment_is_the_packs_own(billing):
    assert moment(billing) == 1793685600
    assert moment(billing.model_copy(update={"as_of": "someday"})) == 0
    assert moment(billing.model_copy(update={"as_of": "2026-11-03T06:00:00"})) == 1793685600


def test_a_scrubbed_environment_points_nowhere_else(tmp_path):
    made = scrubbed_environment({"HOME": "/h", "PATH": "/bin"}, scratch=tmp_path, moment=5)
    assert made["PATH"] == "/bin"
    assert made["HOME"] == made["XDG_CACHE_HOME"] == str(tmp_path / "home")
    assert (tmp_path / "home").is_dir()


needs_quarto = pytest.mark.skipif(
    shutil.which("quarto") is None, reason="no program `quarto` on PATH"
)


@needs_quarto
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["html", "pdf"])
def test_a_real_quarto_makes_a_pack(billing, tmp_path, kind):
    made = render_quarto(billing, folder=tmp_path, stem="billing", formats=[kind])
    assert made[kind].stat().st_size > 10_000
    if kind == "html":
        page = made[kind].read_text("utf-8")
        assert "CSAT fell 3.4 points since about April" in page
        assert "2,311" in page
