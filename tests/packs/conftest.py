"""An invented pack, in the spirit of a monthly review, and texts that want to do harm."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kpitools.packs.charts import ChartServer
from kpitools.packs.cleaning import clean_data
from kpitools.packs.document import Document
from kpitools.packs.drawings import draw_charts
from kpitools.packs.recipe import Recipe
from kpitools.visuals.blocks import ChartBlock
from kpitools.workspace import open_workspace

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "script ended": "</script><script>alert(2)</script>",
    "comment": "<!--<img src=x onerror=alert(3)>",
    "path": "../../x",
    "spreadsheet": "=cmd()",
    "shortcode": "{{< include /etc/passwd >}}",
    "typst": '#read("/etc/passwd")',
    "marks": "$(id) $x^2$ `code` *bold* _under_ @ref <label> \\u{41} // no /* no */",
    "template": "{{ 7*7 }} {% raw %} {# no #}",
    "directions": "Billing\u202eexe.fdp\u200f\u2067abc\u2069",
    "chinese": "客户支持 中文",
    "korean": "한국어 상담",
    "arabic": "الدعم الفني 12",
    "emoji": "😀 👩\u200d👩\u200d👧 🇹🇷 👍🏽",
    "controls": "nul\x00bell\x07esc\x1b[31m",
    "quotes": '\'; DROP TABLE teams; -- "quoted" & <b>bold</b>',
    "unassigned": "z\u0301\u0302\u0303 e\u200db \u0378 \U0010fffd \ufffe",
    "long": "x" * 10_000,
}
_SMALL = """\
kpitools: 1
name: Small
as_of: 2026-11-03T06:00:00Z
catalogue: {builtin: "2026.1"}
sources:
  calls:
    file: calls.csv
    table: contacts
    columns:
      contact_id: id
      offered_at: {from: at, format: iso}
      team: team
"""
_SHOW = """\
from kpitools.visuals.blocks import KpiValue, SentenceBlock, ValuesBlock
from kpitools.visuals.show import Visual
if team == "<b>x</b>":
    raise ValueError(f"no figures for {team}")
value = KpiValue(kpi="offered", version=1, period=period, value=1, final=True, shown="1")
display(Visual(SentenceBlock(text=f"{team} did well", headline=True)))
display(Visual(ValuesBlock(team=team, values=(value,))))
"""
_EXAMPLE = Path(__file__).with_name("billing.json")
_STEERING = {"id", "type", "kind", "key", "align", "tone", "status", "state", "severity", "lang"}
_STEERING |= {"schema_name", "spec", "run_id", "as_of", "link", "spark_tone", "sha256", "kpi"}


@pytest.fixture(scope="session")
def server() -> Iterator[ChartServer]:
    with ChartServer() as running:
        yield running


@pytest.fixture(scope="session")
def billing() -> Document:
    return Document.model_validate_json(_EXAMPLE.read_bytes())


@pytest.fixture(scope="session")
def drawn(server):
    """Draw the charts of a pack, each pack once."""
    known = {}

    def draw(document):
        text = document.model_dump_json()
        if text not in known:
            known[text] = draw_charts(document, server)
        return known[text]

    return draw


@pytest.fixture(scope="session")
def drawings(billing, drawn):
    """The charts of the invented pack."""
    return drawn(billing)


@pytest.fixture
def chart(billing) -> ChartBlock:
    return next(chart for _, chart in billing.charts())


TRIED_FIRST = ("script", "typst", "directions")
"""Texts that the inner loop tries."""


@pytest.fixture(
    params=[
        pytest.param(text, id=name, marks=[] if name in TRIED_FIRST else [pytest.mark.slow])
        for name, text in HOSTILE.items()
    ]
)
def hostile(request) -> str:
    return request.param


@pytest.fixture
def overrun() -> Callable[[str], Document]:
    """Give the invented pack with every text replaced, in charts as well."""

    def replaced(data: Any, text: str, key: str = "") -> Any:
        if isinstance(data, str):
            return data if key in _STEERING or not data else text
        if isinstance(data, list):
            return [replaced(item, text, key) for item in data]
        if isinstance(data, dict):
            done = {name: replaced(value, text, name) for name, value in data.items()}
            if "spec" in data:
                spec = json.dumps(data["spec"]).replace('"mean 86.1 %"', json.dumps(text))
                done["spec"] = {**json.loads(spec), "title": text}
            return done
        return data

    def overrun(text: str) -> Document:
        data = json.loads(_EXAMPLE.read_bytes())
        return Document.model_validate(clean_data(replaced(data, text)))

    return overrun


@pytest.fixture
def squeezed() -> Callable[[str], str]:
    """Give a text without what a PDF reader may add or leave out between letters."""

    def squeezed(text: str) -> str:
        return re.sub(r"[\s\u200b\u00ad\ufffe]", "", text)

    return squeezed


@pytest.fixture(scope="session")
def kept(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def small(tmp_path, kept, monkeypatch):
    """Give a workspace of four calls of three teams, one of them with a name that means harm."""
    monkeypatch.setenv("KPITOOLS_CACHE", str(kept))
    folder = tmp_path / "small"
    (folder / "notebooks").mkdir(parents=True)
    rows = ["id,at,team", "1,2026-10-01T08:00:00Z,billing", "2,2026-10-02T08:00:00Z,<b>x</b>"]
    rows += ["3,2026-10-31T23:00:00Z,../../x", "4,2026-11-02T00:00:00Z,billing"]
    (folder / "calls.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "kpitools.yaml").write_text(_SMALL, encoding="utf-8")
    for name in ("card", "all"):
        cells = [
            {"cell_type": "markdown", "id": "a", "metadata": {}, "source": f"# What of {name}?"},
            _code("b", 'team: str = "billing"\nperiod: str = "2026-10"', "parameters"),
            _code("c", _SHOW),
        ]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = {"cells": cells, "metadata": {"kernelspec": kernel}}
        notebook |= {"nbformat": 4, "nbformat_minor": 5}
        (folder / "notebooks" / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    return open_workspace(folder, environment={})


@pytest.fixture
def recipe() -> Recipe:
    return Recipe.model_validate(
        {
            "title": "Monthly review",
            "forum": {"name": "Ops review", "participants": {"team_lead": ["Ada"]}},
            "team": [{"notebook": "card"}],
            "overview": [{"notebook": "all"}],
            "kpis": ["offered"],
        }
    )


def _code(name: str, source: str, *tags: str) -> dict[str, Any]:
    cell = {"cell_type": "code", "id": name, "metadata": {"tags": list(tags)}}
    return {**cell, "source": source, "outputs": [], "execution_count": None}
