"""`./run parity`: what differs between two stages, by intent and by accident; `--cli`: between the engines, for the CLI on PATH."""

from __future__ import annotations

import argparse

from cli import options
from cli.command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    options.add_where(parser)
    options.add_other_stage(parser)
    parser.add_argument(
        "--cli",
        action="store_true",
        help="instead: run tests/parity with the Pulumi CLI on PATH and its own language host",
    )


def _run(arguments: argparse.Namespace) -> int:
    if arguments.cli:
        from cli.comparison.cli_parity import cli_parity

        return cli_parity()
    from cli.comparison.parity import parity

    return parity(options.place(arguments), arguments.other)


COMMAND = Command(
    place=100,
    help="what differs between two stages, by intent and by accident",
    options=_options,
    run=_run,
    abbreviations=False,
)
