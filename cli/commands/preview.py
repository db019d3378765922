"""`./run preview`: what would change, judged by the policies."""

from __future__ import annotations

import argparse
from pathlib import Path

from cli import options
from cli.command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    options.add_run(parser)
    options.add_judged(parser)
    parser.add_argument(
        "--program",
        type=Path,
        metavar="DIR",
        help="judge the program in DIR, which may not touch who judges it: this project's engine, pack and record",
    )


def _run(arguments: argparse.Namespace) -> int:
    from cli.stages.operation import asked, operate

    return operate(asked("preview", arguments))


COMMAND = Command(place=10, help="show what would change, judged by the policies", options=_options, run=_run)
