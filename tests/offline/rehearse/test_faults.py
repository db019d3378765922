"""What goes wrong in a delivery: each fault ends with its stage and its reason, and the stage is as it was."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from delivery.aws import RequestError
from offline.engine.errors import StateError
from offline.rehearse import rehearsal
from offline.rehearse.errors import CommandError, RehearsalError
from offline.rehearse.registry import Registry, running_registry

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("real_parts")]
Bench = Any
Git = Callable[..., str]


@contextlib.contextmanager
def nothing_deployed(bench: Bench) -> Generator[None]:
    """The record of the stage is the same afterwards, to the byte, and nothing else is left."""
    before = bench.record()
    yield
    assert bench.record() == before
    assert sorted(path.name for path in bench.state.iterdir()) == ["dev.jsonl", "dev.key"]


def test_a_failing_build(bench: Bench, repository: Path, git: Git) -> None:
    git("-C", repository, "switch", "--quiet", "develop")
    (repository / "Dockerfile").write_text("FROM scratch\nCOPY absent.mjs ./\n")
    git("-C", repository, "commit", "--quiet", "--all", "-m", "Broken")
    with nothing_deployed(bench), pytest.raises(CommandError) as failure:
        bench.rehearse(repository)
    lines = str(failure.value).splitlines()
    assert lines[0] == "Build: CodeBuild dev-datalab-api-build, phase build failed."
    assert lines[1].startswith("  command: docker build --platform linux/arm64 --tag 123456789012.dkr.ecr.")
    assert lines[2] == f"  exit status: {failure.value.exit_status}"
    assert failure.value.exit_status not in (0, -9)
    assert "absent.mjs" in "".join(lines[4:])


def test_a_missing_env_file(bench: Bench, repository: Path, git: Git) -> None:
    git("-C", repository, "switch", "--quiet", "develop")
    git("-C", repository, "rm", "--quiet", ".env.development")
    git("-C", repository, "commit", "--quiet", "-m", "No env file")
    with nothing_deployed(bench), pytest.raises(CommandError) as failure:
        bench.rehearse(repository)
    assert str(failure.value).splitlines() == [
        "Build: CodeBuild dev-datalab-api-build, phase pre_build failed.",
        "  command: exit 1",
        "  exit status: 1",
        "  output:",
        "    error: .env.development is not in the source: add it to the branch, or set ENVIRONMENT to a stage that has one.",
    ]


def test_a_registry_that_is_down_when_the_image_is_pushed(
    bench: Bench, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running: list[Registry] = []

    @contextlib.contextmanager
    def noted(folder: Path) -> Generator[Registry]:
        with running_registry(folder) as registry:
            running.append(registry)
            yield registry

    def stop_it(line: str) -> None:
        if "STEP" in line or "COPY" in line:
            running[0].process.kill()
            running[0].process.wait()

    monkeypatch.setattr(rehearsal, "running_registry", noted)
    with nothing_deployed(bench), pytest.raises(CommandError) as failure:
        bench.rehearse(sample, report=stop_it)
    lines = str(failure.value).splitlines()
    assert lines[0] == "Build: CodeBuild dev-datalab-api-build, phase build failed."
    assert lines[1].startswith(
        "  command: docker push 123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/dev-datalab-api:"
    )
    assert "connection refused" in lines[-1]


def test_a_branch_that_is_missing(bench: Bench, repository: Path, git: Git) -> None:
    git("-C", repository, "branch", "--quiet", "-D", "develop")
    with nothing_deployed(bench), pytest.raises(RehearsalError) as failure:
        bench.rehearse(repository)
    assert str(failure.value) == (
        "Source (CodeCommit): there is no branch 'develop' in the source; there are: main. Push to develop, or change the "
        "branch that the stage takes (pipeline.branch in Pulumi.dev.yaml)."
    )


def test_a_service_that_is_missing(bench: Bench, sample: Path) -> None:
    bench.change("ecs", "delete_service", cluster="dev-item", service="dev-datalab-api", force=True)
    with nothing_deployed(bench), pytest.raises(RequestError) as failure:
        bench.rehearse(sample)
    assert str(failure.value) == (
        "There is no active service dev-datalab-api in the cluster dev-item: bring the stage up first."
    )


DIGEST = f"sha256:{'a' * 64}"
DEFINITIONS = {
    "unknown container": (
        f'[{{"name": "proxy", "imageUri": "r@{DIGEST}"}}]',
        "imagedefinitions.json names the container 'proxy', which dev-datalab-api:1 does not have; it has datalab-api, otel-collector.",
    ),
    "malformed": ('[{"name": ', "imagedefinitions.json is not JSON: line 1, column 11: Expecting value."),
    "a tag": (
        '[{"name": "datalab-api", "imageUri": "r:latest"}]',
        "imagedefinitions.json, entry 1: imageUri of 'datalab-api' must be an image by digest",
    ),
    "too large": (
        f'[{{"name": "{"a" * 100_000}", "imageUri": "r@{DIGEST}"}}]',
        "imagedefinitions.json has more than 100,000 bytes, the most that CodePipeline takes",
    ),
}


@pytest.mark.parametrize(
    ("action", "fault"),
    [*(("HandOver", fault) for fault in DEFINITIONS), ("Deploy", "unknown container"), ("Deploy", "malformed")],
)
def test_image_definitions_that_cannot_be_deployed(bench: Bench, sample: Path, action: str, fault: str) -> None:
    content, problem = DEFINITIONS[fault]
    bench.change_build(script=f"printf '%s' {_quoted(content)} > imagedefinitions.json")
    if action == "Deploy":
        bench.leave_out("HandOver")
    with nothing_deployed(bench), pytest.raises(RehearsalError) as failure:
        bench.rehearse(sample)
    assert str(failure.value).startswith(
        f"Deploy{': HandOver: CodeBuild' if action == 'HandOver' else ' (ECS) failed.'}"
    )
    assert problem in str(failure.value)


def _quoted(text: str) -> str:
    return f"'{text}'"


def test_image_definitions_that_were_not_written(bench: Bench, sample: Path) -> None:
    bench.change_build(script="true")
    with nothing_deployed(bench), pytest.raises(RehearsalError) as failure:
        bench.rehearse(sample)
    assert str(failure.value) == (
        "Build: CodeBuild dev-datalab-api-build: the artifact's file imagedefinitions.json was not written."
    )


def test_an_image_that_no_task_could_pull(bench: Bench, sample: Path) -> None:
    before = bench.seen()
    image = f"123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/dev-datalab-api@{DIGEST}"
    content = f'[{{"name": "datalab-api", "imageUri": "{image}"}}]'
    bench.change_build(script=f"printf '%s' {_quoted(content)} > imagedefinitions.json")
    with pytest.raises(RehearsalError) as failure:
        bench.rehearse(sample)
    assert str(failure.value) == (
        f"Deploy (ECS) failed.\n  No task could start: the registry does not hold {image}, the image of datalab-api."
    )
    assert bench.told[-1] == "rolled back: dev-datalab-api runs dev-datalab-api:1 as before"
    assert bench.seen() == before


def test_a_failing_verification_rolls_the_service_back(bench: Bench, sample: Path) -> None:
    before = bench.seen()
    bench.leave_out("HandOver")  # then the placeholder's command stays, and the verification refuses it
    with pytest.raises(CommandError, match="Deploy: Verify: CodeBuild dev-verify, phase build failed"):
        bench.rehearse(sample)
    assert "rolled back: dev-datalab-api runs dev-datalab-api:1 as before" in bench.told
    assert bench.seen() == before


def test_two_rehearsals_at_once(bench: Bench, sample: Path) -> None:
    refusals: list[str] = []

    def second(line: str) -> None:
        if line.startswith("Build") and not refusals:
            with pytest.raises(StateError) as failure:
                bench.rehearse(sample)
            refusals.append(str(failure.value))

    bench.rehearse(sample, report=second)
    assert refusals == [f"Another run works on stage 'dev' (lock {bench.state / 'dev.lock'}). Wait until it has ended."]
    assert bench.seen()["revision"] == "dev-datalab-api:3"


def test_a_stage_without_the_pipeline(bench: Bench, sample: Path) -> None:
    with nothing_deployed(bench), pytest.raises(RehearsalError) as failure:
        bench.rehearse(sample, name="dev-search-api")
    assert str(failure.value) == (
        "The recorded stage dev has no pipeline dev-search-api. Pipelines come with pipeline.enabled: true in "
        "Pulumi.dev.yaml and deploy: true of the service; then run ./run up -s dev."
    )


def test_the_command_says_what_failed(
    bench: Bench, repository: Path, git: Git, capsys: pytest.CaptureFixture[str]
) -> None:
    git("-C", repository, "branch", "--quiet", "-D", "develop")
    code = main(["rehearse", "datalab-api", "-s", "dev", "--source", str(repository), "--state", str(bench.state)])
    error = capsys.readouterr().err
    assert code == 1
    assert error.startswith("error: Source (CodeCommit): there is no branch 'develop' in the source; there are: main.")
    assert error.endswith("rehearsal failed\n")
