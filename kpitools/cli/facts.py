"""`kpitools facts`: the numbers, for people and for scripts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kpitools.cli.options import (
    AsOfOption,
    FactsFormat,
    Grain,
    WorkspaceOption,
    open_asked,
    read_pairs,
    read_settings,
    say,
    say_as_of,
    split_words,
)

if TYPE_CHECKING:
    import polars as pl

    from kpitools.catalog.model import Parameter
    from kpitools.workspace import Workspace

EXAMPLES = """\b
Examples:
  kpitools facts --kpi asa --kpi csat --by team --from 2026-01 --to 2026-10
  kpitools facts --kpi service_level_offered --set service_level_offered.threshold_s=60
  kpitools facts --kpi aht --by team,channel --grain week --format csv > aht.csv
  kpitools facts --kpi csat --by team --window ytd --from 2026-10 --to 2026-10
  kpitools facts -w my-review --kpi backlog --where team=billing --format json
"""


def print_facts(
    kpi: Annotated[
        list[str] | None,
        typer.Option("--kpi", help="KPI; repeat or separate by commas. Default: all available."),
    ] = None,
    by: Annotated[
        list[str] | None, typer.Option("--by", help="Dimension to split by, for example team.")
    ] = None,
    grain: Annotated[Grain, typer.Option(help="Length of a period.")] = Grain.MONTH,
    start: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="PERIOD", help="First period, inclusive: 2026-01, 2026-W05."
        ),
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="PERIOD", help="Last period, inclusive.")
    ] = None,
    team: Annotated[list[str] | None, typer.Option("--team", help="Only these teams.")] = None,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", metavar="DIMENSION=VALUE", help="Only rows with this value."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KPI.PARAMETER=VALUE", help="Another parameter value."),
    ] = None,
    form: Annotated[
        FactsFormat,
        typer.Option(
            "--format",
            help="How to write. CSV is for spreadsheets: a text that would begin a formula "
            "(=, +, -, @) gets an apostrophe; JSON and Parquet keep it as it is.",
        ),
    ] = FactsFormat.TABLE,
    out: Annotated[
        Path | None, typer.Option("--out", help="File; default standard output.")
    ] = None,
    versions: Annotated[
        str,
        typer.Option(
            help="latest: the definition of today for every period; effective: for each period "
            "the version that counted on its first day."
        ),
    ] = "latest",
    window: Annotated[
        str | None,
        typer.Option(
            metavar="WINDOW",
            help="Count all days up to each period's end: ytd, ytd:fiscal or rolling:12.",
        ),
    ] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="Keep windows that begin before the data does.")
    ] = False,
    spread: Annotated[
        bool, typer.Option("--spread", help="Show how far the cases behind each mean lie apart.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Compute KPI values per period, from numerators and denominators."""
    filters: dict[str, list[str]] = {"team": list(team)} if team else {}
    for name, value in read_pairs(where or (), option="--where", shape="DIMENSION=VALUE"):
        filters.setdefault(name, []).append(value)
    settings_read = read_settings(settings or ())
    opened = open_asked(workspace, as_of)
    say_as_of(opened)
    asked = split_words(kpi)
    facts = opened.facts(
        asked or None,
        by=split_words(by) or None,
        grain=grain.value,
        start=start,
        end=end,
        where=filters,
        set=_settings_of(asked, settings_read, opened),
        versions=versions,
        window=window,
        partial=True,
        spread=spread,
    )
    if window is not None and not partial:
        facts = _whole_windows(facts)
    if facts.is_empty() and (start or end):
        _say_outside(opened, asked, start, end)
    if kpi is None:
        for name, reason in opened.refused(by=split_words(by)).items():
            say(f"left out: {name}: {reason}")
    from kpitools.cli.write import facts_table, write_frame

    write_frame(facts, form=form, out=out, table=lambda: facts_table(facts, opened))


print_facts.__doc__ = f"{print_facts.__doc__}\n\n{EXAMPLES}"


def _whole_windows(facts: pl.DataFrame) -> pl.DataFrame:
    """Leave out windows that begin before the data does, and say how many."""
    left_out = facts.height - facts["complete"].sum()
    if left_out:
        say(f"left out: {left_out:,} windows that begin before the data (--partial keeps them)")
    return facts.filter("complete")


def _say_outside(opened: Workspace, names: list[str], start: str | None, end: str | None) -> None:
    """Say where the data lies when nothing of it is in the range asked for."""
    days = opened.data_days(names or None)
    if days is None:
        say("no rows: these KPIs have no data at all")
        return
    asked = " to ".join(text for text in dict.fromkeys((start, end)) if text)
    first, last = days
    early = end is not None and opened.period(end).end < first
    if early or (start is not None and opened.period(start).start > last):
        say(f"no rows: {asked} lies outside the data, which reaches from {first} to {last}")


def _settings_of(
    asked: list[str], settings: dict[str, dict[str, Parameter]], opened: Workspace
) -> dict[str, dict[str, Parameter]]:
    """Keep the parameters of the KPIs asked for; say which are without effect."""
    if not asked:
        return settings
    for name in sorted(settings.keys() - set(asked)):
        opened.kpi(name)
        say(f"--set {name}: without effect, as this KPI is not asked for")
    return {name: values for name, values in settings.items() if name in asked}
