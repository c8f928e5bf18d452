from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from scipy import stats

from kpitools.analysis.annotations import ANNOTATIONS, annotated
from kpitools.analysis.funnel import FUNNEL, funnel_limits
from kpitools.analysis.funnel_curve import funnel_curve
from kpitools.analysis.funnel_limits import TAILS, binomial_limit, poisson_limit
from kpitools.analysis.funnel_members import NOTED
from kpitools.analysis.series import build_series
from kpitools.catalog import load_builtin
from kpitools.errors import AnalysisError

OCTOBER = date(2026, 10, 1)
TEAMS = {
    "G": (44, 60),
    "C": (95, 120),
    "F": (150, 190),
    "A": (180, 200),
    "E": (372, 400),
    "B": (430, 500),
    "H": (512, 560),
    "D": (610, 700),
}
CSAT = load_builtin().kpi("csat")
AHT = load_builtin().kpi("aht")


def members(counts, *, kpi="csat"):
    frames = [
        build_series([met / n], start=OCTOBER, cases=n, team=name, kpi=kpi)
        for name, (met, n) in counts.items()
    ]
    return pl.concat(frames)


def funnel(counts, **given_):
    return funnel_limits(members(counts), CSAT, by="team", **given_)


def named(found, name):
    return found.row(by_predicate=pl.col("team") == name, named=True)


def test_the_team_case_of_funnelplotr_gives_the_printed_numbers():
    """R package FunnelPlotR 0.6.0, type PR, run on these eight teams."""
    found = funnel(TEAMS, method="arcsine", overdispersion=False)
    assert found["target"][0] == pytest.approx(0.8765567766, abs=5e-11)
    assert found["phi"][0] == pytest.approx(5.521867289, abs=5e-10)
    z = {"G": -2.8448, "C": -2.5190, "F": -3.2440, "A": 1.0538}
    z |= {"E": 3.6498, "B": -1.0952, "H": 2.9289, "D": -0.4089}
    assert {row["team"]: round(row["z"], 4) for row in found.iter_rows(named=True)} == z
    g = named(found, "G")
    assert (round(g["low_95"], 4), round(g["high_95"], 4)) == (0.7822, 0.9469)
    outside = found.filter(pl.col("status") != "within")["team"].to_list()
    assert outside == ["C", "E", "F", "G", "H"]
    assert found.filter(status="beyond_998")["team"].to_list() == ["E", "F"]
    assert round(named(found, "F")["low_998"], 4) == 0.7940
    assert round(named(found, "E")["high_998"], 4) == 0.9227


def test_overdispersion_leaves_one_team_beyond_the_inner_limit():
    found = funnel(TEAMS, method="arcsine")
    assert found["tau2"][0] == pytest.approx(0.004128733873, abs=5e-13)
    assert found.filter(status="beyond_95")["team"].to_list() == ["G"]
    assert found.filter(status="beyond_998").height == 0
    g = named(found, "G")
    assert (round(g["value"], 4), round(g["low_95"], 4)) == (0.7333, 0.7378)
    assert not found["stands_out"].any()  # one of eight beyond 95 % is what chance gives


def test_poisson_limits_give_the_printed_numbers():
    """R package FunnelPlotR 0.6.0, type SR, without overdispersion."""
    exposure = np.array([15.0, 20.0, 30.0])
    printed = {
        0.025: [0.5596924, 0.6108260, 0.6746958],
        0.975: [1.649348, 1.544419, 1.427562],
        0.001: [0.3862650, 0.4479107, 0.5289724],
        0.999: [2.082907, 1.902094, 1.702771],
    }
    for tail, limits in printed.items():
        digits = 7 if tail < 0.5 else 6
        assert [round(float(one), digits) for one in poisson_limit(exposure, 1.0, tail)] == limits


def test_exact_binomial_limits_give_the_printed_numbers():
    """clinical-qikit 0.5.0, exact binomial funnel around the pooled share."""
    met = [22, 26, 23, 27, 38, 27, 35, 26, 46, 35]
    cases = [105, 121, 122, 137, 161, 170, 178, 184, 190, 197]
    counts = {chr(97 + i): pair for i, pair in enumerate(zip(met, cases, strict=True))}
    found = funnel(counts, overdispersion=False)
    first = found.row(0, named=True)
    assert round(first["target"], 6) == 0.194888
    assert (round(first["low_998"], 6), round(first["high_998"], 6)) == (0.079364, 0.317403)
    assert (round(first["low_95"], 6), round(first["high_95"], 6)) == (0.116926, 0.268695)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 400),
    st.floats(0.01, 0.99),
    st.sampled_from([0.001, 0.025, 0.975, 0.999]),
)
def test_binomial_limits_interpolate_the_quantiles_of_scipy(cases, target, tail):
    r = stats.binom.ppf(tail, cases, target)
    at = stats.binom.cdf(r, cases, target)
    share = (at - tail) / stats.binom.pmf(r, cases, target)
    by_hand = min(max((r - share) / cases, 0), 1)
    found = binomial_limit(np.array([float(cases)]), target, tail)[0]
    assert found == pytest.approx(by_hand, abs=1e-6)


