"""Every block of docs/workspace.md is read as it stands, in a workspace of its own."""

import re
from pathlib import Path

import pytest

from kpitools.cli import main
from kpitools.sources import read_config
from kpitools.sources.annotations import COLUMNS, parse_annotations

TEXT = (Path(__file__).resolve().parents[1] / "docs" / "workspace.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
HEAD = "kpitools: 1\nname: Test\nas_of: 2026-11-03\n"
SOURCE = (
    "sources:\n  own: {file: own.csv, table: contacts, columns: "
    "{contact_id: Id, offered_at: At, team: Team, queue: Queue, agent: Agent}}\n"
)
TEAMS = "teams: {billing: {name: Billing}}\n"


@pytest.mark.parametrize("block", BLOCKS, ids=[block.split(":")[0] for block in BLOCKS])
def test_a_block_of_the_page_is_read(block, tmp_path):
    file = tmp_path / "kpitools.yaml"
    text = HEAD + block
    text += "" if "\nsources:" in text or block.startswith("sources:") else SOURCE
    text += TEAMS if block.startswith("rebases:") else ""
    file.write_text(text, encoding="utf-8")
    key = block.split(":")[0]
    assert getattr(read_config(file, environment={}), key)


def test_the_page_has_all_of_its_blocks():
    assert len(BLOCKS) == 9


def test_the_lines_of_recorded_reasons_are_read():
    (block,) = re.findall(r"^```csv\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    found = parse_annotations(block, name="annotations.csv")
    assert found["dimension"].to_list() == ["team", None, "queue", "agent"]
    assert found["exclude"].to_list() == [True, False, False, True]
    assert [str(day) for day in found["to"]] == ["2026-10-14", "2026-03-04", "None", "None"]
    assert block.splitlines()[0] == ",".join(COLUMNS)


def test_the_command_of_recorded_reasons_has_known_options(capsys):
    (line,) = re.findall(r"^(kpitools annotate .*)$", TEXT, re.MULTILINE)
    with pytest.raises(SystemExit):
        main(["annotate", "--help"])
    known = set(re.findall(r"--[a-z]+", capsys.readouterr().out))
    assert set(re.findall(r" (--[a-z]+)", line)) <= known
