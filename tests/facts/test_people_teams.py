"""Who belongs to a team, who left it, and who may do what: attrition and certificates."""

from datetime import date, timedelta

import pytest

from kpitools.catalog import load_builtin
from kpitools.errors import FactsError
from kpitools.facts import refusals, roll_up

CATALOG = load_builtin()


def head(agent, day, team="utc", status="active", **other):
    at = day if "-" in day[3:] else f"2026-06-{day}"
    return {
        "agent": agent,
        "team": team,
        "status": status,
        "leave_type": None,
        "at": f"{at}T12:00",
        "left_at": None,
    } | other


def month(agents, *days, **other):
    return [head(agent, day, **other) for agent in agents for day in days]


def leaver(agent, day, left, kind="voluntary", **other):
    return head(agent, day, left_at=f"{left}T17:00", leave_type=kind, **other)


@pytest.fixture(scope="session")
def facts_of(ask, events_of):
    def computing(name, rows, table="headcount", parts=None, *, as_of="2026-12-31", **asked):
        events = events_of(as_of=as_of, **{table: rows})
        return ask(CATALOG.kpi(name), events, parameters={name: parts or {}}, **asked)

    return computing


@pytest.fixture(scope="session")
def value(facts_of):
    def computing(*given, **more):
        return facts_of(*given, **more)["value"].item()

    return computing


def test_one_of_eight_is_twelve_and_a_half_percent_and_not_judged(facts_of):
    rows = [*month("abcdefg", "01", "30"), leaver("h", "01", "2026-06-30"), head("h", "30")]
    facts = facts_of("attrition", rows)
    assert facts.select("numerator", "denominator", "value").rows() == [(1, 8, 0.125)]
    assert CATALOG.kpi("attrition").minimum > 8


def test_a_leaver_counts_once_however_many_rows_repeat_the_last_day(value):
    rows = [*month("abc", "01", "30"), *(leaver("d", day, "2026-06-20") for day in ("01", "30"))]
    assert value("attrition", rows) == 0.25


def test_the_mean_is_of_the_days_that_were_counted(facts_of):
    weekly = [*month("ab", "01", "08", "15"), head("c", "15")]
    assert facts_of("attrition", [*weekly, leaver("a", "15", "2026-06-15")])[
        "denominator"
    ].to_list() == [pytest.approx(7 / 3)]


def test_a_snapshot_delivered_twice_is_one_head(facts_of):
    rows = [*month("ab", "01"), *month("ab", "01"), leaver("a", "01", "2026-06-20")]
    assert facts_of("attrition", rows).row(0)[-3:-1] == (2, 0.5)


def test_a_person_in_two_teams_is_half_a_head_and_half_a_leaver_in_each(facts_of):
    rows = [
        *month("bc", "01", team="london"),
        *month("d", "01", team="denver"),
        *(leaver("a", "01", "2026-06-20", team=team) for team in ("london", "denver")),
    ]
    by_team = facts_of("attrition", rows, by=("team",))
    assert by_team.select("team", "numerator", "denominator").rows() == [
        ("denver", 0.5, 1.5),
        ("london", 0.5, 2.5),
    ]
    whole = facts_of("attrition", rows)
    assert whole.select("numerator", "denominator").rows() == [(1, 4)]
    assert roll_up(by_team, [CATALOG.kpi("attrition")], drop=["team"])["value"].item() == 0.25


def test_whoever_moves_in_mid_month_is_a_head_of_each_team_for_its_days(facts_of):
    days = [f"{day:02}" for day in range(1, 31)]
    rows = [
        *month("a", *days[:10], team="london"),
        *month("a", *days[10:], team="denver"),
        *month("b", *days, team="london"),
    ]
    facts = facts_of("attrition:with_transfers", rows, by=("team",))
    assert dict(facts.select("team", "denominator").iter_rows()) == {
        "denver": pytest.approx(2 / 3),
        "london": pytest.approx(4 / 3),
    }


def test_a_transfer_is_a_loss_of_the_team_and_none_of_the_house(value):
    rows = [*month("abc", "01"), leaver("d", "01", "2026-06-20", "transfer")]
    assert value("attrition", rows) == 0
    assert value("attrition:with_transfers", rows) == 0.25


def test_voluntary_and_other_leavers_and_trainees_are_told_apart(value):
    rows = [
        *month("abcdef", "01"),
        leaver("g", "01", "2026-06-20"),
        leaver("h", "01", "2026-06-21", "involuntary", status="training"),
    ]
    assert value("attrition", rows) == 0.25
    assert value("attrition:voluntary", rows) == 0.125
    assert value("attrition:without_trainees", rows) == 1 / 7


def test_who_leaves_after_as_of_has_not_left(facts_of):
    rows = [*month("abc", "01"), leaver("d", "01", "2026-06-20")]
    early = facts_of("attrition", rows, as_of="2026-06-19")
    assert early.select("value", "final").rows() == [(0, False)]
    assert facts_of("attrition", rows, as_of="2026-07-20")["value"].to_list() == [0.25]


