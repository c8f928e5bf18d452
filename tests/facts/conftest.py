"""Small event tables by hand, and KPIs of every kind over them."""

from datetime import UTC, datetime

import polars as pl
import pytest

from kpitools.catalog.model import Kpi
from kpitools.facts.asked import Asked
from kpitools.facts.build import build_facts
from kpitools.facts.clocks import Clocks
from kpitools.facts.ground import DTYPES
from kpitools.sources.events import Events, Team
from kpitools.tables import TABLES, local_name

ZONES = {"london": "Europe/London", "istanbul": "Europe/Istanbul", "denver": "America/Denver"}


def instant(text):
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def make_events(as_of="2026-12-31", *, zones=None, default="UTC", week_start="monday", **tables):
    """Events from lists of rows; time stamps are ISO texts in UTC."""
    zones = ZONES if zones is None else zones
    clocks = Clocks(zones, default)
    frames, mapped = {}, {}
    for name, rows in tables.items():
        data = (
            rows if isinstance(rows, pl.DataFrame) else pl.DataFrame(rows, infer_schema_length=None)
        )
        frame = data.lazy()
        for field in TABLES[name].fields:
            if field.name not in data.columns:
                continue
            column = pl.col(field.name)
            if field.kind == "timestamp":
                if data.schema[field.name] == pl.String:
                    column = column.str.to_datetime(time_unit="ms", time_zone="UTC")
                frame = frame.with_columns(column.cast(DTYPES["timestamp"]))
                local = clocks.to_local(pl.col(field.name), by_team="team" in data.columns)
                frame = frame.with_columns(local.alias(local_name(field.name)))
            else:
                frame = frame.with_columns(column.cast(DTYPES[field.kind]))
        frames[name] = frame
        mapped[name] = frozenset(data.columns)
    return Events(
        tables=frames,
        mapped=mapped,
        missing={},
        teams={name: Team(key=name, name=name, timezone=zone) for name, zone in zones.items()},
        default_timezone=default,
        week_start=week_start,
        as_of=instant(as_of),
        as_of_origin="asked",
        findings=(),
        inputs=(),
    )


def make_kpi(name="asked", **parts):
    given = {
        "kpi": name,
        "version": 1,
        "kind": "ratio" if "denominator" in parts else "count",
        "name": {"en": name},
        "definition": {"en": name},
        "purpose": {"en": name},
        "unit": "count",
        "good": "higher",
        "table": "contacts",
        "period_of": "offered_at",
        "roles": {"accountable": "operations_manager"},
    }
    return Kpi.model_validate(given | parts)


@pytest.fixture(scope="session")
def events_of():
    return make_events


@pytest.fixture(scope="session")
def kpi_of():
    return make_kpi


@pytest.fixture(scope="session")
def ask():
    """Ask one or more KPIs; give the facts as rows without kpi, version and grain."""

    def asking(kpis, events, **parts):
        asked = Asked(kpis=tuple(kpis) if isinstance(kpis, (list, tuple)) else (kpis,), **parts)
        return build_facts(asked, events)

    return asking


@pytest.fixture(scope="session")
def offered():
    return make_kpi("offered", numerator="count(*)")


@pytest.fixture(scope="session")
def asa():
    return make_kpi(
        "asa",
        unit="seconds",
        good="lower",
        where="outcome = 'answered'",
        numerator="sum(wait_ms)",
        denominator="count(wait_ms)",
    )


@pytest.fixture(scope="session")
def service_level():
    return make_kpi(
        "service_level",
        unit="share",
        numerator=(
            "count(*) filter (where outcome = 'answered' and case when :inclusive "
            "then wait_ms <= :threshold_s * 1000 else wait_ms < :threshold_s * 1000 end)"
        ),
        denominator="count(*)",
        parameters={"threshold_s": 20, "inclusive": True},
    )
