"""`./run version`: the versions of this project, of Pulumi's SDK and of Python."""

from __future__ import annotations

import argparse
import platform

from cli.command import DONE, ROOT, Command


def _run(_: argparse.Namespace) -> int:
    import importlib.metadata
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    parts = [f"{name} {importlib.metadata.version(name)}" for name in ("pulumi", "pulumi-aws", "pulumi-policy")]
    print(f"{project['name']} {project['version']} ({', '.join(parts)}, Python {platform.python_version()})")
    return DONE


COMMAND = Command(place=190, help="the versions of this project and of what it runs on", run=_run)
