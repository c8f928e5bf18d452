"""Which members of a group differ by more than chance, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from kpitools import language
from kpitools.analysis.funnel import FUNNEL
from kpitools.analysis.funnel_curve import funnel_curve
from kpitools.analysis.verdicts import tone_of
from kpitools.catalog.basis import format_basis, rests_on
from kpitools.catalog.model import Kpi
from kpitools.errors import VisualsError
from kpitools.visuals.blocks import SentenceBlock, Tone
from kpitools.visuals.findings import Names, check_has, kpi_name, slice_text, unit_text
from kpitools.visuals.marks import SAME, mark_of
from kpitools.visuals.privacy import MINIMUM_GROUP, keep_back, kept_back_text
from kpitools.visuals.recorded import RECORDED, recorded
from kpitools.visuals.show import Visual
from kpitools.visuals.wording import Part, named, quote_count, quote_value, say, value_text

_MOST = 4
_MOST_REASONS = 6


@dataclass(frozen=True)
class Group:
    """Members of a funnel ready to be drawn; those on too few cases have no numbers."""

    kpi: Kpi
    by: str
    rows: tuple[dict[str, Any], ...]
    about: str
    minimum_group: int
    curve: pl.DataFrame = field(default_factory=pl.DataFrame)

    @property
    def shown(self) -> tuple[dict[str, Any], ...]:
        """Members whose value may be shown."""
        return tuple(row for row in self.rows if not row["kept_back"])

    @property
    def judged(self) -> tuple[dict[str, Any], ...]:
        """Members with enough cases to be judged."""
        return tuple(row for row in self.shown if row["judged"])

    @property
    def odd(self) -> tuple[dict[str, Any], ...]:
        """Members that differ by more than chance, the surest first."""
        found = [row for row in self.judged if row["stands_out"]]
        return tuple(sorted(found, key=lambda row: (row["p_value"], str(row[self.by]))))

    @property
    def many(self) -> str:
        """Name several members."""
        stem = language.display(self.by, 40)
        return f"{stem[:-1]}ies" if stem.endswith("y") else f"{stem}s"

    @property
    def left_out(self) -> tuple[dict[str, Any], ...]:
        """Members that a recorded reason leaves out."""
        return tuple(row for row in self.rows if row["excluded"])

    @property
    def few(self) -> int:
        """How many members have too few cases to be judged."""
        return sum(not row["judged"] and not row["excluded"] for row in self.rows)

    @property
    def widened(self) -> bool:
        """Whether the limits allow for more than chance."""
        return (self.rows[0]["tau2"] or 0) > 0

    @property
    def beyond(self) -> str:
        """Say what the limits allow for: chance, and the usual spread where they are widened."""
        return f" by more than chance{' and the usual spread' if self.widened else ''}"

    def counted(self, count: int) -> tuple[Part, ...]:
        """Quote a number of members with the word that agrees."""
        one = named(f" {self.by if count == 1 else self.many}")
        return quote_count(count), one

    def value(self, value: float | None) -> str:
        """Write a value with its unit."""
        return value_text(value, unit=self.kpi.unit, show=self.kpi.show)

    def cases(self, row: Mapping[str, Any]) -> str:
        """Write how many cases a member has."""
        return format_basis(row["cases"] or 0, rests_on(self.kpi))

    def tone(self, row: Mapping[str, Any]) -> Tone:
        """Tell what a member's difference means."""
        if not row["judged"]:
            return "unknown"
        return tone_of(self.kpi.good, high=row["above"]) if row["stands_out"] else "common"

    def status(self, row: Mapping[str, Any]) -> str:
        """Say by shape and words what is known of a member."""
        if row["excluded"]:
            return f"{RECORDED} left out by a recorded reason"
        if row["kept_back"]:
            return f"? {kept_back_text(self.minimum_group)}"
        if not row["judged"]:
            return "? too few cases to judge"
        if row["stands_out"]:
            side = "above" if row["above"] else "below"
            mark = mark_of(self.tone(row), high=row["above"])
            beyond = "chance and spread" if self.widened else "chance"
            return f"{mark} {side} the others, beyond {beyond}"
        words = {"within": "as the others", "beyond_95": "at the edge of chance"}
        return f"{SAME} {words.get(row['status'], 'at the edge of chance')}"


def read_group(
    findings: pl.DataFrame, kpi: Kpi, *, about: str, names: Names | None, minimum_group: int
) -> Group:
    """Read the members off a result of `funnel_limits`.

    Raises:
        VisualsError: no rows, or not a result of `funnel_limits`.
    """
    check_has(findings, FUNNEL, made_by="funnel_limits")
    if findings.is_empty():
        raise VisualsError(
            f"there is no member to compare by {kpi.kpi}",
            expected="at least one row of funnel_limits",
            fix="choose periods and a dimension that the data has",
        )
    by = findings.columns[0]
    kept = keep_back(findings, minimum_group=minimum_group, counts=True)
    rows = tuple(
        dict(row, member=slice_text({by: row[by]}, names=names))
        for row in kept.iter_rows(named=True)
    )
    about = language.display(about, 80)
    return Group(kpi, by, rows, about, minimum_group, funnel_curve(findings))


def say_funnel(
    findings: pl.DataFrame,
    kpi: Kpi,
    *,
    about: str = "",
    names: Names | None = None,
    minimum_group: int = MINIMUM_GROUP,
) -> Visual[SentenceBlock]:
    """Say which members differ from all together by more than chance, and how many do not.

    Args:
        findings: rows as `funnel_limits` returns them.
        kpi: its definition.
        about: team and periods, for titles.
        names: names of teams by key.
        minimum_group: members on fewer cases are not named.

    Raises:
        VisualsError: no rows, or not a result of `funnel_limits`.
    """
    group = read_group(findings, kpi, about=about, names=names, minimum_group=minimum_group)
    return say_group(group)


