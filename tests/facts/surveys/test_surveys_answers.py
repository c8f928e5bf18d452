"""What answers count for: scales, dates, people, changes of mind, invitations."""

import pytest

from kpitools.analysis import net_parts
from kpitools.catalog import load_builtin
from kpitools.catalog.bands import band_of
from kpitools.catalog.limits import read_amount
from kpitools.facts import roll_up

HEAD = "survey_id | instrument | scale_min | scale_max | score | answered_at"


def answers(scores, scale="1 | 5", instrument="csat", day="2026-10-05"):
    low, high = scale.split(" | ")
    return [f"{instrument} | {low} | {high} | {score} | {day}" for score in scores]


def table(*groups):
    rows = [row for group in groups for row in group]
    return {"surveys": "\n".join([HEAD, *(f"{n} | {row}" for n, row in enumerate(rows))])}


def test_an_unanswered_invitation_is_no_dissatisfied_customer(facts_of):
    rows = table(answers([5, 4]), ["csat | 1 | 5 | |", "csat | 1 | 5 | | "])
    facts = facts_of("csat dsat", rows)
    assert facts["denominator"].to_list() == [2.0, 2.0]
    assert facts["value"].to_list() == [1.0, 0.0]


@pytest.mark.parametrize(
    ("scale", "good"), [("1 | 5", "4 5"), ("1 | 3", "3"), ("0 | 1", "1"), ("1 | 10", "8 9 10")]
)
def test_each_scale_has_its_own_good_answers(facts_of, scale, good):
    low, high = (int(end) for end in scale.split(" | "))
    satisfied = [
        str(score)
        for score in range(low, high + 1)
        if facts_of("csat", table(answers([score], scale)))["value"].item() == 1
    ]
    assert satisfied == good.split()


def test_nine_of_ten_is_another_cut_than_the_upper_quarter(values_of):
    rows = table(answers([8, 8, 9, 10], "1 | 10"))
    assert values_of("csat csat:ten_point", rows) == {"csat": 1.0, "csat:ten_point": 0.5}


def test_dissatisfaction_is_not_the_rest_where_the_scale_has_a_middle(values_of):
    five = values_of("csat dsat dsat:not_satisfied", table(answers([5, 3, 3, 1])))
    assert five == {"csat": 0.25, "dsat": 0.25, "dsat:not_satisfied": 0.75}
    binary = values_of("csat dsat", table(answers([1, 1, 0, 0, 0], "0 | 1")))
    assert binary["dsat"] == 1 - binary["csat"]


def test_a_changed_answer_counts_as_last_given(values_of):
    head = "survey_id | instrument | scale_min | scale_max | score | changed_from | answered_at"
    rows = ["a | csat | 1 | 5 | 1 | 5 | 2026-10-05", "b | csat | 1 | 5 | 5 | | 2026-10-05"]
    found = values_of("csat csat:first_answer", {"surveys": "\n".join([head, *rows])})
    assert found == {"csat": 0.5, "csat:first_answer": 1.0}


def test_a_bad_rating_stays_with_who_served_the_customer(facts_of):
    head = "survey_id|instrument|scale_min|scale_max|score|answered_at|agent|agent_at_answer"
    rows = ["a | csat | 1 | 5 | 1 | 2026-10-05 | ann | bob"]
    tables = {"surveys": "\n".join([head, *rows])}
    served = facts_of("dsat", tables, by=("agent",))
    had_it = facts_of("dsat", tables, by=("agent_at_answer",))
    assert served.select("agent", "value").rows() == [("ann", 1.0)]
    assert had_it.select("agent_at_answer", "value").rows() == [("bob", 1.0)]


DATED = """
    survey_id | instrument | scale_min | scale_max | score | contact_at | sent_at    | answered_at
    a         | csat       | 1         | 5         | 5     | 2026-09-29 | 2026-09-30 | 2026-10-02
    b         | csat       | 1         | 5         | 1     | 2026-10-20 | 2026-10-20 | 2026-11-03
"""


def test_one_answer_falls_into_three_months_by_three_dates(facts_of):
    kpis = ["csat", "csat:by_sent", "csat:by_contact"]
    facts = facts_of(kpis, {"surveys": DATED}, period=None)
    found = [
        (kpi, at.month, value) for kpi, at, value in facts.select("kpi", "period", "value").rows()
    ]
    assert found == [
        ("csat", 10, 1.0),
        ("csat", 11, 0.0),
        ("csat:by_sent", 9, 1.0),
        ("csat:by_sent", 10, 0.0),
        ("csat:by_contact", 9, 1.0),
        ("csat:by_contact", 10, 0.0),
    ]


def test_an_answer_that_comes_later_is_not_known_before(facts_of):
    by_case = "csat:by_contact csat:by_sent"
    assert facts_of(by_case, {"surveys": DATED}, as_of="2026-11-02").is_empty()
    later = facts_of(by_case, {"surveys": DATED}, as_of="2026-11-04")
    assert later.select("numerator", "denominator").rows() == [(0.0, 1.0), (0.0, 1.0)]
    said = {"surveys": RESOLVED.replace("answered_at", "contact_at | answered_at").replace(
        "2026-10-05", "2026-10-04 | 2026-10-05")}  # fmt: skip
    by_case = "rr:by_contact fcr_survey:by_contact"
    assert facts_of(by_case, said, as_of="2026-10-04T12:00").is_empty()
    assert facts_of(by_case, said)["denominator"].to_list() == [3.0, 4.0]


