"""One formula in polars and in DuckDB over the same rows, for the tests of this folder."""

import math
from datetime import UTC, datetime

import polars as pl
from hypothesis import strategies as st

from kpitools.catalog.expressions import Formula, parse_formula

FIELDS = {
    "wait_ms": "duration",
    "talk_ms": "duration",
    "amount": "money",
    "replies": "count",
    "score": "number",
    "outcome": "text",
    "agent": "text",
    "resolved": "flag",
    "escalated": "flag",
    "created_at": "timestamp",
    "solved_at": "timestamp",
}
PARAMETERS = {"limit": 20, "share": 0.5, "inclusive": True, "word": "web"}
DTYPES = {
    "duration": pl.Int64,
    "money": pl.Int64,
    "count": pl.Int64,
    "number": pl.Float64,
    "text": pl.String,
    "flag": pl.Boolean,
    "date": pl.Date,
    "timestamp": pl.Datetime("ms", "UTC"),
}
VALUES = {
    "duration": st.integers(-3, 40),
    "money": st.integers(-500, 500),
    "count": st.integers(0, 3),
    "number": st.sampled_from([-2.5, -0.5, 0.0, 0.5, 1.5, 2.0, 3.25]),
    "text": st.sampled_from(["answered", "abandoned", "", " web ", "A_b%", "a.b", "Zoë"]),
    "flag": st.booleans(),
    "timestamp": st.datetimes(
        datetime(2026, 3, 28),  # noqa: DTZ001 hypothesis adds the zone
        datetime(2026, 3, 30),  # noqa: DTZ001 the same
        timezones=st.just(UTC),
    ).map(lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)),
}


def make_frame(rows: list[dict], fields: dict[str, str] = FIELDS) -> pl.DataFrame:
    """Build a frame with canonical dtypes and local times three hours ahead."""
    schema = {name: DTYPES[kind] for name, kind in fields.items()}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    times = [name for name, kind in fields.items() if kind == "timestamp"]
    local = [
        (pl.col(name).dt.replace_time_zone(None) + pl.duration(hours=3)).alias(f"{name}_local")
        for name in times
    ]
    return frame.with_columns(local)


def rows_of(fields: dict[str, str] = FIELDS, most: int = 6) -> st.SearchStrategy:
    """Draw rows in which every field may be null."""
    row = st.fixed_dictionaries({name: st.none() | VALUES[kind] for name, kind in fields.items()})
    return st.lists(row, max_size=most)


def formula(text: str, **options) -> Formula:
    """Parse over the fields of this module."""
    return parse_formula(text, table_fields=FIELDS, parameters=PARAMETERS, **options)


def both(duck, frame: pl.DataFrame, asked: list[Formula], values: dict = PARAMETERS) -> list[tuple]:
    """Return (formula, polars result, DuckDB result) of each formula."""
    made = [item.to_polars(values).alias(f"f{n}") for n, item in enumerate(asked)]
    ours = frame.select(made)
    sql = ", ".join(f"{item.to_sql(parameters=values)} as f{n}" for n, item in enumerate(asked))
    duck.register("rows", frame.to_arrow())
    query = f"select {sql} from rows"  # noqa: S608 formulas are the point here
    theirs = pl.from_arrow(duck.sql(query).to_arrow_table())
    return [
        (item.text, ours[f"f{n}"].to_list(), theirs[f"f{n}"].to_list())
        for n, item in enumerate(asked)
    ]


def same(left: list, right: list) -> bool:
    """Compare two columns; floats to 12 digits, everything else exactly."""
    if len(left) != len(right):
        return False
    return all(_same(a, b) for a, b in zip(left, right, strict=True))


def _same(a, b) -> bool:
    if isinstance(a, datetime) and isinstance(b, datetime):
        return a == b
    if isinstance(a, float) or isinstance(b, float):
        return a is not None and b is not None and math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-9)
    return type(a) is type(b) and a == b
