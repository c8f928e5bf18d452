"""Run the commands with `python -m kpitools`."""

from kpitools.cli import main

if __name__ == "__main__":
    main()
