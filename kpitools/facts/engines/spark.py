"""Facts from a Spark cluster: the SELECT goes there, only its rows come back."""

from __future__ import annotations

import logging
import os
import shutil
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import polars as pl

from kpitools.catalog.expressions.to_sql import Dialect
from kpitools.errors import FactsError
from kpitools.facts.engines.engine import Place, check_tables, is_path, source_of
from kpitools.facts.engines.reach import check_reached
from kpitools.facts.engines.sql_rows import Relation

WORKERS_S = 60.0
"""How long to wait for the first worker of a cluster, in seconds."""
_SESSION = {"spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "true"}
_CONTEXT = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
_POLL_S = 0.2
_LOGGERS = ("SQLQueryContextLogger", "DataFrameQueryContextLogger", "py4j")


@dataclass(frozen=True)
class SparkEngine:
    """A Spark cluster that reads the canonical tables.

    Args:
        master: address of a master, for example `spark://host:7077`, or `local[2]`.
        remote: address of a Spark Connect server, for example `sc://host:15002`.
        tables: table of the catalogue, or path of Parquet files, by canonical table.
        options: Spark's settings, for example `{"spark.executor.memory": "2g"}`.
        default: gives a path where `tables` has none.
        session: a session that is there already; then no address is needed.

    Raises:
        FactsError: not exactly one of master, remote and session; a table that there is not.
    """

    master: str | None = None
    remote: str | None = None
    tables: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    default: Place | None = None
    session: Any = None
    dialect: ClassVar[Dialect] = "spark"

    def __post_init__(self) -> None:
        """Refuse an engine without an address, or with two."""
        given = [item for item in (self.master, self.remote, self.session) if item is not None]
        if len(given) != 1:
            raise FactsError(
                "a Spark engine needs one address",
                found="several" if given else "none",
                expected='master: "spark://host:7077", or remote: "sc://host:15002"',
            )
        check_tables(self.tables)

    @property
    def name(self) -> str:
        """What a reader knows the engine by."""
        return "spark"

    @cached_property
    def _relations(self) -> dict[str, Relation]:
        return {}

    @cached_property
    def connected(self) -> Any:  # noqa: ANN401 - pyspark is optional
        """Connect once, with times in UTC and Spark's standard rules."""
        found = self.session
        if found is None:
            check_reached(self.master or self.remote or "")
            found = self._started()
        else:
            found = _beside(found)
        for key, value in _SESSION.items():
            found.conf.set(key, value)
        return found

    def _started(self) -> Any:  # noqa: ANN401 - pyspark is optional
        with quiet():
            try:
                from pyspark.sql import SparkSession
            except ImportError as error:
                raise FactsError(
                    "the engine 'spark' needs pyspark",
                    expected="the extra 'spark' of this package",
                    fix="pip install 'kpitools[spark]'",
                ) from error
            builder = SparkSession.builder.appName("kpitools")
            settings = {**_SESSION, **({} if self.remote else _CONTEXT), **self.options}
            for key, value in settings.items():
                builder = builder.config(key, value)
            if self.remote is not None:
                made = builder.remote(self.remote)
            else:
                _check_java()
                made = builder.master(str(self.master))
            try:
                session = made.getOrCreate()
            except Exception as error:
                raise FactsError(
                    "Spark could not be started",
                    where=str(self.master or self.remote),
                    found=_first_line(error),
                    fix="pip install 'pyspark[connect]'"
                    if "PACKAGE_NOT_INSTALLED" in str(error)
                    else "see that the address, Java and the versions of Spark fit",
                ) from error
        if self.master is not None and self.master.startswith("spark://"):
            _wait_for_workers(session, self.master)
        return session

    def relation(self, table: str) -> Relation:
        """Return a canonical table as Spark has it.

        Raises:
            FactsError: no such table or files there, no pyspark, no Spark at the address.
        """
        if table not in self._relations:
            source = source_of(table, self.tables, self.dialect, default=self.default)
            text = source.sql(dialect=self.dialect)
            session = self.connected
            try:
                with quiet():
                    columns = session.sql(f"SELECT * FROM {text} LIMIT 0").columns  # noqa: S608 - the place is the configuration's
            except Exception as error:
                raise FactsError(
                    f"the engine cannot read the table '{table}'",
                    where=text,
                    found=_first_line(error),
                    expected="a table, or Parquet files that every worker sees, "
                    "with the canonical fields",
                    fix="name it in the engine's tables, or write it with `kpitools tables`",
                ) from error
            self._relations[table] = Relation(table, source, self.dialect, frozenset(columns))
        return self._relations[table]

    def run(self, sql: str) -> pl.DataFrame:
        """Return what a SELECT gives.

        Raises:
            FactsError: Spark refuses it, or is out of reach.
        """
        session = self.connected
        try:
            with quiet():
                found = pl.from_arrow(session.sql(sql).toArrow())
        except Exception as error:
            raise FactsError(
                "the engine 'spark' could not answer", found=_first_line(error)
            ) from error
        if not isinstance(found, pl.DataFrame):
            raise FactsError("the engine 'spark' gave no table", found=type(found).__name__)
        return found

    def stop(self) -> None:
        """End the session that this engine started; one that was given goes on."""
        if self.session is None and "connected" in self.__dict__:
            with quiet():
                self.connected.stop()


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Spark from writing what an error says already, and pyspark from warning of pandas."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _beside(session: Any) -> Any:  # noqa: ANN401 - pyspark is optional
    """Take a session of its own beside one that was given, so that its settings stay."""
    try:
        return session.newSession()
    except Exception:  # noqa: BLE001 - a session of Spark Connect may have none of its own
        return session


def _check_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java") is None and not (home and shutil.which("java", path=f"{home}/bin")):
        raise FactsError(
            "a Spark master needs Java here too",
            found="no java on the path, and no JAVA_HOME",
            expected="Java 17 or later",
            fix="install Java, or use Spark Connect (remote:), which needs none",
        )


def _wait_for_workers(session: Any, master: str) -> None:  # noqa: ANN401 - pyspark is optional
    """Wait for the first executor; without one every question would wait for ever."""
    status = session.sparkContext._jsc.sc().statusTracker()  # noqa: SLF001 - pyspark has no other way
    until = time.monotonic() + WORKERS_S
    while len(status.getExecutorInfos()) < 2:  # noqa: PLR2004 - the first is the driver
        if time.monotonic() > until:
            session.stop()
            raise FactsError(
                "no worker of the Spark cluster took up the work",
                where=master,
                found=f"none within {WORKERS_S:g} seconds",
                expected="a worker with the memory and cores that 'options' ask for",
                fix="start workers, or ask for less (spark.executor.memory, spark.cores.max)",
            )
        time.sleep(_POLL_S)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


__all__ = ["SparkEngine", "is_path"]
