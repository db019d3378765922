"""The programs a buildspec calls by name: docker, aws and python3, in a folder that comes first on its PATH."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from offline.rehearse.errors import MissingProgramError

_HERE = Path(__file__).resolve().parent
_ANSWER_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What builds images here."""

    kind: Literal["docker", "buildah"]
    program: str


def find_engine() -> Engine:
    """A Docker engine that answers, else buildah. Raises MissingProgramError."""
    docker = shutil.which("docker")
    if docker is not None and _answers([docker, "version", "--format", "{{.Server.Version}}"]):
        return Engine(kind="docker", program=docker)
    buildah = shutil.which("buildah")
    if buildah is None:
        raise MissingProgramError("buildah", package="buildah", purpose="builds images where no Docker engine answers")
    return Engine(kind="buildah", program=buildah)


def require_programs() -> None:
    """Raises MissingProgramError for the first program that a rehearsal needs and this machine lacks."""
    for program, package, purpose in (
        ("bash", "bash", "runs the buildspecs"),
        ("git", "git", "mirrors the source"),
        ("docker-registry", "docker-registry", "stands for ECR"),
    ):
        if shutil.which(program) is None:
            raise MissingProgramError(program, package=package, purpose=purpose)
    find_engine()


@contextlib.contextmanager
def programs(folder: Path, *, engine: Engine, ecr_host: str, registry: str) -> Generator[Path]:
    """The folder for PATH. What the engine was given to keep outside of the folder is removed in the end."""
    places = {name: folder / name for name in ("bin", "storage", "run", "docker")}
    for place in places.values():
        place.mkdir(parents=True)
    registries = folder / "registries.conf"
    registries.write_text(
        "unqualified-search-registries = []\n[[registry]]\n"
        f'prefix = "{ecr_host}"\nlocation = "{registry}"\ninsecure = true\n'
        f'[[registry]]\nlocation = "{registry}"\ninsecure = true\n'
    )
    settings = folder / "docker.json"
    images = folder / "images"
    settings.write_text(
        json.dumps(
            {
                "engine": engine.kind,
                "program": engine.program,
                "hosts": {ecr_host: registry},
                "storage": str(places["storage"]),
                "run": str(places["run"]),
                "credentials": str(places["docker"] / "config.json"),
                "images": str(images),
                "registries": str(registries),
                "environment": {"DOCKER_CONFIG": str(places["docker"])},
            }
        )
    )
    _script(places["bin"] / "docker", [sys.executable, "-I", str(_HERE / "docker.py"), str(settings)])
    _script(places["bin"] / "aws", [sys.executable, "-I", str(_HERE / "aws.py")])
    # The delivery scripts need boto3, as CodeBuild's images have it; this Python has it too.
    _script(places["bin"] / "python3", [sys.executable])
    try:
        yield places["bin"]
    finally:
        if engine.kind == "docker" and images.exists():
            names = sorted(set(images.read_text().split()))
            subprocess.run([engine.program, "image", "rm", "--force", *names], capture_output=True, check=False)


def _script(path: Path, command: list[str]) -> None:
    path.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
    path.chmod(0o755)


def _answers(command: list[str]) -> bool:
    """Whether a program succeeds; with no Docker configuration, as a build has none of the user's."""
    environment = {**os.environ, "DOCKER_CONFIG": os.devnull}
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=_ANSWER_S, check=False, stdin=subprocess.DEVNULL, env=environment
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
