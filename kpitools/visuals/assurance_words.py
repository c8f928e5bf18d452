"""Whether a target will be met, in one sentence: chance, expected hits, record and gap."""

from __future__ import annotations

from kpitools.analysis.assurance import Assurance, Icon
from kpitools.catalog.model import Kpi
from kpitools.visuals.blocks import SentenceBlock
from kpitools.visuals.findings import kpi_name
from kpitools.visuals.show import Visual
from kpitools.visuals.sizes import periods_text, quote_sizes
from kpitools.visuals.wording import Part, named, quote_count, quote_share, quote_value, say

_CLASSIC: dict[Icon, str] = {
    "pass": "pass, the limits lie on its good side",
    "fail": "fail, the limits lie short of it",
    "hit_and_miss": "hit and miss, it lies between the limits",
    "none": "",
}
_SURE, _NEVER = 0.995, 0.005


def say_assurance(found: Assurance, kpi: Kpi, *, grain: str = "month") -> Visual[SentenceBlock]:
    """Say with what chance a target will be met if nothing changes, beside the record.

    Args:
        found: result of `assurance`.
        kpi: the KPI's definition.
        grain: length of the periods.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> found = Assurance("csat", "", None, "hit_and_miss", target=0.85, chance_next=0.62,
        ...     expected_hits=7.4, expected_low=5, expected_high=10, hits=8, hits_of=12, gap=0.012)
        >>> print(say_assurance(found, load_builtin().kpi("csat")))
        Customer satisfaction, target 85.0 %: hit and miss, it lies between the limits; met in 8 \
of the last 12 months; if nothing changes, met next month with a chance of 62 %, and in about 7 \
of the next 12 (5 to 10); level 1.2 pts above it.
    """
    name = named(kpi_name(kpi))
    if found.target is None:
        return say(name, ": no target is set.", tone="unknown")
    aim = quote_value(found.target, unit=kpi.unit, show=kpi.show)
    parts: list[tuple[Part, ...]] = []
    if _CLASSIC[found.icon]:
        parts.append((_CLASSIC[found.icon],))
    if found.hits_of:
        parts.append(_record(found, grain))
    if found.chance_next is not None:
        parts.append(_chance(found, grain))
    if found.gap is not None:
        parts.append(_gap(found.gap, kpi))
    if not parts:
        parts.append(("not enough evidence",))
    joined: list[Part] = []
    for place, part in enumerate(parts):
        joined += [*(["; "] if place else []), *part]
    return say(name, ", target ", aim, ": ", *joined, ".")


def _record(found: Assurance, grain: str) -> tuple[Part, ...]:
    met = "not met" if not found.hits else "met"
    hits = () if not found.hits else (" in ", quote_count(found.hits), " of")
    several = f" {periods_text(grain)}" if found.hits_of != 1 else f" {grain}".replace("_", " ")
    joint = " in any of" if not found.hits else ""
    return (met, *hits, joint, " the last ", quote_count(found.hits_of), several)


def _chance(found: Assurance, grain: str) -> tuple[Part, ...]:
    one = grain.replace("_", " ")
    parts: tuple[Part, ...] = (f"if nothing changes, met next {one} with a chance ",)
    parts += _chance_parts(found.chance_next or 0.0)
    if found.expected_hits is None:
        return parts
    parts += (", and in ", *_whole(found.expected_hits), " of the next ")
    parts += (quote_count(found.expected_of),)
    if found.expected_low is None or found.expected_high is None:
        return parts
    if found.expected_low == found.expected_high:
        return parts
    ends = (quote_count(found.expected_low), " to ", quote_count(found.expected_high))
    return (*parts, " (", *ends, ")")


def _chance_parts(chance: float) -> tuple[Part, ...]:
    """Quote a chance; never as sure, as nothing of this kind is."""
    if chance > _SURE:
        return ("over ", quote_share(_SURE))
    if chance < _NEVER:
        return ("under ", quote_share(_NEVER))
    return ("of ", quote_share(chance, digits=0))


def _whole(expected: float) -> tuple[Part, ...]:
    quoted = quote_count(round(expected))
    if not quoted.value:
        return ("hardly any",)
    return ("about ", quoted.model_copy(update={"value": expected}))


def _gap(gap: float, kpi: Kpi) -> tuple[Part, ...]:
    aim = "its range" if kpi.good == "within" else "it"
    if gap == 0:
        return ("level within its range" if kpi.good == "within" else "level at the target",)
    side = f" {'above' if gap > 0 else 'below'} {aim}"
    return ("level ", quote_sizes(abs(gap), unit=kpi.unit, show=kpi.show)[0], side)
