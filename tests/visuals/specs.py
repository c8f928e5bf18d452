"""What the tests read off a chart's specification."""

import re

import altair as alt


def layers(spec):
    """Give every single-mark part of a specification."""
    parts = [*spec.get("layer", ()), *spec.get("concat", ())]
    return [spec] if not parts else [leaf for part in parts for leaf in layers(part)]


def fields(layer):
    """Name the fields that a layer's encodings read."""
    found = set()
    for channel in layer.get("encoding", {}).values():
        for one in channel if isinstance(channel, list) else [channel]:
            if "field" in one:
                found.add(one["field"])
    for step in layer.get("transform", ()):
        found.add(step["filter"]["field"])
    return found


def check_spec(spec):
    """Hold a specification to Vega-Lite's schema and to what every chart of ours must be."""
    alt.Chart.from_dict(spec)
    check_reading(spec)


def check_reading(spec):
    """Every field that is drawn is in the data, and nothing is evaluated."""
    for layer in layers(spec):
        rows = spec["datasets"][layer["data"]["name"]]
        for row in rows:
            assert fields(layer) <= set(row), layer
    assert_no_expressions(spec)
    for axis in axes(spec):
        assert len(axis.get("values", ())) <= 12


def axes(node):
    """Give every axis of a specification."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "axis" and isinstance(value, dict):
                yield value
            elif key != "datasets":
                yield from axes(value)
    elif isinstance(node, list):
        for value in node:
            yield from axes(value)


def assert_no_expressions(node):
    """No part of a specification is an expression that Vega would evaluate."""
    if isinstance(node, dict):
        assert not {"expr", "labelExpr", "signal", "calculate", "test", "format_type"} & set(node)
        assert not isinstance(node.get("filter"), str)
        for key, value in node.items():
            if key != "datasets":
                assert_no_expressions(value)
    elif isinstance(node, list):
        for value in node:
            assert_no_expressions(value)


def unquoted(block, names=()):
    """Give the digits of a sentence that neither its quoted numbers nor its names account for."""
    text = block.text
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "")
    for number in sorted(block.numbers, key=lambda item: len(item.text), reverse=True):
        text = text.replace(number.text, "", 1)
    return re.findall(r"\d+", text)
