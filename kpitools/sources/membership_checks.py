"""What memberships have wrong, and which events name a team that they contradict."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime

import polars as pl

from kpitools.sources.disk import read_json, write_json
from kpitools.sources.findings import Finding, bounded, counted, share_of
from kpitools.sources.memberships import AGENT, BEGINS, ENDS, TEAM
from kpitools.sources.opening import Opened

_NEVER = datetime(9999, 12, 31, tzinfo=UTC)


def membership_findings(opened: Sequence[Opened], held: pl.DataFrame) -> Iterator[Finding]:
    """Tell what memberships have wrong, and which events contradict them.

    Args:
        opened: the sources.
        held: who belonged to which team when (see `memberships.stretches`); empty without
            memberships.

    The events of a source are compared once for the same memberships: what was found is kept
    beside its typed rows.
    """
    if held.is_empty():
        return
    key = hashlib.sha256(held.write_csv().encode()).hexdigest()[:16]
    for item in opened:
        place, known = (item.name, item.table), set(item.fields)
        if item.table == "memberships":
            wanted = ("agent", "team", "starts_at", "ends_at", "share")
            rows = item.frame.select(
                pl.col(name) if name in known else pl.lit(None).alias(name) for name in wanted
            )
            yield from check_shares(rows.collect(), place=place)
        elif item.person_of_team is None and {"team", "agent"} <= known and item.event_time:
            yield from _kept(item, held, key=key, at=item.event_time)


def _kept(item: Opened, held: pl.DataFrame, *, key: str, at: str) -> list[Finding]:
    """Return what the comparison of one source gave, made where it is not kept yet."""
    path = item.entry / f"memberships-{key}.json"
    known = read_json(path)
    if isinstance(known, list):
        with suppress(TypeError):
            return [Finding(**{**one, "examples": tuple(one["examples"])}) for one in known]
    place = (item.name, item.table)
    found = list(check_contradictions(item.frame, held, person="agent", at=at, place=place))
    with suppress(OSError):
        write_json(path, [asdict(one) for one in found])
    return found


def check_contradictions(
    events: pl.LazyFrame,
    memberships: pl.DataFrame,
    *,
    person: str,
    at: str,
    place: tuple[str, str],
) -> Iterator[Finding]:
    """Tell how many events name a team that the person did not belong to at the time.

    Args:
        events: rows with the fields `team`, `person` and the time stamp `at`.
        memberships: what `stretches` gave, by instants.
        person: the field of the person.
        at: the time that decides.
        place: source and table.
    """
    held = memberships.select(
        pl.col(AGENT).alias(person), pl.col(TEAM).alias("__held"), BEGINS, ENDS
    )
    rows = events.select(TEAM, person, at).drop_nulls().with_row_index("__row")
    wrong = (
        rows.join(held.lazy(), on=person, how="inner")
        .filter(pl.col(at) >= pl.col(BEGINS), pl.col(at) < pl.col(ENDS))
        .group_by("__row")
        .agg(
            pl.col(TEAM).first(),
            pl.col("__held").drop_nulls().unique().sort(),
            (pl.col("__held") == pl.col(TEAM)).any().fill_null(value=False).alias("__right"),
        )
        .filter(~pl.col("__right"))
        .with_columns(pl.col("__held").list.join(", "))
        .group_by(TEAM, "__held")
        .agg(pl.len().alias("rows"))
        .sort("rows", TEAM, "__held", descending=[True, False, False])
        .collect(engine="streaming")
    )
    count = int(wrong["rows"].sum())
    if not count:
        return
    total = rows.select(pl.len()).collect(engine="streaming").item()
    source, table = place
    shown = [
        f"{team}, though a member of {held or 'no team'}: {n} rows"
        for team, held, n in wrong.rows()
    ]
    yield Finding(
        "team_contradicts_membership",
        source,
        table,
        TEAM,
        count,
        total,
        "warning",
        f"{source}: {counted(count, 'row')} ({share_of(count, total)}) of a team that the person "
        "did not belong to at the time.",
        bounded(shown),
    )


def check_shares(memberships: pl.DataFrame, *, place: tuple[str, str]) -> Iterator[Finding]:
    """Tell which persons have memberships that add up to more than all of their time."""
    rows = memberships.filter(pl.col(TEAM).is_not_null(), pl.col("starts_at").is_not_null())
    over = [
        str(person)
        for (person,), own in sorted(rows.group_by(AGENT), key=lambda item: str(item[0]))
        if person is not None and _most(own) > 1 + 1e-9
    ]
    if over:
        source, table = place
        verb = "belongs" if len(over) == 1 else "belong"
        yield Finding(
            "membership_shares",
            source,
            table,
            "share",
            len(over),
            rows[AGENT].n_unique(),
            "warning",
            f"{source}: {counted(len(over), 'person')} {verb} to teams with more than all of "
            "their time; shares are taken in proportion.",
            bounded(over),
        )


def _most(own: pl.DataFrame) -> float:
    """Return the largest sum of shares that hold at once for one person."""
    ever = _NEVER
    held = [
        (start, end or ever, 1.0 if share is None else share)
        for start, end, share in own.select("starts_at", "ends_at", "share").rows()
    ]
    return max(
        (sum(share for start, end, share in held if start <= at < end) for at, _, _ in held),
        default=0.0,
    )
