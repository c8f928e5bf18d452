"""polars and DuckDB give the same values for the same formula, nulls included."""

import pytest
from catalog.engines import both, formula, make_frame, rows_of, same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

AGGREGATES = [
    "count(*)",
    "count(wait_ms)",
    "count(resolved)",
    "count(distinct agent)",
    "count(distinct local_date(created_at))",
    "sum(wait_ms)",
    "sum(score)",
    "sum(wait_ms + talk_ms)",
    "sum(wait_ms) / count(wait_ms)",
    "avg(wait_ms)",
    "avg(score)",
    "min(wait_ms)",
    "max(score)",
    "min(outcome)",
    "max(created_at)",
    "percentile(wait_ms, 0.5)",
    "percentile(score, 0.9)",
    "percentile(milliseconds(created_at, solved_at), :share)",
    "count(*) filter (where wait_ms <= :limit)",
    "count(*) filter (where wait_ms < :limit or (:inclusive and wait_ms = :limit))",
    "count(*) filter (where outcome in ('answered', 'web'))",
    "count(*) filter (where outcome not in ('answered', 'web'))",
    "count(*) filter (where resolved)",
    "count(*) filter (where not resolved)",
    "count(*) filter (where resolved is true)",
    "count(*) filter (where resolved is not true)",
    "count(*) filter (where resolved is false)",
    "sum(wait_ms) filter (where resolved and escalated)",
    "sum(wait_ms) filter (where resolved or escalated)",
    "percentile(wait_ms, 0.9) filter (where resolved)",
    "count(distinct agent) filter (where escalated)",
    "avg(score) filter (where score between 0 and 2)",
    "min(wait_ms) filter (where outcome like '%a%')",
    "count(wait_ms) filter (where resolved is not null)",
    "count(*) filter (where outcome like 'A\\_b%' or outcome like 'a.b')",
    "sum(case when resolved then 1 else 0 end)",
    "sum(case when resolved then score else 0 end)",
    "100 * (count(*) filter (where score >= 2) - count(*) filter (where score <= 0)) / count(*)",
    "sum(milliseconds(created_at, solved_at)) / count(solved_at)",
    "sum(amount) / nullif(count(*) filter (where resolved), 0)",
    "count(*) filter (where created_at >= timestamp '2026-03-29 00:00:00')",
    "count(*) filter (where local_date(created_at) = date '2026-03-29')",
    "count(*) filter (where outcome = :word)",
    "coalesce(avg(score), 0)",
    "sum(abs(wait_ms))",
    "hours(sum(wait_ms))",
    "sum(hours(wait_ms))",
    "count(*) / hours(sum(talk_ms))",
]
ROWS = [
    "wait_ms + talk_ms * 2 - 1",
    "wait_ms / talk_ms",
    "score / 0",
    "-wait_ms",
    "abs(score)",
    "round(score)",
    "round(score, 1)",
    "coalesce(wait_ms, talk_ms, 0)",
    "coalesce(score, 1)",
    "nullif(wait_ms, talk_ms)",
    "nullif(outcome, '')",
    "least(wait_ms, talk_ms)",
    "greatest(score, replies)",
    "greatest(created_at, solved_at)",
    "lower(trim(outcome))",
    "upper(agent)",
    "concat(outcome, '-', agent)",
    "outcome || agent",
    "case when resolved then 'yes' when escalated then 'up' end",
    "case outcome when 'answered' then 1 when '' then 2.5 else null end",
    "resolved and escalated",
    "resolved or not escalated",
    "resolved = escalated",
    "resolved is null or escalated",
    "wait_ms in (1, 2, talk_ms)",
    "wait_ms not in (1, 2, null_free)".replace("null_free", "talk_ms"),
    "wait_ms between 0 and talk_ms",
    "outcome < agent",
    "outcome not like '_%'",
    "milliseconds(created_at, solved_at)",
    "seconds(created_at, solved_at)",
    "hours(wait_ms)",
    "hours(milliseconds(created_at, solved_at))",
    "later(created_at, wait_ms + talk_ms)",
    "local_date(created_at)",
    "local_hour(solved_at)",
    "local_date(created_at) = local_date(solved_at)",
    "created_at <= solved_at",
    "not :inclusive or outcome = 'answered'",
    "1 - (2 - wait_ms) - 3 * (talk_ms - 1)",
    "wait_ms - (talk_ms - 1) / 2",
    "(wait_ms > 3) = (talk_ms > 3)",
    "not (resolved and escalated) or wait_ms is not null",
]


@pytest.mark.parametrize("texts", [AGGREGATES, ROWS], ids=["aggregates", "rows"])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=rows_of())
def test_both_engines_agree(duck, texts, rows):
    asked = [formula(text) for text in texts]
    for text, ours, theirs in both(duck, make_frame(rows), asked):
        assert same(ours, theirs), (text, ours, theirs)


