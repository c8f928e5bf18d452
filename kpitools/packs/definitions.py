"""How the KPIs of a pack are defined, in the words of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from kpitools.catalog import Catalog
from kpitools.catalog.describe import BETTER, say_target
from kpitools.catalog.merging import say_merging
from kpitools.catalog.model import Effective, Kpi, Target, Texts
from kpitools.errors import KpiToolsError
from kpitools.facts.engines.kpi_sql import kpi_sql
from kpitools.language import format_period, pick
from kpitools.packs.cleaning import clean_text
from kpitools.packs.document import Definition, Fact
from kpitools.packs.worked_words import say_example

_UNITS = {
    "share": "share, shown in percent",
    "points": "points",
    "count": "number",
    "money": "money",
    "number": "number",
}
_PARTS = ("numerator", "denominator", "enters", "leaves", "where")


def define_kpis(  # noqa: PLR0913 - whose target is printed; options by keyword
    kpis: Iterable[Kpi],
    *,
    catalog: Catalog,
    team: str | None = None,
    grain: str | None = None,
    on: date | None = None,
    lang: str = "en",
) -> tuple[Definition, ...]:
    """Define KPIs as a pack prints them, with the target that counts for its team.

    Args:
        kpis: entries of the catalogue.
        catalog: the catalogue: roles, variants and versions are told from it.
        team: the pack's team, for targets of its own.
        grain: the pack's period length, for the same.
        on: first day of the pack's period, for the same; default the latest targets.
        lang: language of names and texts.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> catalog = load_builtin()
        >>> found, = define_kpis([catalog.kpi("asa")], catalog=catalog)
        >>> found.unit, found.direction, found.target
        ('seconds', 'less is better', '... s, range at most 45 s')
    """
    return tuple(
        _define(kpi, catalog, kpi.targets.target(team=team, grain=grain, on=on), lang)
        for kpi in kpis
    )


def role_name(role: str, roles: Mapping[str, Texts], lang: str) -> str:
    """Return the name of a role, from the catalogue or from its key.

    Example:
        >>> role_name("team_lead", {}, "en")
        'team lead'
    """
    return pick(roles.get(role, {}), lang) or role.replace("_", " ")


def _define(kpi: Kpi, catalog: Catalog, target: Target | None, lang: str) -> Definition:
    roles = catalog.roles
    formula = [Fact(label=part, text=clean_text(text)) for part, text in _formula(kpi)]
    measured = ", ".join(role_name(role, roles, lang) for role in kpi.roles.measured)
    people = [
        ("accountable", role_name(kpi.roles.accountable, roles, lang)),
        ("measured", measured),
        ("reports", role_name(kpi.roles.reports, roles, lang)),
    ]
    return Definition(
        kpi=kpi.kpi,
        version=kpi.version,
        name=clean_text(pick(kpi.name, lang)),
        definition=clean_text(pick(kpi.definition, lang)),
        purpose=clean_text(pick(kpi.purpose, lang)),
        formula=tuple(formula),
        unit=_UNITS.get(kpi.unit, "seconds" if kpi.show == "seconds" else f"shown in {kpi.show}"),
        direction=BETTER[kpi.good],
        target="none" if target is None else _aim(kpi, target, lang),
        roles=tuple(Fact(label=label, text=clean_text(text)) for label, text in people if text),
        effective=_effective(kpi.effective, lang),
        sql=clean_text(kpi_sql(kpi)),
        merging=say_merging(kpi),
        example=_example(kpi, lang),
        variants=tuple(
            Fact(label=clean_text(pick(item.name, lang)), text=clean_text(pick(item.differs, lang)))
            for item in catalog.variants(kpi.kpi, version=kpi.version)
        ),
        traps=tuple(clean_text(pick(trap, lang)) for trap in kpi.traps),
        versions=_versions(catalog, kpi, lang),
    )


def _example(kpi: Kpi, lang: str) -> str:
    """Say the worked example, as computed now; nothing where it is not of this definition.

    A workspace that changes a formula keeps the example of the entry that it inherits from.
    """
    if kpi.example is None:
        return ""
    try:
        said = say_example(kpi, lang=lang)
    except KpiToolsError:
        return ""
    return clean_text(f"{pick(kpi.example.text, lang)} {said}")


def _versions(catalog: Catalog, kpi: Kpi, lang: str) -> tuple[Fact, ...]:
    """Tell the versions of a KPI where there are several."""
    found = catalog.versions(kpi.kpi)
    if len(found) == 1:
        return ()
    return tuple(
        Fact(
            label=f"v{item.version} {_effective(item.effective, lang)}".strip(),
            text=clean_text(
                f"{item.change.reason} ({item.change.by})" if item.change else "first version"
            ),
        )
        for item in found
    )


def _aim(kpi: Kpi, target: Target, lang: str) -> str:
    """Say a target, and what follows from missing it or hangs on it."""
    texts = (("if missed", target.consequence), ("incentive", target.incentive))
    hanging = [f"{word}: {clean_text(pick(text, lang))}" for word, text in texts if text]
    return "; ".join([say_target(kpi, target, lang=lang), *hanging])


def _formula(kpi: Kpi) -> list[tuple[str, str]]:
    found = [(part, str(text)) for part in _PARTS if (text := getattr(kpi, part)) is not None]
    found.append(("table", f"{kpi.table}, by {kpi.period_of}"))
    if kpi.parameters:
        given = ", ".join(f"{name} = {value}" for name, value in kpi.parameters.items())
        found.append(("parameters", given))
    return found


def _effective(effective: Effective, lang: str) -> str:
    ends = [("from", effective.start), ("to", effective.end)]
    return " ".join(f"{word} {format_period(day, 'day', lang)}" for word, day in ends if day)
