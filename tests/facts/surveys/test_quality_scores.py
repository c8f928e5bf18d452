"""What quality scores count: which evaluations, with which weight, of which form and date."""

import pytest

from kpitools.analysis import mean_interval
from kpitools.catalog import load_builtin
from kpitools.catalog.model import Example
from kpitools.errors import FactsError
from kpitools.facts import Asked, build_facts, roll_up
from kpitools.facts.examples import example_events
from kpitools.facts.spread import build_spread
from kpitools.sources import WorkspaceConfig, read_events

HEAD = "evaluation_id | agent | kind | submitted_at | score"


def evaluations(*rows, head=HEAD):
    return {"evaluations": "\n".join([head, *(f"{n} | {row}" for n, row in enumerate(rows))])}


def scored(agent, *scores, kind="regular", day="2026-10-05"):
    return [f"{agent} | {kind} | {day} | {score}" for score in scores]


def test_calibrations_appeals_and_expert_evaluations_are_no_quality(values_of):
    rows = [*scored("a", 0.8), *scored("a", 0.1, kind="calibration")]
    rows += [*scored("a", 0.1, kind="appeal"), *scored("a", 0.1, kind="expert")]
    names = "qa_score qa_score:passing qa_score:by_agent"
    assert values_of(names, evaluations(*rows)) == {
        "qa_score": 0.8,
        "qa_score:passing": 1.0,
        "qa_score:by_agent": 0.8,
    }


def test_an_automatic_failure_counts_nothing(values_of):
    head = "evaluation_id | kind | submitted_at | score | auto_fail"
    rows = ["regular | 2026-10-05 | 0.9 | true", "regular | 2026-10-05 | 0.9 | false"]
    rows += ["regular | 2026-10-05 | | true"]
    found = values_of("qa_score qa_score:auto_fail_zero", evaluations(*rows, head=head))
    assert found == {"qa_score": 0.9, "qa_score:auto_fail_zero": 0.45}


def test_an_agent_evaluated_often_weighs_more_unless_agents_weigh_alike(values_of):
    tables = evaluations(*scored("a", 1, 1, 1), *scored("b", 0.5))
    tables["contacts"] = "\n".join(
        ["contact_id | agent | offered_at | outcome"]
        + [f"{n} | b | 2026-10-05 | answered" for n in range(4)]
        + ["x | a | 2026-10-05 | answered", "y | a | 2026-10-05 | abandoned"]
    )
    found = values_of("qa_score qa_score:by_agent qa_score:by_volume", tables)
    assert found == {"qa_score": 0.875, "qa_score:by_agent": 0.75, "qa_score:by_volume": 0.6}


FORMS = "evaluation_id | kind | submitted_at | score | form | form_version"


def test_a_new_form_moves_the_mean_though_nobody_worked_otherwise(facts_of):
    old = ["regular | 2026-09-05 | 0.9 | call | 1"] * 3 + ["regular | 2026-09-05 | 0.6 | call | 2"]
    new = ["regular | 2026-10-05 | 0.9 | call | 1"] + ["regular | 2026-10-05 | 0.6 | call | 2"] * 3
    tables = evaluations(*old, *new, head=FORMS)
    months = facts_of("qa_score", tables, period=None)["value"].to_list()
    assert months == pytest.approx([0.825, 0.675])
    by_form = facts_of("qa_score", tables, period=None, by=("form_version",))
    assert by_form["value"].to_list() == pytest.approx([0.9, 0.9, 0.6, 0.6])
    assert facts_of("qa_form_versions", tables)["value"].item() == 2


def test_quality_counts_by_the_evaluation_and_on_demand_by_the_contact(facts_of):
    head = "evaluation_id | kind | contact_at | submitted_at | score"
    tables = evaluations("regular | 2026-09-28 | 2026-10-05 | 0.8", head=head)
    facts = facts_of("qa_score qa_score:by_contact_date", tables, period=None)
    assert facts["period"].dt.month().to_list() == [10, 9]
    early = facts_of("qa_score:by_contact_date", tables, period="2026-09", as_of="2026-10-04")
    assert early.is_empty()
    late = facts_of("qa_score:by_contact_date", tables, period="2026-09", as_of="2026-10-06")
    assert late.select("value", "final").rows() == [(0.8, False)]


def test_quality_of_calls_and_of_mails_stand_apart(facts_of):
    head = "evaluation_id | kind | channel | submitted_at | score"
    rows = ["regular | voice | 2026-10-05 | 0.9", "regular | email | 2026-10-05 | 0.5"]
    facts = facts_of("qa_score", evaluations(*rows, head=head), by=("channel",))
    assert facts.select("channel", "value").rows() == [("email", 0.5), ("voice", 0.9)]