def test_satisfaction_by_contact_is_provisional_until_late_answers_are_in(facts_of):
    early = facts_of("csat:by_contact", {"surveys": DATED}, as_of="2026-11-14")
    late = facts_of("csat:by_contact", {"surveys": DATED}, as_of="2026-11-15")
    assert (early["final"].item(), late["final"].item()) == (False, True)


def test_scores_of_two_scales_have_no_common_mean(values_of):
    rows = table(answers([5, 4]), answers([10], "1 | 10"))
    found = values_of("csat_mean csat_mean:five_point", rows)
    assert found["csat_mean"] > 5
    assert found["csat_mean:five_point"] == 4.5


def test_a_month_of_net_scores_weighs_days_by_their_answers(facts_of):
    busy, quiet = (
        answers([9] * 8 + [0] * 2, "0 | 10", "nps"),
        answers([0], "0 | 10", "nps", "2026-10-06"),
    )
    rows = table(busy, quiet)
    days = facts_of("nps", rows, grain="day", start=None, end=None, period=None)
    month = facts_of("nps", rows)
    assert days["value"].to_list() == pytest.approx([60, -100])
    assert month["value"].item() == pytest.approx(100 * 5 / 11)
    rolled = roll_up(days, [load_builtin().kpi("nps")], grain="month")
    assert rolled.drop("final").equals(month.drop("final"))


def test_a_scale_from_one_is_not_mixed_with_one_from_zero(values_of):
    rows = table(answers([0, 9], "0 | 10", "nps"), answers([9], "1 | 10", "nps"))
    found = values_of("nps:zero_to_ten nps:one_to_ten", rows)
    assert found == {"nps:zero_to_ten": 0, "nps:one_to_ten": 100}


def test_a_net_score_written_as_a_percentage_is_points():
    assert read_amount("70%", "points") == 70


def test_the_parts_of_a_net_score_add_up_to_it(facts_of):
    names = ["nps", *net_parts(load_builtin(), ["nps"])]
    rows = table(answers([10, 9, 8, 7, 6, 0, 0], "0 | 10", "nps"))
    whole, plus, minus = facts_of(names, rows)["numerator"]
    assert whole == plus - minus == -1


def test_bands_of_a_net_score_are_those_of_the_seed():
    nps = load_builtin().kpi("nps")
    names = {score: band_of(nps, score).name["en"] for score in (-1, 0, 50)}
    assert names == {-1: "investigate", 0: "good", 50: "very good"}


def test_two_versions_of_the_effort_question_are_kept_apart(values_of):
    rows = table(answers([7, 7], "1 | 7", "ces"), answers([1, 2], "1 | 5", "ces"))
    found = values_of("ces ces:top ces:net ces:first_version", rows)
    assert found == {"ces": 7, "ces:top": 1, "ces:net": 100, "ces:first_version": 1.5}
    catalog = load_builtin()
    assert catalog.kpi("ces").good == "higher"
    assert catalog.kpi("ces:first_version").good == "lower"


RESOLVED = """
    survey_id | resolved | first_contact | answered_at
    a         | true     | true          | 2026-10-05
    b         | false    | false         | 2026-10-05
    c         | true     |               | 2026-10-05
    d         |          | true          | 2026-10-05
    e         |          | true          | 2026-10-05
"""


def test_resolution_and_first_contact_rest_on_different_answers(facts_of):
    facts = facts_of("rr fcr_survey fcr_survey:of_resolved", {"surveys": RESOLVED})
    assert facts.select("numerator", "denominator").rows() == [(2.0, 3.0), (3.0, 4.0), (1.0, 1.0)]


SENT = """
    survey_id | sent_at    | answered_at | delivered
    a         | 2026-09-29 | 2026-10-01  | true
    b         | 2026-09-29 | 2026-10-02  | true
    c         | 2026-10-10 | 2026-10-11  | true
    d         | 2026-10-20 |             | false
    e         | 2026-10-31 | 2026-11-12  | true
"""


def test_response_rates_divide_invitations_by_their_own_answers(facts_of):
    names = "survey_response_rate survey_response_rate:in_period survey_response_rate:delivered"
    facts = facts_of(names, {"surveys": SENT})
    assert facts.select("numerator", "denominator").rows() == [(2.0, 3.0), (1.0, 3.0), (2.0, 2.0)]


def test_answered_in_the_period_depends_on_its_length(facts_of):
    facts = facts_of("survey_response_rate:in_period", {"surveys": SENT}, period="2026-Q4")
    assert facts["value"].item() == pytest.approx(2 / 3)


def test_answers_within_the_window_settle_when_the_window_is_over(facts_of):
    within = "survey_response_rate:within_window"
    asked = {"parameters": {within: {"window_days": 14}}}
    short = facts_of(within, {"surveys": SENT}, as_of="2026-11-08")
    assert (short["numerator"].item(), short["final"].item()) == (1.0, True)
    open_yet = facts_of(within, {"surveys": SENT}, as_of="2026-11-08", **asked)
    assert open_yet["final"].item() is False
    late = facts_of(within, {"surveys": SENT}, as_of="2026-11-20", **asked)
    assert (late["numerator"].item(), late["final"].item()) == (2.0, True)


def test_the_lag_of_a_young_period_is_too_short_and_provisional(facts_of):
    then = facts_of("survey_lag:median", {"surveys": DATED}, period="2026-10", as_of="2026-11-02")
    assert then.is_empty()
    now = facts_of("survey_lag:median", {"surveys": DATED}, period="2026-10", as_of="2026-11-04")
    assert (now["value"].item(), now["final"].item()) == (14 * 86400, False)
