"""Write the sample as a whole workspace."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from kpitools.errors import WorkspaceError
from kpitools.workspace.sample.build import LEAST_CONTACTS, build_parts, expected_contacts
from kpitools.workspace.sample.files import QUICK, TIGHT, Files
from kpitools.workspace.sample.observed import Observed
from kpitools.workspace.sample.pages import reasons_page, settings_page, story_page
from kpitools.workspace.sample.plan import SEED
from kpitools.workspace.sample.truth import build_truth

TEXTS = Path(__file__).parent / "texts"
STEPS = 20
"""How often progress is told."""


def write_sample(
    folder: Path,
    *,
    contacts: int | None = None,
    seed: int = SEED,
    progress: Callable[[str], None] | None = None,
) -> dict[str, int]:
    """Write a workspace of invented data, with planted facts and their truth.

    Memory does not grow with the size. The same size and seed give the same rows.

    Args:
        folder: where; made when it does not exist.
        contacts: about how many contacts; None for the size of the packaged sample.
        seed: another seed gives other data with the same planted facts.
        progress: told some twenty times how far it is.

    Returns:
        Rows by file.

    Raises:
        WorkspaceError: there is a kpitools.yaml in the folder already.
    """
    if (folder / "kpitools.yaml").exists():
        raise WorkspaceError(
            "there is a workspace in this folder already",
            where=str(folder),
            found="kpitools.yaml",
            fix="choose a new folder",
        )
    observed = Observed()
    expected = int(expected_contacts() if contacts is None else contacts)
    told = 0
    with Files(folder / "exports", level=TIGHT if contacts is None else QUICK) as files:
        for name, rows in build_parts(contacts=contacts, seed=seed):
            files.add(name, rows)
            observed.add(name, rows)
            if progress is not None and observed.total * STEPS >= (told + 1) * expected:
                told = observed.total * STEPS // expected
                progress(f"{observed.total:,} of about {expected:,} contacts")
    scale = 1.0 if contacts is None else max(contacts, LEAST_CONTACTS) / expected_contacts()
    _write_pages(folder, observed, seed=seed, scale=scale)
    return dict(sorted(observed.rows.items()))


def _write_pages(folder: Path, observed: Observed, *, seed: int, scale: float) -> None:
    truth = build_truth(observed, seed=seed, scale=scale)
    lines = json.dumps(truth, ensure_ascii=False, indent=1)
    (folder / "truth.json").write_text(lines + "\n", encoding="utf-8")
    pages = {
        "kpitools.yaml": settings_page(observed),
        "README.md": story_page(observed, truth),
        "annotations.csv": reasons_page(),
    }
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    for name in ("catalogue.yaml", "actions.csv"):
        shutil.copyfile(TEXTS / name, folder / name)
