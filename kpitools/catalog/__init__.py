"""What is measured, how, against which target, for whom."""

from kpitools.catalog.advice import Advice, advise, advise_left_out, measured_by
from kpitools.catalog.basis import Basis, format_basis, rests_on
from kpitools.catalog.catalog import Catalog
from kpitools.catalog.compiled import Compiled, compile_kpi, mean_of, required_fields
from kpitools.catalog.derived import DERIVED, DerivedTable, table_fields
from kpitools.catalog.describe import (
    describe_catalog,
    describe_kpi,
    kpi_record,
)
from kpitools.catalog.expressions import Formula, parse_formula
from kpitools.catalog.history import KeyChange, Recorded, changed_keys, definition_history
from kpitools.catalog.model import Kpi, Parameter, Target, Targets
from kpitools.catalog.read import builtin_versions, load_builtin, read_catalog
from kpitools.catalog.schema import catalogue_schema

__all__ = [
    "DERIVED",
    "Advice",
    "Basis",
    "Catalog",
    "Compiled",
    "DerivedTable",
    "Formula",
    "KeyChange",
    "Kpi",
    "Parameter",
    "Recorded",
    "Target",
    "Targets",
    "advise",
    "advise_left_out",
    "builtin_versions",
    "catalogue_schema",
    "changed_keys",
    "compile_kpi",
    "definition_history",
    "describe_catalog",
    "describe_kpi",
    "format_basis",
    "kpi_record",
    "load_builtin",
    "mean_of",
    "measured_by",
    "parse_formula",
    "read_catalog",
    "required_fields",
    "rests_on",
    "table_fields",
]
