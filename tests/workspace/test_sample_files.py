"""The committed sample: complete, small, consistent in itself, and free of personal data."""

import gzip
import itertools
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from ruamel.yaml import YAML

from kpitools.tables import TABLES

SAMPLE = Path(__file__).resolve().parents[2] / "data_samples"
EXPORTS = SAMPLE / "exports"
CONFIG = YAML(typ="safe").load(SAMPLE / "kpitools.yaml")
AS_OF = datetime(2026, 11, 3, 6, tzinfo=UTC)
PARQUET = sorted(EXPORTS.rglob("*.parquet"))
LIVE = [
    path for path in sorted((EXPORTS / "contacts").glob("*.parquet")) if "revised" not in path.name
]
ZONES = {key: team["timezone"] for key, team in CONFIG["teams"].items()}


def name_of(path: Path) -> str:
    return str(path.relative_to(EXPORTS))


def read(name: str) -> pl.DataFrame:
    return pl.read_parquet(EXPORTS / name)


def test_the_whole_takes_at_most_ten_megabytes():
    sizes = [path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()]
    assert sum(sizes) <= 10_000_000


def test_every_canonical_table_has_a_source_and_every_file_one():
    assert {source["table"] for source in CONFIG["sources"].values()} == set(TABLES)
    patterns = [source["file"] for source in CONFIG["sources"].values()]
    claimed = [path for pattern in patterns for path in SAMPLE.glob(pattern)]
    assert sorted(claimed) == sorted(path for path in EXPORTS.rglob("*") if path.is_file())


def test_eight_teams_in_three_zones_on_three_channels():
    assert len(ZONES) == 8
    assert len(set(ZONES.values())) == 3
    assert any(not key.isascii() for key in ZONES)
    frames = [pl.read_parquet(path, columns=["team", "channel"]) for path in LIVE]
    contacts = pl.concat(frames)
    assert set(contacts["team"]) | {"field"} == set(ZONES)
    assert set(contacts["channel"]) == {"voice", "chat", "email"}


@pytest.mark.parametrize("path", LIVE, ids=name_of)
def test_every_month_of_two_years_has_contacts(path):
    months = pl.read_parquet(path)["offered_at"].dt.truncate("1mo").dt.date().unique().sort()
    assert months[0] == date(2024, 11, 1)
    assert months.len() == 25


def test_teams_differ_much_in_size():
    sizes = sorted(pl.read_parquet(path).height for path in LIVE)
    assert sizes[-1] > 20 * sizes[0]
    assert sizes[0] > 5 * len(
        (EXPORTS / "calls_field.csv").read_text(encoding="utf-8").splitlines()
    )


def test_largest_queue_is_busy_enough_for_half_hours():
    frame = read("contacts/orders.parquet").filter(
        pl.col("queue") == "orders-voice",
        pl.col("offered_at").is_between(
            datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
        ),
    )
    halves = frame.group_by(pl.col("offered_at").dt.truncate("30m")).len()["len"]
    assert 60 <= halves.max() <= 110
    assert (halves >= 60).sum() >= 80


def test_largest_team_grew():
    frame = read("contacts/orders.parquet")
    months = frame.group_by(pl.col("offered_at").dt.strftime("%Y-%m")).len()
    sizes = dict(months.iter_rows())
    assert 3.5 < sizes["2026-10"] / sizes["2024-11"] < 5.5


@pytest.mark.parametrize("path", PARQUET, ids=name_of)
def test_nothing_happened_after_as_of(path):
    planned = ("due_", "interval_at", "required_", "valid_")
    frame = pl.read_parquet(path)
    if path.name == "schedules.parquet":
        frame = frame.drop("started_at", "ended_at")
    for name, dtype in frame.schema.items():
        if isinstance(dtype, pl.Datetime) and not name.startswith(planned):
            assert frame[name].max() <= AS_OF, name


KEYS = {
    "tickets.parquet": ["ticket_id"],
    "ticket_events.parquet": ["ticket_id", "at", "kind"],
    "surveys.parquet": ["survey_id"],
    "evaluation_answers.parquet": ["evaluation_id", "question"],
    "agent_time.parquet": ["agent", "started_at", "state"],
    "schedules.parquet": ["agent", "started_at", "activity"],
    "headcount.parquet": ["agent", "at"],
    "forecasts.parquet": ["queue", "interval_at", "step"],
    "forecast_steps.parquet": ["queue", "interval_at", "step"],
}


@pytest.mark.parametrize("name", sorted(KEYS))
def test_keys_are_unique(name):
    assert read(name).select(KEYS[name]).is_unique().all()


