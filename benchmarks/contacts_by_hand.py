"""The contact KPIs of the catalogue as an analyst writes them in polars, aggregate by aggregate."""

from __future__ import annotations

from pathlib import Path

import polars as pl

THRESHOLD_MS = 20_000
SHORT_MS = 5_000

outcome, wait = pl.col("outcome"), pl.col("wait_ms")
answered = outcome == "answered"
abandoned = outcome.is_in(["abandoned", "short_abandon"])
both = answered | abandoned
quick = wait <= THRESHOLD_MS
short = pl.coalesce(wait <= SHORT_MS, outcome == "short_abandon")
real = abandoned & ~short
queued = pl.col("enqueued_at").is_not_null()
open_hours = pl.col("in_business_hours")
external = pl.col("transfer_type").str.contains("(?i)external")
consult = pl.col("transfer_type").str.contains("(?i)consult")
passed_on = answered & pl.col("transferred")
talk, hold, acw = pl.col("talk_ms"), pl.col("hold_ms"), pl.col("acw_ms")
handled = talk + hold + acw
from_menu = wait + pl.col("ivr_ms")
in_queue = (pl.col("dequeued_at") - pl.col("enqueued_at")).dt.total_milliseconds()
with_dial = handled + pl.when(pl.col("direction") == "outbound").then("dial_ms").otherwise(0)

SUMS = {
    "wait": (wait, answered), "wait_menu": (from_menu, answered),
    "wait_ring": (wait + pl.col("ring_ms"), answered),
    "wait_missed": (wait, outcome.is_in(["answered", "missed"]) & open_hours),
    "wait_abandoned": (wait, abandoned), "wait_late": (wait, abandoned & (wait > SHORT_MS)),
    "in_queue": (in_queue, abandoned), "ring": (pl.col("ring_ms"), answered),
    "ring_missed": (pl.col("ring_ms"), outcome.is_in(["answered", "missed"])),
    "handled": (handled, answered),
}  # fmt: skip
FLAGS = {
    "answered": answered, "abandoned": abandoned, "both": both, "missed": outcome == "missed",
    "inbound": pl.col("direction") == "inbound", "quick": answered & quick,
    "quick_strict": answered & (wait < THRESHOLD_MS), "quick_both": both & quick,
    "quick_short": (answered & quick) | (abandoned & short),
    "sl4_base": answered | (abandoned & ~quick), "sl6_base": answered | real,
    "contacts_base": outcome.is_in(["answered", "missed", "voicemail"]) | real,
    "sl8": open_hours & outcome.is_in(["answered", "missed"]) & quick,
    "sl8_base": open_hours & outcome.is_in(["answered", "missed"]),
    "sl9": queued & quick
    & outcome.is_in(["answered", "abandoned", "short_abandon", "callback_requested"]),
    "queued": queued, "quick_menu": answered & (from_menu <= THRESHOLD_MS),
    "abandoned_queued": queued & abandoned, "real_queued": queued & real,
    "handled_base": answered | (queued & real), "real": real, "net_base": ~abandoned | ~short,
    "quick_abandoned": abandoned & quick, "in_menu": abandoned & ~queued,
    "short": abandoned & short,
    "marked": outcome == "short_abandon", "transferred": passed_on,
    "transfers_known": answered & pl.col("transferred").is_not_null(),
    "within": passed_on & ~(external | consult).fill_null(value=False),
    "external": passed_on & external, "escalated": answered & pl.col("escalated"),
    "escalations_known": answered & pl.col("escalated").is_not_null(),
    "resolved": pl.col("resolved"), "of_reason": pl.col("reason") == "billing",
    "reason_known": pl.col("reason").is_not_null(),
}  # fmt: skip
ENDED_SUMS = {
    "talk": talk, "talk_hold": talk + hold, "handled": handled, "with_dial": with_dial,
    "acw": acw, "hold": hold,
    "zeros": talk.fill_null(0) + hold.fill_null(0) + acw.fill_null(0),
}  # fmt: skip


def queries(folder: Path) -> list[pl.LazyFrame]:
    """Return one query for each of the three times that contacts are counted by."""
    contacts = pl.scan_parquet(folder / "contacts-*.parquet")
    offered = contacts.group_by("team", period=pl.col("offered_at_local").dt.date()).agg(
        pl.len().alias("n"),
        *(value.filter(kept).sum().alias(name) for name, (value, kept) in SUMS.items()),
        *(value.filter(kept).count().alias(f"{name}_n") for name, (value, kept) in SUMS.items()),
        *(made.sum().alias(f"is_{name}") for name, made in FLAGS.items()),
        wait.max().alias("longest"),
        wait.filter(answered).max().alias("longest_answered"),
        *(
            wait.filter(kept).cast(pl.Float64).quantile(share, "linear").alias(f"{name}_{share}")
            for name, kept in (("wait_p", answered), ("waits_p", wait.is_not_null()))
            for share in (0.5, 0.9)
        ),
    )
    ended = contacts.filter(answered).group_by(
        "team", period=pl.col("ended_at_local").dt.date()
    ).agg(
        pl.len().alias("n"),
        *(value.sum().alias(name) for name, value in ENDED_SUMS.items()),
        *(value.count().alias(f"{name}_n") for name, value in ENDED_SUMS.items()),
        (acw > 0).sum().alias("with_work"),
        (hold > 0).sum().alias("with_hold"),
        pl.col("agent").is_not_null().sum().alias("by_agents"),
        pl.col("agent").drop_nulls().n_unique().alias("agents"),
        (pl.col("direction") == "inbound").sum().alias("inbound"),
        (pl.col("direction") == "outbound").sum().alias("outbound"),
    )  # fmt: skip
    picked_up = contacts.filter(answered & pl.col("answered_at").is_not_null()).group_by(
        "team", period=pl.col("answered_at_local").dt.date()
    ).agg(pl.len().alias("n"), wait.sum().alias("wait"), wait.count().alias("wait_n"))  # fmt: skip
    return [offered, ended, picked_up]