def test_small_groups_are_counted_but_not_judged():
    found = funnel(TEAMS | {"tiny": (0, 4)})
    tiny = named(found, "tiny")
    assert (tiny["small"], tiny["judged"], tiny["status"]) == (True, False, "not_judged")
    assert tiny["p_value"] is None
    assert not tiny["stands_out"]
    assert tiny["target"] == pytest.approx(2393 / 2734)
    strict = funnel(TEAMS, minimum_group=150)
    assert strict.filter(~pl.col("judged"))["team"].to_list() == ["C", "G"]


def noted(*rows):
    empty = dict.fromkeys(ANNOTATIONS) | {"dimension": "team", "author": "Ana", "exclude": False}
    return pl.DataFrame([empty | row for row in rows], schema=ANNOTATIONS)


def test_a_recorded_reason_stands_beside_its_member():
    found = funnel(TEAMS, annotations=noted({"member": "F", "text": "Hard cases"}))
    assert found.drop(NOTED).equals(funnel(TEAMS).drop(NOTED))
    row = named(found, "F")
    assert (row["annotation"], row["annotation_author"], row["excluded"]) == (
        "Hard cases",
        "Ana",
        False,
    )
    assert found["annotation"].null_count() == len(TEAMS) - 1


@pytest.mark.parametrize("method", ["binomial", "arcsine", "poisson"])
def test_a_member_left_out_takes_no_part_in_the_rest(method):
    left_out = noted({"member": "F", "text": "Training", "exclude": True})
    found = funnel(TEAMS, method=method, annotations=left_out)
    rest = funnel({name: pair for name, pair in TEAMS.items() if name != "F"}, method=method)
    assert found.filter(pl.col("team") != "F").equals(rest)
    row = named(found, "F")
    assert (row["status"], row["judged"], row["stands_out"]) == ("excluded", False, False)
    assert (row["p_value"], row["p_adjusted"]) == (None, None)
    assert row["value"] == pytest.approx(150 / 190)
    assert row["low"] < row["value"] < row["high"]
    assert found["target"].n_unique() == found["phi"].n_unique() == 1
    assert found["target"][0] > funnel(TEAMS)["target"][0]


def test_periods_that_a_reason_leaves_out_do_not_count():
    before = members(TEAMS).with_columns(period=pl.lit(date(2026, 9, 1)))
    bad = members(TEAMS | {"F": (1, 190)})
    month = {"from": OCTOBER, "to": date(2026, 10, 31), "exclude": True}
    of_f = noted(month | {"member": "F", "text": "Training"})
    found = funnel_limits(pl.concat([before, bad]), CSAT, by="team", annotations=of_f)
    row = named(found, "F")
    assert (row["cases"], row["numerator"], row["periods_excluded"]) == (190, 150, 1)
    assert (row["excluded"], row["annotation"]) == (False, "Training")
    assert named(found, "A")["periods_excluded"] == 0
    of_all = noted(month | {"dimension": None, "text": "Outage"})
    found = funnel_limits(pl.concat([before, bad]), CSAT, by="team", annotations=of_all)
    assert found.drop("periods_excluded").equals(funnel(TEAMS).drop("periods_excluded"))
    assert found["periods_excluded"].to_list() == [1] * len(TEAMS)


def test_a_mean_leaves_out_the_periods_too():
    rng = np.random.default_rng(4)
    frames = []
    for name in "abcdef":
        values = [300 + rng.normal(0, 25) for _ in range(10)]
        frames.append(
            build_series(values, start=OCTOBER, grain="day", cases=60, team=name, kpi="aht")
        )
    facts = pl.concat(frames)
    day = pl.col("period") == date(2026, 10, 3)
    odd = facts.with_columns(
        pl.when(day).then(pl.col(name) * 9).otherwise(name) for name in ("numerator", "value")
    )
    one = {"from": date(2026, 10, 3), "to": date(2026, 10, 3), "dimension": None, "text": "Fault"}
    found = funnel_limits(odd, AHT, by="team", annotations=noted(one | {"exclude": True}))
    plain = funnel_limits(facts.filter(~day), AHT, by="team")
    assert_frame_equal(found.drop("periods_excluded"), plain.drop("periods_excluded"))


