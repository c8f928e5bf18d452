"""Every planted fact is found again in the written files, by means of its own."""

import json
from datetime import date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import binomtest

SAMPLE = Path(__file__).resolve().parents[2] / "data_samples"
EXPORTS = SAMPLE / "exports"
TRUTH = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))
FACTS = {fact["id"]: fact for fact in TRUTH["facts"]}
MADRID, CHICAGO, ISTANBUL = "Europe/Madrid", "America/Chicago", "Europe/Istanbul"
LONG = 30.4375


def contacts(team: str) -> pl.DataFrame:
    return pl.read_parquet(EXPORTS / "contacts" / f"{team}.parquet")


def handled(team: str) -> pl.DataFrame:
    work = pl.col("talk_s") + pl.col("hold_s") + pl.col("acw_s")
    return contacts(team).filter(pl.col("outcome") == "answered").with_columns(work=work)


def ratings(team: str) -> pl.DataFrame:
    frame = pl.read_parquet(EXPORTS / "surveys.parquet")
    return frame.filter(pl.col("team") == team, pl.col("score").is_not_null()).with_columns(
        satisfied=pl.col("score") >= 4, day=pl.col("answered_at").dt.date()
    )


def local_day(zone: str) -> pl.Expr:
    return pl.col("offered_at").dt.convert_time_zone(zone).dt.date()


def started(fact: str) -> date:
    return date.fromisoformat(FACTS[fact]["from"])


def test_truth_names_every_kind():
    kinds = {fact["kind"] for fact in TRUTH["facts"]}
    assert kinds == {
        *("step", "drift", "mix", "outage", "tiny", "forecast_bias", "reviewer"),
        *("agent_differs", "agent_seems", "late"),
        *("growth", "growth_waits", "season", "month_start", "reasons"),
    }
    assert len(FACTS) == len(TRUTH["facts"])
    assert TRUTH["as_of"] == "2026-11-03T06:00:00Z"


def test_handle_time_of_one_team_steps_up():
    fact = FACTS["aht_step"]
    frame = handled(fact["team"]).with_columns(day=local_day(MADRID))
    step = started("aht_step")
    before = frame.filter(pl.col("day").is_between(date(2026, 1, 1), step, closed="left"))
    after = frame.filter(pl.col("day") >= step)
    assert after["work"].mean() - before["work"].mean() == pytest.approx(fact["size"], abs=6)
    assert after["acw_s"].mean() == pytest.approx(before["acw_s"].mean(), abs=2)
    monthly = after.group_by(pl.col("day").dt.truncate("1mo")).agg(pl.col("work").mean(), pl.len())
    full = monthly.filter(pl.col("len") > 500)["work"]
    assert full.min() > before["work"].mean() + 30


@pytest.mark.parametrize("team", ["orders", "technical", "chat_care", "musteri", "premium"])
def test_handle_time_of_other_teams_stays(team):
    frame = handled(team).with_columns(day=local_day(MADRID))
    step = started("aht_step")
    before = frame.filter(pl.col("day").is_between(date(2026, 1, 1), step, closed="left"))
    after = frame.filter(pl.col("day") >= step)
    assert after["work"].mean() == pytest.approx(before["work"].mean(), rel=0.04)


def test_satisfaction_of_one_team_drifts_down():
    fact = FACTS["csat_drift"]
    frame = ratings(fact["team"])
    start = started("csat_drift")
    since = frame.filter(pl.col("day") >= start)
    months = (since["day"] - start).dt.total_days().to_numpy() / LONG
    slope, _ = np.polyfit(months, since["satisfied"].to_numpy().astype(float), 1)
    assert slope == pytest.approx(fact["size"], abs=0.0025)
    before = frame.filter(pl.col("day") < start)["satisfied"].mean()
    latest = frame.filter(pl.col("day") >= date(2026, 8, 1))["satisfied"].mean()
    assert latest - before == pytest.approx(fact["size"] * 16.5, abs=0.035)


