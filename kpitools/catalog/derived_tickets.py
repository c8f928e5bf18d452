"""Tables behind the KPIs of replies, assignments and states of tickets."""

from __future__ import annotations

from kpitools.catalog.derived_shape import DerivedTable

TICKETS_TABLES: tuple[DerivedTable, ...] = ()
