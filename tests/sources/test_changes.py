"""What the configuration tells of changes in an export."""

from datetime import date

import pytest

from kpitools.errors import SourceError
from kpitools.sources import read_config

CONFIG = """\
kpitools: 1
name: Test
sources:
  calls:
    file: calls.csv
    table: contacts
    columns: {contact_id: id, offered_at: at}
    changes:
      - {on: 2026-07-01, by: IT, reason: new switch, what: waiting begins at the menu}
"""


@pytest.fixture
def config(tmp_path):
    def reading(text):
        path = tmp_path / "kpitools.yaml"
        path.write_text(text, encoding="utf-8")
        return read_config(path, {})

    return reading


def test_a_change_has_day_author_reason_and_what(config):
    (change,) = config(CONFIG).sources["calls"].changes
    assert (change.on, change.by) == (date(2026, 7, 1), "IT")
    assert (change.reason, change.what) == ("new switch", "waiting begins at the menu")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("by: IT", "by: ''", "by"),
        (", reason: new switch", "", "reason"),
        ("on: 2026-07-01", "on: July", "on"),
        ("what:", "waht:", "did you mean 'what'"),
    ],
)
def test_a_change_that_does_not_say_these_is_a_fault_of_its_line(config, before, after, expected):
    with pytest.raises(SourceError) as caught:
        config(CONFIG.replace(before, after))
    assert expected in str(caught.value)
    assert "kpitools.yaml:9" in str(caught.value)
