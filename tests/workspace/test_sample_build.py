"""The generator: the same rows again, any size, memory that does not grow, folders kept."""

import itertools
import json
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from kpitools.errors import WorkspaceError
from kpitools.workspace.sample import SEED, build_sample, write_sample
from kpitools.workspace.sample.build import MOST_CONTACTS, build_parts, expected_contacts
from kpitools.workspace.sample.days import build_days
from kpitools.workspace.sample.files import Files
from kpitools.workspace.sample.teams import BILLING, TEAMS, WRITTEN

SAMPLE = Path(__file__).resolve().parents[2] / "data_samples"
SMALL = 3000
OF_THIS_SIZE = {"agent_seems", "late", "growth_waits"}
"""Facts that another size of the company changes."""


@pytest.fixture(scope="module")
def small() -> dict[str, pl.DataFrame]:
    return build_sample(contacts=SMALL)


def offered(sample: dict[str, pl.DataFrame]) -> int:
    legs = [frame for name, frame in sample.items() if name.startswith("contacts/")]
    counts = [(frame["leg_id"] == "1").sum() for frame in legs if frame.height > 1]
    return sum(counts) + (sample["calls_field.csv"]["Leg"] == "1").sum()


@pytest.mark.slow
def test_same_seed_gives_the_same_rows(small):
    again = build_sample(contacts=SMALL)
    assert list(again) == list(small)
    for name, frame in small.items():
        assert_frame_equal(again[name], frame)


@pytest.mark.slow
def test_another_seed_gives_other_rows_of_the_same_shape(small):
    other = build_sample(contacts=SMALL, seed=SEED + 1)
    assert {name: frame.schema for name, frame in other.items()} == {
        name: frame.schema for name, frame in small.items()
    }
    assert not other["contacts/orders.parquet"].equals(small["contacts/orders.parquet"])


@pytest.mark.slow
def test_size_is_about_what_was_asked(small):
    assert offered(small) == pytest.approx(SMALL, rel=0.06)


@pytest.mark.slow
def test_committed_files_hold_the_rows_that_are_generated():
    for name, frame in build_sample().items():
        if name.endswith(".parquet"):
            assert_frame_equal(pl.read_parquet(SAMPLE / "exports" / name), frame)


@pytest.mark.slow
def test_committed_pages_are_those_that_are_written(tmp_path):
    rows = write_sample(tmp_path)
    pages = ["kpitools.yaml", "catalogue.yaml", "actions.csv", "annotations.csv"]
    pages += ["README.md", "truth.json"]
    for name in [
        *pages,
        "exports/calls_field.csv",
        "exports/costs.csv",
        "exports/recommendations.csv",
    ]:
        written = (tmp_path / name).read_text(encoding="utf-8")
        assert written == (SAMPLE / name).read_text(encoding="utf-8"), name
    assert rows["contacts/orders.parquet"] > 300_000


@pytest.mark.slow
def test_a_hundred_thousand_contacts_make_a_workspace(tmp_path):
    said = []
    rows = write_sample(tmp_path / "made", contacts=100_000, progress=said.append)
    first = pl.scan_parquet(tmp_path / "made" / "exports" / "contacts" / "*.parquet").filter(
        pl.col("leg_id") == "1"
    )
    assert first.select(pl.len()).collect().item() == pytest.approx(100_000, rel=0.02)
    assert sum(rows.values()) > 100_000
    assert 5 <= len(said) <= 21
    assert said[-1].endswith("of about 100,000 contacts")
    truth = json.loads((tmp_path / "made" / "truth.json").read_text(encoding="utf-8"))
    committed = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))
    lasting = [fact for fact in committed["facts"] if fact["kind"] not in OF_THIS_SIZE]
    assert [fact for fact in truth["facts"] if fact in lasting] == lasting


def test_parts_of_a_huge_sample_stay_small():
    parts = itertools.islice(build_parts(contacts=100_000_000), 3)
    heights = [rows.height for _, rows in parts]
    assert 0 < max(heights) < 1.5 * MOST_CONTACTS


def test_a_folder_with_a_workspace_is_left_alone(tmp_path):
    (tmp_path / "kpitools.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="there is a workspace in this folder already"):
        write_sample(tmp_path, contacts=SMALL)
    assert [path.name for path in tmp_path.iterdir()] == ["kpitools.yaml"]


@pytest.mark.slow
def test_small_samples_are_written_whole(tmp_path, small):
    rows = write_sample(tmp_path, contacts=SMALL)
    assert rows == {name: frame.height for name, frame in sorted(small.items())}
    for name, frame in small.items():
        if name.endswith(".parquet"):
            assert_frame_equal(pl.read_parquet(tmp_path / "exports" / name), frame)


def test_long_files_go_on_in_the_next(tmp_path):
    with Files(tmp_path, row_group=10, rows_in_file=20) as files:
        for start in range(0, 50, 10):
            files.add("made/rows.parquet", pl.DataFrame({"n": range(start, start + 10)}))
            files.add("rows.csv", pl.DataFrame({"n": range(start, start + 10)}))
    names = sorted(path.name for path in (tmp_path / "made").iterdir())
    assert names == ["rows.parquet", "rows_002.parquet", "rows_003.parquet"]
    assert pl.read_parquet(tmp_path / "made" / "rows*.parquet")["n"].sort().to_list() == list(
        range(50)
    )
    assert pl.read_csv(tmp_path / "rows.csv")["n"].to_list() == list(range(50))
    assert files.rows == {"made/rows.parquet": 50, "rows.csv": 50}


def test_after_an_error_files_are_closed(tmp_path):
    def write_and_fail():
        with Files(tmp_path, row_group=1) as files:
            files.add("rows.csv", pl.DataFrame({"n": [1]}))
            files.add("rows.parquet", pl.DataFrame({"n": [1]}))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_and_fail()
    assert pl.read_parquet(tmp_path / "rows.parquet")["n"].to_list() == [1]
    assert (tmp_path / "rows.csv").read_text(encoding="utf-8") == "n\n1\n"


@pytest.mark.parametrize("team", TEAMS, ids=lambda team: team.slug)
def test_shares_of_a_team_sum_to_one(team):
    for parts in (team.queues, team.reasons, team.segments):
        assert sum(part.share for part in parts) == pytest.approx(1.0)
    assert len(team.week) == 7
    assert len(team.season) == 12


def test_usual_size_is_the_sum_of_the_teams():
    assert expected_contacts() == pytest.approx(536_000, rel=0.02)


def test_working_minutes_skip_nights_weekends_and_holidays():
    days = build_days(BILLING, scale=1.0)
    friday = pl.Series(["2026-01-02 16:00"]).str.to_datetime().dt.replace_time_zone("Europe/Madrid")
    start = friday.dt.epoch("s").to_numpy()
    ends = pl.Series(days.work_after(start, pl.Series([90]).to_numpy()))
    after = (ends * 1000).cast(pl.Datetime("ms", "UTC")).dt.convert_time_zone("Europe/Madrid")
    assert after.dt.strftime("%Y-%m-%d %H:%M").item() == "2026-01-05 09:30"
    ends = pl.Series(days.work_after(start, pl.Series([60 + 480 + 30]).to_numpy()))
    after = (ends * 1000).cast(pl.Datetime("ms", "UTC")).dt.convert_time_zone("Europe/Madrid")
    assert after.dt.strftime("%Y-%m-%d %H:%M").item() == "2026-01-07 09:30"


def test_a_mailbox_is_no_live_queue():
    assert WRITTEN.written
    assert not BILLING.written
