"""Which files a source consists of, their order, types and names for a reader."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from kpitools.errors import Fault
from kpitools.language import display
from kpitools.sources.declaration import FileType, SourceConfig

ENDINGS: dict[str, FileType] = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xlsb": "xlsx",
    ".xls": "xlsx",
    ".ods": "xlsx",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}


@dataclass(frozen=True)
class SourceFile:
    """One file of a source; `name` is how findings call it, free of machine paths."""

    path: Path
    name: str
    type: FileType


def find_files(
    name: str, source: SourceConfig, *, folder: Path
) -> tuple[tuple[SourceFile, ...], list[Fault]]:
    """Find the files of a source, in the order of their names.

    Args:
        name: the source's name, for messages.
        source: its declaration.
        folder: where relative patterns start.

    Returns:
        The files, and a fault for each pattern without files and each unknown ending.
    """
    paths: dict[Path, None] = {}
    faults = []
    for pattern in source.file:
        found = matching_paths(pattern, folder)
        if not found:
            faults.append(
                Fault(
                    f"source '{name}' has no file",
                    found=f"nothing matches '{Path(pattern).name}'",
                    expected="at least one file",
                    fix=f"check 'file:' of the source; relative to the folder of kpitools.yaml: "
                    f"{pattern}",
                )
            )
        paths |= dict.fromkeys(found)
    files = []
    for path, label in zip(paths, _labels(paths, folder), strict=True):
        kind = source.format.type or file_type(path)
        if kind is None:
            known = ", ".join(get_args(FileType))
            faults.append(
                Fault(
                    f"source '{name}': the type of a file is not known",
                    found=label,
                    expected=known,
                    fix="declare it, for example format: {type: csv}",
                )
            )
            continue
        files.append(SourceFile(path, label, kind))
    return tuple(files), faults


def matching_paths(pattern: str, folder: Path) -> list[Path]:
    """Return the file of this name, else the files that match it as a pattern, by name."""
    direct = folder / pattern
    try:
        if direct.is_file():
            return [direct]
        found = sorted(glob.glob(pattern, root_dir=folder, recursive=True))  # noqa: PTH207 - absolute patterns too
        return [folder / item for item in found if (folder / item).is_file()]
    except (OSError, ValueError):
        return []


def file_type(path: Path) -> FileType | None:
    """Tell the type by the ending; `.gz` is looked through.

    Example:
        >>> file_type(Path("calls-2026-10.csv.gz"))
        'csv'
    """
    name = path.name.lower().removesuffix(".gz")
    return ENDINGS.get(Path(name).suffix)


def _labels(paths: Iterable[Path], folder: Path) -> list[str]:
    """Name files relative to the workspace, else by their own name, else with their folder's."""
    everything = list(paths)
    own = [path.name for path in everything]
    labels = []
    for path in everything:
        try:
            inside = path.resolve().relative_to(folder.resolve()).as_posix()
        except ValueError:
            inside = ""
        alone = own.count(path.name) == 1
        label = inside or (path.name if alone else f"{path.parent.name}/{path.name}")
        labels.append(display(label, 200))
    return labels
