"""Icons are plain drawings that say the same without colour."""

import itertools
import re
from xml.etree import ElementTree as ET

import pytest

from kpitools.errors import AnalysisError
from kpitools.visuals.icons import (
    ASSURANCE_WORDS,
    icon_assurance,
    icon_variation,
    variation_words,
)

SVG = "{http://www.w3.org/2000/svg}"
SIDES = [(tone, high) for tone in ("better", "worse", "neutral") for high in (True, False)]
VARIATION = [*SIDES, ("common", None), ("unknown", None)]
DRAWN = {
    **{f"{tone} {high}": icon_variation(tone, high=high) for tone, high in VARIATION},
    **{icon: icon_assurance(icon) for icon in ASSURANCE_WORDS},
}


def parsed(svg):
    return ET.fromstring(svg)  # noqa: S314 - our own drawing


def drawn_lines(svg):
    """What is drawn when every colour is the same: paths, places, fills or not, dashes."""
    return [
        (part.tag, part.get("d"), part.get("transform"), part.get("stroke-dasharray"))
        for part in parsed(svg).iter()
        if part.tag not in {f"{SVG}title", f"{SVG}svg"}
    ]


@pytest.mark.parametrize("name", DRAWN)
def test_an_icon_is_plain_svg_with_its_meaning_as_title(name):
    root = parsed(DRAWN[name])
    assert root.tag == f"{SVG}svg"
    assert {part.tag.removeprefix(SVG) for part in root.iter()} <= {"svg", "title", "path", "g"}
    assert root.get("role") == "img"
    assert root.get("viewBox") == "0 0 48 48"
    (title,) = root.iter(f"{SVG}title")
    assert title.text == root.get("aria-label")
    assert not re.search(r"(script|style|font|href|url\(|\bid=)", DRAWN[name])


@pytest.mark.parametrize(("one", "other"), [*itertools.combinations(DRAWN, 2)])
def test_icons_differ_without_their_colours(one, other):
    assert drawn_lines(DRAWN[one]) != drawn_lines(DRAWN[other])
    titles = [next(parsed(DRAWN[name]).iter(f"{SVG}title")).text for name in (one, other)]
    assert titles[0] != titles[1]


def frame(svg):
    return next(parsed(svg).iter(f"{SVG}path")).get("d")


def letter(svg):
    """Return the strokes of the letter: the one part that stands in a group."""
    (group,) = parsed(svg).iter(f"{SVG}g")
    return group[0].get("d")


def test_shape_tells_the_meaning_and_letter_the_side():
    shapes = {tone: frame(icon_variation(tone, high=True)) for tone, _ in SIDES}
    assert len(set(shapes.values())) == 3
    for tone, high in SIDES:
        assert frame(icon_variation(tone, high=high)) == shapes[tone]
    highs = {letter(icon_variation(tone, high=True)) for tone, _ in SIDES}
    lows = {letter(icon_variation(tone, high=False)) for tone, _ in SIDES}
    assert len(highs) == len(lows) == 1
    assert highs != lows
    assert len({letter(icon_assurance(icon)) for icon in ASSURANCE_WORDS}) == 4


def numbers(path):
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path)]


@pytest.mark.parametrize("name", DRAWN)
def test_everything_lies_within_the_box(name):
    for part in parsed(DRAWN[name]).iter(f"{SVG}path"):
        assert all(0 <= number <= 48 for number in numbers(part.get("d")))


def test_the_bar_lies_past_short_of_or_across_the_target():
    def bar(icon):
        paths = [part.get("d") for part in parsed(icon_assurance(icon)).iter(f"{SVG}path")]
        (aim, _, *_), (first, _, last) = numbers(paths[1]), numbers(paths[2])
        return first - aim, last - aim

    assert min(bar("pass")) > 0
    assert max(bar("fail")) < 0
    first, last = bar("hit_and_miss")
    assert first < 0 < last
    assert len(list(parsed(icon_assurance("none")).iter(f"{SVG}path"))) == 2


def test_colour_follows_meaning_and_never_the_side():
    def inks(svg):
        return set(re.findall(r"#[0-9a-f]{6}", svg))

    for tone, _ in SIDES:
        assert inks(icon_variation(tone, high=True)) == inks(icon_variation(tone, high=False))
    assert inks(icon_variation("better", high=True)) == inks(icon_assurance("pass"))
    assert inks(icon_variation("worse", high=True)) == inks(icon_assurance("fail"))


def test_the_size_is_that_asked_for():
    root = parsed(icon_assurance("pass", size=64))
    assert (root.get("width"), root.get("height")) == ("64", "64")


def test_words_name_the_letter_that_is_drawn():
    assert variation_words("better", high=False) == "Changed for the better: lower (L)"
    for icon, mark in (("pass", "(P)"), ("fail", "(F)"), ("hit_and_miss", "(M)")):
        assert mark in ASSURANCE_WORDS[icon]


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: icon_variation("beter", high=True), "did you mean 'better'"),
        (lambda: icon_variation("worse"), "a change has a side"),
        (lambda: icon_assurance("passs"), "did you mean 'pass'"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, message):
    with pytest.raises(AnalysisError, match=message):
        draw()


def test_icons_compile_in_typst(tmp_path):
    typst = pytest.importorskip("typst")
    for name, svg in DRAWN.items():
        (tmp_path / f"{name}.svg").write_text(svg, encoding="utf-8")
    (tmp_path / "page.typ").write_text(
        "".join(f'#image("{name}.svg", width: 1cm)\n' for name in DRAWN), encoding="utf-8"
    )
    assert typst.compile(str(tmp_path / "page.typ")).startswith(b"%PDF")