def test_drift_is_in_both_segments():
    frame = ratings(FACTS["csat_drift"]["team"])
    early = frame.filter(pl.col("day") < started("csat_drift"))
    late = frame.filter(pl.col("day") >= date(2026, 7, 1))
    for segment in ("consumer", "business"):
        change = [part.filter(segment=segment)["satisfied"].mean() for part in (early, late)]
        assert change[1] - change[0] < -0.03


def test_satisfaction_falls_by_mix_alone():
    fact = FACTS["csat_mix"]
    frame = ratings(fact["team"]).with_columns(
        after=pl.col("contact_at").dt.date() >= started("csat_mix")
    )
    before, after = frame.filter(~pl.col("after")), frame.filter("after")
    rates, shares = {}, {}
    for name, part in (("before", before), ("after", after)):
        for segment in ("consumer", "business"):
            here = part.filter(segment=segment)
            rates[name, segment] = here["satisfied"].mean()
            shares[name, segment] = here.height / part.height
    for segment in ("consumer", "business"):
        assert rates["after", segment] == pytest.approx(rates["before", segment], abs=0.04)
    assert shares["before", fact["segment"]] == pytest.approx(fact["share_before"], abs=0.02)
    assert shares["after", fact["segment"]] == pytest.approx(fact["share_after"], abs=0.03)
    mix = sum(
        (shares["after", segment] - shares["before", segment]) * rates["before", segment]
        for segment in ("consumer", "business")
    )
    fall = after["satisfied"].mean() - before["satisfied"].mean()
    assert mix == pytest.approx(fact["size"], abs=0.015)
    assert fall == pytest.approx(mix, abs=0.025)
    assert fall < -0.04


def test_mix_moves_among_all_contacts():
    fact = FACTS["csat_mix"]
    frame = contacts(fact["team"]).with_columns(day=local_day(CHICAGO))
    business = pl.col("segment") == fact["segment"]
    share = frame.group_by(pl.col("day") >= started("csat_mix")).agg(business.mean())
    found = dict(share.iter_rows())
    assert found[False] == pytest.approx(fact["share_before"], abs=0.01)
    assert found[True] == pytest.approx(fact["share_after"], abs=0.01)


def test_outage_day_stands_out():
    fact = FACTS["outage_day"]
    frame = contacts("musteri").with_columns(day=local_day(ISTANBUL))
    assert set(frame["team"]) == {fact["team"]}
    gone = pl.col("outcome").is_in(["abandoned", "short_abandon"])
    first = frame.filter(pl.col("leg_id") == "1")
    days = first.group_by("day").agg(pl.len(), gone.mean().alias("gone")).sort("day")
    usual = days.filter(
        pl.col("day").is_between(date(2026, 8, 1), date(2026, 10, 31)),
        pl.col("day").dt.weekday() == 3,
        pl.col("day") != started("outage_day"),
    )
    outage = days.row(by_predicate=pl.col("day") == started("outage_day"), named=True)
    assert outage["len"] / usual["len"].median() == pytest.approx(fact["size"], rel=0.25)
    assert outage["len"] == days["len"].max()
    assert outage["gone"] > 0.4 > 3 * usual["gone"].median()
    assert set(frame.filter(reason=fact["reason"])["day"]) == {started("outage_day")}


def test_tiny_team_has_a_few_contacts_a_day():
    fact = FACTS["tiny_team"]
    calls = pl.read_csv(EXPORTS / "calls_field.csv", infer_schema=False).filter(
        pl.col("Leg") == "1"
    )
    days = calls.group_by("Date").len()
    assert calls.height / 505 == pytest.approx(fact["size"], abs=0.4)
    assert days["len"].max() <= 12
    months = calls.group_by(pl.col("Date").str.replace(r"/\d+/", "/")).len()
    assert months["len"].max() < 110


