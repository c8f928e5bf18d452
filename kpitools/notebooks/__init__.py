"""Run notebooks: typed parameters, processes of their own, and a status that is true.

The rooms below this one make the content; here it is executed by papermill, in worker
processes that are killed and replaced when a run hangs or dies.
"""

from kpitools.notebooks.files import read_notebook, write_notebook
from kpitools.notebooks.marks import Mark, is_complete, read_mark
from kpitools.notebooks.parameters import ParameterSpec, ParameterValue, read_parameters
from kpitools.notebooks.progress import open_progress
from kpitools.notebooks.run import run_notebook, run_notebooks
from kpitools.notebooks.runs import Event, Job, Run
from kpitools.notebooks.values import check_parameters

__all__ = [
    "Event",
    "Job",
    "Mark",
    "ParameterSpec",
    "ParameterValue",
    "Run",
    "check_parameters",
    "is_complete",
    "open_progress",
    "read_mark",
    "read_notebook",
    "read_parameters",
    "run_notebook",
    "run_notebooks",
    "write_notebook",
]
