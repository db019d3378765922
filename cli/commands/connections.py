"""`./run connections`: the connection budget of a stage, asked; its options stand with its answers in cli/connections."""

from __future__ import annotations

import argparse

from cli.command import Command
from cli.connections.options import EPILOG, add_options
from cli.options import where


def _run(arguments: argparse.Namespace) -> int:
    from cli.connections.ask import connections

    return connections(arguments, **where(arguments))


COMMAND = Command(
    place=40,
    help="the connection budget: what if, how long requests wait, what an account really has",
    options=add_options,
    run=_run,
    epilog=EPILOG,
    abbreviations=False,
)
