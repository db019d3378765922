"""The script that builds an image, run by a shell with stand-ins for docker and aws that write down their calls."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.calc.delivery.buildspec import Buildspec, image_buildspec

Machine = Any
COMMIT = "0123456789abcdef0123456789abcdef01234567"
DIGEST = f"sha256:{'ab' * 32}"
HOST = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com"
ASK = (
    "aws ecr batch-get-image --region ap-northeast-2 --repository-name dev-datalab-api "
    f"--image-ids imageTag={COMMIT} --query images[].imageId.imageDigest --output text"
)


@pytest.fixture
def spec() -> Buildspec:
    return image_buildspec(architecture="ARM64", bake_env=False)


def test_the_image_is_built_tagged_with_the_commit_pushed_and_named_by_the_registrys_digest(
    machine: Machine, spec: Buildspec
) -> None:
    build = machine.run(spec)
    image = f"{HOST}/dev-datalab-api:{COMMIT}"
    cache = f"{HOST}/dev-datalab-api:cache"
    context = build.calls[3].split()[-1]
    assert (build.exit_code, build.errors) == (0, "")
    # Both ends of a pipe start at once, in no order.
    assert set(build.calls[:2]) == {
        "aws ecr get-login-password --region ap-northeast-2",
        f"docker login --username AWS --password-stdin {HOST}",
    }
    assert build.calls[2:] == (
        ASK,
        f"docker build --platform linux/arm64 --tag {image} --cache-from {cache} "
        f"--build-arg BUILDKIT_INLINE_CACHE=1 {context}",
        f"docker push {image}",
        f"docker tag {image} {cache}",
        f"docker push {cache}",
        ASK,
    )
    assert json.loads((machine.source / "imagedefinitions.json").read_text()) == [
        {"name": "datalab-api", "imageUri": f"{HOST}/dev-datalab-api@{DIGEST}"}
    ]
    assert not any("latest" in call for call in build.calls)


def test_no_env_file_reaches_the_image(machine: Machine, spec: Buildspec) -> None:
    for name in (".env", ".env.production", "src/.env.development", "src/main.js"):
        (machine.source / name).parent.mkdir(exist_ok=True)
        (machine.source / name).write_text("x")
    build = machine.run(spec)
    assert build.context == ("Dockerfile", "src")
    assert not any("ENVIRONMENT" in call for call in build.calls)


def test_a_baked_env_file_is_this_stages_alone(machine: Machine) -> None:
    (machine.source / ".env.production").write_text("x")
    build = machine.run(image_buildspec(architecture="X86_64", bake_env=True))
    assert build.context == (".env.development", "Dockerfile")
    [docker_build] = [call for call in build.calls if call.startswith("docker build")]
    assert "--platform linux/amd64" in docker_build
    assert "--build-arg ENVIRONMENT=development" in docker_build


def test_a_missing_env_file_stops_the_build_with_its_name(machine: Machine, spec: Buildspec) -> None:
    build = machine.run(spec, ENVIRONMENT="production")
    assert (build.phase, build.exit_code, build.calls) == ("pre_build", 1, ())
    assert build.errors == (
        "error: .env.production is not in the source: add it to the branch, or set ENVIRONMENT to a stage that has one.\n"
    )


def test_the_local_builds_env_file_is_taken_where_the_source_has_none(
    machine: Machine, spec: Buildspec, tmp_path: Path
) -> None:
    (tmp_path / "preset").write_text("A=2\n")
    build = machine.run(spec, ENVIRONMENT="production", ENV_VAR_FILE="preset", ENV_FILE_FOLDER=str(tmp_path))
    assert build.exit_code == 0
    assert (machine.source / ".env.production").read_text() == "A=2\n"


@pytest.mark.parametrize("commit", ["", "main", COMMIT[:-1]])
def test_without_a_commit_there_is_no_tag(machine: Machine, spec: Buildspec, commit: str) -> None:
    build = machine.run(spec, CODEBUILD_RESOLVED_SOURCE_VERSION=commit)
    assert (build.phase, build.exit_code, build.calls) == ("pre_build", 1, ())
    assert f"CODEBUILD_RESOLVED_SOURCE_VERSION is '{commit}': 40 hexadecimal digits are required." in build.errors


def test_a_commit_that_was_pushed_before_is_not_built_again(machine: Machine, spec: Buildspec) -> None:
    (machine.source / "registry").write_text(DIGEST)
    build = machine.run(spec)
    assert [call for call in build.calls if call.startswith("docker ")] == [
        f"docker login --username AWS --password-stdin {HOST}"
    ]
    assert DIGEST in (machine.source / "imagedefinitions.json").read_text()


@pytest.mark.parametrize(
    ("fails", "phase", "code"),
    [
        ("get-login-password", "pre_build", 9),
        ("login", "pre_build", 7),
        ("batch-get-image", "build", 9),
        ("build", "build", 7),
        ("push", "build", 7),
    ],
)
def test_what_fails_ends_the_build_and_leaves_nothing_to_deploy(
    machine: Machine, spec: Buildspec, fails: str, phase: str, code: int
) -> None:
    build = machine.run(spec, FAIL=fails)
    assert (build.phase, build.exit_code) == (phase, code)
    assert not (machine.source / "imagedefinitions.json").exists()


@pytest.mark.parametrize("answer", ["", "None", f"{DIGEST}\t{DIGEST}"])
def test_a_registry_that_answers_no_digest_ends_the_build(machine: Machine, spec: Buildspec, answer: str) -> None:
    build = machine.run(spec, DIGEST=answer)
    assert (build.phase, build.exit_code) == ("post_build", 1)
    assert f"error: the registry answers '{answer}' for {HOST}/dev-datalab-api:{COMMIT}, and a digest" in build.errors
    assert not (machine.source / "imagedefinitions.json").exists()
