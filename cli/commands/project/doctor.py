"""`./run doctor`: what this machine has, what is missing, and for which feature."""

from __future__ import annotations

import argparse

from cli.command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="as JSON")


def _run(arguments: argparse.Namespace) -> int:
    from cli.project.doctor import doctor

    return doctor(as_json=arguments.json)


COMMAND = Command(
    place=140, help="what this machine has, what is missing, and for which feature", options=_options, run=_run
)
