"""Which engine is taken, what is missing, and what a build finds under the names it calls."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from offline.rehearse.errors import MissingProgramError
from offline.rehearse.programs import Engine, find_engine, programs, require_programs

ECR = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com"
Install = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """A machine that has the given programs only."""
    folder = tmp_path / "installed"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def add(**scripts: str) -> Path:
        for name, script in scripts.items():
            path = folder / name.replace("_", "-")
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
        return folder

    return add


def test_a_docker_engine_that_answers_is_taken(install: Install) -> None:
    folder = install(docker="exit 0", buildah="exit 0")
    assert find_engine() == Engine(kind="docker", program=str(folder / "docker"))


def test_a_docker_client_without_an_engine_is_not(install: Install) -> None:
    folder = install(docker="exit 1", buildah="exit 0")
    assert find_engine() == Engine(kind="buildah", program=str(folder / "buildah"))


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("bash", "bash is missing: it runs the buildspecs. Debian: apt install bash"),
        ("git", "git is missing: it mirrors the source. Debian: apt install git"),
        ("docker_registry", "docker-registry is missing: it stands for ECR. Debian: apt install docker-registry"),
        (
            "buildah",
            "buildah is missing: it builds images where no Docker engine answers. Debian: apt install buildah",
        ),
    ],
)
def test_what_is_missing_is_told_with_its_package(install: Install, missing: str, message: str) -> None:
    installed = {name: "exit 0" for name in ("bash", "git", "docker_registry", "buildah") if name != missing}
    install(**installed)
    with pytest.raises(MissingProgramError) as failure:
        require_programs()
    assert str(failure.value) == message


def test_a_build_calls_docker_by_its_name_and_reaches_the_engine(tmp_path: Path) -> None:
    engine = tmp_path / "engine"
    engine.write_text('#!/bin/sh\necho "$DOCKER_CONFIG" "$@"\n')
    engine.chmod(0o755)
    with programs(
        tmp_path / "p", engine=Engine(kind="buildah", program=str(engine)), ecr_host=ECR, registry="127.0.0.1:5000"
    ) as path:
        done = subprocess.run(
            [path / "docker", "tag", f"{ECR}/a:1", f"{ECR}/b:2"], capture_output=True, text=True, check=True
        )
        refused = subprocess.run([path / "docker", "run", "x"], capture_output=True, text=True, check=False)
    folder = tmp_path / "p"
    assert done.stdout.split() == [
        str(folder / "docker"), "--root", str(folder / "storage"), "--runroot", str(folder / "run"),
        "--storage-driver", "vfs", "--registries-conf", str(folder / "registries.conf"),
        "tag", "127.0.0.1:5000/a:1", "127.0.0.1:5000/b:2",
    ]  # fmt: skip
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("error: docker run is not rehearsed with buildah")


def test_a_docker_engine_is_left_without_the_rehearsals_images(tmp_path: Path) -> None:
    engine = tmp_path / "engine"
    engine.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path / "calls"}\n')
    engine.chmod(0o755)
    with programs(
        tmp_path / "p", engine=Engine(kind="docker", program=str(engine)), ecr_host=ECR, registry="127.0.0.1:5000"
    ) as path:
        for words in (
            ["build", "--tag", f"{ECR}/a:1", "."],
            ["tag", f"{ECR}/a:1", f"{ECR}/b:2"],
            ["push", f"{ECR}/a:1"],
        ):
            subprocess.run([path / "docker", *words], check=True)
    assert (tmp_path / "calls").read_text().splitlines() == [
        "build --tag 127.0.0.1:5000/a:1 .",
        "tag 127.0.0.1:5000/a:1 127.0.0.1:5000/b:2",
        "push 127.0.0.1:5000/a:1",
        "image rm --force 127.0.0.1:5000/a:1 127.0.0.1:5000/b:2",
    ]


def test_the_delivery_scripts_find_boto3(tmp_path: Path) -> None:
    with programs(
        tmp_path / "p", engine=Engine(kind="buildah", program="/x"), ecr_host=ECR, registry="127.0.0.1:5000"
    ) as path:
        done = subprocess.run(
            [path / "python3", "-c", "import boto3, sys; print(sys.prefix)"], capture_output=True, text=True, check=True
        )
    assert done.stdout.strip() == sys.prefix
