"""Small canonical tables that hold every awkward value the catalogue's formulas can meet."""

import random
from datetime import UTC, datetime, timedelta

import polars as pl
from facts.conftest import ZONES, make_events

from kpitools.catalog import load_builtin
from kpitools.catalog.compiled import compile_kpi
from kpitools.facts.ground import DTYPES
from kpitools.tables import TABLES

AS_OF = "2026-11-10T12:00:00"
DIMENSIONS = {"team": [*ZONES, "elsewhere", None], "channel": ["voice", "chat", None]}
DAYS = [
    *("2026-03-08", "2026-03-29", "2026-10-25", "2026-11-01"),  # clocks change in some zone
    *("2026-10-31", "2026-11-01", "2026-11-02", "2025-12-31", "2026-01-01"),
    *("2026-10-04", "2026-10-05", "2026-10-11", "2026-11-30"),  # week edges; after as_of
]
NUMBERS = [0.0, 0.1, 0.25, 1 / 3, 0.5, 0.7, 0.8, 1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 9.0, 10.0, 1234.5678]


def single_table_kpis(catalog=None):
    """Give every KPI and variant of the catalogue that one canonical table serves."""
    catalog = load_builtin() if catalog is None else catalog
    names = [name for own in catalog.names() for name in (own, *_variants(catalog, own))]
    return [kpi for kpi in map(catalog.kpi, names) if kpi.table in TABLES]


def _variants(catalog, name):
    return [kpi.kpi for kpi in catalog.variants(name)]


def texts_compared(kpis):
    """Collect, by table and field, the texts that formulas compare the field with."""
    found = {}
    for kpi in kpis:
        for formula in compile_kpi(kpi).all:
            for node in formula.node.walk():
                fields = [arg for arg in node.args if arg.op == "field"]
                texts = [arg.value for arg in node.args if isinstance(arg.value, str)]
                for field in fields if node.op in {"eq", "ne", "in"} else ():
                    words = [text for text in texts if text != field.value]
                    found.setdefault((kpi.table, field.value), []).extend(words)
    return {key: sorted(set(words)) for key, words in found.items()}


def make_tables(kpis, *, rows=150, seed=1):
    """Draw rows of every canonical table that the KPIs read; every field may be null."""
    chance = random.Random(seed)  # noqa: S311 - rows of a test
    words = texts_compared(kpis)
    return {
        name: pl.DataFrame(
            [_row(chance, TABLES[name], words) for _ in range(rows)],
            schema={field.name: DTYPES[field.kind] for field in TABLES[name].fields},
            orient="row",
        )
        for name in sorted({kpi.table for kpi in kpis})
    }


def _row(chance, table, words):
    base = datetime.fromisoformat(chance.choice(DAYS)).replace(tzinfo=UTC)
    return [_value(chance, table, field, base, words) for field in table.fields]


def _value(chance, table, field, base, words):
    if field.name in DIMENSIONS:
        return chance.choice(DIMENSIONS[field.name])
    if field.name == "currency":
        return "EUR"
    if chance.random() < 0.15:
        return None
    if field.kind == "timestamp":
        minutes = chance.choice([0, 1, 15, 60, 23 * 60 + 59, chance.randrange(5 * 1440)])
        late = timedelta(minutes=minutes, milliseconds=chance.choice([0, 0, 1, 999]))
        return base - timedelta(hours=12) + late
    known = words.get((table.name, field.name), [])
    draws = {
        "text": lambda: chance.choice([*known, *known, "other", "", "a1", "a2"]),
        "duration": lambda: chance.choice([0, 1, 19_999, 20_000, chance.randrange(10**7)]),
        "money": lambda: chance.randrange(-1000, 10**6),
        "count": lambda: chance.randrange(4),
        "number": lambda: chance.choice(NUMBERS),
        "flag": lambda: chance.random() < 0.5,
    }
    return draws[field.kind]()


def make_ground(tables, *, week_start="monday", as_of=AS_OF):
    """Make events of the tables: teams in three zones, one without its own, one not named."""
    return make_events(as_of, week_start=week_start, default="Europe/Berlin", **tables)


def write_tables(events, folder):
    """Write the canonical tables, local times included, and give their places."""
    places = {}
    for name, frame in events.tables.items():
        path = folder / f"{name}.parquet"
        frame.sink_parquet(path)
        places[name] = str(path)
    return places
