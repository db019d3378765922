"""Options that several commands have, what their values are checked by, and what follows from them."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from cli.command import ROOT, USAGE

if TYPE_CHECKING:  # making a TypedDict takes as long as the list of commands
    from cli.stages.place import Place

    class Where(TypedDict):
        """The stage that a command is about, the project that declares it and the folder that records it, both absolute."""

        stage: str
        project_dir: Path
        state_dir: Path


DEFAULT_STAGE = "dev"
"""The stage of commands that only look."""


class Once(argparse.Action):
    """An option that a second value would silently replace, where the first one was meant to judge as well."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: object, option: str | None = None
    ) -> None:
        if getattr(namespace, self.dest) is not None:
            parser.error(f"{option} is given twice; a run has one pack: run it again for the other.")
        setattr(namespace, self.dest, values)


def whole(least: int, most: int) -> Callable[[str], int]:
    """The type of an option: an integer within bounds."""

    def number(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not an integer from {least} to {most}")
        return int(text)

    return number


def add_stage(parser: argparse.ArgumentParser, *, asked: bool = False) -> None:
    """-s, which Pulumi calls --stack and these documents --stage. asked: a stage must be named, nothing is changed unnamed."""
    default, text = (
        (None, "which stage; asked for where it is not named")
        if asked
        else (DEFAULT_STAGE, f"default: {DEFAULT_STAGE}")
    )
    parser.add_argument("-s", "--stack", "--stage", dest="stage", default=default, metavar="STAGE", help=text)


def add_state(parser: argparse.ArgumentParser, *, verb: str = "records") -> None:
    """--state, the folder of the records."""
    parser.add_argument("--state", type=Path, metavar="DIR", help=f"where `up` {verb} the stage (default: .state)")


def add_project(parser: argparse.ArgumentParser) -> None:
    """--project, for another project than this one."""
    parser.add_argument("--project", type=Path, metavar="DIR", help="the Pulumi project (default: this one)")


def add_where(parser: argparse.ArgumentParser, *, asked: bool = False) -> None:
    """Stage, state and project: what `where` reads."""
    add_stage(parser, asked=asked)
    add_state(parser)
    add_project(parser)


def add_run(parser: argparse.ArgumentParser, *, asked: bool = False) -> None:
    """What every run of a stage has: where it is, its engine, and --json for programs."""
    add_where(parser, asked=asked)
    add_engine(parser)
    parser.add_argument("--full", action="store_true", help="list what comes or goes with its component, too")
    parser.add_argument("--json", action="store_true", help="print the engine's events as JSON lines, nothing else")


def add_judged(parser: argparse.ArgumentParser) -> None:
    """What a run that the policies judge has, too: SERVICE to show a part, and another pack or other levels."""
    parser.add_argument("service", nargs="?", metavar="SERVICE", help="show only this service or job")
    add_packs(parser)


def add_packs(parser: argparse.ArgumentParser) -> None:
    """Another pack than the project's, other levels, and what may be lost."""
    add = parser.add_argument
    add("--policy-pack", action=Once, type=Path, metavar="DIR", help="the pack that judges (default: policies)")
    add("--policy-pack-config", action=Once, type=Path, metavar="FILE", help="levels and settings for the pack")
    add_accept_loss(parser)


def add_accept_loss(parser: argparse.ArgumentParser) -> None:
    """--accept-loss, for runs that may delete what holds something."""
    parser.add_argument(
        "--accept-loss", action="store_true", help="let images, logs, data and messages go that are named otherwise"
    )


def add_yes(parser: argparse.ArgumentParser) -> None:
    """--yes, for runs that change something."""
    parser.add_argument("--yes", "-y", action="store_true", help="do not ask")


def add_engine(parser: argparse.ArgumentParser, *, default: str | None = "embedded") -> None:
    """--engine, for commands that run an engine or go on from what one recorded."""
    parser.add_argument(
        "--engine",
        choices=("embedded", "pulumi"),
        default=default,
        help=f"embedded, or the real one of Pulumi (./run engine); default: {default or 'the one that recorded the stage'}",
    )


def add_target(parser: argparse.ArgumentParser) -> None:
    """--target, for commands that look at the offline AWS or into an account."""
    parser.add_argument("--target", choices=("offline", "aws"), default="offline", help="default: offline")


def add_other_stage(parser: argparse.ArgumentParser) -> None:
    """--with, for commands that compare two stages."""
    parser.add_argument("--with", dest="other", metavar="STAGE", help="the stage to compare with (default: the other)")


def project_dir(arguments: argparse.Namespace) -> Path:
    """The project that was asked for."""
    asked: Path = getattr(arguments, "program", None) or arguments.project or ROOT
    return asked.resolve()


def where(arguments: argparse.Namespace) -> Where:
    """Stage, project and state that were asked for; the state stands in the project unless it was said where.

    Never in the folder of --program: what is recorded is judged as well, and who judges does not take it from there.
    """
    project = project_dir(arguments)
    home = ROOT if getattr(arguments, "program", None) else project
    if arguments.stage is None:
        arguments.stage = _asked_stage(project)
    state: Path = arguments.state or home / ".state"
    return {"stage": arguments.stage, "project_dir": project, "state_dir": state.resolve()}


def place(arguments: argparse.Namespace) -> Place:
    """The stage's place; a command without --target looks at what is recorded."""
    from cli.stages.place import Place

    return Place(**where(arguments), target=getattr(arguments, "target", "offline"))


def _asked_stage(project: Path) -> str:
    """The stage that a person names at the terminal, or the only one there is; ends the command where nobody can be asked."""
    from settings.files.stack_config import stages_of

    stages = stages_of(project)
    listed = ", ".join(stages) or "none yet"
    if len(stages) == 1:
        return stages[0]
    try:
        named = input(f"Which stage? ({listed}) ").strip() if sys.stdin.isatty() else ""
    except EOFError:
        named = ""
    if named:
        return named
    print(f"error: This changes a stage: name it with -s. Stages: {listed}.", file=sys.stderr)
    raise SystemExit(USAGE)
