"""`./run rehearse`: a delivery of one service, stage by stage, on this machine."""

from __future__ import annotations

import argparse
from pathlib import Path

from cli import options
from cli.command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("service", metavar="SERVICE", help="a service of the catalogue")
    parser.add_argument("--source", type=Path, required=True, metavar="DIR", help="the application's repository")
    parser.add_argument("--env-file", type=Path, metavar="FILE", help="env file for a source that has none")
    parser.add_argument("--keep", action="store_true", help="leave the rehearsal's folder where it is")
    options.add_where(parser, asked=True)
    options.add_engine(parser, default=None)


def _run(arguments: argparse.Namespace) -> int:
    from cli.stages.rehearse import run_rehearsal

    return run_rehearsal(
        options.place(arguments),
        arguments.service,
        source=arguments.source,
        env_file=arguments.env_file,
        keep=arguments.keep,
        engine=arguments.engine,
    )


COMMAND = Command(
    place=70, help="deliver one service on this machine, with the pipeline's real parts", options=_options, run=_run
)