def test_monthly_rates_do_not_add_up_to_the_quarter_and_are_refused(facts_of):
    rows = [
        *month("abcdefgh", "2026-04-10"),
        *month("abcdefg", "2026-05-10"),
        *month("abcdef", "2026-06-10"),
        leaver("h", "2026-04-20", "2026-04-20"),
        leaver("g", "2026-05-20", "2026-05-20"),
    ]
    months, kpi = facts_of("attrition", rows), CATALOG.kpi("attrition")
    with pytest.raises(FactsError, match="made anew for every grain"):
        roll_up(months, [kpi], grain="quarter")
    quarter = facts_of("attrition", rows, grain="quarter")["value"].item()
    assert quarter != pytest.approx(months["value"].sum())


def test_a_year_of_such_months_by_twelve_and_compounded(value):
    rows = [
        *month("abcdefgh", "01"),
        leaver("i", "01", "2026-06-20"),
        leaver("j", "01", "2026-06-21"),
    ]
    assert value("attrition:annualised", rows) == pytest.approx(2.4)
    assert value("attrition:compound", rows) == pytest.approx(1 - 0.8**12)
    assert value("attrition:annualised", rows, grain="quarter") == pytest.approx(0.8)
    assert value("attrition:compound", rows, grain="quarter") is None


def test_one_team_alone_is_what_it_is_among_all(facts_of):
    rows = [*month("ab", "01", "02", team="london"), *month("cd", "02", "03", team="denver")]
    together = facts_of("attrition:opening", rows, by=("team",))
    for team in ("london", "denver"):
        alone = facts_of("attrition:opening", rows, by=("team",), where={"team": (team,)})
        assert alone.equals(together.filter(team=team))


def paper(agent, required, valid=None, until=None, certificate="basics", **other):
    return {
        "agent": agent,
        "team": "utc",
        "certificate": certificate,
        "required_from": f"{required}T00:00",
        "valid_from": valid and f"{valid}T00:00",
        "valid_to": until and f"{until}T00:00",
        "passed": None,
    } | other


@pytest.fixture(scope="session")
def certified(facts_of):
    """Value by period of certification compliance, or of a variant of it."""

    def computing(rows, variant="", parts=None, **asked):
        name = f"certification_compliance{variant}"
        facts = facts_of(name, rows, "certifications", parts, **asked)
        return dict(facts.select("period", "value").iter_rows())

    return computing


def test_six_months_are_calendar_months(certified):
    rows = [paper("a", "2026-02-01", "2026-02-28"), paper("b", "2026-02-01", "2026-08-31")]
    found = certified(rows, grain="day", as_of="2027-03-02")
    assert [found[date(2026, 8, day)] for day in (26, 27, 28, 30, 31)] == [0.5, 0.5, 0, 0, 0.5]
    assert found[date(2027, 2, 27)] == 0.5
    assert found[date(2027, 2, 28)] == 0


def test_a_recorded_end_counts_and_no_end_may_be_taken_for_none(certified):
    rows = [
        paper("a", "2026-01-01", "2026-01-01", until="2026-12-31"),
        paper("b", "2026-01-01", "2026-01-01"),
    ]
    assert certified(rows, start=date(2026, 10, 1), end=date(2026, 10, 1)) == {
        date(2026, 10, 1): 0.5
    }
    recorded = certified(rows, ":as_recorded", start=date(2026, 10, 1), end=date(2026, 10, 1))
    assert recorded == {date(2026, 10, 1): 1}


def test_a_certificate_that_is_renewed_in_time_never_runs_out(certified):
    rows = [paper("a", "2026-01-01", day) for day in ("2026-01-01", "2026-06-30")]
    assert set(certified(rows, as_of="2026-12-01").values()) == {1}


def test_an_examination_that_was_not_passed_certifies_nothing(certified):
    rows = [paper("a", "2026-01-01", "2026-01-01", passed=False)]
    assert set(certified(rows, as_of="2026-03-01").values()) == {0}


def test_who_lacks_one_of_three_certificates_is_no_person_who_complies(certified):
    rows = [paper("a", "2026-01-01", "2026-01-01", certificate=name) for name in ("x", "y")]
    rows.append(paper("a", "2026-01-01", certificate="z"))
    at = {"start": date(2026, 2, 1), "end": date(2026, 2, 1)}
    assert list(certified(rows, **at).values()) == [0]
    assert list(certified(rows, ":by_certificate", **at).values()) == [pytest.approx(2 / 3)]


def test_new_hires_have_the_days_of_grace_that_are_declared(certified):
    rows = [paper("a", "2026-06-10"), paper("b", "2026-01-01", "2026-05-01")]
    at = {"start": date(2026, 6, 1), "end": date(2026, 6, 1)}
    assert list(certified(rows, **at).values()) == [0.5]
    assert list(certified(rows, parts={"grace_days": 22}, **at).values()) == [1]
    assert list(certified(rows, parts={"grace_days": 21}, **at).values()) == [0.5]


