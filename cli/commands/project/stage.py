"""`./run stage`: a new stage from another one; the prefix of keys after the project's name."""

from __future__ import annotations

import argparse

from cli import options
from cli.command import Command

_EPILOG = """\
new     writes Pulumi.NAME.yaml, env files and CI jobs from those of --from, and
        lists what differs
prefix  writes the project's name (`name:` of Pulumi.yaml) before the keys of
        every stage file
"""


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("new", "prefix"))
    parser.add_argument("name", nargs="?", metavar="NAME", help="the new stage")
    parser.add_argument(
        "--from", dest="origin", default="prd", metavar="STAGE", help="the stage to copy (default: prd)"
    )
    options.add_project(parser)


def _run(arguments: argparse.Namespace) -> int:
    from cli.project.new_stage import new_stage, prefix
    from offline.engine.errors import UsageError

    project = options.project_dir(arguments)
    if arguments.action == "prefix":
        return prefix(project)
    if arguments.name is None:
        raise UsageError("Say the new stage's name, as in ./run stage new staging --from prd.")
    return new_stage(project, arguments.name, arguments.origin)


COMMAND = Command(
    place=105,
    help="make a new stage from another one, or follow a new name of the project",
    options=_options,
    run=_run,
    epilog=_EPILOG,
    abbreviations=False,
)
