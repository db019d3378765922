"""`./run bench`: time and peak memory of previews."""

from __future__ import annotations

import argparse

from cli.command import ROOT, Command
from cli.options import whole


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--runs", type=whole(1, 1000), default=5, metavar="N", help="warm runs, of which the median counts"
    )
    parser.add_argument(
        "--services", type=whole(1, 1000), default=150, metavar="N", help="size of the generated catalogue"
    )


def _run(arguments: argparse.Namespace) -> int:
    from bench.previews import bench

    return bench(ROOT, runs=arguments.runs, services=arguments.services)


COMMAND = Command(place=170, help="time and peak memory of previews", options=_options, run=_run)
