"""`kpitools kpis show`: one KPI in full, with its SELECT and its worked example, just run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kpitools.catalog import Kpi
    from kpitools.workspace import Workspace


def variants_of(opened: Workspace, kpi: Kpi) -> tuple[Kpi, ...]:
    """Return the variants of an entry; a variant has none."""
    if kpi.variant_of is not None:
        return ()
    return opened.catalog.variants(kpi.kpi, version=kpi.version)


def shown_text(opened: Workspace, kpi: Kpi) -> str:
    """Write all that a reader may ask of one KPI."""
    from kpitools.catalog import describe_kpi
    from kpitools.facts.engines.kpi_sql import kpi_sql

    lang = opened.config.language
    left_out = opened.catalog.left_out.get((kpi.kpi, kpi.version), {})
    more = [
        ("left out", "\n".join(f"{name}: {why}" for name, why in left_out.items())),
        ("example gives", _said(opened, kpi, lang)),
        ("SELECT", kpi_sql(kpi)),
    ]
    return describe_kpi(kpi, lang=lang, variants=variants_of(opened, kpi), more=more)


def shown_record(opened: Workspace, kpi: Kpi) -> dict[str, Any]:
    """Return the same for programs.

    `select` is the whole statement, `variant_ids` how the variants are asked for, `left_out` why
    some of them do not fit, and `example_result` what the example gives, null without one.
    """
    from kpitools.catalog import kpi_record
    from kpitools.facts.engines.kpi_sql import kpi_sql

    variants = variants_of(opened, kpi)
    return {
        **kpi_record(kpi, variants=variants),
        "select": kpi_sql(kpi),
        "variant_ids": [variant.kpi for variant in variants],
        "left_out": dict(opened.catalog.left_out.get((kpi.kpi, kpi.version), {})),
        "example_result": None if kpi.example is None else _result(opened, kpi),
    }


def _result(opened: Workspace, kpi: Kpi) -> dict[str, Any]:
    from kpitools.facts.worked import PARTS, inherits_example, work_example

    worked = work_example(kpi)
    row = worked.found.row(0, named=True) if worked.found.height else {}
    return {
        **{part: row.get(part) for part in PARTS},
        "holds": not worked.faults,
        "inherited": inherits_example(kpi, opened.catalog),
    }


def _said(opened: Workspace, kpi: Kpi, lang: str) -> str:
    """Say what the example gives, or that it is not of this definition."""
    from kpitools.errors import PackError
    from kpitools.facts.worked import inherits_example
    from kpitools.packs.worked_words import say_example

    if kpi.example is None:
        return ""
    try:
        return say_example(kpi, lang=lang)
    except PackError as error:
        if inherits_example(kpi, opened.catalog):
            return "the example is that of the built-in definition; this one counts otherwise"
        return "\n".join(str(fault) for fault in error.faults)
