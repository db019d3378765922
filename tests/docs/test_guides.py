"""The guides, followed: their settings are put in place and their commands run, as far as no account is needed."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.main import build_parser, find
from offline.engine.judging.pack_config import load_pack_config
from policies.serving.catalog import CATALOG
from tests.commands import command, programs_here
from tests.platform.renaming import MORE, made_small

GUIDES = sorted((Path(__file__).resolve().parents[2] / "docs" / "guides").glob("*.md"), key=lambda path: path.stem)
SCHEMAS = {spec.name: {setting.name: setting.schema for setting in spec.settings} for spec in CATALOG}
_BLOCK = re.compile(r"^(?P<indent> *)```(?P<language>\w+)\n(?P<text>.*?)^ *```$", re.DOTALL | re.MULTILINE)
_PLACE = re.compile(r"# (?P<file>Pulumi\.(?:\w+\.)?yaml)(?:, under (?P<section>\w+))?\n")


def blocks(guide: Path) -> Iterator[tuple[str, str]]:
    """(language, text) of what a guide shows, in its order."""
    for found in _BLOCK.finditer(guide.read_text("utf-8")):
        text = "".join(line[len(found["indent"]) :] for line in found["text"].splitlines(keepends=True))
        yield found["language"], text


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


def change(project: Path, block: str) -> None:
    """A difference is applied to the example that it is about."""
    (example,) = (project / "examples").iterdir()
    subprocess.run(["git", "apply", "--unidiff-zero", "-"], input=block, cwd=example, text=True, check=True)


def commands(block: str) -> Iterator[tuple[list[str], int]]:
    """(arguments, how it has to end) of this project's commands."""
    for line in block.splitlines():
        if line.startswith("./run "):
            yield shlex.split(line, comments=True)[1:], 1 if line.endswith("# ends 1") else 0


def run(project: Path, arguments: list[str], code: int) -> None:
    if "aws" in arguments:  # asks an account: these words are taken, at least
        build_parser(find()).parse_args(arguments)
        return
    place = () if "--project" in arguments else ("--project", str(project))
    result = command(project, *arguments, *place)
    assert result.returncode == code, f"{shlex.join(arguments)}\n{result.stdout[-3000:]}{result.stderr}"


@pytest.fixture(autouse=True)
def in_this_process() -> Iterator[None]:
    """The guides are about what is said, tests/test_run.py is about the processes."""
    with programs_here():
        yield


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_what_a_guide_says_works(guide: Path, project_root: Path, tmp_path: Path) -> None:
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prd.yaml", "__main__.py", ".gitlab-ci.yml"):
        shutil.copyfile(project_root / name, tmp_path / name)
    shutil.copytree(project_root / "env", tmp_path / "env")
    if not any(name in guide.read_text("utf-8") for name in MORE):
        made_small(tmp_path)
    (tmp_path / "policies").symlink_to(project_root / "policies")
    for example in re.findall(r"--project (examples/[\w-]+)", guide.read_text("utf-8"))[:1]:
        shutil.copytree(project_root / example, tmp_path / example)
    ran = 0
    for language, text in blocks(guide):
        if language == "yaml":
            put_in_place(tmp_path, text)
        elif language == "diff":
            change(tmp_path, text)
        elif language == "json":
            (tmp_path / "config.json").write_text(text, "utf-8")
            load_pack_config(tmp_path / "config.json").require_fit(SCHEMAS)
        elif language == "sh":
            for arguments, code in commands(text):
                run(tmp_path, arguments, code)
                ran += 1
    assert ran, f"{guide.name} has no command of this project"


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_every_link_of_a_guide_leads_somewhere(guide: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", guide.read_text("utf-8"))
    assert [target for target in targets if not (guide.parent / target).exists()] == []
