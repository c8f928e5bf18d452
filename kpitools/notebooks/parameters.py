"""Which parameters a notebook takes, read from its text: nothing is executed."""

from __future__ import annotations

import ast
import io
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from kpitools.errors import Fault, NotebookError
from kpitools.notebooks.files import PARAMETERS_TAG, cell_tags, read_notebook

ParameterType = Literal["str", "int", "float", "bool", "list[str]"]
PARAMETER_TYPES: tuple[ParameterType, ...] = ("str", "int", "float", "bool", "list[str]")
ParameterValue = str | int | float | bool | list[str] | None


@dataclass(frozen=True, kw_only=True)
class ParameterSpec:
    """One parameter of a notebook.

    Args:
        name: the variable's name.
        type: one of `PARAMETER_TYPES`.
        optional: True when None is a value of it (`str | None`).
        default: the value in the notebook.
        help: the comment on its line, or on the lines above it.
    """

    name: str
    type: ParameterType
    optional: bool
    default: ParameterValue
    help: str = ""

    @property
    def type_text(self) -> str:
        """The type as the notebook writes it.

        Example:
            >>> ParameterSpec(name="team", type="str", optional=True, default=None).type_text
            'str | None'
        """
        return f"{self.type} | None" if self.optional else self.type


@dataclass(frozen=True, kw_only=True)
class _Comment:
    """A comment, and whether it has its line for itself."""

    text: str
    alone: bool


def read_parameters(path: Path) -> tuple[ParameterSpec, ...]:
    """Read the parameters of a notebook from its cell tagged `parameters`.

    Args:
        path: the notebook; the cell holds lines such as `team: str = "billing"  # help`.

    Returns:
        The parameters in the cell's order; none when no cell is tagged.

    Raises:
        NotebookError: the file cannot be read; two cells are tagged; the cell is no Python;
            a line is no typed assignment; a type is not known; a default is no plain value
            or does not fit its type; a name stands there twice.
    """
    notebook = read_notebook(path)
    tagged = [cell for cell in notebook["cells"] if PARAMETERS_TAG in cell_tags(cell)]
    if not tagged:
        return ()
    if len(tagged) > 1:
        raise NotebookError(
            f"{len(tagged)} cells are tagged {PARAMETERS_TAG!r}",
            where=str(path),
            fix="keep the tag on one cell",
        )
    return parse_parameters(tagged[0]["source"], where=str(path))


def parse_parameters(source: str, *, where: str = "") -> tuple[ParameterSpec, ...]:
    """Read the parameters from the text of a parameters cell.

    Args:
        source: the cell's text.
        where: the file, for the errors.

    Returns:
        The parameters in the text's order.

    Raises:
        NotebookError: as `read_parameters`.

    Example:
        >>> parse_parameters("months: int = 24  # how far back")
        (ParameterSpec(name='months', type='int', optional=False, default=24,
        help='how far back'),)
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise NotebookError(
            "the parameters cell is no valid Python",
            where=f"{where}, line {line} of the cell" if line else where,
            found=str(getattr(error, "msg", error)),
        ) from error
    comments = _comments(source)
    specs: list[ParameterSpec] = []
    faults: list[Fault] = []
    for node in tree.body:
        if _is_prelude(node):
            continue
        place = f"{where}, line {node.lineno} of the parameters cell"
        found = _read_line(node, comments, place)
        if isinstance(found, Fault):
            faults.append(found)
        elif any(spec.name == found.name for spec in specs):
            faults.append(Fault(f"the parameter {found.name!r} stands twice", where=place))
        else:
            specs.append(found)
    if faults:
        raise NotebookError(faults)
    return tuple(specs)


def _is_prelude(node: ast.stmt) -> bool:
    """Tell whether a statement is an import or a bare text, which the cell may hold."""
    return isinstance(node, ast.Import | ast.ImportFrom | ast.Pass) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )


def _read_line(node: ast.stmt, comments: dict[int, _Comment], where: str) -> ParameterSpec | Fault:
    if isinstance(node, ast.Assign) and all(isinstance(t, ast.Name) for t in node.targets):
        name = cast("ast.Name", node.targets[0]).id
        fix = f"write {name}: str = ... (or another of {', '.join(PARAMETER_TYPES)})"
        return Fault(f"the parameter {name!r} has no type", where=where, fix=fix)
    if not (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)):
        return Fault(
            "the parameters cell holds more than parameters",
            where=where,
            found=ast.unparse(node).splitlines()[0],
            expected="lines such as  team: str = 'billing'  # which team",
        )
    name = node.target.id
    read = _read_type(node.annotation)
    if read is None:
        return Fault(
            f"the type of parameter {name!r} is not known",
            where=where,
            found=ast.unparse(node.annotation),
            expected=f"{', '.join(PARAMETER_TYPES)}, each also with | None",
            fix="give dates and periods as str",
        )
    kind, optional = read
    try:
        default = ast.literal_eval(node.value) if node.value is not None else ...
    except ValueError:
        default = ...
    spec = ParameterSpec(
        name=name,
        type=kind,
        optional=optional,
        default=None if default is ... else default,
        help=_help(node, comments),
    )
    if default is ... or not fits(spec, default):
        return Fault(
            f"the default of parameter {name!r} does not fit its type",
            where=where,
            found=ast.unparse(node.value) if node.value is not None else "no default",
            expected=f"a plain value of type {spec.type_text}",
            fix="give a default with which the notebook runs in JupyterLab",
        )
    return spec


def _read_type(annotation: ast.expr) -> tuple[ParameterType, bool] | None:
    text = annotation.value if isinstance(annotation, ast.Constant) else ast.unparse(annotation)
    parts = [part.strip() for part in str(text).split("|")]
    kinds = [part for part in parts if part != "None"]
    if len(kinds) != 1 or kinds[0] not in PARAMETER_TYPES:
        return None
    return kinds[0], "None" in parts


def fits(spec: ParameterSpec, value: object) -> bool:
    """Tell whether a value is one of the parameter's type; an int is a float, a bool no int.

    Example:
        >>> spec = ParameterSpec(name="share", type="float", optional=False, default=0.5)
        >>> fits(spec, 1), fits(spec, True), fits(spec, None)
        (True, False, False)
    """
    if value is None:
        return spec.optional
    if spec.type == "list[str]":
        return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
    if spec.type == "bool":
        return isinstance(value, bool)
    wanted = {"str": (str,), "int": (int,), "float": (float, int)}[spec.type]
    return isinstance(value, wanted) and not isinstance(value, bool)


def _comments(source: str) -> dict[int, _Comment]:
    """Give the comment of each line that has one."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        token.start[0]: _Comment(
            text=token.string.lstrip("#").strip(), alone=not token.line[: token.start[1]].strip()
        )
        for token in tokens
        if token.type == tokenize.COMMENT
    }


def _help(node: ast.AnnAssign, comments: dict[int, _Comment]) -> str:
    """Take the comment on the line, else the block of comment lines right above it."""
    for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
        if line in comments:
            return comments[line].text
    above: list[str] = []
    line = node.lineno - 1
    while line in comments and comments[line].alone:
        above.insert(0, comments[line].text)
        line -= 1
    return " ".join(above)
