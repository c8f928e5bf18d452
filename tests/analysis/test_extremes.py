import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.analysis.extremes import RULES, extreme_cases
from kpitools.errors import AnalysisError


def contacts(count=2000, *, seed=6, **columns):
    """Calls with lognormal talk, hold and wrap-up times."""
    rng = np.random.default_rng(seed)
    talk = rng.lognormal(np.log(240_000), 0.6, count).astype(int)
    return pl.DataFrame(
        {
            "contact_id": [f"c{number:05}" for number in range(count)],
            "channel": ["voice" if number % 4 else "chat" for number in range(count)],
            "talk_ms": talk,
            "hold_ms": 0,
            "acw_ms": 30_000 + talk % 17_000,
            **columns,
        }
    )


def planted(changes):
    """Replace parts of single contacts: {row: {column: value}}."""
    rows = contacts().to_dicts()
    for place, values in changes.items():
        rows[place] |= values
    return pl.DataFrame(rows, schema=contacts(1).schema)


def by_rule(found):
    return {row["rule"]: row["cases"] for row in found.counts.iter_rows(named=True)}


def test_faults_are_told_apart_by_rule_and_from_true_extremes():
    found = extreme_cases(
        planted(
            {
                10: {"talk_ms": -4000},
                20: {"talk_ms": 0, "acw_ms": 0},
                30: {"talk_ms": 50_000_000},
                41: {"acw_ms": 14_400_000},
                42: {"acw_ms": 14_400_000},
                43: {"acw_ms": 14_400_000},
                50: {"talk_ms": 9_123_457},
                60: {"acw_ms": 7_200_000},
                70: {"talk_ms": None},
            }
        ),
        timeouts_s=[7200],
    )
    counts = by_rule(found)
    plain = extreme_cases(contacts())
    chance = by_rule(plain)["extreme"]
    faults = {"negative": 1, "too_long": 1, "stuck": 4, "zero": 1}
    assert counts == {**faults, "extreme": 1 + chance}
    keys = dict(zip(found.found["contact_id"], found.found["rule"], strict=True))
    assert keys["c00060"] == "stuck"
    assert keys["c00050"] == "extreme"
    assert (found.cases, found.without_length) == (1999, 1)
    stuck = found.counts.row(by_predicate=pl.col("rule") == "stuck", named=True)
    assert len(stuck["examples"]) == 3
    assert set(stuck["examples"]) <= {"c00041", "c00042", "c00043", "c00060"}
    assert found.mean > found.mean_without_faults > found.mean_without_any
    assert found.mean_without_any == pytest.approx(plain.mean_without_any, rel=0.01)


LONG = 9 * 3_600_000


@pytest.mark.parametrize(
    ("changes", "given_", "rule", "cases"),
    [
        ({10: {"talk_ms": -1}}, {}, "negative", 1),
        ({10: {"hold_ms": -1, "talk_ms": 50_000_000}}, {}, "negative", 1),  # before too_long
        ({10: {"talk_ms": LONG}}, {"longest_hours": 8}, "too_long", 1),
        ({10: {"talk_ms": LONG}}, {"longest_hours": 10}, "too_long", 0),
        ({10: {"talk_ms": 12 * 3_600_000 + 1, "acw_ms": 0}}, {}, "too_long", 1),
        ({10: {"talk_ms": 12 * 3_600_000, "acw_ms": 0}}, {}, "too_long", 0),
        ({10: {"acw_ms": 600_000}}, {"timeouts_s": [600]}, "stuck", 1),
        ({10: {"acw_ms": 600_001}}, {"timeouts_s": [600]}, "stuck", 0),
        ({n: {"talk_ms": LONG} for n in (10, 11, 13)}, {}, "stuck", 3),
        ({n: {"talk_ms": LONG + n} for n in (10, 11, 13)}, {}, "stuck", 0),
        ({n: {"talk_ms": LONG} for n in (10, 11)}, {}, "stuck", 0),  # twice is no habit
        ({n: {"talk_ms": 240_000} for n in (10, 11, 13, 14)}, {}, "stuck", 0),  # not long
        ({10: {"talk_ms": 0, "acw_ms": 0}}, {}, "zero", 1),
        ({10: {"talk_ms": 0, "acw_ms": 1}}, {}, "zero", 0),
        ({10: {"talk_ms": LONG}}, {}, "extreme", 1),
        ({10: {"talk_ms": 1_000_000}}, {}, "extreme", 0),
    ],
)
def test_each_rule_takes_what_it_names_and_nothing_else(changes, given_, rule, cases):
    plain, found = extreme_cases(contacts()), extreme_cases(planted(changes), **given_)
    assert by_rule(found)[rule] - by_rule(plain)[rule] == cases


