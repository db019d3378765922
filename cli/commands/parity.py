"""`./run parity`: what differs between two stages, by intent and by accident."""

from __future__ import annotations

import argparse

from cli import options
from cli.command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    options.add_where(parser)
    options.add_other_stage(parser)


def _run(arguments: argparse.Namespace) -> int:
    from cli.comparison.parity import Parity, parity
    from cli.ended import ended
    from cli.stages.place import Place

    asked = Parity(place=Place(**options.where(arguments)), other=arguments.other)
    return ended(lambda: parity(asked))


COMMAND = Command(
    place=100,
    help="what differs between two stages, by intent and by accident",
    options=_options,
    run=_run,
    abbreviations=False,
)
