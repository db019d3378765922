"""The buildspecs' scripts, run by a shell with stand-ins for docker and aws that write down how they are called."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from components.calc.buildspec import Buildspec, Scripts, deployment_buildspec, image_buildspec, promotion_buildspec
from delivery.__main__ import build_parser

COMMIT = "0123456789abcdef0123456789abcdef01234567"
DIGEST = f"sha256:{'ab' * 32}"
HOST = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com"
ASK = (
    "aws ecr batch-get-image --region ap-northeast-2 --repository-name dev-datalab-api "
    f"--image-ids imageTag={COMMIT} --query images[].imageId.imageDigest --output text"
)
# What was pushed lies in the folder `registry`; docker fails at the verb that FAIL names.
STAND_INS = {
    "docker": """\
printf 'docker %s\\n' "$*" >> "$LOG"
[ "$1" != "${FAIL:-}" ] || exit 7
case $1 in
  login) cat > /dev/null ;;
  build) ls -A "${@: -1}" | sort > "$LOG.context" ;;
  push) case $2 in *:cache) ;; *) printf '%s' "$DIGEST" > registry ;; esac ;;
esac
""",
    "aws": """\
printf 'aws %s\\n' "$*" >> "$LOG"
[ "$2" != "${FAIL:-}" ] || exit 9
case $2 in
  get-login-password) echo secret ;;
  batch-get-image) cat registry 2>/dev/null || true ;;
  cp) mkdir -p "$(dirname "$5")" && echo ok > "$5" ;;