def test_no_rule_is_a_share_of_the_contacts():
    for times in (1, 5):
        rows = planted({n: {"talk_ms": LONG + 1000 * n} for n in range(10, 10 + 20 * times)})
        assert by_rule(extreme_cases(rows))["extreme"] >= 20 * times


def test_clean_contacts_have_no_more_extremes_than_chance():
    found = extreme_cases(contacts(20_000))
    counts = by_rule(found)
    assert sum(counts.values()) - counts["extreme"] == 0
    by_chance = found.counts["by_chance"][-1]
    assert by_chance == pytest.approx(4.65, abs=0.05)
    assert counts["extreme"] <= 14


def test_each_channel_is_compared_with_itself():
    rows = contacts().with_columns(
        talk_ms=pl.when(pl.col("channel") == "chat")
        .then(pl.col("talk_ms") * 6)
        .otherwise("talk_ms")
    )
    assert by_rule(extreme_cases(rows))["extreme"] <= 4
    assert by_rule(extreme_cases(rows, by=[]))["extreme"] > 4


def test_few_equal_or_no_cases_have_no_extremes():
    few = contacts(29).with_columns(
        talk_ms=pl.when(pl.int_range(29) == 3).then(9_999_999).otherwise("talk_ms")
    )
    assert by_rule(extreme_cases(few, by=[]))["extreme"] == 0
    equal = contacts(50).with_columns(talk_ms=200_000, acw_ms=0)
    assert sum(by_rule(extreme_cases(equal)).values()) == 0
    none = extreme_cases(contacts(5).clear())
    assert (none.cases, none.mean, none.mean_without_any) == (0, None, None)
    assert none.counts["rule"].to_list() == list(RULES)
    unknown = extreme_cases(contacts(5).with_columns(talk_ms=pl.lit(None, dtype=pl.Int64)))
    assert (unknown.cases, unknown.without_length) == (0, 5)


def test_lazy_frames_and_any_order_give_the_same():
    rows = planted({10: {"talk_ms": -4000}, 50: {"talk_ms": 9_123_457}})
    found = extreme_cases(rows)
    mixed = extreme_cases(rows.sample(fraction=1, shuffle=True, seed=2).lazy())
    assert mixed.counts.equals(found.counts)
    assert mixed.found.equals(found.found)


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 20))
def test_extremes_do_not_depend_on_the_unit(scale):
    rows = planted({50: {"talk_ms": 9_123_457}, 51: {"talk_ms": 8_123_456}})
    longer = rows.with_columns(pl.col("talk_ms", "hold_ms", "acw_ms") * scale)
    found = extreme_cases(rows, longest_hours=1e6)
    scaled = extreme_cases(longer, longest_hours=1e6)
    assert scaled.counts.select("rule", "cases").equals(found.counts.select("rule", "cases"))
    assert scaled.mean == pytest.approx(found.mean * scale)


def test_what_cannot_be_asked_is_refused_at_once():
    with pytest.raises(AnalysisError) as refused:
        extreme_cases(contacts().drop("talk_ms", "channel"), threshold=0)
    text = str(refused.value)
    assert "no column 'talk_ms'" in text
    assert "no column 'channel'" in text
    assert "not above 0" in text
    with pytest.raises(AnalysisError, match="no part"):
        extreme_cases(contacts(), parts=[])
