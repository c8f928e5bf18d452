"""Nothing in the README is said that is not run or compared."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def blocks(language):
    return [body for name, body in BLOCKS if name == language]


def table_between(mark):
    return re.search(rf"<!-- {mark}: [^\n]*-->\n(.*?)<!-- /{mark} -->", TEXT, re.DOTALL)[1].strip()


@pytest.fixture
def shell(tmp_path):
    """Run a line of the README as it stands, in an empty folder."""
    environment = {key: value for key, value in os.environ.items() if key != "KPITOOLS_WORKSPACE"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"

    def run(line, expect=0):
        result = subprocess.run(  # noqa: S602 - the README's own lines, as a reader types them
            line,
            shell=True,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == expect, (
            f"{line}\n{result.stdout[-2000:]}{result.stderr[-2000:]}"
        )
        return result.stdout

    run.folder = tmp_path
    return run


def test_kpi_table_is_the_catalogue():
    from kpitools.catalog import load_builtin
    from kpitools.packs.kpi_pages import subject_table

    catalog = load_builtin()
    assert table_between("kpi-table") == subject_table(catalog)
    variants = sum(map(len, catalog.variant_entries.values()))
    assert f"{len(catalog.names())} KPIs and {variants} variants" in TEXT


def test_notebook_table_names_every_notebook():
    rows = table_between("notebook-table").splitlines()[2:]
    told = dict(re.match(r"\| `(\w+)` \| (.+) \|", row).groups() for row in rows)
    titles = {}
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        first = json.loads(path.read_text(encoding="utf-8"))["cells"][0]
        titles[path.stem] = "".join(first["source"]).splitlines()[0].removeprefix("# ")
    assert told == titles


def test_picture_and_linked_files_exist():
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", TEXT):
        assert (ROOT / target).is_file(), target


def test_at_most_two_badges_and_example_early():
    assert TEXT.count("badge") <= 2
    assert TEXT[: TEXT.index("chart_trend")].count("\n") < 30


@pytest.mark.slow
def test_python_example_runs(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KPITOOLS_WORKSPACE", raising=False)
    for body in blocks("python"):
        exec(compile(body, "README.md", "exec"), {})  # noqa: S102 - our own README
    assert "Average handle time" in capsys.readouterr().out


@pytest.mark.slow
def test_commands_run_as_they_stand(shell):
    (commands,) = [body for body in blocks("sh") if body.startswith("kpitools init")]
    printed = [shell(line) for line in commands.splitlines()]
    assert printed[-1].strip() == "packs/2026-10/index.html"
    assert (shell.folder / "trend.ipynb").is_file()
    assert list((shell.folder / "packs" / "2026-10").glob("billing-*.pdf"))


@pytest.mark.slow
def test_questions_about_definitions_run_as_they_stand(shell):
    (commands,) = [body for body in blocks("sh") if body.startswith("kpitools kpis compare")]
    compared, target, history, rows, windows = [shell(line) for line in commands.splitlines()]
    assert all(f"sl{number}" in compared for number in range(1, 11))
    assert "of the last" in target
    assert history
    assert "rows" in rows
    assert "Oct 2026" in windows


@pytest.mark.slow
def test_a_reason_is_recorded_as_the_page_says(shell):
    shell("kpitools init my-review")
    (command,) = [body for body in blocks("sh") if body.startswith("kpitools annotate")]
    told = shell(command.strip())
    assert told in (shell.folder / "my-review" / "annotations.csv").read_text("utf-8") + "\n"


@pytest.mark.slow
def test_own_data_walk(shell):
    (shell.folder / "calls.csv").write_text(blocks("csv")[0], encoding="utf-8")
    config, catalogue = blocks("yaml")
    config += "catalogue: {files: [catalogue.yaml]}\n"
    (shell.folder / "kpitools.yaml").write_text(config, encoding="utf-8")
    (shell.folder / "catalogue.yaml").write_text(catalogue, encoding="utf-8")
    (commands,) = [body for body in blocks("sh") if body.startswith("kpitools check")]
    checked, facts = [shell(line) for line in commands.splitlines()]
    assert re.search(r"aht: .*acw", checked)
    assert "Billing" in facts
    rows = json.loads(shell("kpitools facts --kpi asa,abandon_rate,long_calls --format json"))
    values = {row["kpi"]: row["value"] for row in rows}
    assert values == {"asa": 17.0, "abandon_rate": 0.25, "long_calls": 0.0}
    assert "Long calls" in shell("kpitools kpis show long_calls")
