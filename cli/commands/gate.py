"""`./run gate`: stages previewed and judged for a merge request, as gate.json, page and reports."""

from __future__ import annotations

import argparse
from pathlib import Path

from cli import options
from cli.command import ROOT, Command


def _options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "-s", "--stack", "--stage", dest="stages", action="append", metavar="STAGE", default=[],
        help="a stage to judge; give it several times for several",
    )  # fmt: skip
    options.add_state(parser)
    options.add_project(parser)
    add("--program", type=Path, metavar="DIR", help="judge the program in DIR, which may not touch who judges it")
    add("--events", type=Path, metavar="FILE", help="a saved event stream of the real engine instead of a preview")
    add("--engine", choices=("embedded", "pulumi"), help="preview offline by this engine, even where a backend is set")
    options.add_packs(parser)
    add("--against", type=Path, metavar="DIR", help="the pack in force: what changes of it is told")
    add("--out", type=Path, metavar="DIR", help="where the files are written (default: gate-report)")


def _run(arguments: argparse.Namespace) -> int:
    from cli.gate.gate import Gate, gate

    project = options.project_dir(arguments)
    home = ROOT if arguments.program else project
    return gate(
        Gate(
            stages=arguments.stages,
            project_dir=project,
            state_dir=(arguments.state or home / ".state").resolve(),
            out=arguments.out or home / "gate-report",
            engine=arguments.engine,
            events=arguments.events,
            policy_pack=arguments.policy_pack,
            policy_pack_config=arguments.policy_pack_config,
            against=arguments.against,
            confined=arguments.program is not None,
            accept_loss=arguments.accept_loss,
        )
    )


COMMAND = Command(
    place=35, help="judge stages for a merge request: gate.json, page and reports", options=_options, run=_run
)
