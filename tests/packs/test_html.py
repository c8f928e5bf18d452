from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
from html.parser import HTMLParser

import pytest

from kpitools.packs.cleaning import clean_text
from kpitools.packs.drawings import Drawing, draw_charts
from kpitools.packs.html import embedded_json, render_failed, render_html


class Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.scripts, self.texts, self.policy = [], [], [], ""
        self._script = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.elements.append((tag, found))
        if tag in {"script", "style"}:
            self._script = (tag, found, [])
        if found.get("http-equiv") == "Content-Security-Policy":
            self.policy = found["content"]

    def handle_endtag(self, tag):
        if self._script and tag == self._script[0]:
            kind, attrs, parts = self._script
            self.scripts.append((kind, attrs, "".join(parts)))
            self._script = None

    def handle_data(self, data):
        (self._script[2] if self._script else self.texts).append(data)

    @property
    def text(self):
        return " ".join(self.texts)

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


@pytest.fixture(scope="module")
def page(billing, drawings):
    return Page(render_html(billing, drawings=drawings))


def hash_of(content):
    return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def test_the_policy_allows_this_style_and_these_scripts_and_no_network(page):
    running = [
        (kind, text)
        for kind, attrs, text in page.scripts
        if attrs.get("type") != "application/json"
    ]
    assert [kind for kind, _ in running] == ["style", "script", "script"]
    for _, text in running:
        assert f"'sha256-{hash_of(text)}'" in page.policy
    assert "default-src 'none'" in page.policy
    assert "unsafe" not in page.policy
    assert "connect-src" not in page.policy


def test_nothing_on_the_page_points_to_the_network(page):
    for _, attrs in page.elements:
        for name in ("src", "href", "action", "srcset", "poster", "data"):
            assert not re.match(r"(?i)\s*(https?:|//|javascript:)", attrs.get(name) or "")
        assert not any(name.startswith("on") or name == "style" for name in attrs)
    style = next(text for kind, _, text in page.scripts if kind == "style")
    assert re.findall(r"url\(\"?(\w+:)", style) == ["data:"]
    assert "@import" not in style


def test_a_chart_stands_as_a_picture_with_its_words_its_table_and_its_specification(page, billing):
    drawings = [a for tag, a in page.elements if tag == "div" and a.get("class") == "drawing"]
    assert [a["aria-label"] for a in drawings] == [chart.alt for _, chart in billing.charts()]
    assert all(a["role"] == "img" for a in drawings)
    assert page.text.count("Data table") == len(drawings) == 3
    specs = [json.loads(text) for _, attrs, text in page.scripts if attrs.get("class") == "spec"]
    assert specs == [chart.spec for _, chart in billing.charts()]


def test_landmarks_headings_and_headers_of_tables_are_there(page):
    tags = [tag for tag, _ in page.elements]
    assert tags.count("h1") == tags.count("main") == tags.count("nav") == 1
    assert page.all("html") == [{"lang": "en"}]
    assert page.all("a")[0] == {"class": "skip", "href": "#content"}
    assert {attrs["scope"] for attrs in page.all("th")} == {"col", "row"}
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_link_on_the_page_leads_somewhere(page):
    ids = {attrs["id"] for _, attrs in page.elements if "id" in attrs}
    links = [attrs["href"] for attrs in page.all("a")]
    assert {link[1:] for link in links if link.startswith("#")} <= ids
    assert [link for link in links if not link.startswith("#")] == ["index.html"]


def test_ids_on_the_page_are_unique(page):
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_cover_head_and_foot_say_what_the_pack_is(page):
    for text in (
        "PROVISIONAL — final on 14 November 2026",
        "Data as of 3 Nov 2026, 06:00 UTC · catalogue 2026.1 · run 7f3c91ab",
        "Accepted by the forum",
        "count(*) filter (where score >= 4)",
        "12 rows have no score",
        "the source 'surveys' maps no field resolved",
        "cd34" * 16,
    ):
        assert text in page.text


def test_a_chart_that_could_not_be_drawn_is_told_and_its_table_is_open(billing):
    drawings = {name: Drawing(fault="it took too long") for name, _ in billing.charts()}
    page = Page(render_html(billing, drawings=drawings))
    assert page.text.count("This chart could not be drawn") == 3
    assert all("open" in attrs for attrs in page.all("details"))
    assert len(page.all("details")) == 4  # and the remarks on data quality
    assert len([kind for kind, _, _ in page.scripts if kind == "script"]) == 1


def test_two_renderings_are_the_same_bytes(billing, drawings, server):
    one = render_html(billing, drawings=drawings)
    two = render_html(billing, drawings=draw_charts(billing, server))
    assert one == two


def test_many_pages_can_share_their_style_and_scripts(billing, drawings, tmp_path):
    html = render_html(billing, drawings=drawings, assets=tmp_path / "assets")
    page = Page(html)
    files = [attrs["src"] for attrs in page.all("script") if "src" in attrs]
    files += [attrs["href"] for attrs in page.all("link")]
    assert len(files) == 3
    for name in files:
        assert (tmp_path / name).stat().st_size > 1000
    assert len(html) < 0.3 * len(render_html(billing, drawings=drawings))
    assert html == render_html(billing, drawings=drawings, assets=tmp_path / "assets")


def test_hostile_text_is_shown_as_text_and_adds_no_element(
    billing, overrun, hostile, drawn, tmp_path
):
    def read(document):
        return Page(render_html(document, drawings=drawn(document), assets=tmp_path / "assets"))

    ours, found = read(billing), read(overrun(hostile))
    assert [a for kind, a, _ in found.scripts] == [a for kind, a, _ in ours.scripts]
    assert {tag for tag, _ in found.elements} <= {tag for tag, _ in ours.elements} | {"br"}
    shown = clean_text(hostile)
    assert found.text.count(shown) > 100
    assert all(a["aria-label"] == shown for t, a in found.elements if a.get("role") == "img")


def test_json_in_the_page_cannot_end_its_element():
    text = embedded_json({"a": "</script><!--<script>&\u2028"})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"a": "</script><!--<script>&\u2028"}


def test_the_page_of_a_failed_team_tells_why_and_what_there_is(hostile):
    shown = clean_text(hostile)
    html = render_failed(
        {
            "title": "Monthly performance review",
            "name": shown,
            "period_text": "October 2026",
            "reason": shown,
            "notebooks": ("notebooks/x.ipynb",),
            "last_good": None,
            "as_of_text": "3 Nov 2026",
            "run_id": "7f3c91ab",
            "index": "index.html",
            "lang": "en",
        }
    )
    page = Page(html)
    assert page.text.count(shown) >= 3
    assert page.all("script") == []
    assert "script-src 'none'" in page.policy
