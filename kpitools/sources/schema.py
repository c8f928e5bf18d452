"""The JSON Schema of `kpitools.yaml`, for editors."""

from __future__ import annotations

from typing import Any

from kpitools.sources.config import WorkspaceConfig


def workspace_schema() -> dict[str, Any]:
    """Return the JSON Schema of `kpitools.yaml`.

    Example:
        >>> sorted(workspace_schema()["required"])
        ['kpitools', 'name', 'sources']
    """
    schema = WorkspaceConfig.model_json_schema(mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "kpitools.yaml",
    }
