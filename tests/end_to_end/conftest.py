"""What the end-to-end tests share: the command as its own process, workspaces, readers."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from end_to_end.reading import Page, pdf_text

CONFIG = """kpitools: 1
name: {name}
as_of: {as_of}
privacy: {{agents: plain, minimum_group: 1}}
sources:
  calls:
    file: calls.csv
    table: contacts
    columns:
      contact_id: id
      offered_at: {{from: at, format: iso}}
      team: team
      agent: agent
      reason: reason
      outcome: outcome
      wait_ms: {{from: wait, unit: seconds}}
  surveys:
    file: surveys.csv
    table: surveys
    columns:
      survey_id: id
      team: team
      agent: agent
      answered_at: {{from: at, format: iso}}
      instrument: {{constant: csat}}
      scale_min: {{constant: "1"}}
      scale_max: {{constant: "5"}}
      score: score
      comment: comment
"""
FIELDS = {
    "calls": ("id", "at", "team", "agent", "reason", "outcome", "wait"),
    "surveys": ("id", "at", "team", "agent", "score", "comment"),
}


class Packs:
    """The folder of a period, as a reader of it meets it."""

    def __init__(self, folder, run):
        self.folder, self.run = Path(folder), run
        self.manifest = json.loads((self.folder / "manifest.json").read_bytes())
        self.teams = {team["team"]: team for team in self.manifest["teams"]}
        self.index = Page((self.folder / "index.html").read_text("utf-8"))

    def path(self, team, kind):
        (name,) = (name for name in self.teams[team]["files"] if name.endswith(f".{kind}"))
        return self.folder / name

    def page(self, team):
        return Page(self.path(team, "html").read_text("utf-8"))

    def pdf(self, team):
        return pdf_text(self.path(team, "pdf"))

    def values(self, kpi):
        """Give the entries of one KPI by team."""
        return {
            name: value
            for name, team in self.teams.items()
            for value in team["kpis"]
            if value["kpi"] == kpi
        }


@pytest.fixture(scope="session")
def kpitools():
    """Run `kpitools` words as a script does, and expect an exit code."""

    def run(*words, expect=0, text=True, **variables):
        command = [sys.executable, "-m", "kpitools", *map(str, words)]
        environment = {**os.environ, **{key: str(value) for key, value in variables.items()}}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=text, check=False, timeout=400
        )
        assert done.returncode == expect, f"{done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done

    return run


@pytest.fixture(scope="session")
def make_packs(kpitools):
    """Make the packs of a period by the command; give the folder that it names."""

    def make(workspace, recipe, *words, expect=0, **variables):
        done = kpitools("pack", recipe, "-w", workspace, *words, expect=expect, **variables)
        index = Path(done.stdout.strip().splitlines()[-1])
        assert index.name == "index.html"
        return Packs(index.parent, done)

    return make


@pytest.fixture(scope="session")
def write_workspace():
    """Write a workspace of calls and surveys, notebooks and recipes."""

    def write(folder, *, calls, surveys=(), name="End to end", as_of="2026-11-03T06:00:00Z"):
        folder.mkdir(parents=True, exist_ok=True)
        text = CONFIG.format(name=json.dumps(name), as_of=as_of)
        (folder / "kpitools.yaml").write_text(text, encoding="utf-8")
        for export, rows in (("calls", calls), ("surveys", surveys)):
            with (folder / f"{export}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(FIELDS[export])
                writer.writerows(rows)
        return folder

    return write


@pytest.fixture(scope="session")
def write_notebook():
    """Write a notebook of a question, its parameters and code cells."""

    def write(path, *code, parameters="", question="What is it?"):
        cells = [{"cell_type": "markdown", "id": "q", "metadata": {}, "source": f"# {question}"}]
        for number, source in enumerate((parameters, *code)):
            tags = [] if number else ["parameters"]
            cell = {"cell_type": "code", "id": f"c{number}", "metadata": {"tags": tags}}
            cells.append({**cell, "source": source, "outputs": [], "execution_count": None})
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({**notebook, "cells": cells}), encoding="utf-8")
        return path

    return write
