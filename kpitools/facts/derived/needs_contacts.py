"""What the tables behind whole contacts and contacts that come again are made from."""

from __future__ import annotations

from collections.abc import Mapping

Needs = Mapping[str, frozenset[str]]

ALWAYS: Mapping[str, Needs] = {}
BY_FIELD: Mapping[str, Mapping[str, Needs]] = {}
