"""`./run destroy`: deletes what `up` recorded for a stage."""

from __future__ import annotations

import argparse

from cli import options
from cli.command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    options.add_run(parser, asked=True)
    options.add_yes(parser)
    options.add_accept_loss(parser)


def _run(arguments: argparse.Namespace) -> int:
    from cli.stages.operation import asked, operate

    return operate(asked("destroy", arguments))


COMMAND = Command(place=30, help="delete what `up` recorded for the stage", options=_options, run=_run)