def test_an_evaluation_written_to_two_files_counts_once(tmp_path, monkeypatch):
    monkeypatch.setenv("KPITOOLS_CACHE", str(tmp_path / "cache"))
    text = "id,kind,at,score\ne1,regular,2026-10-05 09:00,90\n"
    (tmp_path / "evaluations-1.csv").write_text(text + "e2,regular,2026-10-05 09:00,70\n")
    (tmp_path / "evaluations-2.csv").write_text(text)
    columns = {"evaluation_id": "id", "kind": "kind", "submitted_at": "at"}
    source = {
        "file": "evaluations*.csv",
        "table": "evaluations",
        "columns": {**columns, "score": {"from": "score", "unit": "percent"}},
    }
    given = {"kpitools": "1", "name": "q", "as_of": "2027-01-01", "sources": {"q": source}}
    events = read_events(WorkspaceConfig.model_validate(given), folder=tmp_path)
    facts = build_facts(Asked((load_builtin().kpi("qa_score"),)), events)
    assert facts.select("numerator", "denominator").rows() == [(1.6, 2.0)]


def test_a_mean_of_few_evaluations_has_a_wide_interval():
    tables = evaluations(*scored("a", 0.7, 0.8, 0.9))
    events = example_events(Example(tables=tables, text={"en": "Three."}, value=None))
    row = build_spread(Asked((load_builtin().kpi("qa_score"),)), events).row(0, named=True)
    found = mean_interval(row["value"], row["spread"], row["denominator"])
    assert (found.low, found.high) == pytest.approx((0.8 - 0.2484138, 0.8 + 0.2484138), abs=1e-7)


# --- agents who pass


def test_four_passes_of_five_are_neither_pass_nor_fail(values_of):
    names = ["agent_quality", *(f"agent_quality:{name}" for name in (
        "surely_passing", "surely_failing", "undetermined", "undetermined_mean"))]  # fmt: skip
    tables = evaluations(*scored("a", 0.9, 0.9, 0.9, 0.9, 0.5), *scored("b", *[0.9] * 9, 0.5))
    found = values_of(names, tables)
    assert found == {
        "agent_quality": 1.0,
        "agent_quality:surely_passing": 0.5,
        "agent_quality:surely_failing": 0.0,
        "agent_quality:undetermined": 0.5,
        "agent_quality:undetermined_mean": 1.0,
    }


def test_pass_and_fail_and_undetermined_are_everyone(facts_of):
    rows = [scored(f"a{n}", *[0.9] * n, *[0.4] * (9 - n)) for n in range(10)]
    names = [
        f"agent_quality:{name}" for name in ("surely_passing", "surely_failing", "undetermined")
    ]
    facts = facts_of(names, evaluations(*(row for agent in rows for row in agent)))
    assert facts["numerator"].sum() == 10
    assert facts["numerator"].min() > 0


def test_an_agent_without_enough_evaluations_is_in_neither_number(facts_of):
    tables = evaluations(*scored("a", *[0.9] * 5), *scored("b", 0.1, 0.1, 0.1, 0.1))
    facts = facts_of("agent_quality agent_quality:surely_failing", tables)
    assert facts.select("numerator", "denominator").rows() == [(1.0, 1.0), (0.0, 1.0)]


def test_passing_agents_cannot_be_added_over_months(facts_of):
    facts = facts_of("agent_quality", evaluations(*scored("a", *[0.9] * 5)))
    with pytest.raises(FactsError, match="agent_quality"):
        roll_up(facts, [load_builtin().kpi("agent_quality")], grain="quarter")


# --- answers, errors, the two-part index

ANSWERS = "evaluation_id|question|score|weight|error_class|not_applicable|cause|submitted_at"


def answered(*rows, kind="regular"):
    """Rows of one evaluation, `0`."""
    lines = [f"0 | {n} | {row} | 2026-10-05" for n, row in enumerate(rows)]
    return {
        **evaluations(*scored("a", 0.5, kind=kind)),
        "evaluation_answers": "\n".join([ANSWERS, *lines]),
    }


def test_a_question_that_does_not_apply_leaves_the_denominator(values_of):
    tables = answered(
        "1 | 1 | business | false |", "0 | 1 | customer | false |", "0 | 2 | customer | true |"
    )
    found = values_of("qa_score:from_answers qa_score:na_as_zero", tables)
    assert found == {"qa_score:from_answers": 0.5, "qa_score:na_as_zero": 0.25}


def test_a_question_that_does_not_apply_is_no_error(values_of):
    tables = answered("0 | 1 | business | true | training", "1 | 1 | business | false |")
    found = values_of("quality_index_business quality_index_customer", tables)
    assert found == {"quality_index_business": 1.0, "quality_index_customer": 1.0}


