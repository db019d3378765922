"""`./run schema`: the JSON Schemas of settings and gate.json, printed, or written with docs/settings.md to where they belong."""

from __future__ import annotations

import argparse

from cli.command import ROOT, Command


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "which", nargs="?", choices=("stage", "project", "gate"), default="stage", help="default: stage"
    )
    parser.add_argument("--write", action="store_true", help="write all, and docs/settings.md, instead")


def _run(arguments: argparse.Namespace) -> int:
    from cli.project.schema import schema

    return schema(ROOT, which=arguments.which, write=arguments.write)


COMMAND = Command(
    place=150, help="print the JSON Schema of the settings, for editors, or of gate.json", options=_options, run=_run
)
