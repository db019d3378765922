"""A build by bash: variables, phases, the command that failed, the artifact."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml

from offline.rehearse.codebuild import Machine, Project, build, read_project, variables_of
from offline.rehearse.errors import CommandError, RehearsalError

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Bench:
    """A machine, and one call that builds on it."""

    def __init__(self, folder: Path) -> None:
        self.source = folder / "source"
        self.source.mkdir()
        self.told: list[str] = []
        self.machine = Machine(
            region="ap-northeast-2",
            account_id="123456789012",
            pipeline="dev-api",
            programs=folder / "bin",
            folder=folder / "machine",
            variables={"ENV_VAR_FILE": "preset"},
        )

    def build(self, *, files: list[str] | None = None, minutes: float = 5, **phases: str) -> bytes | None:
        spec: dict[str, Any] = {"version": 0.2, "env": {"shell": "bash"}}
        spec["phases"] = {name: {"on-failure": "ABORT", "commands": [text]} for name, text in phases.items()}
        return self.run(yaml.safe_dump({**spec, **({"artifacts": {"files": files}} if files else {})}), minutes)

    def run(self, buildspec: str, minutes: float = 5) -> bytes | None:
        project = Project(
            name="dev-api-build",
            buildspec=buildspec,
            variables={"STEP": "project", "ENVIRONMENT": "development"},
            image="aws/codebuild/x",
            timeout_minutes=minutes,  # type: ignore[arg-type]
        )
        return build(
            project,
            self.machine,
            title="Build",
            source=self.source,
            commit=COMMIT,
            artifact="arn:aws:s3:::b/k",
            variables={"STEP": "action"},
            report=self.told.append,
        )

    def failure(self, script: str) -> CommandError:
        with pytest.raises(CommandError) as found:
            self.build(build=script)
        return found.value


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_build_finds_codebuilds_variables_and_none_of_the_users(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "mine")
    bench.build(build="env | sort > variables")
    found = dict(line.split("=", 1) for line in (bench.source / "variables").read_text().splitlines())
    wanted = {
        "AWS_DEFAULT_REGION": "ap-northeast-2",
        "AWS_REGION": "ap-northeast-2",
        "CODEBUILD_BUILD_IMAGE": "aws/codebuild/x",
        "CODEBUILD_INITIATOR": "codepipeline/dev-api",
        "CODEBUILD_RESOLVED_SOURCE_VERSION": COMMIT,
        "CODEBUILD_SOURCE_VERSION": "arn:aws:s3:::b/k",
        "CODEBUILD_SRC_DIR": str(bench.source),
        "ENVIRONMENT": "development",
        "ENV_VAR_FILE": "preset",
        "PWD": str(bench.source),
        "STEP": "action",
    }
    assert {name: found.get(name) for name in wanted} == wanted
    assert found["CODEBUILD_BUILD_ARN"].endswith(f":123456789012:build/{found['CODEBUILD_BUILD_ID']}")
    assert found["PATH"].startswith(f"{bench.machine.programs}:")
    assert not {"AWS_PROFILE", "PULUMI_CONFIG_PASSPHRASE", "BASH_ENV"} & found.keys()


def test_phases_come_in_codebuilds_order_and_a_failed_one_is_the_last(bench: Bench) -> None:
    with pytest.raises(CommandError, match="phase build failed"):
        bench.build(post_build="echo after", build="echo now; false", pre_build="echo before")
    assert bench.told == ["phase pre_build", "| before", "phase build", "| now"]


@pytest.mark.parametrize(
    ("script", "command", "status"),
    [
        ("set -euo pipefail\ntrue\nfalse one\necho two", "false one", 1),
        ('set -euo pipefail\nname=api\n(exit 5) # "$name"\n', "exit 5", 5),
        ("set -euo pipefail\nfound=$(ls /nowhere)\necho $found", "ls /nowhere", 2),
        ('set -euo pipefail\nname=api\nls "/nowhere/$name" \\\n  -l', "ls /nowhere/api -l", 2),
        ("set -euo pipefail\nif true; then\n  exit 4\nfi", "exit 4", 4),
    ],
)
def test_the_command_that_failed_is_named(bench: Bench, script: str, command: str, status: int) -> None:
    lines = str(bench.failure(script)).splitlines()
    assert lines[:3] == [
        "Build: CodeBuild dev-api-build, phase build failed.",
        f"  command: {command}",
        f"  exit status: {status}",
    ]


def test_tracing_changes_nothing_that_a_build_sees(bench: Bench) -> None:
    bench.build(build="bash -c 'echo $-'; echo out; echo err >&2")
    assert bench.told == ["phase build", "| hBc", "| out", "| err"]


def test_the_artifact_holds_the_named_files(bench: Bench) -> None:
    content = bench.build(build="echo x > a; echo y > b", files=["a"])
    assert content is not None
    assert zipfile.ZipFile(BytesIO(content)).namelist() == ["a"]
    assert bench.build(build="true") is None


def test_a_file_of_the_artifact_that_is_missing(bench: Bench) -> None:
    with pytest.raises(RehearsalError) as failure:
        bench.build(build="true", files=["a"])
    assert str(failure.value) == "Build: CodeBuild dev-api-build: the artifact's file a was not written."


def test_the_projects_time_ends_a_build(bench: Bench) -> None:
    with pytest.raises(RehearsalError) as failure:
        bench.build(build="sleep 1000", minutes=0.002)
    assert str(failure.value) == (
        "Build: CodeBuild dev-api-build, phase build: the project's time is over; the build was ended."
    )


@pytest.mark.parametrize("buildspec", ["version: 0.1\nphases: {}\n", "version: 0.2\nenv: {shell: sh}\nphases: {}\n"])
def test_other_buildspecs_are_refused(bench: Bench, buildspec: str) -> None:
    with pytest.raises(RehearsalError, match=r"buildspecs of version 0\.2 for bash are rehearsed"):
        bench.run(buildspec)


def test_variables_that_are_not_plain_are_refused() -> None:
    assert variables_of([{"name": "A", "value": "1"}, {"name": "B", "value": "2", "type": "PLAINTEXT"}], where="x") == {
        "A": "1",
        "B": "2",
    }
    with pytest.raises(RehearsalError, match="x: the variable A is not plain text"):
        variables_of([{"name": "A", "value": "/a", "type": "PARAMETER_STORE"}], where="x")


class Answers:
    """An AWS that answers one project."""

    def __init__(self, *projects: dict[str, Any]) -> None:
        self.projects = list(projects)

    def call(self, service: str, operation: str, /, **params: Any) -> dict[str, Any]:
        assert (service, operation, params) == ("codebuild", "batch_get_projects", {"names": ["p"]})
        return {"projects": self.projects}


def test_a_project_is_read_as_it_is_recorded() -> None:
    environment = {"image": "i", "environmentVariables": [{"name": "A", "value": "1", "type": "PLAINTEXT"}]}
    declared = {"source": {"buildspec": "version: 0.2\n"}, "environment": environment, "timeoutInMinutes": 30}
    assert read_project(Answers(declared), "p") == Project(
        name="p", buildspec="version: 0.2\n", variables={"A": "1"}, image="i", timeout_minutes=30
    )
    with pytest.raises(RehearsalError, match=r"There is no CodeBuild project p: run \./run up again\."):
        read_project(Answers(), "p")
    with pytest.raises(RehearsalError, match=r"no buildspec of its own; found 'buildspec\.yml'"):
        read_project(Answers({**declared, "source": {"buildspec": "buildspec.yml"}}), "p")
