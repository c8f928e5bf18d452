"""Where every KPI is heading in the long run, one line each, with what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kpitools import language
from kpitools.analysis.long_run import ALPHA, LongRun
from kpitools.catalog.model import Kpi
from kpitools.errors import VisualsError
from kpitools.visuals.blocks import Cell, Column, TableBlock
from kpitools.visuals.direction_words import quote_p, tone_of_direction
from kpitools.visuals.findings import kpi_name
from kpitools.visuals.marks import NONE, mark_of
from kpitools.visuals.privacy import MINIMUM_GROUP, kept_back_text
from kpitools.visuals.show import Visual
from kpitools.visuals.sizes import periods_text, quote_sizes
from kpitools.visuals.wording import chance_parts, counted, quote_count, say

_WORDS = {
    "rising": "rising",
    "falling": "falling",
    "level": "no direction",
    "unknown": "too few periods",
}


def table_direction(
    found: Iterable[LongRun],
    kpis: Sequence[Kpi],
    *,
    where: str = "",
    minimum_group: int = MINIMUM_GROUP,
) -> Visual[TableBlock]:
    """Show for several KPIs slope and interval, chance, and the likeliest single change.

    Args:
        found: results of `long_run`, of one slice, in the order wanted.
        kpis: definitions of these KPIs.
        where: the team, for the title.
        minimum_group: a KPI whose last period rests on fewer cases shows no number.

    Raises:
        VisualsError: nothing to show, or a KPI without its definition.
    """
    runs, known = list(found), {kpi.kpi: kpi for kpi in kpis}
    lacking = sorted({run.kpi for run in runs} - set(known))
    if not runs or lacking:
        raise VisualsError(
            f"no definition of {', '.join(lacking)}" if runs else "there is no long run to show",
            expected="results of long_run with the definitions of their KPIs",
        )
    shown = [run for run in runs if not _kept_back(run, minimum_group)]
    grain = runs[0].grain.replace("_", " ") or "period"
    block = TableBlock(
        title=_title(shown, where),
        subtitle=f"Slope and 95 % interval by {grain}; p: chance of so much without any",
        columns=(
            Column(key="kpi", label="KPI", header=True, width=1.6),
            Column(key="heading", label="Long run", width=1.4),
            Column(key="slope", label=f"A {grain}", align="right", width=1.3),
            Column(key="year", label="A year", align="right", width=1.3),
            Column(key="p", label="p", align="right", width=0.7),
            Column(key="periods", label=periods_text(grain).capitalize(), align="right", width=0.8),
            Column(key="change", label="Likeliest single change", width=1.3),
        ),
        rows=tuple(_line(run, known[run.kpi], minimum_group) for run in runs),
        notes=_notes(shown),
        source="Mann-Kendall test (Hamed-Rao), Sen's slope, one change by likelihood ratio.",
    )
    return Visual(block)


def _kept_back(run: LongRun, minimum_group: int) -> bool:
    return run.cases is not None and 0 < run.cases < minimum_group


def _title(shown: Sequence[LongRun], where: str) -> str:
    moving = sum(run.heading in {"rising", "falling"} for run in shown)
    of = counted(len(shown), "KPI", "KPIs")
    verb = " rises or falls" if moving == 1 else " rise or fall"
    told = say(quote_count(moving) if moving else "none", " of ", *of, verb, " in the long run")
    place = f"{language.display(where, 60)}: " if where else ""
    text = told.block.text
    return place + text if place else text[:1].upper() + text[1:]


def _line(run: LongRun, kpi: Kpi, minimum_group: int) -> tuple[Cell, ...]:
    name = Cell(text=kpi_name(kpi))
    if _kept_back(run, minimum_group):
        return (name, Cell(text=kept_back_text(minimum_group), tone="unknown"), *_empty(5))
    tone = tone_of_direction(run, kpi)
    mark = mark_of(tone, high=run.heading == "rising")
    heading = Cell(
        text=f"{mark} {_WORDS[run.heading]}",
        sub="by one step rather than steadily" if run.one_step else "",
        tone=tone,
    )
    count = Cell(text=language.format_count(run.n))
    if run.heading == "unknown" or run.slope is None:
        return (name, heading, *_empty(3), count, *_empty(1))
    return (
        *(name, heading, _slope(run, kpi, 1.0), _slope(run, kpi, run.per_year)),
        *(Cell(text=_chance(run) or NONE), count, _change(run)),
    )


def _empty(count: int) -> tuple[Cell, ...]:
    return (Cell(text=NONE),) * count


def _slope(run: LongRun, kpi: Kpi, times: float | None) -> Cell:
    if run.slope is None or run.low is None or run.high is None or times is None:
        return Cell(text=NONE)
    sizes = (run.slope * times, run.low * times, run.high * times)
    size, low, high = quote_sizes(*sizes, unit=kpi.unit, show=kpi.show, fine=run.certain)
    sign = "+" if sizes[0] > 0 else ""
    return Cell(text=f"{sign}{size.text}", sub=f"{low.text} to {high.text}")


def _chance(run: LongRun, *, of_change: bool = False) -> str:
    text = say(*quote_p(run, of_change=of_change)).block.text
    return text.removeprefix("p ")


def _change(run: LongRun) -> Cell:
    if run.change is None or run.change_p is None:
        return Cell(text=NONE)
    when = language.format_period(run.change, run.grain, short=run.grain != "day")
    if run.change_p > ALPHA:
        return Cell(text=NONE, sub=f"p {_chance(run, of_change=True)}")
    also = ", or a slope" if run.certain and not run.one_step else ""
    return Cell(text=when, sub=f"p {_chance(run, of_change=True)}{also}")


def _notes(shown: Sequence[LongRun]) -> tuple[str, ...]:
    judged = [run for run in shown if run.p_value is not None]
    notes = ["Likeliest single change: \N{EN DASH} where none is beyond chance."] if judged else []
    if judged:
        expected = ALPHA * len(judged)
        of = counted(len(judged), "KPI", "KPIs")
        head = ("Of ", *of, " without any direction ", *chance_parts(expected))
        notes.append(say(*head, " would show one by chance.").block.text)
    seasons = sum(run.season != "" for run in shown)
    if seasons:
        notes.append(
            say("The season is taken out of ", *counted(seasons, "KPI.", "KPIs.")).block.text
        )
    return tuple(notes)
