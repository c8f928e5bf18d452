"""Which legs belong to one contact, though each transfer has an identifier of its own."""

from __future__ import annotations

import polars as pl

from kpitools.facts.ground import Ground

CHAIN = "__chain"
_LINK = {"child": pl.String, "parent": pl.String, "rank": pl.Int8}


def add_chains(rows: pl.LazyFrame, ground: Ground) -> pl.LazyFrame:
    """Add the identifier of the first contact of each leg's chain, column `CHAIN`.

    A leg belongs to the contact that `initial_contact_id` names; without one, to that of the
    leg (or contact) that `previous_leg_id` names; without either, to its own. Links are
    followed to their end. A previous leg that several contacts have is one of the contact
    itself, numbered there, and links nothing.

    Args:
        rows: legs, columns `contact_id`, `leg_id`, `initial_contact_id`, `previous_leg_id`.
        ground: what they come from; fields that are not mapped link nothing.
    """
    found = []
    if ground.maps("contacts", "initial_contact_id"):
        found.append(_link(rows, "initial_contact_id", rank=0))
    if ground.maps("contacts", "previous_leg_id"):
        found.append(_previous(rows))
    if not found:
        return rows.with_columns(pl.col("contact_id").alias(CHAIN))
    links = (
        pl.concat(found)
        .sort("child", "rank", "parent")
        .unique(subset="child", keep="first", maintain_order=True)
        .map_batches(follow_links, schema=_LINK | {"root": pl.String})
    )
    return (
        rows.join(links.select("child", "root"), left_on="contact_id", right_on="child", how="left")
        .with_columns(pl.coalesce("root", "contact_id").alias(CHAIN))
        .drop("root")
    )


def follow_links(links: pl.DataFrame) -> pl.DataFrame:
    """Follow every link to its end; links that lead in a circle lead nowhere.

    Args:
        links: columns `child` (each once) and `parent`.

    Returns:
        The same rows with `root`.

    Example:
        >>> links = pl.DataFrame({"child": ["b", "c", "x", "y"], "parent": ["a", "b", "y", "x"]})
        >>> follow_links(links)["root"].to_list()
        ['a', 'a', 'x', 'y']
    """
    roots = links.with_columns(pl.col("parent").alias("root"))
    for _ in range(links.height.bit_length()):
        onward = roots.select(pl.col("child").alias("root"), pl.col("root").alias("next"))
        moved = roots.join(onward, on="root", how="left", maintain_order="left")
        if moved["next"].null_count() == moved.height:
            break
        roots = moved.with_columns(pl.coalesce("next", "root").alias("root")).drop("next")
    circular = pl.col("root").is_in(links["child"].implode())
    return roots.with_columns(pl.when(circular).then("child").otherwise("root").alias("root"))


def _link(rows: pl.LazyFrame, parent: str, *, rank: int) -> pl.LazyFrame:
    return (
        rows.filter(pl.col(parent).is_not_null(), pl.col(parent) != pl.col("contact_id"))
        .select(
            pl.col("contact_id").alias("child"),
            pl.col(parent).alias("parent"),
            pl.lit(rank, dtype=pl.Int8).alias("rank"),
        )
        .unique()
    )


def _previous(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Link a contact to the one contact that has its previous leg."""
    named = rows.filter(pl.col("previous_leg_id").is_not_null())
    wanted = named.select("previous_leg_id").unique()
    owners = (
        pl.concat(
            rows.select(pl.col(name).alias("previous_leg_id"), pl.col("contact_id").alias("owner"))
            for name in ("leg_id", "contact_id")
        )
        .join(wanted, on="previous_leg_id", how="semi")
        .unique()
        .group_by("previous_leg_id")
        .agg(pl.col("owner").min(), pl.len().alias("owners"))
        .filter(pl.col("owners") == 1)
    )
    linked = named.join(owners, on="previous_leg_id", how="inner")
    return _link(linked, "owner", rank=1)
