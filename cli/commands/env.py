"""`./run env`: the variables a container gets, where each is written, and how the stages differ."""

from __future__ import annotations

import argparse

from cli import options
from cli.command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    options.add_where(parser)
    parser.add_argument("service", metavar="SERVICE", help="a service or job of the catalogue")
    parser.add_argument(
        "--diff", action="store_true", help="compare with another stage, as --with does; exit code 1 for an accident"
    )
    options.add_other_stage(parser)


def _run(arguments: argparse.Namespace) -> int:
    from cli.comparison.env import env

    diff = arguments.diff or arguments.other is not None
    return env(options.place(arguments), arguments.service, diff=diff, other=arguments.other)


COMMAND = Command(
    place=90,
    help="the variables a container gets, where each is written, and how the stages differ",
    options=_options,
    run=_run,
    abbreviations=False,
)
