"""`./run up`: a stage brought up on the offline AWS, judged by the policies, and served where asked for."""

from __future__ import annotations

import argparse

from cli import options
from cli.command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    options.add_run(parser, asked=True)
    options.add_judged(parser)
    options.add_yes(parser)
    parser.add_argument("--serve", action="store_true", help="then keep the offline AWS on loopback until Ctrl-C")
    parser.add_argument(
        "--port", type=options.whole(0, 65535), default=0, metavar="PORT", help="port for --serve (default: a free one)"
    )


def _run(arguments: argparse.Namespace) -> int:
    from cli.stages.operation import asked, operate

    return operate(asked("up", arguments))


COMMAND = Command(
    place=20, help="bring the stage up on the offline AWS, judged by the policies", options=_options, run=_run
)
