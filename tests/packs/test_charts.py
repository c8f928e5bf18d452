from __future__ import annotations

import json
import sys

import psutil
import pytest

from kpitools.errors import PackError
from kpitools.packs.charts import ChartServer

POINT = {"data": {"values": [{"a": 1}]}, "mark": "point", "encoding": {"x": {"field": "a"}}}


def test_a_chart_is_drawn_with_its_texts(server):
    svg = server.draw({**POINT, "title": "Satisfied & <b>calm</b>"})
    assert "Satisfied &amp; &lt;b&gt;calm&lt;/b&gt;" in svg


def test_control_characters_in_a_title_harm_nothing(server):
    assert ">bell<" in server.draw({**POINT, "title": "be\x07ll\x00"})


@pytest.mark.slow
def test_the_next_chart_is_drawn_after_the_process_was_killed():
    before = set(psutil.Process().children())
    with ChartServer() as server:
        server.draw(POINT)
        (child,) = set(psutil.Process().children()) - before
        child.kill()
        assert server.draw(POINT).startswith("<svg")


def test_a_specification_that_kills_the_process_is_told_and_the_next_is_drawn():
    code = (
        "import json, os, sys\n"
        "for line in sys.stdin:\n"
        "    if 'die' in line: os.abort()\n"
        "    print(json.dumps({'svg': '<svg/>'}), flush=True)\n"
    )
    with ChartServer(command=(sys.executable, "-c", code)) as server:
        with pytest.raises(PackError, match="died of it"):
            server.draw({"title": "die"})
        assert server.draw({"title": "live"}) == "<svg/>"


def test_a_chart_that_takes_too_long_is_given_up_and_the_next_is_drawn():
    code = (
        "import json, sys, time\n"
        "for line in sys.stdin:\n"
        "    if 'slow' in line: time.sleep(60)\n"
        "    print(json.dumps({'svg': '<svg/>'}), flush=True)\n"
    )
    with ChartServer(time_limit_s=0.5, command=(sys.executable, "-c", code)) as server:
        with pytest.raises(PackError, match=r"longer than 0\.5 s"):
            server.draw({"title": "slow"})
        assert server.draw({"title": "quick"}) == "<svg/>"


def test_an_invalid_specification_is_told_in_one_line(server):
    with pytest.raises(PackError, match="could not be made") as caught:
        server.draw({"data": {"values": []}, "mark": "no such mark"})
    assert "\n    at " not in str(caught.value)
    assert server.draw(POINT).startswith("<svg")


@pytest.mark.parametrize(
    "spec",
    [
        {**POINT, "data": {"url": "https://example.org/x.csv"}},
        {**POINT, "data": {"url": "file:///etc/passwd"}},
        {"layer": [{**POINT, "encoding": {"href": {"field": "a"}}}]},
        {**POINT, "mark": {"type": "image", "url": "https://example.org/x.png"}},
    ],
)
def test_a_chart_that_refers_outside_is_refused(server, spec):
    with pytest.raises(PackError, match="outside of the pack"):
        server.draw(spec)


def test_a_field_named_url_in_the_data_is_no_reference(server):
    rows = {"values": [{"url": "https://example.org", "a": 1}]}
    assert server.draw({**POINT, "data": rows}).startswith("<svg")


def test_an_answer_that_is_no_answer_is_told():
    code = (
        "import sys\nfor line in sys.stdin: print(json.dumps(3) if 0 else 'nonsense', flush=True)"
    )
    with (
        ChartServer(command=(sys.executable, "-c", code)) as server,
        pytest.raises(PackError, match="nonsense"),
    ):
        server.draw(POINT)


def test_the_request_is_one_line_of_json(tmp_path):
    seen = tmp_path / "seen.txt"
    code = (
        "import json, sys\n"
        f"out = open({str(seen)!r}, 'w')\n"
        "for line in sys.stdin:\n"
        "    out.write(line); out.flush()\n"
        "    print(json.dumps({'svg': '<svg/>'}), flush=True)\n"
    )
    with ChartServer(command=(sys.executable, "-c", code)) as server:
        server.draw({"title": "two\nlines"})
    (line,) = seen.read_text().splitlines()
    assert json.loads(line) == {"spec": {"title": "two\nlines"}}
