"""What a mark says: every status and every change as a shape and a word, beside its colour."""

from __future__ import annotations

from datetime import date

from kpitools.analysis.budget import RATE
from kpitools.analysis.latest import ALPHA
from kpitools.visuals.blocks import Status, Tone

UP, DOWN, SAME, UNSURE = "▲", "▼", "●", "?"
OPEN_UP, OPEN_DOWN = "△", "▽"
NONE, MET, MISSED = "\N{EN DASH}", "✓", "\N{MULTIPLICATION SIGN}"

STATUS_WORDS: dict[Status, str] = {
    "met": f"{MET} met",
    "within": "~ in range",
    "outside": f"{MISSED} outside",
    "not_judged": "? too few",
    "no_target": f"{NONE} no target",
    "no_data": f"{NONE} no data",
}
"""Shape and word of each status; a renderer adds a colour and a frame, nothing else."""

SIGNAL_WORDS: dict[tuple[str, bool], str] = {
    ("outside", True): "above its upper limit",
    ("outside", False): "below its lower limit",
    ("trend", True): "rising",
    ("trend", False): "falling",
    ("two_of_three", True): "near its upper limit",
    ("two_of_three", False): "near its lower limit",
    ("shift", True): "higher",
    ("shift", False): "lower",
    ("latest", True): "higher",
    ("latest", False): "lower",
    ("scan", True): "higher",
    ("scan", False): "lower",
    ("nearer_limit", True): "near its upper limit",
    ("nearer_limit", False): "near its lower limit",
    ("four_of_five", True): "higher",
    ("four_of_five", False): "lower",
    ("alternating", False): "swinging up and down",
    ("hugging", False): "varying unusually little",
    ("mixture", False): "varying unusually much",
}
"""What the chart says, by signal and whether it lies on the high side."""

MOVES_LEGEND = (
    "▲ ▼ in orange: change for the worse, in blue: for the better, in black: of a KPI without a "
    "good side. ● common variation, ? not enough evidence."
)
CHANCE_LEGEND = (
    f"A change is called where p, the chance of such a picture though nothing changed, is at "
    f"most {ALPHA * 100:g} %: so often a chart without any change gives a false alarm."
)
ADJUSTED_LEGEND = (
    f"Filled icons of a change stay when the number of charts is allowed for: on average at most "
    f"{RATE * 100:g} % of them are false. Empty ones with a dashed edge may be chance."
)
SPARK_LEGEND = "Small line: shaded band, natural limits; dashed, target; under it mean and limits."
MARKS_LEGEND = (
    "Shaded band: natural limits, the line in it their middle. Longer dashes in dark red: target. "
    f"{MOVES_LEGEND}"
)


def movement_words(signal: str, *, high: bool, run: int) -> str:
    """Say what a signal at the end of a run of signals on one side amounts to.

    Example:
        >>> movement_words("outside", high=False, run=1)
        'below its lower limit'
        >>> movement_words("outside", high=False, run=5)
        'lower'
    """
    return SIGNAL_WORDS[signal if run == 1 or signal in {"trend", "scan"} else "shift", high]


def since_words(*, run: int, first: date | None, last: date | None) -> str:
    """Say how surely the beginning of a change is known: in, since, or since about.

    `first` to `last` are the periods in which it may have begun.

    Example:
        >>> may, june = date(2026, 5, 1), date(2026, 6, 1)
        >>> since_words(run=5, first=may, last=june), since_words(run=1, first=june, last=june)
        ('since about', 'in')
    """
    if first != last:
        return "since about"
    return "in" if run == 1 else "since"


TONE_WORDS: dict[Tone, str] = {  # a change of a KPI without a good side speaks for itself
    "better": "a change for the better",
    "worse": "a change for the worse",
    "neutral": "",
    "common": "common variation",
    "unknown": "not enough evidence",
}


def mark_of(tone: Tone, *, high: bool, sure: bool = True) -> str:
    """Return the shape of a change: a triangle that points to its side, or a dot.

    A neutral change is one of a KPI that should stay within a range. A change that may be one
    of those that chance gives among many charts (not `sure`) is an open triangle.

    Example:
        >>> mark_of("worse", high=False), mark_of("common", high=True)
        ('▼', '●')
        >>> mark_of("better", high=True, sure=False)
        '△'
    """
    if tone in {"better", "worse", "neutral"}:
        return (UP if sure else OPEN_UP) if high else (DOWN if sure else OPEN_DOWN)
    return UNSURE if tone == "unknown" else SAME


def shape_of(signal: str, *, high: bool) -> str:
    """Return the Vega shape of a point: a triangle where there is a signal, else a circle.

    Example:
        >>> shape_of("trend", high=True), shape_of("", high=True)
        ('triangle-up', 'circle')
    """
    if not signal:
        return "circle"
    return "triangle-up" if high else "triangle-down"