def accuracy(queue: str, step: str, first: date, last: date) -> float:
    file = "forecasts.parquet" if step == "final" else "forecast_steps.parquet"
    forecasts = pl.read_parquet(EXPORTS / file).filter(queue=queue, step=step)
    day = pl.col("interval_at").dt.convert_time_zone(MADRID).dt.date()
    expected = forecasts.filter(day.is_between(first, last))
    came = contacts(queue.split("-", maxsplit=1)[0]).filter(
        pl.col("queue") == queue, local_day(MADRID).is_between(first, last)
    )
    slot = pl.col("offered_at").dt.truncate("30m").alias("interval_at")
    both = expected.join(came.group_by(slot).len(), on="interval_at", how="left")
    return (expected["offered"].sum() - both["len"].fill_null(0).sum()) / both["len"].sum()


def test_forecast_of_one_queue_is_biased_by_the_override():
    fact = FACTS["forecast_bias"]
    first, last = started("forecast_bias"), date.fromisoformat(fact["to"])
    may = date(2026, 5, 1)
    assert accuracy(fact["queue"], "final", first, last) == pytest.approx(fact["size"], abs=0.03)
    assert accuracy(fact["queue"], "override", may, last) == pytest.approx(fact["size"], abs=0.03)
    assert abs(accuracy(fact["queue"], "statistical", may, last)) < 0.03
    assert abs(accuracy(fact["queue"], "final", date(2025, 4, 1), date(2026, 3, 31))) < 0.03


@pytest.mark.parametrize("queue", ["orders-voice", "orders-chat", "technical-voice"])
def test_forecasts_of_other_queues_are_not_biased(queue):
    for first in (date(2025, 4, 1), date(2026, 4, 1)):
        last = first.replace(month=10, day=25)
        assert abs(accuracy(queue, "final", first, last)) < 0.03


def evaluations() -> pl.DataFrame:
    frame = pl.read_csv(EXPORTS / "evaluations.csv.gz", separator=";", decimal_comma=True)
    return frame.with_columns(pl.col("Score") / 100)


def test_one_reviewer_scores_low():
    fact = FACTS["low_reviewer"]
    regular = evaluations().filter(pl.col("Kind") == "regular")
    means = dict(regular.group_by("Reviewer").agg(pl.col("Score").mean()).iter_rows())
    low = means.pop(fact["evaluator"])
    assert low - np.mean(list(means.values())) == pytest.approx(fact["size"], abs=0.025)
    assert max(means.values()) - min(means.values()) < 0.03


def test_low_reviewer_is_low_on_the_same_contacts():
    fact = FACTS["low_reviewer"]
    shared = evaluations().filter(pl.col("Kind") != "regular")
    wide = shared.pivot("Reviewer", index="Interaction", values="Score").drop("Interaction")
    expert = wide.drop_in_place("r-00")
    gaps = {name: (wide[name] - expert).mean() for name in wide.columns}
    assert gaps.pop(fact["evaluator"]) == pytest.approx(fact["size"], abs=0.035)
    assert max(map(abs, gaps.values())) < 0.03


def test_one_agent_has_truly_unhappy_customers():
    fact = FACTS["agent_low_csat"]
    frame = ratings(fact["team"])
    by_agent = frame.group_by("agent").agg(pl.col("satisfied").mean().alias("rate"), pl.len())
    others = frame.filter(pl.col("agent") != fact["agent"])["satisfied"].mean()
    agent = by_agent.row(by_predicate=pl.col("agent") == fact["agent"], named=True)
    assert agent["rate"] - others == pytest.approx(fact["size"], abs=0.05)
    error = (others * (1 - others) / by_agent["len"]).sqrt()
    score = by_agent.with_columns(z=(pl.col("rate") - others) / pl.Series(error))
    assert score.filter(agent=fact["agent"])["z"].item() < -8
    rest = score.filter(pl.col("agent") != fact["agent"], pl.col("len") >= 30)
    assert rest["z"].abs().max() < 3.5


