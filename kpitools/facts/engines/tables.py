"""The canonical tables as Parquet files, for engines that count elsewhere."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kpitools.errors import FactsError, Fault, suggest
from kpitools.sources.cache import META, cache_folder, cached, code_hash

if TYPE_CHECKING:
    from kpitools.sources.config import WorkspaceConfig
    from kpitools.sources.events import Events

Progress = Callable[[str, int], None]
"""Is told the name of a table and its rows when its file is there."""


def write_tables(
    events: Events,
    out: Path,
    *,
    names: Iterable[str] | None = None,
    progress: Progress | None = None,
) -> dict[str, Path]:
    """Write canonical tables as Parquet files, `contacts.parquet` and so on.

    A file has every canonical field (null where no source maps it), durations in integer
    milliseconds, money in minor units, time stamps in UTC and, as `<field>_local`, on the
    clock of the row's team. Each file is there whole or not at all.

    Args:
        events: the event tables.
        out: folder; made when it is absent. Files of the same names are replaced.
        names: tables; default all that a source feeds.
        progress: is called after each table.

    Returns:
        Path by table.

    Raises:
        FactsError: a table that no source feeds, or a folder that cannot be written.
    """
    wanted = list(events.tables) if names is None else list(dict.fromkeys(names))
    faults = [
        Fault(f"no source feeds the table '{name}'", found=name, fix=suggest(name, events.tables))
        for name in wanted
        if name not in events.tables
    ]
    if faults:
        raise FactsError(faults)
    try:
        out.mkdir(parents=True, exist_ok=True)
        return {name: _written(events, name, out, progress) for name in wanted}
    except OSError as error:
        raise FactsError(
            "the tables cannot be written",
            where=str(out),
            found=error.strerror or str(error),
            fix="name a folder that can be written and has room",
        ) from error


def _written(events: Events, name: str, out: Path, progress: Progress | None) -> Path:
    import polars as pl

    path = out / f"{name}.parquet"
    handle, made = tempfile.mkstemp(dir=out, prefix=f".{name}.", suffix=".part")
    os.close(handle)
    try:
        events.tables[name].sink_parquet(made)
        Path(made).chmod(0o644)
        Path(made).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(made).unlink()
        raise
    if progress is not None:
        progress(name, pl.scan_parquet(path).select(pl.len()).collect().item())
    return path


def place_in_cache(events: Events, config: WorkspaceConfig) -> Callable[[str], str]:
    """Give a function that places a canonical table in the cache, written when it is needed.

    The place changes with the exports, the configuration and the code, so that an engine never
    reads rows of another state.
    """
    inputs = [(item.name, item.sha256) for item in events.inputs]
    state = f"{code_hash()}\n{config.model_dump_json()}\n{inputs}"
    key = hashlib.sha256(state.encode()).hexdigest()

    def place(name: str) -> str:
        if name not in events.tables:
            raise FactsError(
                f"no source feeds the table '{name}'",
                found=name,
                fix=f"add a source with `table: {name}`, or name it in the engine's tables",
            )

        def build(folder: Path) -> None:
            write_tables(events, folder, names=[name])
            (folder / META).write_text("{}", encoding="utf-8")

        def usable(entry: Path) -> bool:
            return (entry / META).is_file() and (entry / f"{name}.parquet").is_file()

        own = hashlib.sha256(f"{key} {name}".encode()).hexdigest()
        return str(cached(cache_folder(), own, build, usable=usable) / f"{name}.parquet")

    return place
