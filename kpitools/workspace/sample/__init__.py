"""The sample: an invented company whose planted facts are known."""

from kpitools.workspace.sample.build import build_sample
from kpitools.workspace.sample.plan import SEED
from kpitools.workspace.sample.write import write_sample

__all__ = ["SEED", "build_sample", "write_sample"]
