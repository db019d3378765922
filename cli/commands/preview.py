"""`./run preview`: what would change, judged by the policies."""

from __future__ import annotations

import argparse

from cli import options
from cli.command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    options.add_run(parser)
    options.add_judged(parser)


def _run(arguments: argparse.Namespace) -> int:
    from cli.stages.operation import asked, operate

    return operate(asked("preview", arguments))


COMMAND = Command(place=10, help="show what would change, judged by the policies", options=_options, run=_run)
