"""Folders that cannot be written are told in one message, and nothing else happens."""

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def nowhere(tmp_path):
    """Give a folder that cannot be, below a file."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    return tmp_path / "file" / "folder"


@pytest.mark.parametrize(
    "words",
    [
        ("pack", "monthly_review.yaml", "--team", "field", "--out"),
        ("facts", "--kpi", "offered", "--format", "csv", "--out"),
        ("run", "trend.ipynb", "-p", "team=field", "--out"),
        ("init",),
        ("sample",),
    ],
    ids=lambda words: words[0],
)
def test_a_place_that_cannot_be_written_is_told(kpitools, nowhere, words):
    done = kpitools(*words, nowhere / "x.ipynb", expect=1)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert str(nowhere) in done.stderr or str(nowhere.parent) in done.stderr
    assert "fix:" in done.stderr or "found:" in done.stderr
    assert [path.name for path in nowhere.parent.parent.iterdir()] == ["file"]
