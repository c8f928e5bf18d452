"""Since when a forecast leans, and how far its handle times were off, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from kpitools.visuals.blocks import Quoted, SentenceBlock
from kpitools.visuals.findings import Names, check_has, slice_text
from kpitools.visuals.forecast_measures_table import lead_parts
from kpitools.visuals.forecast_says import SURE
from kpitools.visuals.forecast_words import UNBIASED
from kpitools.visuals.show import Visual
from kpitools.visuals.wording import Part, counted, named, quote_period, quote_share, say

TRACKING = (
    *("months", "first", "last", "tripped", "changed", "changed_first", "changed_last"),
    *("bias", "bias_before", "bias_after", "change_p_adjusted", "leans", "tripped_p"),
)
HANDLE = ("lead_from", "lead_to", "handled", "wape", "bias", "floor_wape")


def say_tracking(tracking: pl.DataFrame, *, names: Names | None = None) -> Visual[SentenceBlock]:
    """Say which forecasts began to lean to one side, since which month, and how far.

    Args:
        tracking: rows as `forecast_tracking` returns them.
        names: names of teams by key.

    Raises:
        VisualsError: not a result of `forecast_tracking`.
    """
    check_has(tracking, TRACKING, made_by="forecast_tracking")
    dims = tracking.columns[: tracking.columns.index("months")]
    rows = tracking.to_dicts()
    judged = [row for row in rows if row["leans"] is not None]
    if not judged:
        return say("There are too few months to tell since when a forecast leans.", tone="unknown")
    leaning = sorted(
        (row for row in judged if row["leans"]), key=lambda row: -abs(row["bias_after"] or 0)
    )
    span = (
        " (",
        quote_period(min(row["first"] for row in judged), grain="month"),
        " to ",
        quote_period(max(row["last"] for row in judged), grain="month"),
        ")",
    )
    always = [row for row in judged if _always(row, len(judged))]
    told = [_leaning(row, dims, names) for row in leaning]
    told += [_leaning_always(row, dims, names) for row in always]
    if not told:
        return say(*_none(judged, dims, names), *span, ".")
    parts: list[Part] = []
    for place, one in enumerate(told):
        parts += [*(["; "] if place else []), *one]
    rest = len(judged) - len(told)
    if rest:
        other = counted(rest, f"other {_noun(dims, 1)}", f"other {_noun(dims, rest)}")
        alone = ("; ", *other, " did not change by more than chance explains")
        several = ("; none of ", *other, " changed by more than chance explains")
        parts += alone if rest == 1 else several
    head = parts[0]
    if type(head) is str:
        parts[0] = head[:1].upper() + head[1:]
    return say(*parts, *span, ".", tone="worse")


def _always(row: Mapping[str, Any], judged: int) -> bool:
    """Tell whether errors pile up to one side without a change, beyond chance (Bonferroni)."""
    sure = row["tripped_p"] is not None and row["tripped_p"] * judged < SURE
    leans = row["bias"] is not None and abs(row["bias"]) >= UNBIASED
    return not row["leans"] and row["tripped"] is not None and sure and leans


def _leaning_always(row: Mapping[str, Any], dims: list[str], names: Names | None) -> list[Part]:
    where = _where(row, dims, names)
    head: list[Part] = [where, ": "] if where else []
    months = counted(row["months"], "month", "months")
    parts: list[Part] = [*head, "the forecast has been ", *_side(row["bias"]), " over ", *months]
    return [*parts, ", and its errors pile up by more than chance explains"]


def _none(judged: list[dict[str, Any]], dims: list[str], names: Names | None) -> tuple[Part, ...]:
    if len(judged) == 1:
        where = _where(judged[0], dims, names)
        of: tuple[Part, ...] = (" of ", where) if where else ()
        return ("The forecast", *of, " did not begin to lean by more than chance explains")
    of_all = (*counted(len(judged), _noun(dims, 1), _noun(dims, len(judged))),)
    return ("None of the forecasts of ", *of_all, " began to lean by more than chance explains")


def _leaning(row: Mapping[str, Any], dims: list[str], names: Names | None) -> list[Part]:
    where = _where(row, dims, names)
    since = "since " if row["changed_first"] == row["changed_last"] else "since about "
    parts: list[Part] = [
        *((where, ": ") if where else ()),
        since,
        quote_period(row["changed"], grain="month"),
        " the forecast has been ",
        *_side(row["bias_after"]),
        ", before it was ",
        *_side(row["bias_before"]),
    ]
    if row["tripped"] is None:
        return parts
    early = " already" if row["tripped"] < row["changed"] else ""
    when = quote_period(row["tripped"], grain="month")
    return [*parts, f"; the tracking signal tripped{early} in ", when]


def _side(bias: float) -> tuple[Part, ...]:
    if abs(bias) < UNBIASED:
        return ("right on average",)
    return (quote_share(abs(bias)), " too high" if bias > 0 else " too low")


def _where(row: Mapping[str, Any], dims: list[str], names: Names | None) -> Part:
    if not dims:
        return ""
    return named(slice_text({name: row[name] or "(not recorded)" for name in dims}, names=names))


def _noun(dims: list[str], count: int) -> str:
    name = dims[0] if len(dims) == 1 else "slice"
    return name if count == 1 else f"{name}s"


def say_handle_time(times: pl.DataFrame) -> Visual[SentenceBlock]:
    """Say how far the forecast of handle time was off, by lead time, and what was attainable.

    Args:
        times: rows of one slice as `forecast_handle_time` returns them.

    Raises:
        VisualsError: not a result of `forecast_handle_time`.
    """
    check_has(times, HANDLE, made_by="forecast_handle_time")
    rows = [row for row in times.to_dicts() if row["wape"] is not None]
    if not rows:
        return say("No handle time was forecast for contacts that were handled.", tone="unknown")
    parts: list[Part] = []
    for place, row in enumerate(rows):
        parts += ["; " if place else "The forecast of handle time missed ", *_times(row)]
    floors = [row["floor_wape"] for row in rows if row["floor_wape"] is not None]
    if floors:
        least, most = min(floors), max(floors)
        parts += ["; one who knows the usual handle time would have missed ", quote_share(least)]
        if quote_share(least).text != quote_share(most).text:
            parts += [" to ", quote_share(most)]
        parts += [", as contacts differ"]
    return say(*parts, ".")


def _times(row: Mapping[str, Any]) -> tuple[Part, ...]:
    lead: tuple[Part, ...] = ()
    if row["lead_to"] is not None or row["lead_from"]:
        lead = (" ", *lead_parts(row), " ahead")
    bias = row["bias"]
    side = " too long" if bias > 0 else " too short"
    leaning = ("right on average",) if abs(bias) < UNBIASED else (quote_share(abs(bias)), side)
    handled = Quoted(text=f"{int(row['handled']):,}", value=float(row["handled"]), unit="count")
    cases = (" (", handled, " contacts handled)")
    return (quote_share(row["wape"]), *lead, ", ", *leaning, *cases)
