"""A drawn chart is reduced to plain shapes and text before it enters a pack."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass

from kpitools.errors import PackError

_NAMESPACE = "http://www.w3.org/2000/svg"
_ELEMENTS = re.compile(
    "svg|g|path|line|rect|circle|ellipse|polygon|polyline|text|tspan|clipPath|defs"
    "|linearGradient|radialGradient|stop"
)
_ATTRIBUTES = re.compile(
    "id|width|height|viewBox|d|x|y|x1|y1|x2|y2|dx|dy|cx|cy|r|rx|ry|points|transform"
    "|fill|fill-opacity|fill-rule|stroke|stroke-(width|opacity|dasharray|dashoffset|linecap"
    "|linejoin|miterlimit)|opacity|display|font-(family|size|weight|style)|text-anchor"
    "|dominant-baseline|clip-path|clip-rule|offset|stop-color|stop-opacity|gradientUnits"
    "|gradientTransform"
)
_REFERENCE = re.compile(r"url\(#([\w-]+)\)")
_LONG_NUMBER = re.compile(r"(\d+\.\d{2})\d+")
_COLOUR = re.compile("#[0-9a-fA-F]{3,8}")
_BOX = ("left", "top", "width", "height")
_INK = "#1f2933"
_MOVE = re.compile(r"(translate|rotate)\(([^)]*)\)")


@dataclass(frozen=True)
class Placed:
    """A text taken out of a chart, and where it stood, in the chart's own units."""

    text: str
    x: float
    y: float
    angle: float
    anchor: str
    size: float
    weight: int
    colour: str


def tidy_svg(svg: str, *, prefix: str, least_width: float = 0.0) -> str:
    """Keep only shapes and text, number the ids, shorten the numbers.

    What is not on the list of known elements and attributes (scripts, links, styles, pictures
    from elsewhere) is left out, so the result can stand inside a page.

    Args:
        svg: as the drawing library gives it; ids count up over its lifetime.
        prefix: makes ids unique on the page, for example `c3`.
        least_width: narrower charts get room at their right, so that charts under one another
            are drawn to one scale.

    Raises:
        PackError: not an SVG.

    Example:
        >>> tidy_svg('<svg xmlns="http://www.w3.org/2000/svg"><script/><g id="clip7"/></svg>',
        ...     prefix="c1")
        '<svg xmlns="http://www.w3.org/2000/svg"><g id="c1-1" /></svg>'
    """
    root = read_svg(svg)
    names: dict[str, str] = {}
    for element in root.iter():
        if "id" in element.attrib and _known(element):
            names.setdefault(element.attrib["id"], f"{prefix}-{len(names) + 1}")
    _reduce(root, names)
    _widen(root, least_width)
    return write_svg(root)


def _widen(root: ET.Element, least_width: float) -> None:
    box = [float(part) for part in root.attrib.get("viewBox", "").split()]
    if len(box) == len(_BOX) and box[2] < least_width:
        box[2] = least_width
        root.attrib["viewBox"] = " ".join(f"{part:g}" for part in box)
        root.attrib["width"] = f"{least_width:g}"


def read_svg(svg: str) -> ET.Element:
    """Read an SVG that the drawing library made.

    Raises:
        PackError: not an SVG, or one with declarations of its own.
    """
    if "<!" in svg:
        raise PackError("the drawing is not a plain SVG", found="a declaration")
    try:
        root = ET.fromstring(svg)  # noqa: S314 - no declarations, so no entities to expand
    except ET.ParseError as error:
        raise PackError("the drawing is not a plain SVG", found=str(error)) from error
    if root.tag != f"{{{_NAMESPACE}}}svg":
        raise PackError("the drawing is not a plain SVG", found=root.tag[:80])
    return root


def write_svg(root: ET.Element) -> str:
    """Write an SVG as text."""
    ET.register_namespace("", _NAMESPACE)
    return ET.tostring(root, encoding="unicode")


def _known(element: ET.Element) -> bool:
    return bool(_ELEMENTS.fullmatch(element.tag.removeprefix(f"{{{_NAMESPACE}}}")))


def _reduce(element: ET.Element, names: dict[str, str]) -> None:
    element.attrib = {
        key: _value(key, value, names)
        for key, value in element.attrib.items()
        if _keeps(key, value)
    }
    for child in list(element):
        if _known(child) and child.attrib.get("display") != "none":
            _reduce(child, names)
        else:
            element.remove(child)
    if element.tag.endswith("}g"):
        for child in list(element):
            if child.tag.endswith("}g") and len(child) == 0 and "id" not in child.attrib:
                element.remove(child)


def _keeps(key: str, value: str) -> bool:
    if not _ATTRIBUTES.fullmatch(key):
        return False
    return "url(" not in value or _REFERENCE.fullmatch(value) is not None


def _value(key: str, value: str, names: dict[str, str]) -> str:
    if key == "id":
        return names.get(value, value)
    if key in {"d", "transform", "points"} or value[:1].isdigit():
        value = _LONG_NUMBER.sub(r"\1", value)
    return _REFERENCE.sub(lambda found: f"url(#{names.get(found[1], found[1])})", value)


def take_texts(svg: str, *, wanted: Callable[[str], bool]) -> tuple[str, tuple[Placed, ...]]:
    """Take texts out of a chart so that a page can set them itself, where they stood.

    Args:
        svg: a tidy SVG.
        wanted: tells of a text whether it is taken out.

    Returns:
        The SVG without them, and the texts with their places.
    """
    root = read_svg(svg)
    placed: list[Placed] = []
    _take(root, (0.0, 0.0, 0.0), wanted, placed)
    return (write_svg(root), tuple(placed)) if placed else (svg, ())


def _take(
    element: ET.Element,
    place: tuple[float, float, float],
    wanted: Callable[[str], bool],
    placed: list[Placed],
) -> None:
    here = _moved(place, element.attrib.get("transform", ""))
    for child in list(element):
        text = "".join(child.itertext())
        if child.tag.endswith("}text") and wanted(text):
            x, y, angle = _moved(here, child.attrib.get("transform", ""))
            placed.append(_placed(child, text, x, y, angle))
            element.remove(child)
        else:
            _take(child, here, wanted, placed)


def _moved(place: tuple[float, float, float], transform: str) -> tuple[float, float, float]:
    x, y, angle = place
    for kind, numbers in _MOVE.findall(transform):
        parts = [float(part) for part in re.split(r"[\s,]+", numbers.strip())]
        if kind == "rotate":
            angle += parts[0]
        else:
            right, down = parts[0], parts[1] if len(parts) > 1 else 0.0
            turn = math.radians(angle)
            x += right * math.cos(turn) - down * math.sin(turn)
            y += right * math.sin(turn) + down * math.cos(turn)
    return x, y, angle


def _placed(element: ET.Element, text: str, x: float, y: float, angle: float) -> Placed:
    attributes = element.attrib
    weight = attributes.get("font-weight", "400")
    colour = attributes.get("fill", "")
    return Placed(
        text=text,
        x=round(x + float(attributes.get("x", 0)), 2),
        y=round(y + float(attributes.get("y", 0)), 2),
        angle=round(angle, 2),
        anchor=attributes.get("text-anchor", "start"),
        size=float(re.sub(r"[^\d.]", "", attributes.get("font-size", "")) or 11),
        weight=int(weight) if weight.isdigit() else 700 if weight == "bold" else 400,
        colour=colour if _COLOUR.fullmatch(colour) else _INK,
    )
