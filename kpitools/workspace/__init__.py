"""One folder bound together: the door that notebooks and commands use."""

from kpitools.workspace.create import write_workspace
from kpitools.workspace.folder import Place, find_file, find_workspace
from kpitools.workspace.shipped import shipped
from kpitools.workspace.workspace import Workspace, open_workspace, read_as_of

__all__ = [
    "Place",
    "Workspace",
    "find_file",
    "find_workspace",
    "open_workspace",
    "read_as_of",
    "shipped",
    "write_workspace",
]