esac
""",
    "python3": 'printf \'python3 %s\\n\' "$*" >> "$LOG"\n',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """How a build ended: in which phase, with what, and what it called."""

    phase: str
    exit_code: int
    errors: str
    calls: tuple[str, ...]
    context: tuple[str, ...]


class Machine:
    """A source folder and a shell, as CodeBuild gives them to a buildspec."""

    def __init__(self, folder: Path) -> None:
        self.source, self._tools, self._log = folder / "source", folder / "bin", folder / "log"
        self.source.mkdir()
        self._tools.mkdir()
        for name, script in STAND_INS.items():
            tool = self._tools / name
            tool.write_text(f"#!/bin/bash\nset -euo pipefail\n{script}")
            tool.chmod(0o755)
        (self.source / "Dockerfile").write_text("FROM scratch\n")
        (self.source / ".env.development").write_text("A=1\n")

    def run(self, spec: Buildspec, **variables: str) -> Build:
        """Run the phases as CodeBuild does: a failed one ends the build."""
        self._log.write_text("")
        environment = {
            "PATH": f"{self._tools}:{os.environ['PATH']}",
            "LOG": str(self._log),
            "DIGEST": DIGEST,
            "AWS_REGION": "ap-northeast-2",
            "CODEBUILD_RESOLVED_SOURCE_VERSION": COMMIT,
            "ENVIRONMENT": "development",
            "REPOSITORY_URI": f"{HOST}/dev-datalab-api",
            "CACHE_URI": f"{HOST}/dev-datalab-api-cache",
            "CONTAINER_NAME": "datalab-api",
            **variables,
        }
        reached, code, errors = "", 0, ""
        for phase, script in scripts(spec).items():
            reached = phase
            done = subprocess.run(
                ["bash", "-c", script], cwd=self.source, env=environment, capture_output=True, text=True, check=False
            )
            code, errors = done.returncode, done.stderr
            if code:
                break
        context = Path(f"{self._log}.context")
        return Build(
            phase=reached,
            exit_code=code,
            errors=errors,
            calls=tuple(self._log.read_text().splitlines()),
            context=tuple(context.read_text().split()) if context.exists() else (),
        )


def scripts(spec: Buildspec) -> dict[str, str]:
    phases: Any = spec["phases"]
    assert {tuple(phase) for phase in phases.values()} == {("on-failure", "commands")}
    assert {phase["on-failure"] for phase in phases.values()} == {"ABORT"}
    return {name: "\n".join(phase["commands"]) for name, phase in phases.items()}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def spec() -> Buildspec:
    return image_buildspec(architecture="ARM64", bake_env=False)


def test_the_image_is_built_tagged_with_the_commit_pushed_and_named_by_the_registrys_digest(
    machine: Machine, spec: Buildspec
) -> None:
    build = machine.run(spec)
    image = f"{HOST}/dev-datalab-api:{COMMIT}"
    cache = f"{HOST}/dev-datalab-api-cache:cache"
    context = build.calls[3].split()[-1]
    assert (build.exit_code, build.errors) == (0, "")
    assert build.calls == (
        "aws ecr get-login-password --region ap-northeast-2",
        f"docker login --username AWS --password-stdin {HOST}",
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


SCRIPTS = Scripts(bucket="dev-artifacts", prefix="delivery/0abc", files=["delivery/verify.py", "delivery/__main__.py"])
FETCH = (
    "aws s3 cp --only-show-errors s3://dev-artifacts/delivery/0abc/delivery/__main__.py delivery/__main__.py",
    "aws s3 cp --only-show-errors s3://dev-artifacts/delivery/0abc/delivery/verify.py delivery/verify.py",
)


DEPLOYMENT = deployment_buildspec(
    SCRIPTS,
    cluster="dev-item",
    service="dev-tracking-api",
    parameter="/dev/images/tracking-api",
    job_families=["dev-b-batch", "dev-a-batch"],
)
PROMOTION = promotion_buildspec(SCRIPTS, source_parameter="/dev/images/datalab-api")
DEPLOYED = (
    "--region ap-northeast-2 --image-definitions imagedefinitions.json --cluster dev-item --service dev-tracking-api"
)


@pytest.mark.parametrize(
    ("step", "command"),
    [
        ("hand-over", f"python3 -m delivery hand-over {DEPLOYED}"),
        (
            "verify",
            f"python3 -m delivery verify {DEPLOYED} --parameter /dev/images/tracking-api "
            "--job-family dev-a-batch --job-family dev-b-batch",
        ),
    ],
)
def test_the_steps_around_the_deployment_fetch_the_scripts_and_name_it(
    machine: Machine, step: str, command: str
) -> None:
    build = machine.run(DEPLOYMENT, STEP=step)
    assert (build.exit_code, build.calls) == (0, (*FETCH, command))
    assert "artifacts" not in DEPLOYMENT


def test_an_unknown_step_ends_the_build(machine: Machine) -> None:
    build = machine.run(DEPLOYMENT, STEP="deploy")
    assert (build.phase, build.exit_code, build.errors) == ("build", 1, "error: STEP is 'deploy'\n")


def test_promotion_takes_the_other_stages_image_to_this_repository(machine: Machine) -> None:
    assert machine.run(PROMOTION).calls == (
        *FETCH,
        "python3 -m delivery promote --region ap-northeast-2 --image-definitions imagedefinitions.json "
        f"--parameter /dev/images/datalab-api --repository-uri {HOST}/dev-datalab-api --container datalab-api",
    )
    assert PROMOTION["artifacts"] == {"files": ["imagedefinitions.json"]}


@pytest.mark.parametrize(
    ("spec", "variables"), [(PROMOTION, {}), (DEPLOYMENT, {"STEP": "verify"}), (DEPLOYMENT, {"STEP": "hand-over"})]
)
def test_the_delivery_scripts_take_these_commands(machine: Machine, spec: Buildspec, variables: dict[str, str]) -> None:
    [command] = [call for call in machine.run(spec, **variables).calls if call.startswith("python3 ")]
    assert build_parser().parse_args(command.split()[3:]).region == "ap-northeast-2"


def test_scripts_that_cannot_be_fetched_end_the_build(machine: Machine) -> None:
    build = machine.run(PROMOTION, FAIL="cp")
    assert (build.phase, build.exit_code, build.calls) == ("pre_build", 9, FETCH[:1])


@pytest.mark.parametrize(
    "spec",
    [
        image_buildspec(architecture="ARM64", bake_env=True),
        PROMOTION,
        DEPLOYMENT,
    ],
)
def test_every_script_ends_at_its_first_failure(spec: Mapping[str, object]) -> None:
    assert spec["env"] == {"shell": "bash"}
    assert all(script.startswith("set -euo pipefail\n") for script in scripts(spec).values())