def say_group(group: Group) -> Visual[SentenceBlock]:
    """Say what a funnel shows."""
    head: tuple[Part, ...] = (named(kpi_name(group.kpi)), ": ")
    judged = len(group.judged)
    if not judged and len(group.left_out) == len(group.rows):
        total = group.counted(len(group.rows))
        return say(*head, "recorded reasons leave out all of ", *total, ".", tone="unknown")
    if not judged:
        total = group.counted(len(group.rows))
        return say(*head, "not enough cases to judge any of ", *total, ".", tone="unknown")
    usual = quote_value(group.rows[0]["target"], unit=group.kpi.unit, show=group.kpi.show)
    if not group.odd:
        about = (" of ", quote_count(judged)) if judged > 1 else ()
        word = named(f"no {group.by}")
        return say(*head, word, *about, f" differs{group.beyond} from ", usual, " of all.")
    parts: list[Part] = []
    for row in group.odd[:_MOST]:
        parts += [", "] if parts else []
        value = quote_value(row["value"], unit=group.kpi.unit, show=group.kpi.show)
        reason = " (a reason is recorded)" if recorded(row) else ""
        parts += [named(row["member"]), " with ", value, reason]
    rest = len(group.odd) - _MOST
    parts += [" and ", quote_count(rest), " more"] if rest > 0 else []
    verb = " differs" if len(group.odd) == 1 else " differ"
    counts = (quote_count(len(group.odd)), " of ", *group.counted(judged))
    tones = {group.tone(row) for row in group.odd}
    tone = tones.pop() if len(tones) == 1 else "neutral"
    return say(
        *(*head, *counts, verb, group.beyond, " from ", usual, " of all: ", *parts, "."),
        tone=tone,
    )


def describe_funnel(group: Group) -> str:
    """Say what a reader of the chart sees."""
    where = f", {group.about}" if group.about else ""
    head = f"Funnel chart of {kpi_name(group.kpi)} by {group.by}{where}: value against cases"
    limits = "limits at 95 and 99.8 % that narrow as cases grow"
    lines = [f"{head}, with {limits}.", say_group(group).block.text]
    if group.few:
        verb = "is" if group.few == 1 else "are"
        lines.append(f"{group.few} with too few cases {verb} not judged.")
    lines.extend(_reasons(group))
    return " ".join(lines)


def _reasons(group: Group) -> list[str]:
    """Say what was recorded about members, and who does not count because of it."""
    noted = [row for row in group.rows if recorded(row)]
    lines = [f"{RECORDED} {row['member']}: {recorded(row)}{_after(row)}." for row in noted]
    rest = len(lines) - _MOST_REASONS
    more = [f"{rest} more recorded reasons are in the table."] if rest > 0 else []
    silent = [row for row in group.rows if row["periods_excluded"] and not recorded(row)]
    if silent:
        more.append(f"Periods that recorded reasons leave out do not count ({_spans(silent)}).")
    return [*lines[:_MOST_REASONS], *more]


def _after(row: Mapping[str, Any]) -> str:
    if row["excluded"]:
        return "; left out of the value of all and of the limits"
    return f"; {_spans([row])} left out" if row["periods_excluded"] else ""


def _spans(rows: Sequence[Mapping[str, Any]]) -> str:
    most = max(row["periods_excluded"] for row in rows)
    return f"{'up to ' if len(rows) > 1 else ''}{most} {'period' if most == 1 else 'periods'}"


def funnel_notes(group: Group) -> tuple[str, ...]:
    """Say what limits hold, and who is not judged."""
    first, notes = group.rows[0], []
    if group.widened:
        phi = language.format_value(first["phi"], unit="number", digits=1)
        notes.append(
            f"The limits allow for how far the {group.many} usually lie apart (phi {phi}: so many "
            f"times the variance of chance alone; tau² {_tau2(first['tau2'])})."
        )
    if group.few:
        notes.append(
            f"{group.few} of {len(group.rows)} {group.many} "
            f"{'has' if group.few == 1 else 'have'} too few cases to be judged (shaded)."
        )
    notes.extend(_reasons(group))
    hidden = len(group.rows) - len(group.shown)
    if hidden:
        notes.append(f"Values on {kept_back_text(group.minimum_group)} are not shown.")
    return tuple(notes)


def _tau2(value: float) -> str:
    """Write a variance: two digits that count, and never a power of ten.

    Example:
        >>> _tau2(0.004128733873), _tau2(3475.2)
        ('0.0041', '3,475')
    """
    small = value < 10  # noqa: PLR2004 - whole numbers have two digits from here on
    return f"{value:.2g}" if small else language.format_value(value, unit="number", digits=0)


def funnel_source(group: Group) -> str:
    """Say what stands in the chart, and by which rule a member differs."""
    methods = {
        "binomial": "exact binomial limits",
        "arcsine": "binomial limits on the arcsine scale",
        "poisson": "exact Poisson limits",
        "mean": "limits from the spread between periods",
    }
    return (
        f"{kpi_name(group.kpi)} ({unit_text(group.kpi)}) by {group.by}: "
        f"{methods[group.rows[0]['method']]} around the value of all; who differs is called so "
        "that on average at most 10 % of the calls are false (Benjamini-Hochberg)."
    )