def test_where_everybody_is_left_out_nobody_is_judged():
    everybody = noted({"dimension": None, "text": "Migration", "exclude": True})
    found = funnel(TEAMS, annotations=everybody)
    assert set(found["status"]) == {"excluded"}
    assert not found["judged"].any()
    assert found["target"][0] == pytest.approx(0.8765567766)


def test_facts_that_are_annotated_already_need_no_annotations():
    left_out = noted({"member": "F", "text": "Training", "exclude": True})
    facts = annotated(members(TEAMS), left_out)
    assert funnel_limits(facts, CSAT, by="team").equals(funnel(TEAMS, annotations=left_out))


@pytest.mark.parametrize("method", ["binomial", "arcsine", "poisson"])
@pytest.mark.parametrize("overdispersion", [True, False])
def test_the_curve_goes_through_the_limits_of_the_members(method, overdispersion):
    found = funnel(TEAMS, method=method, overdispersion=overdispersion)
    curve = funnel_curve(found, points=200)
    assert (curve["cases"][0], curve["cases"][-1]) == (60.0, 700.0)
    for row in found.iter_rows(named=True):
        for name in TAILS:
            near = np.interp(row["cases"], curve["cases"], curve[name])
            assert near == pytest.approx(row[name], abs=3e-3)
    assert (found["tau2"][0] > 0) == (overdispersion and method != "poisson")


def test_the_curve_of_a_mean_goes_through_the_limits_of_its_members():
    rng = np.random.default_rng(5)
    frames = []
    for place, name in enumerate("abcdef"):
        values = [300 + 9 * place + rng.normal(0, 25) for _ in range(10)]
        cases = 40 * (place + 1)
        frames.append(
            build_series(values, start=OCTOBER, grain="day", cases=cases, team=name, kpi="aht")
        )
    found = funnel_limits(pl.concat(frames), AHT, by="team")
    curve = funnel_curve(found, points=300)
    assert found["tau2"][0] > 0
    for row in found.iter_rows(named=True):
        for name in TAILS:
            near = np.interp(row["cases"], curve["cases"], curve[name])
            assert near == pytest.approx(row[name], rel=1e-3)


def test_the_curve_where_nothing_can_differ():
    alike = funnel({"a": (50, 50), "b": (40, 40)})
    assert funnel_curve(alike)["low_998"].unique().to_list() == [1.0]
    assert funnel_curve(funnel({"a": (3, 4)})).height == 0
    one = funnel_curve(funnel({"a": (40, 50)}))
    assert one["cases"].unique().to_list() == [50.0]


def test_members_stand_by_name_or_volume_with_their_own_interval():
    found = funnel(TEAMS)
    assert found.columns == ["team", *FUNNEL]
    assert found["team"].to_list() == sorted(TEAMS)
    assert funnel(TEAMS, order="volume")["team"].to_list() == list(reversed(TEAMS))
    wilson = named(funnel({"x": (45, 50), "y": (190, 200)}), "x")
    assert (round(wilson["low"], 6), round(wilson["high"], 6)) == (0.786398, 0.956524)


@pytest.mark.slow
def test_few_of_many_equal_members_stand_out_by_chance():
    rng = np.random.default_rng(8)
    called = 0
    for _ in range(40):
        cases = rng.integers(20, 400, 60)
        met = rng.binomial(cases, 0.85)
        counts = {
            f"m{i:02}": (int(m), int(n)) for i, (m, n) in enumerate(zip(met, cases, strict=True))
        }
        found = funnel(counts)
        called += found["stands_out"].any()
    assert called <= 10  # at most 4 of 40 expected at a rate of 0.1


def test_a_member_that_differs_stands_out_among_equals():
    rng = np.random.default_rng(8)
    counts = {f"m{i:02}": (int(rng.binomial(300, 0.85)), 300) for i in range(30)}
    found = funnel(counts | {"odd": (200, 300)})
    assert found.filter("stands_out").select("team", "above", "status").rows() == [
        ("odd", False, "beyond_998")
    ]


