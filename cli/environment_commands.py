"""The options of ./run secrets, env, parity and job, and how they start."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

VERBS = ("secrets", "env", "parity", "job")


def add_environment(verbs: Any) -> None:
    """Register the commands with the subparsers of ./run."""
    secrets = _stage(verbs, "secrets", "which secrets are stored and which are missing; store one")
    secrets.add_argument("service", nargs="?", metavar="SERVICE", help="only those that this service or job reads")
    secrets.add_argument("--put", metavar="NAME", help="store this variable's value, from a prompt or standard input")
    _target(secrets)
    env = _stage(verbs, "env", "the variables a container gets, where each is written, and how the stages differ")
    env.add_argument("service", metavar="SERVICE", help="a service or job of the catalogue")
    env.add_argument(
        "--diff", action="store_true", help="compare with another stage, as --with does; exit code 1 for an accident"
    )
    _other(env)
    _other(_stage(verbs, "parity", "what differs between two stages, by intent and by accident"))
    job = _stage(verbs, "job", "the run-task call of a batch job's schedule, printed or made")
    job.add_argument("name", metavar="NAME", help="a job of the catalogue")
    job.add_argument("--execute", action="store_true", help="make the call")
    _target(job)


def run(arguments: argparse.Namespace, root: Path) -> int:
    """Run the command that was asked for and give its exit code."""
    from cli.stage import Place, ended

    project: Path = (arguments.project or root).resolve()
    place = Place(
        stage=arguments.stage,
        project_dir=project,
        state_dir=(arguments.state or project / ".state").resolve(),
        target=getattr(arguments, "target", "offline"),
    )
    match arguments.verb:
        case "secrets":
            from cli.secrets import Secrets, secrets

            return ended(lambda: secrets(Secrets(place=place, only=arguments.service, put=arguments.put)))
        case "env":
            from cli.env import Env, env

            diff = arguments.diff or arguments.other is not None
            asked = Env(place=place, service=arguments.service, diff=diff, other=arguments.other)
            return ended(lambda: env(asked))
        case "job":
            from cli.job import RunJob, job

            return ended(lambda: job(RunJob(place=place, name=arguments.name, execute=arguments.execute)))
        case _:
            from cli.parity import Parity, parity

            return ended(lambda: parity(Parity(place=place, other=arguments.other)))


def _stage(verbs: Any, verb: str, what: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(verb, help=what, allow_abbrev=False)
    add = parser.add_argument
    add("-s", "--stack", "--stage", dest="stage", default="dev", metavar="STAGE", help="default: dev")
    add("--state", type=Path, metavar="DIR", help="where `up` records the stage (default: .state)")
    add("--project", type=Path, metavar="DIR", help="the Pulumi project (default: this one)")
    return parser


def _target(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--target", choices=("offline", "aws"), default="offline", help="default: offline")


def _other(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--with", dest="other", metavar="STAGE", help="the stage to compare with (default: the other)")
