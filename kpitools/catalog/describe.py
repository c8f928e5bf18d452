"""The catalogue in words: the list, one KPI in full, and the same as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from kpitools.catalog.compiled import PARTS, compile_kpi, required_fields
from kpitools.catalog.entry import open_range
from kpitools.catalog.model import Band, Kpi, Target
from kpitools.language import format_range, format_value, pick

BETTER = {"higher": "more is better", "lower": "less is better", "within": "within a range"}
LABEL = 14
DAY = 86400


def kpi_record(kpi: Kpi, *, variants: Sequence[Kpi] = ()) -> dict[str, Any]:
    """Return everything about a KPI as plain values, its formulas as SQL too.

    Args:
        kpi: its definition.
        variants: other definitions under its name; each is a record of its own.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> kpi_record(load_builtin().kpi("offered"))["sql"]
        {'numerator': 'COUNT(*)'}
    """
    made = compile_kpi(kpi)
    formulas = {part: getattr(made, part) for part, _ in PARTS}
    record = kpi.model_dump(mode="json", by_alias=True)
    record["fields"] = sorted(required_fields(kpi))
    record["sql"] = {
        part: formula.to_sql(parameters=kpi.parameters)
        for part, formula in formulas.items()
        if formula is not None
    }
    record["variants"] = [kpi_record(variant) for variant in variants]
    return record


def describe_catalog(kpis: Iterable[Kpi], *, lang: str = "en") -> str:
    """Return one line per KPI: key, name, unit, what is better, target.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> print(describe_catalog([load_builtin().kpi("asa")]))
        asa  Average speed of answer  seconds  less is better  target at most 45 s
    """
    rows = [_row(kpi, lang) for kpi in kpis]
    widths = [max((len(row[n]) for row in rows), default=0) for n in range(5)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def describe_kpi(
    kpi: Kpi,
    *,
    lang: str = "en",
    variants: Sequence[Kpi] = (),
    more: Sequence[tuple[str, str]] = (),
) -> str:
    """Return all that a reader may ask of one KPI, as lines of text.

    Args:
        kpi: its definition.
        lang: language of its texts.
        variants: other definitions under its name, told by what differs.
        more: labels and texts to tell after all others; an empty text is left out.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> print(describe_kpi(load_builtin().kpi("answered")).splitlines()[0])
        answered - Contacts answered
    """
    lines = [f"{kpi.kpi} - {pick(kpi.name, lang)}"]
    for label, text in [*_facts(kpi, lang), ("variants", _variants(variants, lang)), *more]:
        if not text:
            continue
        head, *rest = text.splitlines() or [""]
        lines.append(f"  {label.ljust(LABEL)}{head}")
        lines += [f"  {' ' * LABEL}{line}" for line in rest]
    return "\n".join(lines)


def say_target(kpi: Kpi, target: Target, *, lang: str = "en") -> str:
    """Say a target and its range in the KPI's unit.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> nps = load_builtin().kpi("nps")
        >>> say_target(nps, nps.targets.default)
        '40.0 points, range at least 30 points'
    """
    value = format_value(target.value, unit=kpi.unit, show=kpi.show, lang=lang)
    ends = format_range(target.low, target.high, unit=kpi.unit, show=kpi.show, lang=lang)
    per = f" per {target.per}" if target.per else ""
    return f"{value}{per}, range {ends}"


def _row(kpi: Kpi, lang: str) -> tuple[str, str, str, str, str]:
    target = kpi.targets.default
    said = ""
    if target is not None:
        ends = format_range(target.low, target.high, unit=kpi.unit, show=kpi.show, lang=lang)
        said = f"target {ends}"
    return kpi.kpi, pick(kpi.name, lang), kpi.unit, BETTER[kpi.good], said


def _facts(kpi: Kpi, lang: str) -> list[tuple[str, str]]:
    facts = [
        ("definition", pick(kpi.definition, lang)),
        ("purpose", pick(kpi.purpose, lang)),
        ("unit", f"{kpi.unit} ({kpi.show} shown)" if kpi.unit == "seconds" else kpi.unit),
        ("better", BETTER[kpi.good]),
        ("kind", f"{kpi.kind}, quantile {kpi.quantile:g}" if kpi.kind == "censored" else kpi.kind),
        ("also called", ", ".join(kpi.aliases)),
        ("status", kpi.status if kpi.status != "approved" else ""),
        ("differs", pick(kpi.differs, lang) if kpi.differs else ""),
        ("used by", kpi.used_by),
        ("table", f"{kpi.table}, by {kpi.period_of}"),
        *((part, getattr(kpi, part)) for part, _ in PARTS if getattr(kpi, part) is not None),
        ("parameters", ", ".join(f"{name} = {value}" for name, value in kpi.parameters.items())),
        ("fields", ", ".join(sorted(required_fields(kpi)))),
        ("SQL", "\n".join(f"{part}: {sql}" for part, sql in kpi_record(kpi)["sql"].items())),
        ("target", "\n".join(_targets(kpi, lang))),
        ("bands", ", ".join(_band(band, lang) for band in kpi.bands)),
        ("if missed", _hanging(kpi, "consequence", lang)),
        ("incentive", _hanging(kpi, "incentive", lang)),
        ("target's note", _hanging(kpi, "note", lang)),
        ("minimum", f"judged from {kpi.minimum} cases" if kpi.minimum > 1 else ""),
        ("settles after", _settles(kpi)),
        ("goal", kpi.goal),
        ("groups", ", ".join(kpi.groups)),
        ("accountable", kpi.roles.accountable),
        ("measured", ", ".join(kpi.roles.measured)),
        ("reports", kpi.roles.reports),
        ("action", _action(kpi)),
        ("beside", ", ".join(kpi.beside)),
        ("traps", "\n".join(f"- {_line(pick(trap, lang))}" for trap in kpi.traps)),
        ("example", _example(kpi, lang)),
        ("source", kpi.source),
        ("version", _version(kpi)),
    ]
    return [(label, text) for label, text in facts if text]


def _band(band: Band, lang: str) -> str:
    name = pick(band.name, lang)
    return name if band.start is None else f"from {band.start:g} {name}"


def _targets(kpi: Kpi, lang: str) -> list[str]:
    lines = []
    for targets in reversed(kpi.targets.dated()):
        since = f"from {targets.start}: " if targets.start else ""
        said = [say_target(kpi, targets.default, lang=lang)] if targets.default else []
        named = [*targets.teams.items(), *targets.periods.items()]
        for team, periods in targets.team_periods.items():
            named += [(f"{team}, {grain}", target) for grain, target in periods.items()]
        said += [f"{name}: {say_target(kpi, item, lang=lang)}" for name, item in named]
        lines += [f"{since}{line}" for line in said]
    return lines


def _hanging(kpi: Kpi, part: str, lang: str) -> str:
    """Tell what hangs on the targets, each text once."""
    found = [getattr(target, part) for target in kpi.targets.every()]
    return "\n".join(dict.fromkeys(_line(pick(text, lang)) for text in found if text))


def _settles(kpi: Kpi) -> str:
    if kpi.settles_by is not None:
        return f"the parameter {kpi.settles_by} = {kpi.parameters[kpi.settles_by]}"
    return f"{kpi.settles_after_s / DAY:g} days" if kpi.settles_after_s else ""


def _example(kpi: Kpi, lang: str) -> str:
    """Tell the worked example: its rows, what it says, and what comes out."""
    example = kpi.example
    if example is None:
        return ""
    rows = [f"{name}:\n{text.rstrip()}" for name, text in example.tables.items()]
    value = format_value(example.value, unit=kpi.unit, show=kpi.show, lang=lang)
    said = f"gives {value} for {example.period}"
    if example.denominator is not None:
        said += f" ({example.numerator} of {example.denominator})"
    return "\n".join([_line(pick(example.text, lang)), *rows, said])


def _variants(variants: Sequence[Kpi], lang: str) -> str:
    lines = []
    for kpi in variants:
        user = f" ({kpi.used_by})" if kpi.used_by else ""
        lines.append(f"{kpi.kpi}: {pick(kpi.name, lang)}{user}: {_line(pick(kpi.differs, lang))}")
    return "\n".join(lines)


def _line(text: str) -> str:
    return " ".join(text.split())


def _action(kpi: Kpi) -> str:
    if kpi.action is None:
        return ""
    steps = "\n".join(f"{n}. {step}" for n, step in enumerate(kpi.action.steps, 1))
    return f"{kpi.action.when}; {kpi.action.owner}, within {kpi.action.due}\n{steps}"


def _version(kpi: Kpi) -> str:
    said = f"{kpi.version}, {open_range(kpi.effective.start, kpi.effective.end)}, {kpi.origin}"
    if kpi.change is None:
        return said
    return f"{said}\nchanged by {kpi.change.by}: {kpi.change.reason}"
