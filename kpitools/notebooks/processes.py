"""Processes and what they started: ended together, so that no kernel stays behind."""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import dataclass

import psutil

WAIT_S = 5.0


def kill_tree(pid: int) -> None:
    """End a process, all that it started, and the process groups of them, at once.

    Args:
        pid: the process; one that has ended already is no fault.
    """
    try:
        root = psutil.Process(pid)
        victims = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        victims = []
    for group in {pid, *filter(None, map(_group_of, victims))}:
        kill_group(group)
    for victim in victims:
        with contextlib.suppress(psutil.Error):
            victim.kill()
    psutil.wait_procs(victims, timeout=WAIT_S)


@dataclass(frozen=True)
class Known:
    """A process as it was seen: its number may belong to another one later.

    Args:
        pid: its number.
        born: when it was created.
    """

    pid: int
    born: float


def know(pid: int) -> Known | None:
    """Take note of a process, or None when it has ended.

    Args:
        pid: its number.

    Returns:
        The process as it is now.
    """
    with contextlib.suppress(psutil.Error):
        return Known(pid, psutil.Process(pid).create_time())
    return None


def kill_known(process: Known) -> None:
    """End a process and all that it started, if it is still the one that was seen.

    Args:
        process: the process as it was seen.
    """
    if know(process.pid) == process:
        kill_tree(process.pid)


def kill_group(group: int) -> None:
    """End all processes of a process group, where the system has such groups.

    Args:
        group: the group's number; our own group and an empty one are left alone.
    """
    if hasattr(os, "killpg") and group > 1 and group != os.getpgrp():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def _group_of(process: psutil.Process) -> int | None:
    """Give the process group that a process leads; others would reach too far."""
    with contextlib.suppress(OSError):
        if hasattr(os, "getpgid") and os.getpgid(process.pid) == process.pid:
            return int(process.pid)
    return None
