"""Where facts are counted when not here: what stands under `engine:` in `kpitools.yaml`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from kpitools.sources.declaration import Record


class EngineConfig(Record):
    """A Spark cluster or a DuckDB database that counts facts where the rows are."""

    type: Literal["spark", "duckdb"]
    master: str | None = Field(
        None, description="Of Spark: a master's address, for example spark://host:7077."
    )
    remote: str | None = Field(
        None, description="Of Spark: a Spark Connect server, for example sc://host:15002."
    )
    database: str | None = Field(
        None, description="Of DuckDB: the database file, relative to kpitools.yaml."
    )
    tables: dict[str, str] = Field(
        default={},
        description="Table of the catalogue, or path of Parquet files, by canonical table. "
        "Default: a Parquet file in the cache, which all workers must see.",
    )
    options: dict[str, str | int | float | bool] = Field(
        default={}, description="Of Spark: its settings, for example spark.executor.memory: 2g."
    )

    @model_validator(mode="after")
    def _one_address(self) -> EngineConfig:
        addresses = [item for item in (self.master, self.remote) if item is not None]
        if self.type == "spark":
            if self.database is not None:
                raise ValueError("'database' is of the engine duckdb")
            if len(addresses) != 1:
                raise ValueError("a Spark engine has either 'master' or 'remote'")
        elif addresses or self.options:
            raise ValueError("'master', 'remote' and 'options' are of the engine spark")
        elif self.database is None:
            raise ValueError("the engine duckdb needs 'database'")
        return self
