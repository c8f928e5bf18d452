from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest

from kpitools.packs.drawings import draw_charts
from kpitools.packs.html import render_html

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]

ITS_OWN = re.compile(r"https?://[a-z0-9.-]+\.google(apis)?\.com/")
"""What the browser asks for by itself, whatever page it shows."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH"),
]


class Drawn(HTMLParser):
    """Texts and the places of shapes, in the picture and in the living chart."""

    def __init__(self, dom):
        super().__init__()
        self.where = None
        self.found = {"still": [], "live": []}
        self.enlivened = 0
        self.feed(dom)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        classes = (attrs.get("class") or "").split()
        self.enlivened += "enlivened" in classes
        self.where = next((name for name in ("still", "live") if name in classes), self.where)
        if tag in {"script", "table"}:
            self.where = None
        if self.where and attrs.get("transform"):
            numbers = re.findall(r"-?\d+(?:\.\d+)?", attrs["transform"])
            self.found[self.where].append((tag, *(round(float(number)) for number in numbers)))

    def handle_data(self, data):
        if self.where and data.strip():
            self.found[self.where].append(data.strip())


@pytest.fixture
def opened(tmp_path):
    def opened(html):
        page = tmp_path / "page.html"
        page.write_text(html, encoding="utf-8")
        log = tmp_path / "net.json"
        command = [CHROMIUM, *QUIET, f"--user-data-dir={tmp_path / 'profile'}"]
        command += [f"--log-net-log={log}", "--enable-logging=stderr", "--window-size=1400,9000"]
        command += ["--virtual-time-budget=20000", "--dump-dom", page.as_uri()]
        run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        said = [line for line in run.stderr.splitlines() if "CONSOLE" in line]
        asked = set(re.findall(r'"url":"((?!file:|data:|chrome)[^"]+)"', log.read_text("utf-8")))
        asked = {url for url in asked if not ITS_OWN.match(url)}
        return Drawn(run.stdout), said, asked

    return opened


def test_the_page_comes_alive_under_its_policy_without_error_and_without_network(
    billing, server, opened
):
    drawn, said, asked = opened(render_html(billing, drawings=draw_charts(billing, server)))
    assert said == []
    assert asked == set()
    assert drawn.enlivened == 3
    assert len(drawn.found["still"]) > 100
    assert set(drawn.found["still"]) - set(drawn.found["live"]) == set()


def test_a_chart_with_dates_as_numbers_comes_alive_as_it_was_drawn(billing, chart, server, opened):
    spec = {
        "width": 300,
        "height": 100,
        "data": {"values": [{"at": f"2026-0{n}-01T00:00:00Z", "v": n} for n in range(1, 9)]},
        "mark": "point",
        "encoding": {
            "x": {
                "field": "at",
                "type": "temporal",
                "scale": {"type": "utc", "domain": [1767225600000, 1785542400000]},
                "axis": {"values": [1767225600000, 1775001600000], "format": "%b"},
            },
            "y": {"field": "v", "type": "quantitative"},
        },
    }
    block = chart.model_copy(update={"spec": spec})
    section = billing.sections[0].model_copy(update={"blocks": (block,)})
    document = billing.model_copy(update={"sections": (section,)})
    drawn, said, _ = opened(render_html(document, drawings=draw_charts(document, server)))
    assert said == []
    assert drawn.enlivened == 1
    assert set(drawn.found["still"]) - set(drawn.found["live"]) == set()


def test_hostile_text_in_a_living_chart_does_nothing(overrun, server, opened):
    document = overrun("</script><script>document.title='taken'</script><img src=x onerror=1>")
    drawn, said, asked = opened(render_html(document, drawings=draw_charts(document, server)))
    assert (said, asked) == ([], set())
    assert drawn.enlivened == 3


def test_pages_that_share_assets_come_alive_from_disk(billing, server, opened, tmp_path):
    drawings = draw_charts(billing, server)
    drawn, said, asked = opened(render_html(billing, drawings=drawings, assets=tmp_path / "assets"))
    assert (said, asked) == ([], set())
    assert drawn.enlivened == 3
