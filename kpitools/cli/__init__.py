"""The commands."""

from kpitools.cli.app import main

__all__ = ["main"]
