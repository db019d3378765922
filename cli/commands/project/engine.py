"""`./run engine`: the real Pulumi engine, built with Go."""

from __future__ import annotations

import argparse

from cli.command import ROOT, Command


def _run(arguments: argparse.Namespace) -> int:
    from cli.project.engine import engine

    return engine(ROOT)


COMMAND = Command(place=135, help="build the real Pulumi engine with Go, for --engine pulumi", run=_run)
