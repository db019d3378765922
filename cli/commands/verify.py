"""`./run verify`: does every service run the revision that was asked for last? Offline, or in an account."""

from __future__ import annotations

import argparse
from pathlib import Path

from cli import options
from cli.command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("service", nargs="?", metavar="SERVICE", help="only this service")
    options.add_where(parser)
    options.add_target(parser)
    parser.add_argument("--image-definitions", type=Path, metavar="FILE", help="the images asked for, of one service")
    parser.add_argument("--timeout-minutes", type=float, default=20, metavar="N", help="how long to wait (aws)")
    parser.add_argument("--note", action="store_true", help="report to the merge request of this CI job's commit")


def _run(arguments: argparse.Namespace) -> int:
    from cli.stages.verify import verify

    return verify(
        options.place(arguments),
        only=arguments.service,
        image_definitions=arguments.image_definitions,
        timeout_minutes=arguments.timeout_minutes,
        note=arguments.note,
    )


COMMAND = Command(
    place=60, help="does every service run the revision that was asked for last?", options=_options, run=_run
)
