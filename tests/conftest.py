"""Fixtures that several rooms' tests share."""

import gc
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("suite", deadline=None, max_examples=40)
settings.register_profile("ci", deadline=None, max_examples=40, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "suite")

REAL_DATA = "KPITOOLS_REAL_DATA"
QUICK = "not slow"
"""What the inner loop asks for: there, properties are tried on a quarter of the examples."""
FEWEST_EXAMPLES = 4


def pytest_collection_modifyitems(config, items):
    if config.option.markexpr != QUICK:
        return
    tests = {getattr(item.obj, "__func__", item.obj) for item in items if hasattr(item, "obj")}
    for test in tests:
        given = getattr(test, "_hypothesis_internal_use_settings", None)
        if given is not None:
            fewer = max(given.max_examples // 4, FEWEST_EXAMPLES)
            test._hypothesis_internal_use_settings = settings(given, max_examples=fewer)  # noqa: SLF001


def pytest_collection_finish():
    """What was collected stays: the garbage collector need not look at it again."""
    gc.freeze()


def pytest_unconfigure():
    gc.unfreeze()


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory):
    """Keep the tests' cache away from the user's; workers of one run share nothing."""
    before = os.environ.get("KPITOOLS_CACHE")
    if before is None:
        os.environ["KPITOOLS_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["KPITOOLS_CACHE"]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real exports, which are not part of the repository."""
    folder = os.environ.get(REAL_DATA)
    if not folder:
        pytest.skip(f"{REAL_DATA} is unset: the real exports are not part of the repository")
    return Path(folder)


@pytest.fixture
def browse(tmp_path):
    """Open a file in headless Chromium and tell what happened; skip where there is none."""
    from browser import open_page

    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    if binary is None:
        pytest.skip("no Chromium on this machine: the page cannot be opened")
    return lambda path, **options: open_page(binary, path, tmp_path / "profile", **options)
