"""Every chart of a trend is held to one list: message, labels, grid, type, shape, scale, source."""

from datetime import date, timedelta
from itertools import pairwise

import polars as pl
import pytest
from visuals.conftest import FALLING
from visuals.specs import axes, layers

from kpitools.analysis.annotations import ANNOTATIONS, annotated
from kpitools.analysis.process_limits import process_limits
from kpitools.analysis.xmr import xmr_limits
from kpitools.analysis.xmr_profiles import PROFILES
from kpitools.visuals import chart_small_multiples, chart_trend, say_trend
from kpitools.visuals.theme import LABEL_GAP, PLOT_HEIGHT, STATUS_COLOURS, TONE_COLOURS

MOST_GRIDLINES = 10
LIGHT = 0.7
READABLE = 4.5
SHAPES = {"better": "triangle", "worse": "triangle", "neutral": "triangle", "common": "circle"}


def noted(facts):
    """Record a reason for two months; limits leave one of them out."""
    row = dict.fromkeys(ANNOTATIONS) | {"text": "Outage", "author": "Ana", "exclude": False}
    days = ((date(2025, 3, 1), False), (date(2026, 2, 1), True))
    rows = [
        row | {"from": day, "to": day + timedelta(days=27), "exclude": out} for day, out in days
    ]
    return annotated(facts, pl.DataFrame(rows, schema=ANNOTATIONS))


@pytest.fixture(params=["xmr", "fitting", "multiples", "rising", "far", "noted", "noted multiples"])
def chart(request, months, kpi):
    """Every kind of trend chart."""
    if request.param == "noted":
        rebase = [date(2025, 10, 1)]
        found = process_limits(noted(months(FALLING)), kpi(), rebase=rebase)
        return chart_trend(found, kpi(), rebase=rebase).block
    if request.param == "noted multiples":
        facts = noted(pl.concat([months(FALLING, team=name) for name in ("a", "b")]))
        return chart_small_multiples(process_limits(facts, kpi()), kpi()).block
    if request.param == "fitting":
        return chart_trend(process_limits(months(FALLING), kpi()), kpi()).block
    if request.param == "multiples":
        teams = [months(FALLING, team=name) for name in ("a", "b", "c")]
        return chart_small_multiples(xmr_limits(pl.concat(teams)), kpi()).block
    scale = {"rising": -1.0, "far": 1e6}.get(request.param, 1.0)
    values = [2.0 + scale * value for value in FALLING] if scale != 1.0 else FALLING
    given = {} if scale == 1.0 else {"unit": "number", "targets": {}}
    return chart_trend(xmr_limits(months(values, provisional=True)), kpi(**given)).block


