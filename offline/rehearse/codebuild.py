"""One build as CodeBuild runs it: the project's buildspec by bash, phase by phase, with CodeBuild's variables."""

from __future__ import annotations

import os
import re
import shlex
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delivery.aws import Aws
from offline.rehearse.artifacts import packed
from offline.rehearse.commands import Report, stream
from offline.rehearse.errors import CommandError, RehearsalError
from policies.resources.documents import DocumentError, read_yaml

_PHASES = ("install", "pre_build", "build", "post_build")
# Bash reads this before the script, which stays as it is: every command goes to a file as it is run.
_TRACE = """\
unset BASH_ENV
exec {{BASH_XTRACEFD}}> {file}
PS4='+ '
set -x
"""
_COMMAND = re.compile(r"\++ (?P<command>.+)")
_ASSIGNED_NOTHING = re.compile(r"\w+=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A CodeBuild project."""

    name: str
    buildspec: str
    variables: Mapping[str, str]
    image: str
    timeout_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a build finds around it: the account, the pipeline, programs and folders."""

    region: str
    account_id: str
    pipeline: str
    programs: Path
    """Folder that comes first on PATH."""
    folder: Path
    """For everything that the build writes outside of its source."""
    variables: Mapping[str, str]
    """Variables of this machine: where AWS answers, where the local build's env file is."""


def read_project(aws: Aws, name: str) -> Project:
    """The project by its name. Raises RehearsalError and RequestError."""
    found = aws.call("codebuild", "batch_get_projects", names=[name])["projects"]
    if not found:
        raise RehearsalError(f"There is no CodeBuild project {name}: run ./run up again.")
    [project] = found
    buildspec = project["source"].get("buildspec", "")
    if "\n" not in buildspec:
        raise RehearsalError(f"The CodeBuild project {name} has no buildspec of its own; found {buildspec!r}.")
    environment = project["environment"]
    return Project(
        name=name,
        buildspec=buildspec,
        variables=variables_of(environment.get("environmentVariables", []), where=name),
        image=environment["image"],
        timeout_minutes=int(project.get("timeoutInMinutes", 60)),
    )


def variables_of(declared: list[dict[str, str]], *, where: str) -> dict[str, str]:
    """Variables as CodeBuild and CodePipeline declare them. Raises RehearsalError for any but plain ones."""
    for variable in declared:
        if variable.get("type", "PLAINTEXT") != "PLAINTEXT":
            raise RehearsalError(f"{where}: the variable {variable['name']} is not plain text; only that is rehearsed.")
    return {variable["name"]: variable["value"] for variable in declared}


def build(
    project: Project,
    machine: Machine,
    *,
    title: str,
    source: Path,
    commit: str,
    artifact: str,
    variables: Mapping[str, str],
    report: Report,
) -> bytes | None:
    """Run the buildspec in the folder `source`; its artifact as a zip, or None where it leaves none.

    The first command that fails ends the build: every phase of the buildspecs rendered here says `on-failure: ABORT`.
    `artifact` is the ARN of the input artifact, `variables` are the action's. Raises CommandError and RehearsalError.
    """
    where = f"{title}: CodeBuild {project.name}"
    spec = _parsed(project, where)
    environment = _environment(project, machine, source=source, commit=commit, artifact=artifact) | dict(variables)
    deadline = time.monotonic() + project.timeout_minutes * 60
    for phase in _PHASES:
        for script in spec["phases"].get(phase, {}).get("commands", []):
            report(f"phase {phase}")
            _run(script, f"{where}, phase {phase}", machine, source, environment, deadline, report)
    files = spec.get("artifacts", {}).get("files", [])
    return packed(source, files, where=where) if files else None


def _parsed(project: Project, where: str) -> dict[str, Any]:
    spec = _spec(project, where)
    shell = spec.get("env", {}).get("shell")
    if shell != "bash" or str(spec.get("version")) != "0.2":
        raise RehearsalError(f"{where}: buildspecs of version 0.2 for bash are rehearsed; found {shell!r}.")
    return spec


def _spec(project: Project, where: str) -> dict[str, Any]:
    try:
        spec = read_yaml(project.buildspec)
    except DocumentError as error:
        raise RehearsalError(f"{where}: the buildspec is not YAML that can be read: {error}.") from None
    if not isinstance(spec, dict):
        raise RehearsalError(f"{where}: the buildspec is no mapping.")
    return spec


def _run(
    script: str,
    where: str,
    machine: Machine,
    source: Path,
    environment: dict[str, str],
    deadline: float,
    report: Report,
) -> None:
    trace, before = machine.folder / "trace", machine.folder / "before.sh"
    before.write_text(_TRACE.format(file=shlex.quote(str(trace))))
    ended = stream(
        ["bash", "-c", script],
        report=lambda line: report(f"| {line}"),
        environment={**environment, "BASH_ENV": str(before)},
        folder=source,
        limit_s=deadline - time.monotonic(),
    )
    if ended.timed_out:
        raise RehearsalError(f"{where}: the project's time is over; the build was ended.")
    if ended.exit_status:
        raise CommandError(
            f"{where} failed.", command=_last_command(trace), exit_status=ended.exit_status, output=ended.output
        )


def _last_command(trace: Path) -> str:
    """The command that was run last, its variables filled in; of `x=$(command)` that failed it is the inner one."""
    commands = [
        match["command"] for line in trace.read_text(errors="replace").splitlines() if (match := _COMMAND.match(line))
    ]
    return next((command for command in reversed(commands) if not _ASSIGNED_NOTHING.fullmatch(command)), "bash")


def _environment(project: Project, machine: Machine, *, source: Path, commit: str, artifact: str) -> dict[str, str]:
    """CodeBuild User Guide, "Environment variables in build environments". Of the user's nothing comes along but PATH."""
    build_id = f"{project.name}:{uuid.uuid4()}"
    home = machine.folder / "home"
    temporary = machine.folder / "tmp"
    for folder in (home, temporary):
        folder.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": f"{machine.programs}:{os.environ.get('PATH', os.defpath)}",
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "LANG": "C.UTF-8",
        **{name: value for name, value in os.environ.items() if name in ("DOCKER_HOST", "DOCKER_CERT_PATH")},
        "AWS_DEFAULT_REGION": machine.region,
        "AWS_REGION": machine.region,
        "CODEBUILD_BUILD_ARN": f"arn:aws:codebuild:{machine.region}:{machine.account_id}:build/{build_id}",
        "CODEBUILD_BUILD_ID": build_id,
        "CODEBUILD_BUILD_IMAGE": project.image,
        "CODEBUILD_BUILD_NUMBER": "1",
        "CODEBUILD_BUILD_SUCCEEDING": "1",
        "CODEBUILD_INITIATOR": f"codepipeline/{machine.pipeline}",
        "CODEBUILD_LOG_PATH": build_id.partition(":")[2],
        "CODEBUILD_RESOLVED_SOURCE_VERSION": commit,
        "CODEBUILD_SOURCE_REPO_URL": "",
        "CODEBUILD_SOURCE_VERSION": artifact,
        "CODEBUILD_SRC_DIR": str(source),
        "CODEBUILD_START_TIME": str(time.time_ns() // 1_000_000),
        **machine.variables,
        **project.variables,
    }