@pytest.mark.parametrize("path", LIVE, ids=name_of)
def test_legs_are_consistent(path):
    frame = pl.read_parquet(path)
    assert frame.select("contact_id", "leg_id").is_unique().all()
    answered = pl.col("outcome") == "answered"
    lengths = ["wait_s", "ring_s", "talk_s", "hold_s", "acw_s", "ivr_s", "dial_s"]
    assert frame.select(pl.min_horizontal(pl.col(lengths).min())).item() >= 0
    assert frame.select((pl.col("talk_s").is_not_null() == answered).all()).item()
    assert frame.select((pl.col("hold_s").is_not_null() == answered).all()).item()
    assert frame.select((pl.col("agent").is_not_null() == answered).all()).item()
    second = frame.filter(pl.col("leg_id") == "2")
    assert set(second["previous_leg_id"].unique()) <= {"1"}
    first = frame.filter(pl.col("leg_id") == "1").select(
        "contact_id", "agent", end=pl.col("offered_at") + pl.duration(seconds="wait_s")
    )
    chain = second.join(first, on="contact_id", suffix="_before")
    assert (chain["offered_at"] >= chain["end"]).all()
    moved = chain.filter(pl.col("initiation") == "transfer", pl.col("agent").is_not_null())
    assert (moved["agent"] == moved["agent_before"]).sum() <= 0.05 * moved.height


def test_customers_give_up_more_when_more_come():
    frame = read("contacts/orders.parquet").filter(queue="orders-voice", initiation="inbound")
    local = pl.col("offered_at").dt.convert_time_zone("Europe/Madrid")
    gone = pl.col("outcome").str.contains("abandon")
    halves = (
        frame.group_by(local.dt.truncate("30m").alias("at"))
        .agg(pl.len(), gone.sum().alias("gone"), pl.col("wait_s").sum())
        .with_columns(
            usual=pl.col("len")
            .mean()
            .over(pl.col("at").dt.strftime("%Y-%m %H:%M"), pl.col("at").dt.weekday())
        )
        .filter(pl.col("usual") >= 20)
    )
    quiet = halves.filter(pl.col("len") < 0.85 * pl.col("usual")).sum()
    busy = halves.filter(pl.col("len") > 1.15 * pl.col("usual")).sum()
    share = [(part["gone"] / part["len"]).item() for part in (quiet, busy)]
    wait = [(part["wait_s"] / part["len"]).item() for part in (quiet, busy)]
    assert share[1] > 2 * share[0]
    assert wait[1] > 2 * wait[0]


def test_abandoning_customers_waited_longer():
    frame = read("contacts/orders.parquet")
    waits = dict(frame.group_by("outcome").agg(pl.col("wait_s").mean()).iter_rows())
    assert waits["abandoned"] > 3 * waits["answered"] > waits["short_abandon"]


@pytest.mark.parametrize(("team", "closed"), [("billing", {6, 7}), ("musteri", {7})])
def test_teams_keep_their_days(team, closed):
    frame = read(f"contacts/{team}.parquet").filter(pl.col("leg_id") == "1")
    zone = ZONES["müşteri" if team == "musteri" else team]
    local = frame["offered_at"].dt.convert_time_zone(zone)
    assert set(local.dt.weekday()) == set(range(1, 8)) - closed
    holidays = CONFIG["calendars"]["turkiye" if team == "musteri" else "spain"]["holidays"]
    assert not set(local.dt.date()) & set(holidays)


def test_a_day_has_a_morning_peak_and_a_lunch_dip():
    frame = read("contacts/orders.parquet").filter(pl.col("leg_id") == "1")
    hour = pl.col("offered_at").dt.convert_time_zone("Europe/Madrid").dt.hour()
    sizes = dict(frame.group_by(hour).len().iter_rows())
    assert set(sizes) == set(range(8, 20))
    assert max(sizes, key=sizes.get) == 11
    assert sizes[16] > sizes[13] or sizes[15] > sizes[13]


def test_tickets_go_through_their_life_in_order():
    frame = read("tickets.parquet")
    order = ["created_at", "first_response_at", "first_solved_at", "solved_at", "closed_at"]
    for before, after in itertools.pairwise(order):
        both = frame.filter(pl.col(before).is_not_null(), pl.col(after).is_not_null())
        assert (both[before] <= both[after]).all(), (before, after)
    reopened = frame.filter(pl.col("reopen_count") > 0)
    assert 0.03 < reopened.height / frame.height < 0.1
    solved = reopened.filter(pl.col("solved_at").is_not_null())
    assert (solved["first_solved_at"] < solved["solved_at"]).all()
    assert set(frame["status"]) == {"new", "open", "pending", "solved", "closed"}


def test_tickets_wait_over_the_weekend():
    frame = read("tickets.parquet").filter(team="written")
    local = pl.col("solved_at").dt.convert_time_zone("Europe/Madrid")
    assert set(frame.select(local.dt.weekday()).to_series().drop_nulls()) == {1, 2, 3, 4, 5}
    hours = (pl.col("first_response_at") - pl.col("created_at")).dt.total_hours()
    weekday = pl.col("created_at").dt.convert_time_zone("Europe/Madrid").dt.weekday()
    medians = dict(frame.group_by(weekday).agg(hours.median()).iter_rows())
    assert medians[6] > medians[7] > 12 > medians[2]


