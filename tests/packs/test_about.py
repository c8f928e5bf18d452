from __future__ import annotations

from kpitools.packs.about import describe_quality, list_inputs, run_name, say_privacy
from kpitools.sources import Finding, InputFile


def finding(severity, count=3, **changed):
    fields = {
        "kind": "unreadable",
        "source": "calls",
        "table": "contacts",
        "field": "talk_ms",
        "count": count,
        "rows": 1000,
        "severity": severity,
        "message": "3 values are no durations\x07",
        "examples": ("a", "b"),
    }
    return Finding(**{**fields, **changed})


def test_findings_are_told_with_counts_and_examples():
    quality = describe_quality([finding("warning"), finding("info"), finding("info")], {})
    assert quality.statement.startswith("1 warning and 2 remarks; nothing")
    row = quality.rows[0]
    assert (row.what, row.rows, row.examples) == ("3 values are no durations", "3 of 1,000", "a, b")


def test_a_blocking_finding_is_told_first():
    quality = describe_quality([finding("blocking"), finding("warning"), finding("info")], {})
    assert quality.statement == (
        "1 blocking finding, 1 warning and 1 remark. "
        "A blocking finding means that figures here may be wrong."
    )


def test_refused_kpis_are_told_with_their_reason():
    quality = describe_quality([], {"aht": "no column for talk_ms"})
    assert [(fact.label, fact.text) for fact in quality.refused] == [
        ("aht", "no column for talk_ms")
    ]


def test_inputs_keep_their_hash():
    (found,) = list_inputs([InputFile("a\x00.csv", "ab" * 32, 7)])
    assert (found.name, found.sha256, found.rows) == ("a.csv", "ab" * 32, 7)


def test_the_run_has_the_same_name_for_the_same_content_wherever_it_lies(small, recipe, tmp_path):
    notebook = small.folder / "notebooks" / "card.ipynb"
    name = run_name(small, recipe, period="2026-10", notebooks=[notebook])
    assert len(name) == 8
    copy = tmp_path / "elsewhere" / "card.ipynb"
    copy.parent.mkdir()
    copy.write_bytes(notebook.read_bytes())
    assert run_name(small, recipe, period="2026-10", notebooks=[copy]) == name
    assert run_name(small, recipe, period="2026-09", notebooks=[copy]) != name
    changed = recipe.model_copy(update={"kpis": ()})
    assert run_name(small, changed, period="2026-10", notebooks=[copy]) != name
    copy.write_text(notebook.read_text("utf-8").replace("did well", "did ill"), "utf-8")
    assert run_name(small, recipe, period="2026-10", notebooks=[copy]) != name


def test_privacy_is_said(small):
    assert say_privacy(small) == (
        "Agents appear under pseudonyms; groups under 5 cases are not shown."
    )
