"""What the tables behind replies, assignments and states of tickets are made from."""

from __future__ import annotations

from collections.abc import Mapping

Needs = Mapping[str, frozenset[str]]

ALWAYS: Mapping[str, Needs] = {}
BY_FIELD: Mapping[str, Mapping[str, Needs]] = {}
