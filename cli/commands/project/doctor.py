"""`./run doctor`: what this machine has, what is missing, and for which feature."""

from __future__ import annotations

import argparse

from cli import options
from cli.command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    options.add_where(parser, asked=True)
    options.add_target(parser)
    parser.add_argument("--json", action="store_true", help="as JSON")


def _run(arguments: argparse.Namespace) -> int:
    from cli.project.doctor import doctor

    place = None if arguments.stage is None else options.place(arguments)
    return doctor(as_json=arguments.json, project_dir=options.project_dir(arguments), place=place)


COMMAND = Command(
    place=140, help="what this machine has, what is missing, and for which feature", options=_options, run=_run
)
