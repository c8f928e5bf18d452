from datetime import date

import pytest

from kpitools.analysis.series import build_series
from kpitools.catalog.model import Kpi


@pytest.fixture
def kpi():
    def make(**given):
        base = {
            "kpi": "csat",
            "version": 1,
            "kind": "ratio",
            "name": {"en": "Satisfied customers"},
            "definition": {"en": "Share of answers 4 and 5."},
            "purpose": {"en": "Shows whether customers are content."},
            "unit": "share",
            "good": "higher",
            "table": "surveys",
            "period_of": "answered_at",
            "numerator": "count(*) filter (where score >= 4)",
            "denominator": "count(*)",
            "roles": {"accountable": "operations_manager"},
            "minimum": 30,
        }
        return Kpi.model_validate({**base, **given})

    return make


@pytest.fixture
def series():
    def make(values, **given):
        return build_series(values, **{"start": date(2024, 1, 1), **given})

    return make
