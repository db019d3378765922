"""The options of ./run secrets, env, parity and job, and how they start."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

VERBS = ("secrets",)


def add_environment(verbs: Any) -> None:
    """Register the commands with the subparsers of ./run."""
    secrets = _stage(verbs.add_parser("secrets", help="which secrets are stored and which are missing; store one"))
    secrets.add_argument("service", nargs="?", metavar="SERVICE", help="only those that this service or job reads")
    secrets.add_argument("--put", metavar="NAME", help="store this variable's value, from a prompt or standard input")


def run(arguments: argparse.Namespace, root: Path) -> int:
    """Run the command that was asked for and give its exit code."""
    from tools.cli.stage import Place, ended

    project: Path = (arguments.project or root).resolve()
    place = Place(
        stage=arguments.stage,
        project_dir=project,
        state_dir=(arguments.state or project / ".state").resolve(),
        target=arguments.target,
    )
    from tools.cli.secrets import Secrets, secrets

    return ended(lambda: secrets(Secrets(place=place, only=arguments.service, put=arguments.put)))


def _stage(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.allow_abbrev = False
    add = parser.add_argument
    add("-s", "--stack", "--stage", dest="stage", default="dev", metavar="STAGE", help="default: dev")
    add("--state", type=Path, metavar="DIR", help="where `up` records the stage (default: .state)")
    add("--project", type=Path, metavar="DIR", help="the Pulumi project (default: this one)")
    add("--target", choices=("offline", "aws"), default="offline", help="default: offline")
    return parser
