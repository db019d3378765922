"""The guides, followed: their settings are put in place and their commands run, as far as no account is needed."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.main import build_parser, find

GUIDES = sorted((Path(__file__).resolve().parents[2] / "docs" / "guides").glob("*.md"), key=lambda path: path.stem)
_BLOCK = re.compile(r"^(?P<indent> *)```(?P<language>\w+)\n(?P<text>.*?)^ *```$", re.DOTALL | re.MULTILINE)
_PLACE = re.compile(r"# (?P<file>Pulumi\.(?:\w+\.)?yaml)(?:, under (?P<section>\w+))?\n")


def blocks(guide: Path) -> Iterator[tuple[str, str]]:
    """(language, text) of every block, from the first to the last: a reader follows them in this order."""
    for found in _BLOCK.finditer(guide.read_text("utf-8")):
        lines = found["text"].splitlines(keepends=True)
        yield found["language"], "".join(line[len(found["indent"]) :] for line in lines)


def put_in_place(project: Path, block: str) -> None:
    """A section of a settings file replaces the one of its name, or joins the one that the first line names."""
    place = _PLACE.match(block)
    assert place is not None, f"no file is named in the first line of:\n{block}"
    path = project / place["file"]
    content: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    target = content["config"]
    if place["section"]:
        target = target[place["section"]]["value"]
    target.update(yaml.safe_load(block))
    path.write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")


def commands(block: str) -> list[list[str]]:
    return [shlex.split(line, comments=True)[1:] for line in block.splitlines() if line.startswith("./run ")]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_what_a_guide_says_works(guide: Path, project_root: Path, tmp_path: Path) -> None:
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prd.yaml", "__main__.py", ".gitlab-ci.yml"):
        shutil.copyfile(project_root / name, tmp_path / name)
    shutil.copytree(project_root / "env", tmp_path / "env")
    followed = 0
    for language, block in blocks(guide):
        if language == "yaml":
            put_in_place(tmp_path, block)
        for arguments in commands(block) if language == "sh" else ():
            followed += 1
            if "aws" in arguments:  # asks an account: these words are taken, at least
                build_parser(find()).parse_args(arguments)
                continue
            result = subprocess.run(
                [sys.executable, str(project_root / "cli" / "__main__.py"), *arguments, "--project", str(tmp_path)],
                capture_output=True,
                text=True,
                check=False,
            )
            assert result.returncode == 0, f"{shlex.join(arguments)}\n{result.stdout[-3000:]}{result.stderr}"
    assert followed, f"{guide.name} has no command of this project"


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_every_link_of_a_guide_leads_somewhere(guide: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", guide.read_text("utf-8"))
    assert [target for target in targets if not (guide.parent / target).exists()] == []
