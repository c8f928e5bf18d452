"""The expression language of the catalogue: one formula, every engine."""

from kpitools.catalog.expressions.formula import Formula, parse_formula
from kpitools.catalog.expressions.functions import FUNCTIONS

__all__ = ["FUNCTIONS", "Formula", "parse_formula"]
