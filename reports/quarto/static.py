"""Notebook filter of this Quarto project: reads a notebook on stdin, writes it on stdout."""  # noqa: INP001 - a script for Quarto

import sys

try:
    from kpitools.packs.quarto.static import main
except ImportError:
    sys.stderr.write(
        "kpitools is not installed in the Python that Quarto uses; charts stay undrawn. "
        "Set QUARTO_PYTHON to the Python of kpitools.\n"
    )
    sys.stdout.write(sys.stdin.read())
else:
    main()