def test_surveys_are_answered_after_they_were_sent():
    frame = read("surveys.parquet")
    assert (frame["sent_at"] >= frame["contact_at"]).all()
    lag = (frame["answered_at"] - frame["sent_at"]).drop_nulls()
    assert lag.min().total_seconds() > 0
    assert lag.max().days <= 14
    assert lag.median().total_seconds() / 3600 == pytest.approx(5, abs=1)
    assert frame["score"].drop_nulls().is_between(1, 5).all()
    assert (frame["score"].is_null() == frame["answered_at"].is_null()).all()


def test_states_of_a_day_follow_each_other():
    frame = read("agent_time.parquet").with_columns(
        end=pl.col("started_at") + pl.duration(minutes="minutes")
    )
    ordered = frame.sort("agent", "started_at").with_columns(
        before=pl.col("end").shift().over("agent")
    )
    assert (ordered["before"].is_null() | (ordered["before"] <= ordered["started_at"])).all()
    days = frame.group_by("agent", pl.col("started_at").dt.date()).agg(pl.col("minutes").sum())
    assert days["minutes"].median() == 510
    assert set(frame.filter(~pl.col("paid"))["state"]) == {"meal"}


def test_answers_give_the_score_of_their_evaluation():
    answers = read("evaluation_answers.parquet").filter(~pl.col("not_applicable"))
    mean = (pl.col("score") * pl.col("weight")).sum() / pl.col("weight").sum() * 100
    scores = answers.group_by(pl.col("evaluation_id").alias("Evaluation")).agg(again=mean)
    frame = pl.read_csv(EXPORTS / "evaluations.csv.gz", separator=";", decimal_comma=True)
    both = frame.filter(pl.col("Failed") == "N").join(scores, on="Evaluation", validate="1:1")
    assert both.height > 5000
    assert (both["Score"] - both["again"]).abs().max() <= 0.0051
    assert set(frame.filter(pl.col("Failed") == "Y")["Score"]) == {0.0}


def test_agents_are_numbers_and_teams_are_known():
    for path in PARQUET:
        frame = pl.read_parquet(path)
        if "agent" in frame.columns:
            agents = frame["agent"].drop_nulls().unique()
            assert agents.str.contains(r"^a-\d{4}$").all(), path.name
        assert set(frame["team"]) <= set(ZONES), path.name


def test_small_systems_print_their_own_way():
    calls = (EXPORTS / "calls_field.csv").read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(r".*,11/\d\d/2024,\d\d:\d\d:\d\d,.*,\d\d:\d\d:\d\d,.*", calls[1])
    costs = (EXPORTS / "costs.csv").read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(r"30\.11\.2024;orders;salaries;EUR;\d+\.\d{3},\d\d;[\d.]+,\d\d", costs[1])
    with gzip.open(EXPORTS / "evaluations.csv.gz", "rt", encoding="utf-8") as lines:
        assert next(lines).count(";") == 15


def test_readme_counts_the_rows_that_are_there():
    text = (SAMPLE / "README.md").read_text(encoding="utf-8")
    found = dict(re.findall(r"\| `exports/([^`]+)` \| \w+ \| ([\d,]+) \|", text))
    assert set(found) == {name_of(path) for path in EXPORTS.rglob("*") if path.is_file()}
    for path in PARQUET:
        assert (
            int(found[name_of(path)].replace(",", ""))
            == pl.scan_parquet(path).select(pl.len()).collect().item()
        )


def test_readme_tells_every_planted_fact():
    text = (SAMPLE / "README.md").read_text(encoding="utf-8")
    truth = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))
    for fact in truth["facts"]:
        assert fact["note"] in text
        assert fact["from"] in text
        for place in ("team", "queue", "agent", "evaluator"):
            assert f"`{fact[place]}`" in text if place in fact else True


def test_actions_name_known_teams_and_are_due_after_they_were_raised():
    actions = pl.read_csv(SAMPLE / "actions.csv", try_parse_dates=True)
    assert set(actions["team"]) <= set(ZONES)
    assert (actions["due"] > actions["raised_on"]).all()
    assert set(actions["status"]) == {"open", "closed"}
    assert (actions["closed_on"].is_not_null() == (actions["status"] == "closed")).all()
    assert actions.filter(pl.col("status") == "open")["due"].min() < AS_OF.date()


def test_recorded_reasons_name_what_is_planted():
    truth = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))
    planted = {fact["id"]: fact for fact in truth["facts"]}
    day, agent = pl.read_csv(SAMPLE / "annotations.csv", infer_schema=False).iter_rows(named=True)
    outage, slow = planted["outage_day"], planted["agent_slow"]
    assert (day["date"], day["entity"]) == (outage["from"], f"team={outage['team']}")
    assert day["exclude"] == "yes"
    assert (agent["entity"], agent["kpi"]) == (f"agent={slow['agent']}", slow["kpi"])
    assert agent["exclude"] == "no"
    assert all(row["text"] and row["author"] for row in (day, agent))
