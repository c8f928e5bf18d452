"""A real Spark standalone cluster on 127.0.0.1: one master, two workers, ended for sure."""

import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path

STARTED_S = 60
ENDED_S = 10
HOST = "127.0.0.1"
OPTIONS = {
    "spark.driver.host": HOST,
    "spark.driver.bindAddress": HOST,
    "spark.driver.memory": "512m",
    "spark.executor.memory": "512m",
    "spark.executor.cores": "1",
    "spark.cores.max": "2",
    "spark.log.level": "ERROR",
}


def spark_home():
    """Give the folder of the pyspark package, or None where it or Java is absent."""
    from importlib.util import find_spec

    spec = find_spec("pyspark")
    if spec is None or spec.origin is None or shutil.which("java") is None:
        return None
    return Path(spec.origin).parent


@contextmanager
def standalone_cluster(folder, *, workers=2):
    """Start a master and workers; give the master's address.

    All listen on 127.0.0.1 at ports that the system chooses, and each runs in a process group
    of its own, so that its executors end with it.
    """
    deploy = "org.apache.spark.deploy"
    at = ["--host", HOST, "--port", "0", "--webui-port", "0"]
    with _processes(folder) as start:
        address = start(
            "master", [f"{deploy}.master.Master", *at], r"Starting Spark master at (spark://\S+)"
        )
        for number in range(workers):
            given = ["--cores", "1", "--memory", "700m", *at, address]
            start(
                f"worker{number}",
                [f"{deploy}.worker.Worker", *given],
                r"(Successfully registered) with master",
            )
        yield address


@contextmanager
def connect_server(folder):
    """Start a Spark Connect server that works within itself; give its address."""
    settings = {
        **OPTIONS,
        "spark.connect.grpc.binding.address": HOST,
        "spark.connect.grpc.binding.port": "0",
        "spark.ui.enabled": "false",
        "spark.log.level": "INFO",
    }
    server = "org.apache.spark.sql.connect.service.SparkConnectServer"
    words = ["org.apache.spark.deploy.SparkSubmit", "--master", "local[1]", "--class", server]
    words += [part for key, value in settings.items() for part in ("--conf", f"{key}={value}")]
    with _processes(folder, memory="768m") as start:
        port = start("connect", [*words, "spark-internal"], r"server started at: \S+?:(\d+)")
        yield f"sc://{HOST}:{port}"


@contextmanager
def _processes(folder, *, memory="256m"):
    """Give a function that starts a class of Spark and waits for what it says; end all."""
    home = spark_home()
    java = "-Dspark.ui.enabled=false -XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": HOST,
        "SPARK_DAEMON_MEMORY": memory,
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "SPARK_WORKER_DIR": str(folder / "work"),
        "SPARK_MASTER_OPTS": java,
        "SPARK_WORKER_OPTS": java,
    }
    running = []

    def start(name, words, pattern):
        log = folder / f"{name}.log"
        with log.open("wb") as stream:
            process = subprocess.Popen(
                [home / "bin" / "spark-class", *words],
                env=environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        running.append(process)
        return _told(process, log, pattern)

    try:
        yield start
    finally:
        for process in reversed(running):
            end(process)


def _told(process, log, pattern):
    until = time.monotonic() + STARTED_S
    while time.monotonic() < until and process.poll() is None:
        found = re.search(pattern, log.read_text(errors="replace"))
        if found:
            return found[1]
        time.sleep(0.1)
    raise RuntimeError(f"{log.name} did not say {pattern!r}:\n{log.read_text()[-2000:]}")


def end(process):
    """End a process and all of its group, politely, then surely."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(ENDED_S)
            break
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def end_driver():
    """End the JVM that pyspark keeps beside this process."""
    from pyspark import SparkContext

    gateway = SparkContext._gateway  # noqa: SLF001 - pyspark has no other way to end it
    if gateway is None:
        return
    gateway.shutdown()
    SparkContext._gateway = SparkContext._jvm = None  # noqa: SLF001 - the same
    with suppress(OSError):
        gateway.proc.stdin.close()
    with suppress(subprocess.TimeoutExpired):
        gateway.proc.wait(ENDED_S)
    if gateway.proc.poll() is None:
        gateway.proc.kill()
        gateway.proc.wait(ENDED_S)
