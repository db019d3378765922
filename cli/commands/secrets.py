"""`./run secrets`: which secrets are stored and which are missing; store one."""

from __future__ import annotations

import argparse

from cli import options
from cli.command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    options.add_where(parser, asked=True)
    parser.add_argument("service", nargs="?", metavar="SERVICE", help="only those that this service or job reads")
    parser.add_argument(
        "--check", action="store_true", help="only what is missing; exit code 1 where a deployed image needs it"
    )
    parser.add_argument("--put", metavar="NAME", help="store this variable's value, from a prompt or standard input")
    options.add_target(parser)


def _run(arguments: argparse.Namespace) -> int:
    from cli.stages.secrets import secrets

    if arguments.put is None:  # nothing is stored
        arguments.stage = arguments.stage or options.DEFAULT_STAGE
    return secrets(options.place(arguments), only=arguments.service, check=arguments.check, put=arguments.put)


COMMAND = Command(
    place=80,
    help="which secrets are stored and which are missing; store one",
    options=_options,
    run=_run,
    abbreviations=False,
)
