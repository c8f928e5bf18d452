"""From the files of one source to its cache entry: typed rows, rows by day, findings."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from kpitools import tables
from kpitools.errors import Fault, SourceError
from kpitools.sources.cache import DAYS, META, ROWS, fingerprint
from kpitools.sources.choosing import Asked, Choice, row_key, superseded_rows
from kpitools.sources.control_totals import check_totals
from kpitools.sources.counting import check_derived, check_values
from kpitools.sources.day_checks import Days, check_days
from kpitools.sources.declaration import WEEKDAYS, SourceConfig
from kpitools.sources.disk import write_json
from kpitools.sources.files import SourceFile
from kpitools.sources.findings import Finding, Severity, counted
from kpitools.sources.fiscal import FiscalCalendar
from kpitools.sources.formulas import mapped_kinds
from kpitools.sources.periods import covered_days
from kpitools.sources.plan import build_plan
from kpitools.sources.pseudonyms import pseudonyms
from kpitools.sources.raw import FILE, LINE
from kpitools.sources.reading import Raw, read_raw
from kpitools.sources.reading_findings import check_files
from kpitools.sources.recoding import recoded
from kpitools.sources.row_checks import Summary, check_rows, days_of, summary_of
from kpitools.sources.team_history import Move, undecided_splits, with_history
from kpitools.sources.typed import Typed, build_typed, needed_faults
from kpitools.sources.zones import Clocks

ROW_GROUP = 250_000


@dataclass(frozen=True)
class Context:
    """What a source needs to know of its workspace."""

    clocks: Clocks
    aliases: Mapping[str, str]
    holidays: frozenset[date]
    team_holidays: Mapping[str, frozenset[date]]
    key: bytes | None
    moves: tuple[tuple[Move, ...], tuple[Move, ...]] = ((), ())
    week_start: str = "monday"
    fiscal: FiscalCalendar | None = None

    def days(self, period: str) -> tuple[date, date] | None:
        """Return the first and last day of a written period; None for `all`."""
        return covered_days(period, week_start=self.week_start, fiscal=self.fiscal)


@dataclass(frozen=True)
class Account:
    """Where the lines of a source went: `read` is the sum of all the others."""

    source: str
    read: int
    blank: int
    broken: int
    left_out: int
    superseded: int
    kept: int


@dataclass(frozen=True)
class _Work:
    """One source in the making."""

    name: str
    source: SourceConfig
    context: Context
    entry: Path
    raw: Raw
    typed: Typed

    @property
    def rows(self) -> pl.LazyFrame:
        """The rows that were kept."""
        return pl.scan_parquet(self.entry / ROWS)

    @property
    def persons(self) -> list[str]:
        """Fields that hold persons."""
        table = tables.table(self.source.table)
        return [key for key in self.typed.fields if table.field(key).person]

    @property
    def derived_durations(self) -> list[str]:
        """Durations that a formula gives."""
        kinds = mapped_kinds(self.source)
        return [
            key
            for key in self.typed.fields
            if kinds[key] == "duration" and self.source.columns[key].expression is not None
        ]

    def finding(
        self,
        kind: str,
        counts: tuple[int, int],
        severity: Severity,
        text: str,
        **more: Any,  # noqa: ANN401 - fields of Finding
    ) -> Finding:
        """Make a finding about this source."""
        count, rows = counts
        return Finding(
            kind=kind,
            source=self.name,
            table=self.source.table,
            field=more.get("field", ""),
            count=count,
            rows=rows,
            severity=severity,
            message=f"{self.name}: {text}.",
            examples=more.get("examples", ()),
        )


def build_source(
    name: str,
    source: SourceConfig,
    files: Sequence[SourceFile],
    context: Context,
    entry: Path,
) -> None:
    """Read a source and write its cache entry into an empty folder.

    Raises:
        SourceError: files that cannot be read, or formats neither declared nor proven.
    """
    scratch = entry / "scratch"
    raw = read_raw(files, source, scratch=scratch)
    plan = build_plan(name, source, raw, context.clocks, context.aliases)
    if plan.faults:
        raise SourceError(plan.faults)
    typed = build_typed(source, raw, plan, context.clocks)
    typed = with_history(typed, source, context.moves, context.clocks)
    faults = needed_faults(name, source, typed.lacking)
    if not typed.fields:
        faults += [Fault(reason) for reason in dict.fromkeys(typed.lacking.values())]
    if faults:
        raise SourceError(faults)
    findings = check_files(name, source.table, raw, plan, plain=context.key is None)
    findings += check_values(name, source.table, raw, plan)
    findings += undecided_splits(name, source, typed.fields, context.moves[1])
    work = _Work(name, source, context, entry, raw, typed)
    account, chosen = _write_rows(work)
    shutil.rmtree(scratch, ignore_errors=True)
    summary = summary_of(work.rows, source.table, typed.fields)
    findings += [*chosen, *_kept_findings(work, summary)]
    meta: dict[str, Any] = {
        ROWS: fingerprint(entry / ROWS),
        DAYS: fingerprint(entry / DAYS),
        "fields": list(typed.fields),
        "lacking": dict(typed.lacking),
        "columns": list(dict.fromkeys(item for file in raw.files for item in file.columns)),
        "files": [[file.name, file.rows + file.broken] for file in raw.files],
        "latest": {key: value.isoformat() for key, value in summary.latest.items()},
        "account": asdict(account),
        "findings": [asdict(item) for item in findings],
    }
    write_json(entry / META, meta)


def _write_rows(work: _Work) -> tuple[Account, list[Finding]]:
    """Choose the rows that stay and write them; account for all others."""
    source, raw, typed = work.source, work.raw, work.typed
    frame = typed.frame
    if source.rows_where is not None:
        frame = frame.filter(typed.kept)
    within = frame.select(pl.len()).collect(engine="streaming").item()
    key = row_key(source, typed.fields)
    choice = Choice(pl.DataFrame(schema={FILE: pl.Int32, LINE: pl.Int64}))
    if key:
        shown = [name for name in key if name not in work.persons]
        choice = superseded_rows(frame, key, typed.order, Asked(typed.fields, shown))
    if choice.count:
        left = choice.left.lazy()
        frame = frame.join(left, on=[FILE, LINE], how="anti", maintain_order="left")
    files = tuple(file.name for file in raw.files)
    negative = check_derived(work.name, source.table, frame, work.derived_durations, files)
    final = _with_pseudonyms(frame, work)
    final.sink_parquet(work.entry / ROWS, row_group_size=ROW_GROUP, engine="streaming")
    account = Account(
        source=work.name,
        read=raw.rows + sum(file.broken + file.blank for file in raw.files),
        blank=sum(file.blank for file in raw.files),
        broken=sum(file.broken for file in raw.files),
        left_out=raw.rows - within,
        superseded=choice.count,
        kept=within - choice.count,
    )
    return account, [*_account_findings(work, account, choice, key), *negative]


def _with_pseudonyms(frame: pl.LazyFrame, work: _Work) -> pl.LazyFrame:
    """Choose the columns that are kept, persons under pseudonyms."""
    fields, persons = work.typed.fields, work.persons
    columns = {key: pl.col(key) for key in fields}
    for key in work.derived_durations:
        columns[key] = pl.when(pl.col(key) >= 0).then(pl.col(key)).alias(key)
    if work.context.key is not None and persons:
        names = [
            frame.select(pl.col(key).drop_nulls().unique()).collect(engine="streaming")[key]
            for key in persons
        ]
        made = pseudonyms((str(item) for series in names for item in series), work.context.key)
        for key in persons if made else ():
            columns[key] = recoded(pl.col(key), made)
    local = [
        pl.col(tables.local_name(key))
        for key in tables.table(work.source.table).timestamps
        if key in fields
    ]
    return frame.select(*columns.values(), *local, FILE, LINE)


def _account_findings(
    work: _Work, account: Account, choice: Choice, key: Sequence[str]
) -> list[Finding]:
    found = []
    within = account.kept + account.superseded
    if account.left_out:
        text = f"{counted(account.left_out, 'row')} left out by rows_where"
        counts = account.left_out, account.left_out + within
        found.append(work.finding("rows_left_out", counts, "info", text))
    if choice.count and work.source.latest_state is not None:
        text = (
            f"{counted(account.kept, 'case')} in {within:,} events; the latest row of each is kept"
        )
        found.append(work.finding("latest_state", (choice.count, within), "info", text))
    elif choice.count:
        differ = choice.count - choice.identical
        text = (
            f"{counted(choice.count, 'row')} with a key ({', '.join(key)}) that comes again, "
            f"{choice.identical:,} of them identical in all mapped fields; the last is kept"
        )
        severity: Severity = "warning" if differ and not work.typed.order else "info"
        counts = choice.count, within
        more = {"field": ", ".join(key), "examples": choice.examples}
        found.append(work.finding("duplicates", counts, severity, text, **more))
    return found


def _kept_findings(work: _Work, summary: Summary) -> list[Finding]:
    """Check the rows that were kept, and write their counts by day."""
    name, source, fields = work.name, work.source, work.typed.fields
    by_team = days_of(work.rows, source.table, fields)
    by_team.write_parquet(work.entry / DAYS)
    by_day = by_team.group_by("day", maintain_order=True).agg(pl.col("rows").sum())
    expected = frozenset(WEEKDAYS.index(day) for day in source.format.days)
    counts = dict(by_day.iter_rows())
    days = Days(
        name,
        source.table,
        counts,
        expected,
        work.context.holidays,
        work.context.team_holidays,
    )
    names = tuple(file.name for file in work.raw.files)
    return [
        *check_rows(name, source.table, work.rows, summary, names),
        *check_days(days, by_team),
        *check_totals(name, source, work.rows, fields, work.context.days),
    ]
