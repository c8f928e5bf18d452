"""Built-in catalogues as read before: kept by content, since reading YAML takes its time."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping
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
        place = (folder or _cache_folder()) / f"{version}-{content_hash()[:16]}.json"
        digest, _, text = place.read_text("utf-8").partition("\n")
        if hashlib.sha256(text.encode()).hexdigest() == digest:
            return _from_text(text)
    except (OSError, RuntimeError, ValueError):
        pass
    made = read()
    with contextlib.suppress(OSError, RuntimeError):
        _keep(folder or _cache_folder(), version, _as_text(made))
    return made


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
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    place = folder / f"{version}-{content_hash()[:16]}.json"
    digest = hashlib.sha256(text.encode()).hexdigest()
    handle, name = tempfile.mkstemp(dir=folder, suffix=".part")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(f"{digest}\n{text}")
    Path(name).replace(place)
    for older in folder.glob(f"{version}-*.json"):
        if older != place:
            older.unlink(missing_ok=True)


def _as_text(made: BuiltIn) -> str:
    catalog = made.catalog
    content = {
        "version": catalog.version,
        "entries": _plain(catalog.entries),
        "roles": dict(catalog.roles),
        "variants": [[*key, _plain(kpis)] for key, kpis in catalog.variant_entries.items()],
        "raws": [[*key, raw.values] for key, raw in made.raws.items()],
    }
    return json.dumps(content, ensure_ascii=False, default=_day)


def _plain(kpis: tuple[Kpi, ...]) -> list[Any]:
    return [kpi.model_dump(mode="json", by_alias=True) for kpi in kpis]


def _day(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    msg = f"{type(value).__name__} in a built-in catalogue"
    raise ValueError(msg)


def _from_text(text: str) -> BuiltIn:
    content: Mapping[str, Any] = json.loads(text)
    catalog = Catalog(
        content["version"],
        tuple(_KPIS.validate_python(content["entries"])),
        content["roles"],
        {
            (name, version): tuple(_KPIS.validate_python(kpis))
            for name, version, kpis in content["variants"]
        },
    )
    source = Located(f"built-in catalogue {catalog.version}", None, {})
    raws = {
        (name, version): RawEntry(values, source, ()) for name, version, values in content["raws"]
    }
    return BuiltIn(catalog, raws)
