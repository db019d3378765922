"""`./run help`: the list of commands, or one command's own help."""

from __future__ import annotations

import argparse

from cli.command import Command


def _run(arguments: argparse.Namespace) -> int:
    from cli.main import main

    return main([*arguments.rest[:1], "--help"])


COMMAND = Command(place=200, help="this list, or the help of one command", run=_run, passes_on=True)
