"""`./run job`: the run-task call of a batch job's schedule, printed or made."""

from __future__ import annotations

import argparse

from cli import options
from cli.command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    options.add_where(parser, asked=True)
    parser.add_argument("name", metavar="NAME", help="a job of the catalogue")
    parser.add_argument("--execute", action="store_true", help="make the call")
    options.add_target(parser)


def _run(arguments: argparse.Namespace) -> int:
    from cli.stages.job import job

    if not arguments.execute:  # the call is only printed
        arguments.stage = arguments.stage or options.DEFAULT_STAGE
    return job(options.place(arguments), arguments.name, execute=arguments.execute)


COMMAND = Command(
    place=110,
    help="the run-task call of a batch job's schedule, printed or made",
    options=_options,
    run=_run,
    abbreviations=False,
)
