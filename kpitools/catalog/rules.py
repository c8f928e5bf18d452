"""What must hold within one entry, and between the entries of a catalogue."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta

from kpitools.catalog.bands import band_faults
from kpitools.catalog.compiled import Compiled, compile_parts, mean_of
from kpitools.catalog.derived import DERIVED, table_fields
from kpitools.catalog.entry import open_range
from kpitools.catalog.example_rows import example_faults
from kpitools.catalog.expressions.kinds import MEASURED
from kpitools.catalog.limits import Placed
from kpitools.catalog.model import Effective, Kpi, KpiKind, Unit
from kpitools.catalog.variants import MARK
from kpitools.errors import Fault, examples, suggest
from kpitools.tables import TABLES

NEEDS: Mapping[KpiKind, tuple[str, ...]] = {
    "count": ("numerator",),
    "distinct": ("numerator",),
    "percentile": ("numerator",),
    "ratio": ("numerator", "denominator"),
    "mean": ("numerator", "denominator"),
    "index": ("numerator", "denominator"),
    "snapshot": ("enters", "leaves"),
    "censored": ("starts", "ends"),
}
FITTING: Mapping[Unit, str] = {
    "seconds": "a duration by a number of cases, or a percentile of a duration",
    "money": "an amount of money by a number of cases or a time",
    "share": "numerator and denominator of one kind, counts or durations",
    "points": "numerator and denominator of one kind, counts or numbers",
    "count": "a count without a denominator",
    "number": "numbers or counts",
}
"""Formulas that fit a unit."""
PARTS = ("numerator", "denominator", "enters", "leaves", "starts", "ends")


def check_entry(kpi: Kpi) -> list[Placed]:
    """Return the faults within one entry, each with the key that it belongs to."""
    if kpi.table not in TABLES and kpi.table not in DERIVED:
        known = [*TABLES, *DERIVED]
        return [(("table",), Fault(f"no table '{kpi.table}'", fix=suggest(kpi.table, known)))]
    made, faults = compile_parts(kpi)
    return [
        *_attribution(kpi),
        *_parts(kpi),
        *(((part,), fault) for part, fault in faults),
        *_parameters(kpi, made, complete=not faults),
        *_shape(kpi, made),
        *_units(kpi, made),
        *_settling(kpi),
        *band_faults(kpi),
        *(example_faults(kpi.example) if kpi.example is not None else ()),
    ]


def _attribution(kpi: Kpi) -> Iterator[Placed]:
    kinds = table_fields(kpi.table)
    times = [name for name, kind in kinds.items() if kind == "timestamp"]
    if kpi.period_of not in times:
        yield (
            ("period_of",),
            Fault(
                "period_of names no time stamp of the table",
                found=kpi.period_of,
                fix=suggest(kpi.period_of, times),
            ),
        )


def _parts(kpi: Kpi) -> Iterator[Placed]:
    needed = NEEDS[kpi.kind]
    for part in PARTS:
        given = getattr(kpi, part) is not None
        if part in needed and not given:
            yield (), Fault(f"{kpi.kpi}: a {kpi.kind} needs {part}", expected=" and ".join(needed))
        if given and part not in needed:
            yield (
                (part,),
                Fault(f"{kpi.kpi}: a {kpi.kind} has no {part}", expected=" and ".join(needed)),
            )


def _parameters(kpi: Kpi, made: Compiled, *, complete: bool) -> Iterator[Placed]:
    used = frozenset().union(*(item.parameters for item in made.all))
    if kpi.table in DERIVED:
        used |= frozenset(DERIVED[kpi.table].parameters)
    for name in kpi.parameters:
        if complete and name not in used and name != kpi.settles_by:
            yield (
                ("parameters", name),
                Fault(
                    f"{kpi.kpi}: no formula uses the parameter '{name}'",
                    fix=f"write :{name} in a formula, or remove it",
                ),
            )


def _settling(kpi: Kpi) -> Iterator[Placed]:
    name = kpi.settles_by
    if name is None:
        return
    value = kpi.parameters.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return
    what = f"{kpi.kpi}: settles_after names no parameter with a number"
    known = [key for key, item in kpi.parameters.items() if isinstance(item, int | float)]
    fix = suggest(name, known) if known else f"add parameters: {{{name}: 7}}"
    yield ("settles_after",), Fault(what, found=f":{name}", fix=fix)


def _shape(kpi: Kpi, made: Compiled) -> Iterator[Placed]:
    top = made.numerator
    if top is not None and kpi.kind == "percentile" and not top.is_percentile:
        expected = "percentile(x, 0.9) and nothing around it"
        yield ("numerator",), Fault(f"{kpi.kpi}: not a percentile", "", top.text, expected)
    if top is not None and kpi.kind == "distinct" and not top.is_distinct:
        what = f"{kpi.kpi}: not a count of distinct values"
        expected = "count(distinct x) and nothing around it"
        yield ("numerator",), Fault(what, "", top.text, expected)
    if top is not None and kpi.kind != "percentile" and top.is_percentile:
        what, fix = f"{kpi.kpi}: a percentile is no {kpi.kind}", "write kind: percentile"
        yield ("numerator",), Fault(what, found=top.text, fix=fix)
    for part in ("enters", "leaves", "starts", "ends"):
        formula = getattr(made, part)
        if formula is not None and formula.kind != "timestamp":
            yield (
                (part,),
                Fault(
                    f"{kpi.kpi}: {part} is no time stamp",
                    found=f"{formula.text} is {formula.kind}",
                    expected="a time stamp of the table, or the earlier of two",
                ),
            )
    if kpi.kind == "mean" and top is not None and made.denominator and mean_of(kpi) is None:
        yield (
            ("kind",),
            Fault(
                f"{kpi.kpi}: not a mean",
                found=f"{top.text} by {made.denominator.text}",
                expected="sum(x) by count(x) of the same x under the same filter",
                fix="write it so, or kind: ratio",
            ),
        )
    if made.where is not None and made.where.kind != "flag":
        expected = "a condition such as outcome = 'answered'"
        yield ("where",), Fault(f"{kpi.kpi}: where is no condition", "", made.where.text, expected)


def _units(kpi: Kpi, made: Compiled) -> Iterator[Placed]:
    top = made.numerator.kind if made.numerator else None
    bottom = made.denominator.kind if made.denominator else None
    wrong = ""
    if kpi.unit in {"share", "points"} and kpi.kind not in {"ratio", "mean", "index"}:
        wrong = f"{kpi.unit} needs a numerator and a denominator"
    elif kpi.unit == "count" and kpi.kind not in {"count", "distinct", "snapshot"}:
        wrong = f"a {kpi.kind} is no count"
    elif kpi.unit != "count" and kpi.kind in {"distinct", "snapshot"}:
        wrong = f"a {kpi.kind} counts rows: its unit is count"
    elif kpi.kind == "censored" and kpi.unit != "seconds":
        wrong = "a censored duration is in seconds"
    elif kpi.kind == "index" and kpi.unit not in {"points", "number"}:
        wrong = "an index is in points or a number"
    elif top is not None and kpi.kind != "snapshot":
        wrong = _kinds(kpi, top, bottom)
    if wrong:
        what = f"{kpi.kpi}: unit and formulas do not fit"
        yield ("unit",), Fault(what, found=wrong, expected=FITTING[kpi.unit])


def _kinds(kpi: Kpi, top: str, bottom: str | None) -> str:
    measure = {"seconds": "duration", "money": "money"}.get(kpi.unit)
    if top not in {*MEASURED, "count", "number"}:
        return f"the numerator gives {top}"
    if measure is not None and (top != measure or bottom == measure):
        return f"{kpi.unit} needs a numerator of kind {measure}, found {top}"
    if kpi.unit in {"share", "points"} and (top in MEASURED or bottom in MEASURED):
        return "" if top == bottom else f"a {kpi.unit} of {top} by {bottom}"
    if kpi.unit == "count" and top != "count":
        return f"the numerator gives {top}"
    if kpi.unit == "number" and top in MEASURED and bottom != top:
        return f"the numerator gives {top}: unit seconds or money"
    return ""


def check_names(kpi: Kpi, names: Collection[str], roles: Collection[str]) -> Iterator[Placed]:
    """Yield the names in an entry that exist nowhere: KPIs to read beside it, and roles."""
    for n, other in enumerate(kpi.beside):
        if other == kpi.kpi:
            fix = "name another KPI, or none"
            yield ("beside", n), Fault(f"{kpi.kpi}: stands beside itself", fix=fix)
        elif other not in names:
            yield (
                ("beside", n),
                Fault(f"{kpi.kpi}: no KPI '{other}' to read beside it", fix=suggest(other, names)),
            )
    given = [
        (("roles", "accountable"), kpi.roles.accountable),
        (("roles", "reports"), kpi.roles.reports),
        *((("roles", "measured", n), role) for n, role in enumerate(kpi.roles.measured)),
    ]
    if kpi.action is not None:
        given.append((("action", "owner"), kpi.action.owner))
    for path, role in given:
        if role not in roles:
            yield path, Fault(f"{kpi.kpi}: no role '{role}'", fix=suggest(role, roles))


def check_aliases(kpi: Kpi, names: Collection[str], owners: Mapping[str, str]) -> Iterator[Placed]:
    """Yield the aliases of an entry that mean something else already.

    Args:
        kpi: the entry.
        names: every KPI's key.
        owners: the KPI by the alias that another entry has given it.
    """
    for n, alias in enumerate(kpi.aliases):
        path = ("aliases", n)
        if not alias.strip() or alias != alias.strip() or MARK in alias:
            what = f"{kpi.kpi}: no name to go by"
            yield path, Fault(what, found=repr(alias), expected=f"a word or words without '{MARK}'")
        elif alias in names:
            what = f"{kpi.kpi}: the alias '{alias}' is the key of a KPI"
            yield path, Fault(what, fix="remove it, or choose another word")
        elif owners.get(alias, kpi.kpi) != kpi.kpi or alias in kpi.aliases[:n]:
            what = f"{kpi.kpi}: the alias '{alias}' stands twice"
            found = f"first at {owners.get(alias, kpi.kpi)}"
            yield path, Fault(what, found=found, fix="keep it with one KPI")


def unused_roles(kpis: Iterable[Kpi], roles: Iterable[str]) -> list[str]:
    """Return the roles that no KPI names.

    Example:
        >>> unused_roles([], ["agent"])
        ['agent']
    """
    used: set[str] = set()
    for kpi in kpis:
        used |= roles_of(kpi)
    return sorted(set(roles) - used)


def roles_of(kpi: Kpi) -> set[str]:
    """Return every role that a KPI names."""
    named = {kpi.roles.accountable, kpi.roles.reports, *kpi.roles.measured}
    return named | ({kpi.action.owner} if kpi.action else set())


def close_ranges(versions: list[Kpi]) -> tuple[list[Kpi], list[tuple[Kpi, Fault]]]:
    """Let each version end on the day before the next begins; return overlaps as faults.

    Args:
        versions: all versions of one KPI.

    Returns:
        The versions by the day that they begin, and the faults with their version.
    """
    ordered = sorted(versions, key=lambda kpi: (kpi.effective.start or date.min, kpi.version))
    closed: list[Kpi] = []
    faults: list[tuple[Kpi, Fault]] = []
    for kpi, after in zip(ordered, [*ordered[1:], None], strict=True):
        start, end = kpi.effective.start, kpi.effective.end
        if start and end and end < start:
            found = open_range(start, end)
            what, fix = f"{kpi.kpi}: effective ends before it begins", "let `to` be after `from`"
            faults.append((kpi, Fault(what, found=found, fix=fix)))
        following = after.effective.start if after is not None else None
        if after is not None and (following is None or (end is not None and end >= following)):
            text = f"version {kpi.version} {open_range(start, end)}, "
            text += f"version {after.version} {open_range(following, after.effective.end)}"
            what, fix = f"{kpi.kpi}: two versions overlap", "begin each after the one before ends"
            faults.append((after, Fault(what, found=text, fix=fix)))
        elif after is not None and following is not None and start == following:
            both = examples([f"version {kpi.version}", f"version {after.version}"])
            what, fix = f"{kpi.kpi}: two versions begin together", "give one another `from` day"
            faults.append((after, Fault(what, found=both, fix=fix)))
        elif following is not None and end is None:
            last = Effective.model_validate({"from": start, "to": following - timedelta(days=1)})
            closed.append(kpi.model_copy(update={"effective": last}))
            continue
        closed.append(kpi)
    return closed, faults