def components(offered: pl.DataFrame, ended: pl.DataFrame, picked_up: pl.DataFrame) -> pl.DataFrame:
    """Bring what was found by hand into the rows of facts: kpi, team, period, components."""
    rows = [
        frame.select(
            pl.lit(kpi).alias("kpi"), "team", "period",
            (pl.col(top).cast(pl.Float64) / scale).alias("numerator"),
            (pl.col(base) if base else pl.lit(None)).cast(pl.Float64).alias("denominator"),
        ).filter(pl.col("denominator") > 0 if base else True)
        for frame, table, scale in (
            (offered, OFFERED, 1), (offered, OFFERED_S, 1_000), (ended, ENDED, 1),
            (ended, ENDED_S, 1_000), (picked_up, {"answered:by_answer": ("n", None)}, 1),
            (picked_up, {"asa:by_answer": ("wait", "wait_n")}, 1_000),
        )
        for kpi, (top, base) in table.items()
    ]  # fmt: skip
    return pl.concat(rows)


_SL = "service_level_offered"
OFFERED = {
    "offered": ("n", None), "offered:inbound": ("is_inbound", None),
    "answered": ("is_answered", None), "answered_within": ("is_quick", None),
    "answered_within:abandoned": ("is_quick_abandoned", None), "missed_rings": ("is_missed", None),
    "service_level_answered": ("is_quick", "is_answered"),
    "service_level_answered:strict": ("is_quick_strict", "is_answered"),
    _SL: ("is_quick", "n"), f"{_SL}:sl1": ("is_quick_both", "is_both"),
    f"{_SL}:sl2": ("is_quick", "is_answered"), f"{_SL}:sl3": ("is_quick", "is_both"),
    f"{_SL}:sl4": ("is_quick", "is_sl4_base"), f"{_SL}:sl5": ("is_quick_short", "is_both"),
    f"{_SL}:sl6": ("is_quick", "is_sl6_base"),
    f"{_SL}:sl6_contacts": ("is_quick", "is_contacts_base"),
    f"{_SL}:sl7": ("is_quick", "is_both"), f"{_SL}:sl8": ("is_sl8", "is_sl8_base"),
    f"{_SL}:sl9": ("is_sl9", "is_queued"), f"{_SL}:strict": ("is_quick_strict", "n"),
    f"{_SL}:from_menu": ("is_quick_menu", "n"),
    "abandon_rate": ("is_abandoned", "n"),
    "abandon_rate:queued": ("is_abandoned_queued", "is_queued"),
    "abandon_rate:handled": ("is_real_queued", "is_handled_base"),
    "abandon_rate:net_of_short": ("is_real", "is_net_base"),
    "abandon_rate:in_menu": ("is_in_menu", "n"),
    "short_abandon_share": ("is_short", "is_abandoned"),
    "short_abandon_share:marked": ("is_marked", "is_abandoned"),
    "transfer_rate": ("is_transferred", "is_transfers_known"),
    "transfer_rate:within": ("is_within", "is_transfers_known"),
    "transfer_rate:external": ("is_external", "is_transfers_known"),
    "escalation_rate": ("is_escalated", "is_escalations_known"),
    "resolved_share": ("is_resolved", "n"), "reason_share": ("is_of_reason", "is_reason_known"),
    "reason_share:of_all": ("is_of_reason", "n"),
}  # fmt: skip
OFFERED_S = {
    "asa": ("wait", "wait_n"), "asa:from_menu": ("wait_menu", "wait_menu_n"),
    "asa:with_ring": ("wait_ring", "wait_ring_n"),
    "asa:missed_too": ("wait_missed", "wait_missed_n"),
    "abandon_time": ("wait_abandoned", "wait_abandoned_n"),
    "abandon_time:by_stamps": ("in_queue", "in_queue_n"),
    "abandon_time:without_short": ("wait_late", "wait_late_n"),
    "ring_time": ("ring", "ring_n"), "ring_time:with_missed": ("ring_missed", "ring_missed_n"),
    "aht:by_offer": ("handled", "handled_n"), "queue_wait_max": ("longest", "n"),
    "queue_wait_max:answered": ("longest_answered", "wait_n"),
    "wait_median": ("wait_p_0.5", "wait_n"), "wait_p90": ("wait_p_0.9", "wait_n"),
    "wait_median:with_abandons": ("waits_p_0.5", "n"),
    "wait_p90:with_abandons": ("waits_p_0.9", "n"),
}  # fmt: skip
ENDED = {
    "handled": ("n", None), "handled:inbound": ("inbound", None),
    "handled:outbound": ("outbound", None), "throughput": ("by_agents", "agents"),
}  # fmt: skip
ENDED_S = {
    "talk_time": ("talk", "talk_n"), "talk_time:with_hold": ("talk_hold", "talk_hold_n"),
    "aht": ("handled", "handled_n"), "aht:with_dial": ("with_dial", "with_dial_n"),
    "aht:without_acw": ("talk_hold", "talk_hold_n"), "aht:missing_as_zero": ("zeros", "n"),
    "acw": ("acw", "acw_n"), "acw:all_handled": ("acw", "n"), "acw:with_work": ("acw", "with_work"),
    "hold_time": ("hold", "hold_n"), "hold_time:held_only": ("hold", "with_hold"),
}  # fmt: skip
"""KPI: numerator and denominator among the aggregates; seconds where durations are added."""
