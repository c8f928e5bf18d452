"""What the declared teams may have wrong: levels, dates that leave gaps, names said twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from kpitools import tables
from kpitools.errors import Fault, suggest
from kpitools.sources.config import WorkspaceConfig
from kpitools.sources.team_config import LevelSpan, TeamConfig

Path = tuple[str | int, ...]
Where = Callable[[Path], str]
FIXED = frozenset(
    {"kpi", "version", "grain", "period", "numerator", "denominator", "value", "final", "window"}
)
_ONE_DAY = timedelta(days=1)


def check_declared_teams(config: WorkspaceConfig, where: Where) -> list[Fault]:
    """Return the faults of `teams:` and `hierarchy:`; `where` gives file and line of a part."""
    faults = [*_check_levels(config, where), *_check_names(config, where)]
    for team, item in config.teams.items():
        faults += _check_team(team, item, config, where)
    return faults


def _check_levels(config: WorkspaceConfig, where: Where) -> Iterator[Fault]:
    taken = FIXED | {field.name for table in tables.TABLES.values() for field in table.fields}
    names = [level.name for level in config.hierarchy]
    for index, name in enumerate(names):
        place = where(("hierarchy", index))
        if name in taken or name in TeamConfig.model_fields:
            yield Fault(
                f"'{name}' cannot name a level",
                place,
                name,
                "a name that no field, fact column or key of a team has",
            )
        if name in names[:index]:
            yield Fault(f"the level '{name}' is declared twice", place, name)


def _check_names(config: WorkspaceConfig, where: Where) -> Iterator[Fault]:
    """Refuse a former name that two teams claim, or that is an alias."""
    owners: dict[str, str] = {}
    for team, item in config.teams.items():
        owners |= dict.fromkeys(item.aliases, team)
    for team, item in config.teams.items():
        for index, former in enumerate(item.was):
            place = where(("teams", team, "was", index))
            if former.name == team or former.name in owners:
                yield Fault(
                    f"the name '{former.name}' is taken",
                    place,
                    owners.get(former.name, team),
                    "a name that only one team had, and that is no alias",
                )
            owners[former.name] = team


def _check_team(
    team: str, item: TeamConfig, config: WorkspaceConfig, where: Where
) -> Iterator[Fault]:
    at = ("teams", team)
    if item.calendar is not None and item.calendar not in config.calendars:
        fix = suggest(item.calendar, config.calendars)
        yield Fault(f"no calendar '{item.calendar}'", where((*at, "calendar")), fix=fix)
    levels = [level.name for level in config.hierarchy]
    for key, spans in item.levels.items():
        if key not in levels:
            fix = suggest(key, [*TeamConfig.model_fields, *levels])
            yield Fault(f"unknown key '{key}'", where((*at, key)), f"teams.{team}.{key}", fix=fix)
        else:
            yield from _check_spans(spans, (*at, key), where)
    for index, part in enumerate(item.split):
        place = where((*at, "split", index, "into"))
        if part.into not in config.teams:
            yield Fault(f"no team '{part.into}'", place, fix=suggest(part.into, config.teams))
        elif part.into == team:
            yield Fault("a team cannot be split into itself", place, team)


def _check_spans(spans: Sequence[LevelSpan], at: Path, where: Where) -> Iterator[Fault]:
    """Refuse spans that end before they start, overlap or leave days between them."""
    if not spans:
        yield Fault("no name is given", where(at), fix="write a name, or take the key out")
    for index, span in enumerate(spans):
        if span.start is not None and span.end is not None and span.end < span.start:
            place = where((*at, index))
            yield Fault("the span ends before it starts", place, f"{span.start} to {span.end}")
    for index, (before, after) in enumerate(pairwise(spans), start=1):
        place = where((*at, index))
        begins, ended = after.start, before.end
        if begins is None and ended is None:
            yield Fault(
                "nothing says when one name ends and the next begins",
                place,
                f"{before.name}, {after.name}",
                "`to:` of the one or `from:` of the next",
            )
        elif begins is not None and ended is not None and begins != ended + _ONE_DAY:
            what = "the dates overlap" if begins <= ended else "the dates leave a gap"
            yield Fault(
                what,
                place,
                f"{before.name} to {ended}, {after.name} from {begins}",
                f"from: {ended + _ONE_DAY}",
            )
        elif begins is not None and before.start is not None and begins <= before.start:
            yield Fault("the dates are not in order", place, f"{before.start}, {begins}")


def whole_spans(spans: Sequence[LevelSpan]) -> tuple[tuple[str, date, date], ...]:
    """Give every span both of its days; an open end is the first or last day of the calendar.

    Example:
        >>> spans = [LevelSpan(name="north", end=date(2026, 6, 30)), LevelSpan(name="south")]
        >>> whole_spans(spans)[1][:2]
        ('south', datetime.date(2026, 7, 1))
    """
    found = []
    for index, span in enumerate(spans):
        before = spans[index - 1].end if index else None
        after = spans[index + 1].start if index + 1 < len(spans) else None
        start = span.start or (before + _ONE_DAY if before else date.min)
        found.append((span.name, start, span.end or (after - _ONE_DAY if after else date.max)))
    return tuple(found)
