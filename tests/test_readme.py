"""README.md and README.ko.md state the same commands and figures, and link to what exists."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from cli.main import main
from offline.engine.errors import EngineError
from offline.pulumi.executable import find_cli
from settings.files.yaml_file import read_mapping

ROOT = Path(__file__).resolve().parents[1]
READMES = ("README.md", "README.ko.md")
_FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\((?P<target>[^)]+)\)")


def blocks(text: str) -> list[str]:
    return _FENCED.findall(text)


def spans(text: str) -> Counter[str]:
    return Counter(re.findall(r"`([^`\n]+)`", _FENCED.sub("", text)))


def figures(text: str) -> Counter[str]:
    """Numbers of the prose, but those that English writes as words and Korean as digits."""
    prose = re.sub(r"`[^`\n]+`", "", _LINK.sub("]", _FENCED.sub("", text)))
    return Counter(number for number in re.findall(r"\d+(?:\.\d+)?", prose) if float(number) > 6)


@pytest.mark.parametrize("read", [blocks, spans, figures])
def test_both_languages_state_the_same(read: object) -> None:
    assert callable(read)
    english, korean = (read((ROOT / name).read_text("utf-8")) for name in READMES)
    assert english
    assert korean == english


@pytest.mark.parametrize("name", [*READMES, "CONTRIBUTING.md", "SECURITY.md"])
def test_every_link_leads_somewhere(name: str) -> None:
    targets = [found["target"] for found in _LINK.finditer((ROOT / name).read_text("utf-8"))]
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_licence_is_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_the_way_to_aws_works_as_it_is_written(tmp_path: Path) -> None:
    """State and passphrase come before the stack; the CLI then adds one line to the stage's file, and `./run` reads it."""
    try:
        cli = find_cli(os.environ).path
    except EngineError as error:
        pytest.skip(f"no Pulumi CLI: ./run engine ({error})")
    [block] = [text for text in blocks((ROOT / "README.md").read_text("utf-8")) if "pulumi stack init" in text]
    lines = block.splitlines()[1:-1]
    until = next(number for number, line in enumerate(lines) if line.startswith("pulumi stack init"))
    exported = [line.removeprefix("export ").partition("=")[0] for line in lines[:until]]
    assert exported == ["PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE_FILE"]
    project, state, secret = tmp_path / "project", tmp_path / "state", tmp_path / "passphrase"
    project.mkdir()
    state.mkdir()
    secret.write_text("for a test")
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prd.yaml", "__main__.py"):
        shutil.copyfile(ROOT / name, project / name)
    shutil.copytree(ROOT / "env", project / "env")
    values = dict(zip(exported, (f"file://{state}", str(secret)), strict=True))
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PULUMI_SKIP_UPDATE_CHECK": "true", **values}
    for stage in ("dev", "prd"):
        command = [str(cli), *lines[until].replace("dev", stage).split()[1:], "--non-interactive"]
        subprocess.run(command, cwd=project, env=environment, check=True, capture_output=True)
        name = f"Pulumi.{stage}.yaml"
        before, after = ((folder / name).read_text("utf-8").splitlines() for folder in (ROOT, project))
        assert after[: len(before)] == before
        assert [line.partition(":")[0] for line in after[len(before) :]] == ["encryptionsalt"]
    assert read_mapping(project / "Pulumi.dev.yaml").keys() == {"config", "encryptionsalt"}
    assert main(["preview", "-s", "dev", "--project", str(project)]) == 0
