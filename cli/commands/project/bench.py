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
        "--peers", action="store_true", help="beside the same platform as an AWS CDK app, in turn (needs Node)"
    )
    parser.add_argument(
        "--services", type=whole(1, 1000), default=150, metavar="N", help="size of the generated catalogue"
    )


def _run(arguments: argparse.Namespace) -> int:
    from bench.peers import compare
    from bench.previews import bench

    if arguments.peers:
        return compare(ROOT, runs=arguments.runs)
    return bench(ROOT, runs=arguments.runs, services=arguments.services)


COMMAND = Command(place=170, help="time and peak memory of previews", options=_options, run=_run)