@pytest.mark.parametrize(
    ("error_class", "business", "customer"),
    [
        ("business", 0, 1),
        ("customer", 1, 0),
        ("Critical Customer", 1, 0),
        ("business and customer", 0, 0),
        ("non-critical", 1, 1),
        ("non-critical business", 1, 1),
        ("noncritical customer", 1, 1),
        ("compliance", 1, 1),
    ],
)
def test_only_critical_errors_count_for_whom_they_harm(values_of, error_class, business, customer):
    names = "quality_index_business quality_index_customer"
    found = values_of(names, answered(f"0 | 1 | {error_class} | false |"))
    assert list(found.values()) == [business, customer]


def test_two_critical_errors_in_one_contact_are_one_bad_evaluation(values_of):
    tables = answered("0 | 1 | business | false |", "0 | 1 | business | false |")
    assert values_of("quality_index_business", tables) == {"quality_index_business": 0}


def test_other_weights_make_another_composite_of_the_same_pair(facts_of):
    tables = answered("0 | 1 | business | false |")
    equal = facts_of("quality_index", tables)
    weighed = {"quality_index": {"weight_business": 1, "weight_customer": 3}}
    other = facts_of("quality_index", tables, parameters=weighed)
    assert (equal["value"].item(), other["value"].item()) == (0.5, 0.75)


def test_not_counted_is_not_free_of_critical_errors(facts_of):
    head = "evaluation_id | kind | submitted_at | score | critical_errors"
    rows = [
        "regular | 2026-10-05 | 1 | 0",
        "regular | 2026-10-05 | 1 | 3",
        "regular | 2026-10-05 | 1 |",
    ]
    facts = facts_of(
        "critical_error_rate critical_error_rate:per_evaluation", evaluations(*rows, head=head)
    )
    assert facts.select("numerator", "denominator").rows() == [(1.0, 2.0), (3.0, 2.0)]


# --- causes


def test_an_error_without_a_coded_cause_is_no_proof_against_training(facts_of):
    tables = answered(
        "0 | 1 | | false | training", "0 | 1 | | false |", "0.5 | 1 | | false | process"
    )
    names = "training_traceable_errors training_traceable_errors:of_all_errors"
    facts = facts_of(names, tables)
    assert facts.select("numerator", "denominator").rows() == [(1.0, 2.0), (1.0, 3.0)]


def test_errors_of_calibrations_are_not_found_twice(facts_of):
    tables = answered("0 | 1 | | false | training", kind="calibration")
    assert facts_of("training_traceable_errors", tables).is_empty()


def test_causes_behind_low_survey_answers_count_where_surveys_have_them(facts_of):
    tables = answered("0 | 1 | | false | process")
    head = "survey_id | instrument | scale_min | scale_max | score | answered_at"
    low = {"surveys": f"{head} | cause\na | csat | 1 | 5 | 1 | 2026-10-05 | training"}
    without = {"surveys": f"{head}\na | csat | 1 | 5 | 1 | 2026-10-05"}
    name = "training_traceable_errors"
    assert facts_of(name, tables | low)["value"].item() == 0.5
    assert facts_of(name, tables | without)["value"].item() == 0
    split = facts_of(name, tables | low, by=("found_in", "cause"))
    assert split.select("found_in", "cause", "numerator").rows() == [
        ("evaluation", "process", 0.0),
        ("survey", "training", 1.0),
    ]


# --- coaching

COACHED = "evaluation_id | agent | kind | submitted_at | score | auto_fail | coached_at"


def test_coaching_before_the_finding_or_after_the_window_covers_nobody(facts_of):
    rows = [
        "a | regular | 2026-10-05 | 0.5 | false | 2026-10-19",
        "b | regular | 2026-10-05 | 0.5 | false | 2026-10-20",
        "c | regular | 2026-10-05 | 0.95 | false | 2026-10-06",
    ]
    facts = facts_of("coaching_coverage", evaluations(*rows, head=COACHED))
    assert facts.select("numerator", "denominator").rows() == [(1.0, 2.0)]


def test_coaching_that_has_not_happened_yet_is_unknown(facts_of):
    rows = evaluations("a | regular | 2026-10-05 | 0.5 | false | 2026-10-15", head=COACHED)
    before = facts_of("coaching_coverage", rows, as_of="2026-10-14")
    after = facts_of("coaching_coverage", rows, as_of="2026-11-20")
    assert before.select("numerator", "final").rows() == [(0.0, False)]
    assert after.select("numerator", "final").rows() == [(1.0, True)]


def test_the_order_of_evaluations_and_answers_changes_no_bit(facts_of):
    rows = [*scored("a", 0.1, 0.7, 0.3), *scored("b", 0.9, 0.77, 0.123456789)]
    names = "qa_score qa_score:by_agent agent_quality:undetermined_mean"
    asked = {"parameters": {"agent_quality:undetermined_mean": {"minimum_evaluations": 2}}}
    straight = facts_of(names, evaluations(*rows), **asked)
    assert facts_of(names, evaluations(*reversed(rows)), **asked).equals(straight)
