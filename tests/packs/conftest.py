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
from kpitools.visuals.blocks import ChartBlock

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
_EXAMPLE = Path(__file__).with_name("billing.json")
_STEERING = {"id", "type", "kind", "key", "align", "tone", "status", "state", "severity", "lang"}
_STEERING |= {"schema_name", "spec", "run_id", "as_of", "link", "spark_tone", "sha256", "kpi"}


@pytest.fixture(scope="session")
def server() -> Iterator[ChartServer]:
    with ChartServer() as running:
        yield running


@pytest.fixture
def billing() -> Document:
    return Document.model_validate_json(_EXAMPLE.read_bytes())


@pytest.fixture
def chart(billing) -> ChartBlock:
    return next(chart for _, chart in billing.charts())


@pytest.fixture(params=list(HOSTILE.values()), ids=list(HOSTILE))
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
