"""The values given for a notebook's parameters, made and checked before a kernel starts."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from kpitools.errors import Fault, NotebookError, suggest
from kpitools.notebooks.parameters import ParameterSpec, ParameterValue, fits, read_parameters

_INT = re.compile(r"[+-]?[0-9]{1,18}")
_FLOAT = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_BOOLS = {"true": True, "false": False}
_EXPECTED = {
    "str": "a text",
    "int": "a whole number such as 24",
    "float": "a number such as 0.5",
    "bool": "true or false",
    "list[str]": 'texts between commas, or a JSON list such as ["a, b", "c"]',
}


def check_parameters(path: Path, given: Mapping[str, object]) -> dict[str, ParameterValue]:
    """Make the given values of a notebook's parameters typed, or say all that is wrong.

    A text is read by the declared type: `0123` stays a text for `str`, and is 123 for `int`.
    An empty text is None where the type allows None.

    Args:
        path: the notebook.
        given: values by name, typed or as texts of the command line.

    Returns:
        The given values, typed, in the notebook's order; parameters not given are left out.

    Raises:
        NotebookError: a parameter is not known; a value does not fit its type; the
            notebook's own parameters cell is faulty. All faults at once.
    """
    specs = read_parameters(path)
    return check_values(specs, given, where=str(path))


def check_values(
    specs: tuple[ParameterSpec, ...], given: Mapping[str, object], *, where: str = ""
) -> dict[str, ParameterValue]:
    """Make the given values of known parameters typed, or say all that is wrong.

    Args:
        specs: the parameters.
        given: values by name.
        where: the notebook, for the errors.

    Returns:
        The given values, typed, in the order of `specs`.

    Raises:
        NotebookError: as `check_parameters`.

    Example:
        >>> spec = ParameterSpec(name="site", type="str", optional=False, default="")
        >>> check_values((spec,), {"site": "0123"})
        {'site': '0123'}
    """
    known = {spec.name: spec for spec in specs}
    faults = [_unknown(name, known, where) for name in given if name not in known]
    values: dict[str, ParameterValue] = {}
    for spec in specs:
        if spec.name not in given:
            continue
        try:
            values[spec.name] = read_value(spec, given[spec.name])
        except ValueError:
            faults.append(_misfit(spec, given[spec.name], where))
    if faults:
        raise NotebookError(faults)
    return values


def _unknown(name: str, known: Mapping[str, ParameterSpec], where: str) -> Fault:
    if not known:
        return Fault(
            f"the notebook takes no parameters, {name!r} was given",
            where=where,
            fix="tag its cell of typed parameters with 'parameters'",
        )
    return Fault(f"the parameter {name!r} is not known", where=where, fix=suggest(name, known))


def _misfit(spec: ParameterSpec, value: object, where: str) -> Fault:
    return Fault(
        f"the value of parameter {spec.name!r} does not fit its type {spec.type_text}",
        where=where,
        found=repr(value)[:200],
        expected=_EXPECTED[spec.type] + (", or nothing" if spec.optional else ""),
    )


def read_value(spec: ParameterSpec, value: object) -> ParameterValue:
    """Make one value typed.

    Args:
        spec: the parameter.
        value: a typed value or a text of the command line.

    Returns:
        The typed value.

    Raises:
        ValueError: the value does not fit the type.

    Example:
        >>> spec = ParameterSpec(name="kpis", type="list[str]", optional=False, default=[])
        >>> read_value(spec, "aht, csat")
        ['aht', 'csat']
    """
    if value == "" and spec.optional:
        return None
    if isinstance(value, str) and spec.type != "str":
        return _read_text(spec, value.strip())
    if not fits(spec, value):
        raise ValueError(value)
    if isinstance(value, int) and spec.type == "float":
        return float(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(value)
    return list(value) if isinstance(value, tuple) else cast("ParameterValue", value)


def _read_text(spec: ParameterSpec, text: str) -> ParameterValue:
    if spec.type == "list[str]":
        return _read_list(text)
    if spec.type == "bool" and text.lower() in _BOOLS:
        return _BOOLS[text.lower()]
    if spec.type == "int" and _INT.fullmatch(text):
        return int(text)
    if spec.type == "float" and _FLOAT.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    raise ValueError(text)


def _read_list(text: str) -> list[str]:
    if text.startswith("["):
        items = json.loads(text)
        if all(isinstance(item, str) for item in items):
            return list(items)
        raise ValueError(text)
    parts = [part.strip() for part in text.split(",")] if text else []
    if not all(parts):
        raise ValueError(text)
    return parts
