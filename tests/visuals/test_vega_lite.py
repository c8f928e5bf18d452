import json
import subprocess
import sys

import altair as alt
import pytest
from jsonschema import ValidationError

from kpitools.packs.chart_child import VEGA_LITE
from kpitools.visuals.layers import build_spec
from kpitools.visuals.vega_lite import SCHEMA, Layer, column, constant, layered


def ours():
    scale = {"domain": ["a", "b"], "range": ["red", "blue"]}
    points = Layer("points").only("hollow", equal=False).mark("point", size=55, filled=True)
    lines = Layer("points").mark("line", strokeDash=[4, 3], color="grey")
    text = Layer("labels").mark("text", align="left", dx=6)
    y = column("value:Q", axis={"values": [1.0, 2.0], "title": None}, scale={"zero": False})
    return [
        points.encode(
            x="at:T",
            y=y,
            color=column("meaning:N", scale=scale, legend=None),
            tooltip=[column("when:N", title="period"), column("shown:N")],
        ),
        lines.encode(x="at:T", y=y, y2="upper", detail="run:N"),
        text.encode(x=constant(462), y=y, text="text:N", color=column("colour:N", scale=None)),
    ]


def theirs():
    def data(name):
        return alt.Chart(alt.NamedData(name=name))

    scale = alt.Scale(domain=["a", "b"], range=["red", "blue"])
    full = data("points").transform_filter(alt.FieldEqualPredicate(field="hollow", equal=False))
    y = alt.Y("value:Q", axis=alt.Axis(values=[1.0, 2.0], title=None), scale=alt.Scale(zero=False))
    return [
        full.mark_point(size=55, filled=True).encode(
            x="at:T",
            y=y,
            color=alt.Color("meaning:N", scale=scale, legend=None),
            tooltip=[alt.Tooltip("when:N", title="period"), alt.Tooltip("shown:N")],
        ),
        data("points")
        .mark_line(strokeDash=[4, 3], color="grey")
        .encode(x="at:T", y=y, y2="upper", detail="run:N"),
        data("labels")
        .mark_text(align="left", dx=6)
        .encode(x=alt.value(462), y=y, text="text:N", color=alt.Color("colour:N", scale=None)),
    ]


def test_layers_are_what_altair_writes_to_the_byte():
    made = layered(ours(), width=462, height=168)
    chart = alt.layer(*theirs()).properties(width=462, height=168).to_dict(validate=False)
    for one, other in zip(made["layer"], chart["layer"], strict=True):
        assert json.dumps(one) == json.dumps(other)
    assert (made["width"], made["height"]) == (chart["width"], chart["height"])


def test_a_finished_specification_is_valid_and_of_the_version_that_packs_draw():
    rows = [{"at": "2026-10-01T00:00:00Z", "value": 1.0}]
    spec = build_spec(ours(), {"points": rows, "labels": []}, height=168)
    alt.Chart.from_dict(spec)
    assert f"/vega-lite/v{VEGA_LITE}." in SCHEMA == spec["$schema"]


def test_the_schema_finds_a_wrong_mark_and_a_wrong_channel():
    bad = [Layer("points").mark("circus").encode(x="at:T")]
    with pytest.raises(ValidationError):
        alt.Chart.from_dict(build_spec(bad, {"points": []}, height=168))
    bad = [Layer("points").mark("line").encode(x=column("at:T", scale={"domain": "wide"}))]
    with pytest.raises(ValidationError):
        alt.Chart.from_dict(build_spec(bad, {"points": []}, height=168))


def test_a_layer_that_is_drawn_upon_stays_as_it_was():
    first = Layer("points").mark("line").encode(x="at:T")
    second = first.encode(y="value:Q").only("run", equal=1)
    assert set(first.spec()["encoding"]) == {"x"}
    assert set(second.spec()["encoding"]) == {"x", "y"}
    assert "transform" not in first.spec()


def test_a_specification_shares_nothing_with_the_layer_that_made_it():
    domain = ["a", "b"]
    layer = Layer("points").mark("point").encode(color=column("m:N", scale={"domain": domain}))
    spec = layer.spec()
    spec["encoding"]["color"]["scale"]["domain"].append("c")
    assert domain == ["a", "b"]
    assert layer.spec()["encoding"]["color"]["scale"]["domain"] == ["a", "b"]


@pytest.mark.slow
def test_drawing_loads_no_chart_library():
    code = (
        "import sys, kpitools.visuals as v; [getattr(v, name) for name in v.__all__]; "
        "print('altair' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
