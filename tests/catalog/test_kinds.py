"""Which kind a KPI is of, and which units and formulas fit it."""

import pytest

KINDS = """\
- kpi: one
  name: One
  definition: One.
  purpose: One.
  unit: {unit}
  good: within
  table: tickets
  period_of: created_at
  roles: {{accountable: operations_manager}}
{parts}
"""


@pytest.mark.parametrize(
    ("unit", "parts", "kind"),
    [
        ("count", "numerator: count(*)", "count"),
        ("count", "numerator: count(distinct agent)", "distinct"),
        (
            "seconds",
            "numerator: percentile(milliseconds(created_at, solved_at), 0.5)",
            "percentile",
        ),
        ("count", "enters: created_at\n  leaves: solved_at", "snapshot"),
        ("share", "numerator: count(solved_at)\n  denominator: count(*)", "ratio"),
    ],
)
def test_kind_follows_from_the_formulas(read, unit, parts, kind):
    assert read(KINDS.format(unit=unit, parts=f"  {parts}")).kpi("one").kind == kind


@pytest.mark.parametrize(
    ("unit", "parts", "expected"),
    [
        ("count", "kind: snapshot\n  numerator: count(*)", "a snapshot needs enters"),
        ("count", "kind: count\n  enters: created_at\n  numerator: count(*)", "has no enters"),
        ("count", "enters: created_at\n  leaves: agent", "leaves is no time stamp"),
        ("count", "kind: distinct\n  numerator: count(*)", "not a count of distinct values"),
        ("seconds", "kind: percentile\n  numerator: count(*)", "not a percentile"),
        (
            "seconds",
            "kind: count\n  numerator: percentile(milliseconds(created_at, solved_at), 0.5)",
            "a percentile is no count",
        ),
        ("share", "numerator: count(*)", "needs a numerator and a denominator"),
        ("count", "numerator: count(*)\n  denominator: count(*)", "a ratio is no count"),
        ("share", "enters: created_at\n  leaves: solved_at", "do not fit"),
        ("number", "enters: created_at\n  leaves: solved_at", "its unit is count"),
        ("seconds", "numerator: count(*)", "needs a numerator of kind duration"),
        ("money", "numerator: count(*)", "needs a numerator of kind money"),
        ("number", "numerator: max(created_at)", "the numerator gives timestamp"),
        (
            "number",
            "numerator: sum(milliseconds(created_at, solved_at))",
            "the numerator gives duration",
        ),
        ("count", "numerator: avg(reply_count)", "the numerator gives number"),
    ],
)
def test_kind_unit_and_formulas_must_fit(faults, unit, parts, expected):
    _, text = faults(KINDS.format(unit=unit, parts=f"  {parts}"))
    assert expected in text
