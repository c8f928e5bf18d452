"""Tables behind the KPIs of whole contacts and of contacts that come again."""

from __future__ import annotations

from kpitools.catalog.derived_shape import DerivedTable

CONTACTS_TABLES: tuple[DerivedTable, ...] = ()
