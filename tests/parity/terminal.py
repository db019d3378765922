"""A terminal with the real CLI as people have it: a project of their own, a home, and commands as documents write them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from offline.pulumi.workspace import RECORD, folder_of, install_plugin
from tests.parity.engines import ROOT
from tests.platform.renaming import made_small, project_to_edit

_BLOCK = re.compile(r"^(?P<indent> *)```sh\n(?P<text>.*?)^ *```$", re.DOTALL | re.MULTILINE)


def shown_in(document: str, *, about: str) -> list[str]:
    """The lines of the one block of commands of a document in which `about` stands."""
    text = (ROOT / document).read_text("utf-8")
    blocks = [
        [line.removeprefix(found["indent"]) for line in found["text"].splitlines()] for found in _BLOCK.finditer(text)
    ]
    [lines] = (lines for lines in blocks if any(about in line for line in lines))
    return lines


def exports(lines: list[str]) -> list[str]:
    """What of a block holds for later blocks."""
    return [line for line in lines if line.startswith("export ")]


@dataclass
class Terminal:
    """The project's copy in `folder`, small, the CLI on PATH, and the offline AWS as the plugin that it finds.

    What is typed answers every question with yes. exported: lines of earlier scripts that hold for later ones, too.
    """

    folder: Path
    cli: Path
    exported: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.project, self.home = self.folder / "project", self.folder / "home"
        project_to_edit(self.project)
        made_small(self.project)
        shutil.copyfile(ROOT / ".gitlab-ci.yml", self.project / ".gitlab-ci.yml")
        (self.project / "run").unlink()
        own = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(ROOT / "cli" / "__main__.py"))} "$@" --project .\n'
        (self.project / "run").write_text(own, "utf-8")
        (self.project / "run").chmod(0o700)
        install_plugin(self.home / ".pulumi")

    def type(
        self, *lines: str, stage: str = "dev", said: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run lines of one script, which ends at the first that fails; `said` is its standard input."""
        record = folder_of(self.project / ".state", stage) / RECORD
        record.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        environment = {
            "PATH": f"{self.cli.parent}:{ROOT / 'tests/parity/language_host'}:{os.defpath}",
            "HOME": str(self.home),
            "PULUMI_HOME": str(self.home / ".pulumi"),
            "PARITY_PYTHON": sys.executable,
            "OFFLINE_AWS_RECORD": str(record),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_OPTION_YES": "true",
            "PULUMI_OPTION_NON_INTERACTIVE": "true",
            "PULUMI_OPTION_COLOR": "never",
            **variables,
        }
        return subprocess.run(
            ["/bin/sh", "-euc", "\n".join((*self.exported, *lines))],
            cwd=self.project,
            env=environment,
            input=said,
            capture_output=True,
            text=True,
            check=False,
        )

    def done(self, *lines: str, stage: str = "dev", **variables: str) -> str:
        """Standard output of a script that has to succeed."""
        ended = self.type(*lines, stage=stage, **variables)
        assert ended.returncode == 0, f"{lines}\n{ended.stdout[-3000:]}{ended.stderr[-3000:]}"
        return ended.stdout
