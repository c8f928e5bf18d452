"""Small exports written on the spot, and what is read from them."""

from pathlib import Path

import polars as pl
import pytest

from kpitools.sources import WorkspaceConfig, read_events

CALLS = {
    "contact_id": "Id",
    "offered_at": "At",
}


class Desk:
    """A workspace in a temporary folder: write files, declare sources, read events."""

    def __init__(self, folder: Path):
        self.folder = folder

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            content = content.encode("utf-8")
        path.write_bytes(content)
        return path

    def config(self, sources, **more):
        return WorkspaceConfig.model_validate(
            {
                "kpitools": "1",
                "name": "Test",
                "privacy": {"agents": "plain"},
                "sources": sources,
                **more,
            }
        )

    def events(self, sources, *, at=None, **more):
        return read_events(self.config(sources, **more), folder=self.folder, as_of=at)

    def calls(self, content, columns=None, *, file="calls.csv", table="contacts", **source):
        """Write one file, read it as one source `calls`, give the events."""
        more = source.pop("config", {})
        if content is not None:
            self.write(file, content)
        declared = {"file": file, "table": table, "columns": columns or CALLS, **source}
        return self.events({"calls": declared}, **more)

    def frame(self, content, columns=None, **source):
        """Read one file and give its table, whole."""
        events = self.calls(content, columns, **source)
        return events.tables[source.get("table", "contacts")].collect()

    def found(self, events, kind):
        return [item for item in events.findings if item.kind == kind]

    def one(self, events, kind) -> object:
        (finding,) = self.found(events, kind)
        return finding


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.setenv("KPITOOLS_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "workspace"
    folder.mkdir()
    return Desk(folder)


@pytest.fixture(scope="session")
def lines_of():
    """How many lines of a source went anywhere: the sum of all reasons."""

    def add_up(account):
        return account.blank + account.broken + account.left_out + account.superseded + account.kept

    return add_up


@pytest.fixture(scope="session")
def same():
    """Tell whether two tables hold the same rows, in whatever order."""

    def equal(left: pl.DataFrame, right: pl.DataFrame) -> bool:
        return sorted(left.rows(), key=repr) == sorted(right.rows(), key=repr)

    return equal