def test_rates_and_means_have_funnels_of_their_own():
    rng = np.random.default_rng(3)
    frames = []
    for name, mean in {"a": 300, "b": 300, "c": 300, "d": 300, "e": 300, "slow": 390}.items():
        cases = [60 + day % 7 for day in range(20)]
        values = [mean + rng.normal(0, 200 / n**0.5) for n in cases]
        frames.append(
            build_series(values, start=OCTOBER, grain="day", cases=cases, team=name, kpi="aht")
        )
    found = funnel_limits(pl.concat(frames), AHT, by="team")
    assert found["method"][0] == "mean"
    assert found.filter("stands_out")["team"].to_list() == ["slow"]
    assert (found["low"] < found["value"]).all()
    rates = members({"a": (15, 15), "b": (20, 20), "c": (30, 30)})
    poisson = funnel_limits(rates, CSAT, by="team", method="poisson")
    assert poisson["low_95"].to_list() == pytest.approx([0.5596924, 0.6108260, 0.6746958], abs=1e-7)
    assert poisson["p_value"].to_list() == [None, None, 1.0]  # two on fewer than 30 cases


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("csat", "binomial"),
        ("contact_rate", "poisson"),
        ("replies_per_ticket", "poisson"),
        ("aht", "mean"),
        ("quality_index", "mean"),
        ("resolution_flow_ratio", "mean"),
    ],
)
def test_the_method_follows_what_the_kpi_counts(name, method):
    kpi = load_builtin().kpi(name)
    facts = members({"a": (80, 100), "b": (90, 100)}, kpi=name)
    facts = facts.with_columns(version=pl.lit(kpi.version))
    assert set(funnel_limits(facts, kpi, by="team")["method"]) == {method}


@pytest.mark.parametrize("counts", [{"a": (50, 50), "b": (40, 40)}, {"a": (0, 50), "b": (0, 40)}])
def test_members_that_are_all_alike_do_not_differ(counts):
    for method in ("binomial", "arcsine", "poisson"):
        found = funnel(counts, method=method)
        assert not found["stands_out"].any()
        assert set(found["status"]) == {"within"}


def test_a_mean_of_few_periods_judges_nobody():
    found = funnel_limits(members(TEAMS, kpi="aht"), AHT, by="team")
    assert set(found["status"]) == {"not_judged"}
    assert not found["judged"].any()
    assert found["low_95"].null_count() == found["p_adjusted"].null_count() == len(TEAMS)
    assert found["cases"].sum() == 2730


def test_one_member_and_none_are_no_error():
    one = funnel({"a": (40, 50)})
    assert one.select("status", "phi", "tau2").row(0) == ("within", 1.0, 0.0)
    none = funnel_limits(members(TEAMS).clear(), CSAT, by="team")
    assert none.columns == ["team", *FUNNEL]
    empty = members({"a": (40, 50)}).with_columns(denominator=pl.lit(0.0))
    assert funnel_limits(empty, CSAT, by="team").height == 0


def test_periods_are_added_up_in_any_order():
    two = pl.concat([members(TEAMS), members(TEAMS).with_columns(period=pl.lit(date(2026, 9, 1)))])
    found = funnel_limits(two.sample(fraction=1, shuffle=True, seed=1), CSAT, by="team")
    assert found["cases"].to_list() == [2 * TEAMS[name][1] for name in sorted(TEAMS)]


@pytest.mark.parametrize(
    ("facts", "kpi", "given_", "message"),
    [
        (members(TEAMS), CSAT, {"by": "agent"}, "no dimension 'agent'"),
        (members(TEAMS), AHT, {"by": "team"}, "another KPI"),
        (members(TEAMS), CSAT, {"by": "team", "method": "binomal"}, "no funnel method"),
        (members({"a": (60, 50)}), CSAT, {"by": "team"}, "shares above 1"),
        (
            members(TEAMS, kpi="offered"),
            load_builtin().kpi("offered"),
            {"by": "team"},
            "no cases that chance",
        ),
    ],
)
def test_questions_without_answer_are_refused(facts, kpi, given_, message):
    with pytest.raises(AnalysisError, match=message):
        funnel_limits(facts, kpi, **given_)


def test_another_dimension_with_several_values_is_refused():
    facts = members(TEAMS).with_columns(pl.lit("x").alias("channel"))
    both = pl.concat([facts, facts.with_columns(channel=pl.lit("y"))])
    ordered = both.select(*both.columns[:5], "channel", *both.columns[5:-1])
    with pytest.raises(AnalysisError, match="another dimension"):
        funnel_limits(ordered, CSAT, by="team")
