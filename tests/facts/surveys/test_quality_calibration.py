"""How far reviewers are from the expert and from each other."""

import pytest

HEAD = "evaluation_id|calibration_id|contact_id|evaluator|kind|form|form_version|submitted_at|score"


def items(*rows):
    lines = []
    for n, row in enumerate(rows):
        item, who, score, *more = row
        kind = more[0] if more else ("expert" if who == "x" else "calibration")
        version = more[1] if len(more) > 1 else 1
        at = f"2026-10-05 10:{n:02}"
        lines.append(f"{n} | {item} | | {who} | {kind} | call | {version} | {at} | {score}")
    return {"evaluations": "\n".join([HEAD, *lines])}


def test_differences_to_both_sides_cancel_in_the_bias_alone(values_of):
    tables = items(("i", "x", 0.8), ("i", "r", 0.95), ("i", "s", 0.65))
    found = values_of("qa_calibration qa_calibration:bias qa_calibration:agreement", tables)
    assert found == {"qa_calibration": 15, "qa_calibration:bias": 0, "qa_calibration:agreement": 0}


def test_a_strict_reviewer_shows_by_name(facts_of):
    tables = items(
        ("i", "x", 0.8), ("i", "r", 0.9), ("i", "s", 0.5), ("j", "x", 0.6), ("j", "r", 0.6)
    )
    facts = facts_of("qa_calibration:bias", tables, by=("evaluator",))
    assert [(who, round(value, 9)) for who, value in facts.select("evaluator", "value").rows()] == [
        ("r", 5),
        ("s", -30),
    ]


def test_an_agreement_at_the_limit_is_agreement(values_of):
    tables = items(("i", "x", 0.8), ("i", "r", 0.7), ("i", "s", 0.69))
    assert values_of("qa_calibration:agreement", tables) == {"qa_calibration:agreement": 0.5}


def test_reviewers_may_agree_with_each_other_and_not_with_the_expert(values_of):
    tables = items(("i", "x", 0.5), ("i", "r", 0.9), ("i", "s", 0.9), ("i", "t", 0.85))
    found = values_of("qa_calibration:agreement qa_calibration:inter_rater", tables)
    assert found == {"qa_calibration:agreement": 0, "qa_calibration:inter_rater": 1}


def test_two_reviewers_alone_make_one_pair_and_no_reference(facts_of):
    tables = items(("i", "r", 0.9), ("i", "s", 0.5))
    facts = facts_of("qa_calibration qa_calibration:inter_rater", tables)
    assert facts.select("kpi", "numerator", "denominator").rows() == [
        ("qa_calibration:inter_rater", 0.0, 1.0)
    ]


def test_scores_on_another_version_of_the_form_are_not_compared(facts_of):
    tables = items(("i", "x", 0.8, "expert", 1), ("i", "r", 0.2, "calibration", 2))
    assert facts_of("qa_calibration", tables).is_empty()


def test_a_reviewer_who_scores_an_item_twice_counts_once_as_last_submitted(facts_of):
    tables = items(("i", "x", 0.8), ("i", "r", 0.1), ("i", "r", 0.75))
    facts = facts_of("qa_calibration", tables)
    assert facts["denominator"].item() == 1
    assert facts["value"].item() == pytest.approx(5)


def test_regular_evaluations_are_no_calibration(facts_of):
    tables = items(("i", "x", 0.8), ("i", "r", 0.1, "regular"), ("i", "s", 0.1, "appeal"))
    assert facts_of("qa_calibration", tables).is_empty()


def test_an_item_without_a_number_is_known_by_its_contact(facts_of):
    rows = ["0 | | c | x | expert | f | 1 | 2026-10-05 | 0.8"]
    rows += ["1 | | c | r | calibration | f | 1 | 2026-10-05 | 0.6"]
    rows += ["2 | | | s | calibration | f | 1 | 2026-10-05 | 0.1"]
    facts = facts_of("qa_calibration", {"evaluations": "\n".join([HEAD, *rows])})
    assert facts["denominator"].item() == 1
    assert facts["value"].item() == pytest.approx(20)


def test_forms_without_names_are_compared_all_the_same(facts_of):
    head = "evaluation_id | contact_id | evaluator | kind | submitted_at | score"
    rows = ["0 | c | x | expert | 2026-10-05 | 0.8", "1 | c | r | calibration | 2026-10-05 | 0.6"]
    facts = facts_of("qa_calibration", {"evaluations": "\n".join([head, *rows])})
    assert facts["denominator"].item() == 1
