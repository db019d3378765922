"""The name docker: what reaches the engine."""

from __future__ import annotations

from typing import Any

import pytest

from offline.rehearse.docker import command, mapped

ECR = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com"
SETTINGS: dict[str, Any] = {
    "engine": "buildah",
    "program": "/usr/bin/buildah",
    "hosts": {ECR: "127.0.0.1:5000"},
    "storage": "/s",
    "run": "/r",
    "registries": "/registries.conf",
    "credentials": "/config.json",
}
OWN = (
    "/usr/bin/buildah --root /s --runroot /r --storage-driver vfs --registries-conf /registries.conf".split()  # noqa: SIM905
)
BUILD = "--isolation chroot --format docker --authfile /config.json"


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        (ECR, "127.0.0.1:5000"),
        (f"{ECR}/dev-api:1", "127.0.0.1:5000/dev-api:1"),
        (f"{ECR}/dev-api@sha256:00", "127.0.0.1:5000/dev-api@sha256:00"),
        (f"--tag={ECR}/dev-api:1", "--tag=127.0.0.1:5000/dev-api:1"),
        (f"{ECR}.example.com/dev-api", f"{ECR}.example.com/dev-api"),
        (f"mirror/{ECR}/dev-api", f"mirror/{ECR}/dev-api"),
        ("public.ecr.aws/docker/library/node", "public.ecr.aws/docker/library/node"),
        ("ENVIRONMENT=development", "ENVIRONMENT=development"),
    ],
)
def test_only_the_registrys_name_is_mapped(argument: str, expected: str) -> None:
    assert mapped(argument, SETTINGS["hosts"]) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            f"login --username AWS --password-stdin {ECR}",
            "login --tls-verify=false --authfile /config.json --username AWS --password-stdin 127.0.0.1:5000",
        ),
        (
            f"build --platform linux/arm64 --tag {ECR}/a:1 --cache-from {ECR}/a-cache:cache --build-arg A=1 /c",
            f"build {BUILD} --platform linux/arm64 --tag 127.0.0.1:5000/a:1 --build-arg A=1 /c",
        ),
        (f"build --cache-from={ECR}/a-cache:cache .", f"build {BUILD} ."),
        (f"tag {ECR}/a:1 {ECR}/b:2", "tag 127.0.0.1:5000/a:1 127.0.0.1:5000/b:2"),
        (f"push {ECR}/a:1", "push --quiet --authfile /config.json 127.0.0.1:5000/a:1"),
    ],
)
def test_buildah_answers_to_dockers_words(words: str, expected: str) -> None:
    assert command(words.split(), SETTINGS) == [*OWN, *expected.split()]


def test_a_docker_engine_gets_its_own_words() -> None:
    words = ["build", "--tag", f"{ECR}/a:1", "--cache-from", f"{ECR}/a-cache:cache", "."]
    assert command(words, {**SETTINGS, "engine": "docker", "program": "/usr/bin/docker"}) == [
        "/usr/bin/docker", "build", "--tag", "127.0.0.1:5000/a:1", "--cache-from", "127.0.0.1:5000/a-cache:cache", ".",
    ]  # fmt: skip


@pytest.mark.parametrize(("words", "verb"), [(["run", "x"], "run"), ([], "(no command)")])
def test_what_buildah_lacks_is_refused(words: list[str], verb: str) -> None:
    with pytest.raises(ValueError) as failure:
        command(words, SETTINGS)
    assert str(failure.value) == (
        f"docker {verb} is not rehearsed with buildah, only login, build, tag, push, pull: start a Docker engine, or keep "
        "it out of the buildspec."
    )
