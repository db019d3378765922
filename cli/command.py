"""What a command of ./run is made of, and what all of them share: the project's folder and the exit codes."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
"""This project."""

DONE, FAILED, USAGE = 0, 1, 2
"""Exit codes: done; violation, failure or interruption; wrong settings or usage."""


class Command(NamedTuple):
    """One command; each file below cli/commands has one, called COMMAND. The file's name is what is typed after ./run."""

    place: int
    """Where it stands in the list of commands: lower numbers first."""
    help: str
    """What it does, for the list."""
    run: Callable[[argparse.Namespace], int]
    """Runs it and gives the exit code. What it needs is imported here, so that the list of commands stays quick."""
    options: Callable[[argparse.ArgumentParser], None] | None = None
    """Adds its options to its parser."""
    epilog: str | None = None
    """What its own --help ends with, as it is written."""
    abbreviations: bool = True
    """Whether an option may be cut short where that is unmistakable."""
    passes_on: bool = False
    """Whether all its arguments go to another program: run finds them in `arguments.rest`."""
