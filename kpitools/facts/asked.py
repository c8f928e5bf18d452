"""What may be asked of the facts, and whether a question makes sense."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from kpitools.catalog.model import Kpi, Parameter
from kpitools.errors import FactsError, Fault, examples, suggest
from kpitools.facts.fields import dimensions_of
from kpitools.facts.periods import GRAINS, Period


@dataclass(frozen=True)
class Asked:
    """One question: which KPIs, split how, for which periods, of which rows.

    Args:
        kpis: KPI versions; facts come in this order.
        by: canonical dimensions to split by, for example `("team", "channel")`.
        grain: 15min, 30min, 60min, day, week, month, quarter, half_year, year, fiscal_month,
            fiscal_quarter or fiscal_year.
        start: first period or day, inclusive; every period is whole, so that of a month
            with one day in the range all days count. Default: the first in the data.
        end: last period or day, inclusive. Default: the last in the data.
        where: only rows with one of these values, by dimension; `(not recorded)` is null.
        parameters: values instead of the catalogue's, by KPI and parameter.
        as_of: the instant (with a zone) at which the data is looked at. Default: the events'.
        span: first and last day, inclusive; all of them are one period, named by the first,
            whatever the grain. Instead of `start` and `end`; windows are asked for so.
    """

    kpis: tuple[Kpi, ...]
    by: tuple[str, ...] = ()
    grain: str = "month"
    start: Period | date | None = None
    end: Period | date | None = None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parameters: Mapping[str, Mapping[str, Parameter]] = field(default_factory=dict)
    as_of: datetime | None = None
    span: tuple[date, date] | None = None

    @property
    def first_day(self) -> date | None:
        """First day asked for, before it is widened to whole periods."""
        return self.start.start if isinstance(self.start, Period) else self.start

    @property
    def last_day(self) -> date | None:
        """Last day asked for, before it is widened to whole periods."""
        return self.end.end if isinstance(self.end, Period) else self.end

    def settings(self, kpi: Kpi) -> dict[str, Parameter]:
        """Return the parameters that count for a KPI."""
        return {**kpi.parameters, **self.parameters.get(kpi.kpi, {})}


def check_asked(asked: Asked, *, levels: Sequence[str] = ()) -> None:
    """Refuse a question that cannot be answered, with all its faults at once.

    Args:
        asked: the question.
        levels: levels above the teams, by which tables with teams can be split as well.

    Raises:
        FactsError: no KPI; one KPI in two versions; an unknown grain, dimension or parameter;
            a dimension that a KPI's table does not have; a parameter value of another type;
            a range that ends before it starts; `as_of` without a zone.
    """
    faults = [*_shape(asked), *_dimensions(asked, levels), *_parameters(asked)]
    if faults:
        raise FactsError(faults)


def _shape(asked: Asked) -> Iterator[Fault]:
    names = [kpi.kpi for kpi in asked.kpis]
    if not names:
        yield Fault("no KPI is asked for", expected="at least one KPI of the catalogue")
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Fault("a KPI is asked for twice", found=name, expected="each KPI once")
    if asked.grain not in GRAINS:
        yield Fault(
            f"no grain '{asked.grain}'",
            found=asked.grain,
            expected=" | ".join(GRAINS),
            fix=suggest(asked.grain, GRAINS),
        )
    first, last = asked.first_day, asked.last_day
    if first is not None and last is not None and last < first:
        yield Fault(
            "the range ends before it starts",
            found=f"{first} to {last}",
            expected="a last period that is not before the first",
        )
    if asked.as_of is not None and asked.as_of.tzinfo is None:
        yield Fault(
            "as_of has no time zone", found=str(asked.as_of), expected="an instant such as ...Z"
        )


def _dimensions(asked: Asked, levels: Sequence[str]) -> Iterator[Fault]:
    if len(set(asked.by)) < len(asked.by):
        yield Fault("a dimension is asked for twice", found=", ".join(asked.by))
    for name in dict.fromkeys([*asked.by, *asked.where]):
        lacking = [kpi for kpi in asked.kpis if name not in dimensions_of(kpi.table, levels)]
        if not lacking:
            continue
        known = {each for kpi in asked.kpis for each in dimensions_of(kpi.table, levels)}
        if name not in known:
            yield Fault(f"no dimension '{name}'", found=name, fix=suggest(name, known))
        else:
            yield Fault(
                f"not every KPI can be split by '{name}'",
                found=examples(f"{kpi.kpi} (of {kpi.table})" for kpi in lacking),
                expected="KPIs whose table has this dimension",
                fix="ask for these KPIs alone, or split them by "
                + ", ".join(dimensions_of(lacking[0].table, levels)),
            )


def _parameters(asked: Asked) -> Iterator[Fault]:
    kpis = {kpi.kpi: kpi for kpi in asked.kpis}
    for name, given in asked.parameters.items():
        if name not in kpis:
            yield Fault(
                f"a parameter is set for '{name}', which is not asked for",
                found=name,
                fix=suggest(name, kpis),
            )
            continue
        known = kpis[name].parameters
        for key, value in given.items():
            if key not in known:
                yield Fault(
                    f"'{name}' has no parameter '{key}'",
                    found=key,
                    fix=suggest(key, known) if known else f"'{name}' takes no parameters",
                )
            elif not _alike(value, known[key]):
                yield Fault(
                    f"the parameter '{name}.{key}' has a value of another type",
                    found=repr(value),
                    expected=f"a value such as {known[key]!r}",
                )


def _alike(value: Parameter, default: Parameter) -> bool:
    if isinstance(value, bool) or isinstance(default, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    numbers = (int, float)
    if isinstance(default, numbers):
        return isinstance(value, numbers)
    return isinstance(value, str)
