"""`./run lint`: the checks catch what they are there for."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli.main import main

WRONG = '''\
"""Wrong in five ways."""

import pulumi_aws as aws

number = aws.ec2.Vpc("a", cidr_block=5)
misspelt = aws.ec2.Vpc("b", cidr_blok="10.0.0.0/16")
missing = aws.ecs.ServiceNetworkConfigurationArgs()
scalar = aws.ecs.ServiceNetworkConfigurationArgs(subnets=True)


def untyped(value):
    return value
'''


def test_strict_types_refuse_wrong_arguments_of_pulumi_aws(project_root: Path, tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text(WRONG)
    # The project's own settings, over another folder.
    settings = (project_root / "pyproject.toml").read_text("utf-8")
    start = settings.index("include = ")
    (tmp_path / "pyproject.toml").write_text(
        settings[:start] + 'include = ["."]' + settings[settings.index("\n", start) :], "utf-8"
    )
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "--pythonpath", sys.executable]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    errors = json.loads(done.stdout)["generalDiagnostics"]
    found = {(error["range"]["start"]["line"] + 1, error["rule"]) for error in errors}
    assert done.returncode == 1
    assert {
        (5, "reportArgumentType"),
        (6, "reportCallIssue"),
        (7, "reportCallIssue"),
        (8, "reportArgumentType"),
        (11, "reportMissingParameterType"),
    } <= found


def test_lint_runs_every_check_and_names_those_that_failed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fake(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1 if "format" in command or "basedpyright" in command else 0)

    monkeypatch.setattr(subprocess, "run", fake)
    assert main(["lint"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "== ruff check",
        "== ruff format",
        "== types",
        "lint: ruff format, types failed",
    ]