def test_unhappy_customers_show_in_the_latest_quarter():
    fact = FACTS["agent_low_csat"]
    recent = ratings(fact["team"]).filter(pl.col("day") >= date(2026, 8, 1))
    mine = recent.filter(agent=fact["agent"])["satisfied"]
    usual = recent.filter(pl.col("agent") != fact["agent"])["satisfied"].mean()
    assert mine.len() >= 50
    assert binomtest(int(mine.sum()), mine.len(), usual).pvalue < 1e-4


def test_one_agent_is_truly_slow():
    fact = FACTS["agent_slow"]
    frame = handled(fact["team"]).filter(pl.col("leg_id") == "1")
    means = frame.group_by("agent").agg(pl.col("work").mean(), pl.len()).filter(pl.col("len") > 300)
    usual = means.filter(pl.col("agent") != fact["agent"])["work"]
    slow = means.filter(agent=fact["agent"])["work"].item()
    assert slow / usual.mean() == pytest.approx(fact["size"], abs=0.04)
    assert usual.max() / usual.mean() < 1.15
    assert usual.min() / usual.mean() > 0.85


SEEMING = [fact for fact in TRUTH["facts"] if fact["kind"] == "agent_seems"]


def test_several_agents_seem_to_differ():
    assert len(SEEMING) >= 3
    assert any(fact["observed"] < 0 for fact in SEEMING)


@pytest.mark.parametrize("fact", SEEMING, ids=lambda fact: fact["agent"])
def test_seeming_difference_rests_on_few_answers(fact):
    recent = ratings(fact["team"]).filter(pl.col("day") >= date.fromisoformat(fact["from"]))
    mine = recent.filter(agent=fact["agent"])["satisfied"]
    usual = recent["satisfied"].mean()
    assert mine.len() == fact["cases"] <= 20
    assert mine.mean() - usual == pytest.approx(fact["observed"], abs=1e-4)
    assert abs(fact["observed"]) >= 0.12
    assert binomtest(int(mine.sum()), mine.len(), usual).pvalue > 0.01


def revised() -> tuple[pl.DataFrame, pl.DataFrame]:
    fact = FACTS["late_data"]
    first, last = started("late_data"), date.fromisoformat(fact["to"])
    late = pl.read_parquet(EXPORTS / "contacts" / "revised_2026-09.parquet")
    timely = contacts(fact["team"]).filter(local_day(CHICAGO).is_between(first, last))
    return timely, late


def test_late_rows_arrived_after_the_month():
    fact = FACTS["late_data"]
    timely, late = revised()
    arrived = datetime.fromisoformat(fact["arrived"])
    assert late.height == fact["size"]
    assert set(late["updated_at"]) == {arrived}
    assert set(late["team"]) == {fact["team"]}
    days = late.select(local_day(CHICAGO)).to_series()
    assert started("late_data") <= days.min() <= days.max() <= date.fromisoformat(fact["to"])
    assert timely["updated_at"].max() < arrived


def test_late_rows_are_new_or_longer():
    fact = FACTS["late_data"]
    timely, late = revised()
    key = ["contact_id", "leg_id"]
    new = late.join(timely, on=key, how="anti")
    both = timely.join(late, on=key)
    assert new.height + both.height == late.height
    assert new.height / (timely.height + new.height) == pytest.approx(fact["added_share"], abs=0.03)
    answered = timely.filter(pl.col("acw_s").is_not_null()).height
    revised_share = both.height / (answered / (1 - fact["added_share"]))
    assert revised_share == pytest.approx(fact["revised_share"], abs=0.03)
    assert set(both["acw_s_right"] - both["acw_s"]) == {fact["revised_acw_s"]}
    assert both["talk_s"].equals(both["talk_s_right"], null_equal=True)
