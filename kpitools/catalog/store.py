"""Catalogues as read before: kept by content, since reading YAML and formulas takes its time."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from kpitools.catalog.catalog import Catalog
from kpitools.catalog.model import Kpi
from kpitools.catalog.shape import RawEntry
from kpitools.catalog.yaml_lines import Located

VARIABLE = "KPITOOLS_CACHE"
"""Environment variable that names the cache folder, as for the exports."""
PACKAGE = Path(__file__).resolve().parents[1]
WORKSPACE = "workspace"
MOST_KEPT = 20
CODE = ("catalog/**/*.py", "catalog/builtin/**/*.yaml", "tables/*.py", "language/dates.py")
_KPIS = TypeAdapter(list[Kpi])

Raws = dict[tuple[str, int], RawEntry]
"""What an entry says in its file, by name and version."""


@dataclass(frozen=True)
class BuiltIn:
    """A built-in catalogue, and what its entries say in their files: to inherit from."""

    catalog: Catalog
    raws: Raws


def stored(version: str, read: Callable[[], BuiltIn], *, folder: Path | None = None) -> BuiltIn:
    """Return a built-in catalogue as kept, else read it and keep it.

    What is kept counts only for exactly these files and this code; where nothing can be
    written or what is kept is damaged, the files are read.

    Args:
        version: version of the built-in catalogue.
        read: reads it from its files.
        folder: where it is kept; default the user's cache folder.
    """
    try:
        kept = _whole((folder or _cache_folder()) / f"{version}-{content_hash()[:16]}.json")
        if kept is not None:
            return _from_text(kept)
    except (OSError, RuntimeError, ValueError):
        pass
    made = read()
    with contextlib.suppress(OSError, RuntimeError):
        _keep(folder or _cache_folder(), version, _as_text(made))
    return made


def kept_catalog(
    files: Sequence[Path],
    builtin: str,
    read: Callable[[], Catalog],
    *,
    folder: Path | None = None,
) -> Catalog:
    """Return a workspace's catalogue as kept, else read it and keep it.

    What is kept counts only for exactly these files, by name and content, on this built-in
    catalogue and with this code; a catalogue with faults is never kept.

    Args:
        files: the workspace's catalogue files, in order.
        builtin: version of the built-in catalogue.
        read: reads the whole from its files.
        folder: where it is kept; default the user's cache folder.

    Raises:
        CatalogError: what `read` finds wrong with the files.
    """
    digest = hashlib.sha256(f"{builtin}:{content_hash()}".encode())
    try:
        for file in files:
            digest.update(f":{file.name}:".encode() + hashlib.sha256(file.read_bytes()).digest())
        name = f"{WORKSPACE}-{digest.hexdigest()[:32]}.json"
        place = (folder or _cache_folder()) / name
        kept = _whole(place)
        if kept is not None:
            return _catalog_of(json.loads(kept))
    except (OSError, RuntimeError, ValueError, KeyError, TypeError):
        return read()
    made = read()
    with contextlib.suppress(OSError, RuntimeError, ValueError):
        text = json.dumps(_content(made), ensure_ascii=False, default=_day)
        if _catalog_of(json.loads(text)) == made:
            _write(place, text)
            _forget_unused(place.parent)
    return made


def _whole(place: Path) -> str | None:
    """Return the text of a kept file; None where there is none, or it is damaged."""
    if not place.is_file():
        return None
    digest, _, text = place.read_text("utf-8").partition("\n")
    return text if hashlib.sha256(text.encode()).hexdigest() == digest else None


def _forget_unused(folder: Path) -> None:
    """Remove all but the catalogues of workspaces that were kept last: they are read anew."""
    kept = sorted(folder.glob(f"{WORKSPACE}-*.json"), key=lambda place: place.stat().st_mtime)
    for older in kept[:-MOST_KEPT]:
        older.unlink(missing_ok=True)


@cache
def content_hash() -> str:
    """Return a hash of the built-in files and of the code that reads them."""
    digest = hashlib.sha256()
    for pattern in CODE:
        for path in sorted(PACKAGE.glob(pattern)):
            digest.update(f"{path.name}:".encode() + path.read_bytes())
    return digest.hexdigest()


def _cache_folder() -> Path:
    from platformdirs import user_cache_path

    named = os.environ.get(VARIABLE)
    return (Path(named).resolve() if named else user_cache_path("kpitools")) / "catalogue"


def _keep(folder: Path, version: str, text: str) -> None:
    """Write whole, and take away what was kept of other contents of the version."""
    place = folder / f"{version}-{content_hash()[:16]}.json"
    _write(place, text)
    for older in folder.glob(f"{version}-*.json"):
        if older != place:
            older.unlink(missing_ok=True)


def _write(place: Path, text: str) -> None:
    """Write a file whole, with a hash of its text on the first line."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256(text.encode()).hexdigest()
    handle, name = tempfile.mkstemp(dir=place.parent, suffix=".part")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(f"{digest}\n{text}")
    Path(name).replace(place)


def _as_text(made: BuiltIn) -> str:
    raws = [[*key, raw.values] for key, raw in made.raws.items()]
    return json.dumps({**_content(made.catalog), "raws": raws}, ensure_ascii=False, default=_day)


def _content(catalog: Catalog) -> dict[str, Any]:
    return {
        "version": catalog.version,
        "entries": _plain(catalog.entries),
        "roles": {role: dict(texts) for role, texts in catalog.roles.items()},
        "variants": [[*key, _plain(kpis)] for key, kpis in catalog.variant_entries.items()],
        "left_out": [[*key, dict(reasons)] for key, reasons in catalog.left_out.items()],
    }


def _plain(kpis: tuple[Kpi, ...]) -> list[Any]:
    return [kpi.model_dump(mode="json", by_alias=True) for kpi in kpis]


def _day(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    msg = f"{type(value).__name__} in a built-in catalogue"
    raise ValueError(msg)


def _from_text(text: str) -> BuiltIn:
    content: Mapping[str, Any] = json.loads(text)
    catalog = _catalog_of(content)
    source = Located(f"built-in catalogue {catalog.version}", None, {})
    raws = {
        (name, version): RawEntry(values, source, ()) for name, version, values in content["raws"]
    }
    return BuiltIn(catalog, raws)


def _catalog_of(content: Mapping[str, Any]) -> Catalog:
    return Catalog(
        content["version"],
        tuple(_KPIS.validate_python(content["entries"])),
        content["roles"],
        {
            (name, version): tuple(_KPIS.validate_python(kpis))
            for name, version, kpis in content["variants"]
        },
        {(name, version): reasons for name, version, reasons in content["left_out"]},
    )
