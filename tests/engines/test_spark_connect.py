"""A Spark Connect server gives the facts of polars, to the last bit."""

from importlib.util import find_spec

import pytest
from engines.cluster import connect_server, spark_home
from engines.comparing import asked_of, unlike

from kpitools.errors import FactsError
from kpitools.facts.engines.spark import SparkEngine

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(spark_home() is None, reason="pyspark or Java is not installed"),
    pytest.mark.skipif(
        any(find_spec(name) is None for name in ("grpc", "grpc_status", "zstandard")),
        reason="the packages of pyspark[connect] are not installed",
    ),
    pytest.mark.xdist_group("spark"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def engine(places, tmp_path_factory):
    with connect_server(tmp_path_factory.mktemp("connect")) as address:
        made = SparkEngine(remote=address, tables=places)
        try:
            yield made
        finally:
            made.stop()


def test_kpis_of_every_kind_are_equal(engine, kpis, events):
    names = {"offered", "asa", "throughput", "tfr_p90", "backlog", "csat_mean", "tfr_km"}
    some = [kpi for kpi in kpis if kpi.kpi in names]
    assert len(some) > 5
    assert unlike(asked_of(some, ("team",), grain="week"), events, engine) == []


def test_a_refused_question_says_why(engine):
    with pytest.raises(FactsError, match="'spark' could not answer"):
        engine.run("SELECT nonsense FROM nowhere")