FLAGS = st.recursive(
    st.sampled_from(
        [
            "resolved",
            "escalated",
            "wait_ms > talk_ms",
            "score = 0.5",
            "outcome like 'a%'",
            "outcome in ('', 'a.b')",
            "agent is null",
            ":inclusive",
            "true",
        ]
    ).map(lambda text: f"({text})"),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" and ", " or ", " = ", " <> "]), inner).map(
            lambda parts: f"({''.join(parts)})"
        ),
        inner.map(lambda text: f"(not {text})"),
        inner.map(lambda text: f"(({text}) is not true)"),
        st.tuples(inner, inner).map(lambda p: f"(case when {p[0]} then {p[1]} end)"),
    ),
    max_leaves=6,
)
NUMBERS = st.recursive(
    st.sampled_from(["wait_ms", "talk_ms", "2", "(-3)", ":limit"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" + ", " - "]), inner).map(
            lambda parts: f"({''.join(parts)})"
        ),
        st.tuples(inner, st.sampled_from(["coalesce", "nullif", "least", "greatest"]), inner).map(
            lambda p: f"{p[1]}({p[0]}, {p[2]})"
        ),
        inner.map(lambda text: f"(-{text})"),
        st.tuples(FLAGS, inner).map(lambda p: f"(case when {p[0]} then {p[1]} else 1 end)"),
    ),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=rows_of(most=4), condition=FLAGS, number=NUMBERS)
def test_random_formulas_agree(duck, rows, condition, number):
    texts = [
        f"{condition} or resolved is null",
        f"sum(wait_ms + {number})",
        f"sum({number} + wait_ms) filter (where {condition} and wait_ms is not null)",
    ]
    for text, ours, theirs in both(duck, make_frame(rows), [formula(t) for t in texts[1:]]):
        assert same(ours, theirs), (text, ours, theirs)
    for text, ours, theirs in both(duck, make_frame(rows), [formula(texts[0])]):
        assert same(ours, theirs), (text, ours, theirs)


@settings(max_examples=15, deadline=None)
@given(rows=rows_of(), data=st.data())
def test_order_of_rows_does_not_matter(rows, data):
    exact = [text for text in AGGREGATES if "score" not in text and "sum(hours" not in text]
    asked = [formula(text) for text in exact]
    one = make_frame(rows)
    other = make_frame(data.draw(st.permutations(rows)))
    assert one.select(*_named(asked)).rows() == other.select(*_named(asked)).rows()


def _named(asked):
    from catalog.engines import PARAMETERS

    return [item.to_polars(PARAMETERS).alias(str(n)) for n, item in enumerate(asked)]


def test_no_rows(duck):
    asked = {
        "sum(wait_ms)": 0,
        "count(*)": 0,
        "count(distinct agent)": 0,
        "avg(wait_ms)": None,
        "percentile(wait_ms, 0.5)": None,
        "sum(wait_ms) / count(wait_ms)": None,
        "sum(wait_ms) filter (where resolved)": 0,
    }
    found = both(duck, make_frame([]), [formula(text) for text in asked])
    assert [(ours, theirs) for _, ours, theirs in found] == [([v], [v]) for v in asked.values()]


def test_constants_divide_truly():
    waits = [number * 7 + 1 for number in range(40)]
    frame = make_frame([{"agent": str(wait), "wait_ms": wait} for wait in waits])
    rows = frame.select(
        hours=formula("hours(wait_ms)").to_polars(), third=formula("wait_ms / 3000").to_polars()
    )
    assert rows["hours"].to_list() == [wait / 3_600_000 for wait in waits]
    assert rows["third"].to_list() == [wait / 3000 for wait in waits]
    groups = frame.group_by("agent", maintain_order=True).agg(
        formula("hours(sum(wait_ms))").to_polars().alias("hours")
    )
    assert groups["hours"].to_list() == [wait / 3_600_000 for wait in waits]


def test_group_by_keeps_types():
    frame = make_frame([{"agent": "a", "wait_ms": 1}, {"agent": "b", "wait_ms": None}])
    found = frame.group_by("agent", maintain_order=True).agg(
        formula("sum(wait_ms)").to_polars().alias("s"),
        formula("count(*)").to_polars().alias("n"),
        formula("count(*) filter (where wait_ms > 0)").to_polars().alias("p"),
    )
    assert found.rows() == [("a", 1, 1, 1), ("b", 0, 1, 0)]
    assert [str(kind) for kind in found.dtypes[1:]] == ["Int64", "Int64", "Int64"]
