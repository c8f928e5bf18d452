"""The small line in a table cell, as an SVG made of numbers only."""

from __future__ import annotations

from collections.abc import Sequence

from kpitools.visuals.blocks import Cell
from kpitools.visuals.theme import BAND, LINE, TARGET, TONE_COLOURS

WIDTH, HEIGHT, EDGE = 96, 26, 4


def spark_svg(cell: Cell) -> str:
    """Draw the cell's series with its band, target and last point; nothing where it has none.

    The picture carries no text: the cell's `text` is its alternative.

    Example:
        >>> spark_svg(Cell(text="rising", spark=(1.0, 2.0, 4.0)))[:24]
        '<svg class="spark" width'
        >>> spark_svg(Cell(text="nothing yet"))
        ''
    """
    series = cell.spark or ()
    known = [value for value in series if value is not None]
    if not known:
        return ""
    ends = [cell.spark_low, cell.spark_high, cell.spark_target]
    span = known + [end for end in ends if end is not None]
    low, high = min(span), max(span)
    high = high if high > low else low + 1.0

    def height_of(value: float) -> float:
        return round(HEIGHT - EDGE - (value - low) / (high - low) * (HEIGHT - 2 * EDGE), 1)

    bottom, top = _end(cell.spark_low, low), _end(cell.spark_high, high)
    parts = [*_band(cell, height_of(bottom), height_of(top))]
    if cell.spark_target is not None:
        level = height_of(cell.spark_target)
        parts.append(
            f'<path d="M0 {level}H{WIDTH}" stroke="{TARGET}" stroke-dasharray="3 2" fill="none"/>'
        )
    points = [
        (_place(index, len(series)), None if value is None else height_of(value))
        for index, value in enumerate(series)
    ]
    parts.append(f'<path d="{_line(points)}" stroke="{LINE}" stroke-width="1.2" fill="none"/>')
    usual = known if None in ends[:2] else [bottom, top]
    parts.append(_last(points, cell, high=known[-1] > sum(usual) / len(usual)))
    return (
        f'<svg class="spark" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'aria-hidden="true" focusable="false">{"".join(parts)}</svg>'
    )


def _end(given: float | None, otherwise: float) -> float:
    return otherwise if given is None else given


def _place(index: int, count: int) -> float:
    return round(EDGE + index / max(1, count - 1) * (WIDTH - 2 * EDGE), 1)


def _band(cell: Cell, low: float, high: float) -> tuple[str, ...]:
    if cell.spark_low is None and cell.spark_high is None:
        return ()
    size = f'width="{WIDTH}" height="{round(low - high, 1)}"'
    return (f'<rect x="0" y="{high}" {size} fill="{BAND}"/>',)


def _line(points: Sequence[tuple[float, float | None]]) -> str:
    steps, pen = [], False
    for across, level in points:
        if level is not None:
            steps.append(f"{'L' if pen else 'M'}{across} {level}")
        pen = level is not None
    return "".join(steps)


def _last(points: Sequence[tuple[float, float | None]], cell: Cell, *, high: bool) -> str:
    across, level = points[-1]
    if level is None:
        return ""
    colour = TONE_COLOURS[cell.spark_tone]
    if cell.spark_tone not in {"better", "worse", "neutral"}:
        return f'<circle cx="{across}" cy="{level}" r="2.4" fill="{colour}"/>'
    tip, foot = (level - 3, level + 2) if high else (level + 3, level - 2)
    path = f"M{across} {round(tip, 1)}L{across - 3} {round(foot, 1)}H{across + 3}Z"
    return f'<path d="{path}" fill="{colour}"/>'