def test_a_running_month_is_looked_at_as_it_is(certified):
    rows = [paper("a", "2026-01-01", "2026-06-20", until="2026-12-01")]
    at = {"start": date(2026, 6, 1), "end": date(2026, 6, 1)}
    assert list(certified(rows, as_of="2026-06-19", **at).values()) == [0]
    assert list(certified(rows, as_of="2026-06-21", **at).values()) == [1]


def test_states_of_several_days_are_not_added_up(facts_of):
    name, rows = "certification_compliance", [paper("a", "2026-06-01", "2026-06-01")]
    days = facts_of(name, rows, "certifications", grain="day", as_of="2026-06-04")
    assert days["value"].to_list() == [1] * 4
    with pytest.raises(FactsError, match="cannot be added"):
        roll_up(days, [CATALOG.kpi(name)], grain="month")


def test_who_left_is_required_no_more_and_who_was_transferred_still_is(ask, events_of):
    rows = [paper(agent, "2026-01-01") for agent in "abc"]
    people = [
        leaver("a", "2026-05-20", "2026-05-20"),
        leaver("b", "2026-05-20", "2026-05-20", "transfer"),
    ]
    events = events_of(certifications=rows, headcount=people)
    facts = ask(CATALOG.kpi("certification_compliance"), events)
    found = dict(facts.select("period", "denominator").iter_rows())
    assert (found[date(2026, 4, 1)], found[date(2026, 6, 1)]) == (3, 2)


def test_every_period_since_it_was_required_has_its_own_row(certified):
    rows = [paper("a", "2026-04-15", "2026-05-10")]
    found = certified(rows, as_of=(date(2026, 8, 1) - timedelta(days=1)).isoformat())
    assert found == {
        date(2026, 4, 1): 0,
        date(2026, 5, 1): 1,
        date(2026, 6, 1): 1,
        date(2026, 7, 1): 1,
    }


def member(agent, team, starts, ends=None, share=None):
    return {
        "agent": agent,
        "team": team,
        "starts_at": f"{starts}T00:00",
        "ends_at": ends and f"{ends}T00:00",
        "share": share,
    }


@pytest.fixture(scope="session")
def june(ask, events_of):
    """Leavers (or transfers) and mean heads of June by team."""

    def computing(name, **tables):
        facts = ask(
            CATALOG.kpi(name),
            events_of(zones={"red": "UTC", "blue": "UTC"}, **tables),
            by=("team",),
            start=date(2026, 6, 1),
            end=date(2026, 6, 1),
        )
        rows = facts.select("team", "numerator", "denominator").rows()
        return {team: (top, pytest.approx(bottom)) for team, top, bottom in rows}

    return computing


def test_without_a_headcount_memberships_say_who_was_there_and_who_left(june):
    rows = [
        member("a", "red", "2026-01-01"),
        member("b", "red", "2026-01-01", "2026-06-16"),
        member("c", "red", "2026-01-01", "2026-06-11"),
        member("c", "blue", "2026-06-11"),
    ]
    found = june("attrition", memberships=rows)
    assert found == {"red": (1, 1 + 15 / 30 + 10 / 30), "blue": (0, 20 / 30)}
    moved = june("attrition:with_transfers", memberships=rows)
    assert (moved["red"][0], moved["blue"][0]) == (2, 0)


def test_shares_of_memberships_divide_a_head_and_a_leaver(june):
    held = [
        member("a", "red", "2026-01-01", share=0.7),
        member("a", "blue", "2026-01-01", share=0.3),
        member("b", "red", "2026-01-01"),
    ]
    assert june("attrition", memberships=held) == {"red": (0, 1.7), "blue": (0, 0.3)}
    people = [
        *(leaver("a", "01", "2026-06-20", team=team) for team in ("red", "blue")),
        head("b", "01", team="red"),
    ]
    found = june("attrition", memberships=held, headcount=people)
    assert found["red"] == (pytest.approx(0.7), 1.7)
    assert found["blue"] == (pytest.approx(0.3), 0.3)


def test_a_membership_that_ends_after_as_of_has_not_ended(ask, events_of):
    rows = [member("a", "red", "2026-01-01", "2026-06-16"), member("b", "red", "2026-01-01")]
    for as_of, leavers in (("2026-06-15T12:00", 0), ("2026-06-16T00:01", 1)):
        events = events_of(memberships=rows, as_of=as_of, zones={"red": "UTC"})
        facts = ask(CATALOG.kpi("attrition"), events)
        assert facts["numerator"].to_list()[-1] == leavers


def test_memberships_do_not_know_why_somebody_left(events_of):
    events = events_of(memberships=[member("a", "red", "2026-01-01")])
    kpis = [CATALOG.kpi("attrition"), CATALOG.kpi("attrition:voluntary")]
    assert refusals(kpis, events) == {
        "attrition:voluntary": "no source feeds the table 'headcount'"
    }
