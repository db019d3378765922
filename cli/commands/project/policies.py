"""`./run policies`: the policies with their levels in a stage, their document, and what a change of the pack does."""

from __future__ import annotations

import argparse
from pathlib import Path

from cli import options
from cli.command import ROOT, Command


def _options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    options.add_stage(parser)
    add("--coverage", action="store_true", help="which resource types of the stage no policy looks at")
    add("--against", type=Path, metavar="DIR", help="what changes of the gate in DIR; exit code 3 if any")
    add(
        "--changes-in",
        type=Path,
        metavar="DIR",
        help="what the project in DIR changes of this gate; exit code 3 if any",
    )
    add("--write", action="store_true", help="write docs/policies.md from the catalogue")
    add("--check", action="store_true", help="check that docs/policies.md is what the catalogue says")


def _run(arguments: argparse.Namespace) -> int:
    if arguments.against is not None:
        from cli.project.policies_changes import show_changes

        return show_changes(ROOT / "policies", arguments.against)
    if arguments.changes_in is not None:
        from cli.project.policies_changes import file_changes, show_changes

        project: Path = arguments.changes_in
        return show_changes(project / "policies", ROOT / "policies", more=file_changes(ROOT, project))
    from cli.project.policies import policies

    return policies(
        ROOT, stage=arguments.stage, write=arguments.write, check=arguments.check, coverage=arguments.coverage
    )


COMMAND = Command(place=160, help="list the policies, with their levels in a stage", options=_options, run=_run)