def luminance(colour):
    """How light a colour is, from 0 to 1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_few_light_gridlines_and_none_across(chart):
    found = list(axes({key: part for key, part in chart.spec.items() if key != "config"}))
    assert found
    for axis in found:
        assert axis.get("grid") is False or len(axis["values"]) <= MOST_GRIDLINES
    assert luminance(chart.spec["config"]["axis"]["gridColor"]) > LIGHT


def test_type_is_sans_serif(chart):
    assert chart.spec["config"]["font"].endswith("sans-serif")
    assert not any("font" in layer["mark"] for layer in layers(chart.spec))


def test_no_meaning_is_told_by_colour_alone(chart):
    for name, rows in chart.spec["datasets"].items():
        if not name.startswith("points"):
            continue
        for row in rows:
            assert row["shape"].startswith(SHAPES.get(row["meaning"], "circle"))
            assert bool(row["says"]) == (row["shape"] != "circle")
    colours = {*TONE_COLOURS.values(), *STATUS_COLOURS.values()}
    text = [colour for colour in colours if colour != TONE_COLOURS["common"]]
    assert all(1.05 / (luminance(colour) + 0.05) >= READABLE for colour in text)


def test_no_legend_stands_apart_from_what_it_names(chart):
    for layer in layers(chart.spec):
        for channel in ("color", "shape", "stroke"):
            encoding = layer["encoding"].get(channel, {})
            assert encoding.get("legend") is None


def test_layers_that_share_a_scale_give_it_the_same_domain_and_range(chart):
    for channel in ("shape", "color", "stroke"):
        scales = {
            str(layer["encoding"][channel]["scale"])
            for layer in layers(chart.spec)
            if layer["encoding"].get(channel, {}).get("scale")
        }
        assert len(scales) <= 1, channel


def test_labels_stand_apart_within_the_plot(chart):
    for name, rows in chart.spec["datasets"].items():
        if name != "labels":
            continue
        low, high = next(axes_of(chart.spec, "y"))
        levels = sorted(row["level"] for row in rows)
        least = 0.99 * LABEL_GAP / PLOT_HEIGHT * (high - low)
        assert low <= levels[0]
        assert levels[-1] <= high + 1e-9
        assert all(after - before >= least for before, after in pairwise(levels))


def axes_of(spec, channel):
    """Give the ends of every axis of one channel."""
    for layer in layers(spec):
        if "scale" in layer["encoding"].get(channel, {}):
            yield layer["encoding"][channel]["scale"]["domain"]


def test_small_multiples_share_one_scale(months, kpi):
    teams = [months(FALLING, team="a"), months([0.6, 0.65] * 12, team="b")]
    spec = chart_small_multiples(xmr_limits(pl.concat(teams)), kpi()).block.spec
    for channel in ("x", "y"):
        domains = {
            str(layer["encoding"][channel]["scale"]["domain"])
            for layer in layers(spec)
            if "scale" in layer["encoding"].get(channel, {})
        }
        assert len(domains) == 1


def test_message_limits_target_and_change_are_named_on_the_chart(months, kpi):
    findings = xmr_limits(months(FALLING))
    chart = chart_trend(findings, kpi()).block
    assert say_trend(findings, kpi()).block.text.endswith(chart.title.partition(": ")[2] + ".")
    names = [row["text"].rpartition(" ")[0] for row in chart.spec["datasets"]["labels"]]
    assert {"upper limit 88.1", "mean 85.4", "lower limit 82.7", "target 85"} <= set(names)
    assert chart.spec["datasets"]["began"][0]["text"] == (
        "since about Mar 2026: \N{MINUS SIGN}2.4 pts"
    )
    before, since = chart.spec["datasets"]["levels"]
    assert before["level"] - since["level"] == pytest.approx(0.0236, abs=0.0001)
    assert (before["meaning"], since["meaning"]) == ("common", "worse")
    assert before["from"] < before["to"] <= since["to"]
    levels = sorted(row["level"] for row in chart.spec["datasets"]["labels"])
    assert all(after > earlier for earlier, after in pairwise(levels))


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_every_profile_is_printed_and_its_signals_have_words(months, kpi, profile):
    findings = xmr_limits(months(FALLING), profile=profile)
    chart = chart_trend(findings, kpi(), profile=profile).block
    assert f"XmR chart, profile {profile}, limits from 24 months" in chart.source
    assert chart_trend(findings, kpi()).block.source == chart.source


def test_a_provisional_point_is_hollow_in_shape(months, kpi):
    spec = chart_trend(xmr_limits(months(FALLING, provisional=True)), kpi()).block.spec
    points = [layer for layer in layers(spec) if layer["mark"]["type"] == "point"]
    assert [layer["mark"]["filled"] for layer in points] == [True, False]
    assert [row["hollow"] for row in spec["datasets"]["points"]] == [False] * 23 + [True]


def test_a_change_of_the_latest_point_alone_has_its_level_too(months, kpi):
    values = [0.85, 0.86, 0.855] * 8
    findings = xmr_limits(months([*values[:-1], 0.7]))
    sets = chart_trend(findings, kpi()).block.spec["datasets"]
    assert [row["meaning"] for row in sets["levels"]] == ["common", "worse"]
    assert sets["began"][0]["text"].startswith("in Oct 2026: \N{MINUS SIGN}15.5 pts")
