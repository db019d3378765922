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
        "--against", default="", metavar="COMMIT", help="the policy pack alone, beside that of a commit, in turn"
    )
    parser.add_argument(
        "--resources", type=whole(1, 100_000), default=3000, metavar="N", help="how many both packs are asked about"
    )
    parser.add_argument(
        "--services", type=whole(1, 1000), default=150, metavar="N", help="size of the generated catalogue"
    )


def _run(arguments: argparse.Namespace) -> int:
    from bench import against, peers
    from bench.previews import bench

    if arguments.against:
        return against.compare(ROOT, arguments.against, runs=arguments.runs, resources=arguments.resources)
    if arguments.peers:
        return peers.compare(ROOT, runs=arguments.runs)
    return bench(ROOT, runs=arguments.runs, services=arguments.services)


COMMAND = Command(place=170, help="time and peak memory of previews", options=_options, run=_run)
