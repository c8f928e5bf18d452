"""A newcomer's walk: the wheel in a fresh environment, init, check, pack, the page opened."""

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PERIOD = "2026-10"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel built from a copy of the tracked files, as a release is."""
    source = tmp_path_factory.mktemp("source")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout.split("\0")
    for name in filter(None, listed):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, source / name)
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(out), str(source)]
    build = subprocess.run(command, capture_output=True, text=True, check=False)
    assert build.returncode == 0, build.stdout[-2000:] + build.stderr[-2000:]
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def newcomer(wheel, tmp_path_factory):
    """Run `kpitools` words in a fresh environment, outside the repository."""
    home = tmp_path_factory.mktemp("newcomer")
    venv.create(home / "env", with_pip=True)
    python = home / "env" / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", str(wheel)]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode and "ConnectionError" in done.stderr:
        pytest.skip("no package index within reach: the wheel's dependencies cannot be installed")
    assert done.returncode == 0, done.stderr[-2000:]
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("KPITOOLS_", "PYTHON", "VIRTUAL_ENV"))
    }
    environment["KPITOOLS_CACHE"] = str(home / "cache")

    def run(*words, expect=0):
        command = [str(home / "env" / "bin" / "kpitools"), *map(str, words)]
        result = subprocess.run(
            command, cwd=home, env=environment, capture_output=True, text=True, check=False
        )
        assert result.returncode == expect, result.stdout[-3000:] + result.stderr[-3000:]
        return result

    run.home = home
    return run


def test_wheel_carries_what_a_user_needs(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for part in ("notebooks/scorecard.ipynb", "reports/monthly_review.yaml"):
        assert f"kpitools/_shipped/{part}" in names
    assert any(name.startswith("kpitools/_shipped/data_samples/") for name in names)
    assert any(name.startswith("kpitools/_shipped/reports/templates/") for name in names)
    assert not any("reports/out/" in name for name in names)


def test_init_check_pack_and_open(newcomer, browse):
    newcomer("init", "my-review")
    check = newcomer("check", "-w", "my-review")
    assert "can be trusted" in check.stdout
    packed = newcomer(
        *("pack", "reports/monthly_review.yaml", "-w", "my-review"),
        *("--period", PERIOD, "--team", "billing", "--out", "packs"),
    )
    index = newcomer.home / packed.stdout.strip().splitlines()[-1]
    assert index == newcomer.home / "packs" / PERIOD / "index.html"
    manifest = json.loads((index.parent / "manifest.json").read_text(encoding="utf-8"))
    files = [index.parent / name for team in manifest["teams"] for name in team["files"]]
    assert {path.suffix for path in files} == {".html", ".pdf"}
    for path in [index, *(path for path in files if path.suffix == ".html")]:
        page = browse(
            path,
            ready="(() => { const still = document.querySelector('figure.chart:not(.enlivened)');"
            " if (still) still.scrollIntoView(); return !still; })()",
            ask={
                "charts": "document.querySelectorAll('figure.chart.enlivened .live svg').length",
                "empty": "[...document.querySelectorAll('figure.chart')]"
                ".filter(figure => !figure.querySelector('.still svg')).length",
                "dead": "[...document.querySelectorAll('a[href^=\"#\"]')]"
                ".map(a => decodeURIComponent(a.getAttribute('href').slice(1)))"
                ".filter(id => id && !document.getElementById(id))",
                "files": "[...document.querySelectorAll('a[href]:not([href^=\"#\"])')]"
                ".map(a => a.getAttribute('href'))",
            },
        )
        assert page.errors == []
        assert page.foreign_requests == []
        assert page.answers["empty"] == 0
        assert page.answers["dead"] == []
        for name in page.answers["files"]:
            assert (path.parent / name).is_file(), name
        if path != index:
            assert page.answers["charts"] >= 1


def test_demo_works_anywhere(newcomer):
    listed = newcomer("pack", "monthly_review.yaml", "--period", PERIOD, "--dry-run")
    assert "billing" in listed.stdout
    assert "packaged sample workspace" in listed.stderr
