"""The catalogue as pages to read: one a KPI, with a worked example that is run when it is made."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from kpitools.catalog import Catalog, Kpi
from kpitools.catalog.compiled import PARTS
from kpitools.catalog.derived_contacts import CONTACTS_TABLES
from kpitools.catalog.derived_people import PEOPLE_TABLES
from kpitools.catalog.derived_tickets import TICKETS_TABLES
from kpitools.catalog.describe import BETTER, say_target
from kpitools.catalog.entry import open_range
from kpitools.catalog.merging import merge_class, say_merging
from kpitools.errors import Fault, PackError
from kpitools.facts.engines.kpi_sql import kpi_sql
from kpitools.facts.worked import inherits_example
from kpitools.language import pick
from kpitools.packs.cleaning import clean_text
from kpitools.packs.disk import write_file
from kpitools.packs.worked_words import example_rows, say_example

INDEX = "README.md"
DAY_S = 86_400
_MARKS = re.compile(r"[\\`*_\[\]<>|#]")
OTHER = "Other"
SUBJECTS: Mapping[str, frozenset[str]] = {
    "Contacts": frozenset({"contacts", *(item.name for item in CONTACTS_TABLES)}),
    "Tickets": frozenset({"tickets", "ticket_events", *(item.name for item in TICKETS_TABLES)}),
    "Surveys": frozenset({"surveys", "invitations"}),
    "Quality": frozenset(
        {"evaluations", "evaluation_answers", "evaluation_results", "agent_evaluations"}
        | {"agent_passes", "errors_found", "calibration_pairs"}
    ),
    "People and their time": frozenset(
        {"agent_time", "schedules", "headcount", "certifications"}
        | {item.name for item in PEOPLE_TABLES}
    ),
    "Forecasts and staffing": frozenset(
        {"forecasts", "interval_forecasts", "locked_forecasts", "daily_forecasts"}
    ),
    "Costs": frozenset({"costs", "team_costs"}),
}
"""What the KPIs of a table are about."""
NOT_OURS = "of the built-in definition"
"""What stands for the value of an example that is not of this definition."""


def write_pages(
    catalog: Catalog,
    folder: Path,
    *,
    lang: str = "en",
    on_page: Callable[[str], None] = lambda _: None,
) -> tuple[Path, ...]:
    """Write one Markdown page a KPI, and an index; every example is run on the way.

    Pages of KPIs that are gone stay where they are: the folder may hold other pages too.

    Args:
        catalog: the catalogue.
        folder: where; made when it does not exist.
        lang: language of names and texts.
        on_page: told the name of each KPI when its page is done.

    Returns:
        The files written, sorted.

    Raises:
        PackError: an example that does not give what its entry says, or cannot be run; all of
            them at once, and nothing is written. One that a workspace's entry inherits from the
            built-in catalogue and that is not of its changed formula is left out instead.
    """
    pages = {}
    faults: list[Fault] = []
    for name in catalog.names():
        try:
            pages[f"{name}.md"] = kpi_page(catalog, name, lang=lang)
        except PackError as error:
            faults += error.faults
        on_page(name)
    if faults:
        raise PackError(faults)
    pages[INDEX] = index_page(catalog, lang=lang)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        write_file(folder / name, text.encode())
    return tuple(sorted(folder / name for name in pages))


def subjects_of(catalog: Catalog) -> dict[str, list[str]]:
    """Sort the KPIs of a catalogue by what they are about, each in the catalogue's order.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> list(subjects_of(load_builtin()))[:3]
        ['Contacts', 'Tickets', 'Surveys']
    """
    by_table = {table: subject for subject, tables in SUBJECTS.items() for table in tables}
    found: dict[str, list[str]] = {subject: [] for subject in (*SUBJECTS, OTHER)}
    for name in catalog.names():
        found[by_table.get(catalog.kpi(name).table, OTHER)].append(name)
    return {subject: names for subject, names in found.items() if names}


def subject_table(catalog: Catalog) -> str:
    """Write which KPIs there are by subject, as the README shows it.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> subject_table(load_builtin()).splitlines()[0]
        '| about | KPIs |'
    """
    rows = [
        f"| {subject} | {', '.join(f'`{name}`' for name in names)} |"
        for subject, names in subjects_of(catalog).items()
    ]
    return "\n".join(["| about | KPIs |", "|---|---|", *rows])


def index_page(catalog: Catalog, *, lang: str = "en") -> str:
    """Write the list of all KPIs by subject.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> index_page(load_builtin()).splitlines()[0].startswith("# KPI catalogue")
        True
    """
    latest = [catalog.kpi(name) for name in catalog.names()]
    parts = [f"# KPI catalogue {escape(catalog.version)}"]
    parts.append(
        f"{len(latest)} KPIs. Each page gives the definition, the formula, a worked example that "
        "is run whenever the page is made, the variants in use, the traps, and the versions."
    )
    for subject, names in subjects_of(catalog).items():
        rows = [kpi for kpi in latest if kpi.kpi in names]
        lines = ["| KPI | name | unit | better | variants |", "|---|---|---|---|---|"]
        lines += [
            f"| [`{kpi.kpi}`]({kpi.kpi}.md) | {escape(pick(kpi.name, lang))} | {kpi.unit} "
            f"| {BETTER[kpi.good]} | {len(catalog.variants(kpi.kpi)) or ''} |"
            for kpi in rows
        ]
        parts += [f"## {subject}", "\n".join(lines)]
    return paragraphs(*parts) + "\n"


def kpi_page(catalog: Catalog, name: str, *, lang: str = "en") -> str:
    """Write the page of one KPI in its latest version; the earlier ones are told at its end.

    Raises:
        CatalogError: no such KPI.
        PackError: its example, or that of a variant, does not give what the entry says; all of
            them at once. One that is inherited is left out, and the page says so.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> kpi_page(load_builtin(), "offered").splitlines()[0]
        '# Contacts offered'
    """
    kpi = catalog.kpi(name)
    variants = catalog.variants(name)
    said = _say_examples(catalog, (kpi, *variants), lang)
    return paragraphs(*_page(catalog, kpi, variants, said, lang)) + "\n"


def _say_examples(catalog: Catalog, kpis: Iterable[Kpi], lang: str) -> dict[str, str | None]:
    """Say what each example gives; None for one that is not of this definition."""
    said: dict[str, str | None] = {}
    faults: list[Fault] = []
    for kpi in kpis:
        try:
            said[kpi.kpi] = "" if kpi.example is None else say_example(kpi, lang=lang)
        except PackError as error:
            said[kpi.kpi] = None
            faults += () if inherits_example(kpi, catalog) else error.faults
    if faults:
        raise PackError(faults)
    return said


def _page(
    catalog: Catalog,
    kpi: Kpi,
    variants: Sequence[Kpi],
    said: Mapping[str, str | None],
    lang: str,
) -> Iterator[str]:
    yield f"# {escape(pick(kpi.name, lang))}"
    state = "" if kpi.status == "approved" else f" This entry is {kpi.status}."
    yield f"`{kpi.kpi}` version {kpi.version}, {kpi.unit}, {BETTER[kpi.good]}.{state}"
    yield escape(pick(kpi.definition, lang))
    yield f"*Why:* {escape(pick(kpi.purpose, lang))}"
    yield "## Formula"
    yield _code_table(_formula(kpi))
    yield escape(f"Class {merge_class(kpi)}: {say_merging(kpi)}")
    yield f"As SQL (DuckDB), by month:\n\n```sql\n{_fenced(kpi_sql(kpi))}\n```"
    yield from _example(kpi, said[kpi.kpi], lang)
    yield from _variants(kpi, variants, said, lang)
    left_out = catalog.left_out.get((kpi.kpi, kpi.version), {})
    if left_out:
        yield "Variants that do not fit this definition:"
        yield bullets([f"{name}: {why}" for name, why in left_out.items()])
    if kpi.traps:
        yield "## Traps"
        yield bullets([pick(trap, lang) for trap in kpi.traps])
    yield from _people(catalog, kpi, lang)
    yield "## Versions"
    yield table(["version", "counts", "changed by", "why"], _versions(catalog, kpi))
    if kpi.source:
        yield escape(f"Source: {kpi.source}")


def escape(text: str) -> str:
    r"""Write a text as Markdown on one line, readable as it stands too.

    Example:
        >>> print(escape("a|b <i> count(*)"))
        a\|b \<i\> count(\*)
    """
    return _MARKS.sub(lambda found: f"\\{found[0]}", " ".join(clean_text(text).split()))


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write texts as a pipe table."""
    lines = [head, ["---"] * len(head), *([escape(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def bullets(texts: Sequence[str]) -> str:
    """Write texts as a list."""
    return "\n".join(f"- {escape(text)}" for text in texts)


def paragraphs(*parts: str) -> str:
    """Put parts under one another."""
    return "\n\n".join(parts)


def _code_table(rows: Sequence[tuple[str, str]]) -> str:
    lines = ["| part | formula |", "|---|---|"]
    lines += [f"| {escape(part)} | {_code(text)} |" for part, text in rows]
    return "\n".join(lines)


def _code(text: str) -> str:
    """Write a formula as code inside a table."""
    plain = " ".join(clean_text(text).split()).replace("`", "'").replace("|", "\\|")
    return f"`{plain}`"


def _fenced(sql: str) -> str:
    """Keep the text of a formula from ending its fence."""
    return sql.replace("```", "'''")


def _formula(kpi: Kpi) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = [
        (part, str(text)) for part, _ in PARTS if (text := getattr(kpi, part)) is not None
    ]
    if kpi.kind == "censored":
        rows.append(("quantile", f"{kpi.quantile:g}"))
    rows.append(("table", f"{kpi.table}, by {kpi.period_of}"))
    rows += [(f"parameter {name}", str(value)) for name, value in kpi.parameters.items()]
    if kpi.settles_by is not None:
        rows.append(("settles after", f"the parameter {kpi.settles_by}"))
    elif kpi.settles_after_s:
        rows.append(("settles after", f"{kpi.settles_after_s / DAY_S:g} days"))
    return rows


def _example(kpi: Kpi, said: str | None, lang: str) -> Iterator[str]:
    if kpi.example is None:
        return
    yield "## Worked example"
    if said is None:
        yield (
            "The worked example is that of the built-in definition. This catalogue counts "
            "otherwise, so it is left out."
        )
        return
    yield escape(pick(kpi.example.text, lang))
    for name, text in kpi.example.tables.items():
        yield f"Rows of `{name}`:"
        yield table(*example_rows(text))
    yield f"For {escape(kpi.example.period)}: **{escape(said)}**"


def _variants(
    base: Kpi, variants: Sequence[Kpi], said: Mapping[str, str | None], lang: str
) -> Iterator[str]:
    if not variants:
        return
    yield "## Variants"
    yield "What each formula changes stands below the table."
    shown = said[base.kpi] is not None
    yield table(
        ["variant", "name", "what differs", "used by", "in the example"],
        [
            (
                kpi.kpi,
                pick(kpi.name, lang),
                pick(kpi.differs, lang),
                kpi.used_by,
                _in_example(said[kpi.kpi]) if shown else "",
            )
            for kpi in variants
        ],
    )
    same = set(_formula(base))
    for kpi in variants:
        yield f"### `{kpi.kpi}`"
        yield _code_table([row for row in _formula(kpi) if row not in same])


def _in_example(said: str | None) -> str:
    return NOT_OURS if said is None else said


def _people(catalog: Catalog, kpi: Kpi, lang: str) -> Iterator[str]:
    def named(role: str) -> str:
        return pick(catalog.roles.get(role, {}), lang) or role.replace("_", " ")

    target = kpi.targets.default
    rows = [
        ("accountable", named(kpi.roles.accountable)),
        ("measured", ", ".join(map(named, kpi.roles.measured))),
        ("reports", named(kpi.roles.reports)),
        ("goal", kpi.goal),
        ("groups", ", ".join(kpi.groups)),
        ("target", "none" if target is None else say_target(kpi, target, lang=lang)),
        ("judged from", f"{kpi.minimum} cases" if kpi.minimum > 1 else ""),
        ("read beside", ", ".join(kpi.beside)),
        ("also called", ", ".join(kpi.aliases)),
        *((f"name in {code}", text) for code, text in kpi.name.items() if code != "en"),
    ]
    yield "## Who, and against what"
    yield table(["", ""], [row for row in rows if row[1]])


def _versions(catalog: Catalog, kpi: Kpi) -> list[tuple[str, str, str, str]]:
    found: Iterable[Kpi] = catalog.versions(kpi.kpi)
    return [
        (
            str(item.version),
            open_range(item.effective.start, item.effective.end),
            item.change.by if item.change else "",
            item.change.reason if item.change else "first version",
        )
        for item in found
    ]
