"""Whether the open cases add up: what was open, came, came back and went."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from kpitools.catalog.model import Kpi
from kpitools.errors import FactsError, examples
from kpitools.facts.asked import Asked, check_asked
from kpitools.facts.build import ground_of
from kpitools.facts.ground import Ground
from kpitools.facts.query import recorded, rows_of, where_asked
from kpitools.facts.refusals import check_refusals, refusals
from kpitools.facts.snapshots import build_changes, fill_periods
from kpitools.sources.findings import Finding, bounded, counted

if TYPE_CHECKING:
    from kpitools.sources.events import Events

SPELLS = "open_spells"
FLOWS = ("created", "reopened", "solved", "removed")
_ENDS = {"solved": ["solved", "closed"], "removed": ["removed"]}


def build_flow(asked: Asked, events: Events) -> pl.DataFrame:
    """Hold the count of open tickets against what came and went.

        difference = opening + created + reopened - solved - removed - closing

    Opening and closing are the snapshot KPI, from whatever table it counts; the flows are the
    changes of status in `ticket_events`. The two are independent, so the check can fail: a
    count made from tickets in their latest state does not know that a ticket was solved
    before it was opened again, nor that one was merged or deleted.

    Args:
        asked: snapshot KPIs, dimensions (of tickets), grain, range and filter.
        events: the event tables, `ticket_events` among them.

    Returns:
        One row per KPI, period and combination of dimensions: kpi, version, grain, period, the
        dimensions, opening, created, reopened, solved, removed, closing, difference (Int64;
        solved counts closures without a solution too), balanced (Boolean; null for a period
        that begins before the events do: what came and went then is not known).

    Raises:
        FactsError: as `build_facts`; a KPI that is no snapshot; a span of days instead of
            periods; no `ticket_events`.
    """
    check_asked(asked, levels=events.levels)
    _check(asked, events)
    check_refusals(asked.kpis, events)
    ground = ground_of(asked, events)
    flows = _flows(asked, ground)
    known = _known(ground)
    return pl.concat(
        _balanced(kpi, flows, asked, ground).with_columns(
            pl.when(known).then("balanced").alias("balanced")
        )
        for kpi in asked.kpis
    )


def check_flow(kpi: Kpi, events: Events) -> Finding | None:
    """Check month by month that a count of open tickets is what came less what went.

    Returns:
        A finding that names the months and says why; None where everything adds up, or where
        there are no events to check it against.
    """
    if kpi.kind != "snapshot" or "ticket_events" not in events.tables:
        return None
    asked = Asked((kpi,))
    if refusals(asked.kpis, events) or not events.tables["ticket_events"].head(1).collect().height:
        return None
    judged = build_flow(asked, events).filter(pl.col("balanced").is_not_null())
    wrong = judged.filter(~pl.col("balanced"))
    if not wrong.height:
        return None
    shown = [
        f"{row[0]:%Y-%m} by {row[1]:+,}" for row in wrong.select("period", "difference").rows()
    ]
    return Finding(
        kind="flow",
        source=kpi.kpi,
        table=kpi.table,
        field="",
        count=wrong.height,
        rows=judged.height,
        severity="warning",
        message=f"{kpi.kpi} is not what came less what went in {wrong.height} of "
        f"{counted(judged.height, 'month')}: {why_unbalanced(wrong, kpi)}",
        examples=bounded(shown),
    )


def _known(ground: Ground) -> pl.Expr:
    """Tell which periods begin after the first event."""
    at = rows_of(ground, "ticket_events", {"at"}, period_of="at").select(pl.col("at").min())
    begun = at.collect().item()
    if begun is None:
        return pl.lit(value=False)
    return pl.col("period") > pl.lit(begun if "min" in ground.grain else begun.date())


def why_unbalanced(flow: pl.DataFrame, kpi: Kpi) -> str:
    """Say in a sentence why the open cases of a KPI may not add up; empty where they do.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> flow = pl.DataFrame({"balanced": [False], "reopened": [2], "removed": [0]})
        >>> why_unbalanced(flow, load_builtin().kpi("backlog"))
        'tickets in their latest state do not tell that 2 were solved before they were reopened'
    """
    wrong = flow.filter(~pl.col("balanced"))
    if not wrong.height:
        return ""
    if kpi.table != "tickets":
        return f"{kpi.table} and the changes of status disagree"
    reasons = []
    if reopened := wrong["reopened"].sum():
        reasons.append(f"that {reopened} were solved before they were reopened")
    if removed := wrong["removed"].sum():
        reasons.append(f"when {removed} were merged, deleted or marked as spam")
    if not reasons:
        return "tickets and the changes of status name different times"
    return "tickets in their latest state do not tell " + ", nor ".join(reasons)


def _check(asked: Asked, events: Events) -> None:
    wrong = [kpi.kpi for kpi in asked.kpis if kpi.kind != "snapshot"]
    if wrong:
        raise FactsError(
            "only a snapshot has a flow",
            found=examples(wrong),
            expected="KPIs that count open cases, such as backlog",
        )
    if asked.span is not None:
        raise FactsError(
            "a flow goes from period to period",
            found=f"the days {asked.span[0]} to {asked.span[1]}",
            expected="a grain, with start and end",
        )
    if "ticket_events" not in events.tables:
        raise FactsError(
            "what came and went cannot be counted",
            found="no source feeds the table 'ticket_events'",
            expected="every change of a ticket's status",
            fix="add the export of ticket events under `sources:`",
        )


def _flows(asked: Asked, ground: Ground) -> pl.DataFrame:
    """Count how many tickets came, came back and went, per period and dimensions."""
    names = {*asked.by, *asked.where, "started_at", "ended_at", "started_by", "ended_by"}
    spells = rows_of(ground, SPELLS, names | {"team"}, period_of=None).filter(
        True, *where_asked(asked)
    )
    parts = [
        spells.filter(pl.col(at).is_not_null())
        .with_columns(recorded(asked.by))
        .group_by(ground.period_column(at).alias("period"), *asked.by)
        .agg(made.sum().cast(pl.Int64).alias(name) for name, made in counted.items())
        for at, counted in (
            ("started_at", {name: pl.col("started_by") == name for name in FLOWS[:2]}),
            ("ended_at", {name: pl.col("ended_by").is_in(ends) for name, ends in _ENDS.items()}),
        )
    ]
    came, went = pl.collect_all(parts, engine="streaming")
    keys = ["period", *asked.by]
    return came.join(went, on=keys, how="full", coalesce=True).with_columns(
        pl.col(FLOWS).fill_null(0)
    )


def _balanced(kpi: Kpi, flows: pl.DataFrame, asked: Asked, ground: Ground) -> pl.DataFrame:
    keys = ["period", *asked.by]
    whole = replace(asked, kpis=(kpi,), start=None)
    changes = build_changes(kpi, whole, ground).collect(engine="streaming")
    closing = fill_periods(changes, whole, ground).with_columns(
        pl.col("numerator").cast(pl.Int64).alias("closing")
    )
    before = pl.col("closing").shift(1, fill_value=0)
    first, last = ground.whole_range(asked.first_day, asked.last_day)
    period = pl.col("period").dt.date() if "min" in ground.grain else pl.col("period")
    days = [period >= first] if first is not None else []
    days += [period <= last] if last is not None else []
    came = pl.col("created") + pl.col("reopened") - pl.col("solved") - pl.col("removed")
    return (
        closing.sort(keys)
        .with_columns((before.over(asked.by) if asked.by else before).alias("opening"))
        .join(flows, on=keys, how="full", coalesce=True)
        .with_columns(pl.col("opening", "closing", *FLOWS).fill_null(0))
        .with_columns((pl.col("opening") + came - pl.col("closing")).alias("difference"))
        .with_columns((pl.col("difference") == 0).alias("balanced"))
        .filter(True, *days)
        .sort(*asked.by, "period")
        .select(
            pl.lit(kpi.kpi).alias("kpi"),
            pl.lit(kpi.version, dtype=pl.Int64).alias("version"),
            pl.lit(ground.grain).alias("grain"),
            *keys,
            *("opening", *FLOWS, "closing", "difference", "balanced"),
        )
    )
