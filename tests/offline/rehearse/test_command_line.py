"""What the name aws answers in a build, and where the answers come from."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest

from delivery.aws import RequestError
from offline.aws.provider import AwsProvider
from offline.engine.state import Journal
from offline.rehearse.artifacts import put_object
from offline.rehearse.command_line import Answer, answer
from offline.rehearse.errors import RehearsalError
from offline.stage import OfflineStage

DIGEST = f"sha256:{'a' * 64}"
ASK = ["ecr", "batch-get-image", "--region", "ap-northeast-2", "--repository-name", "dev-api", "--image-ids"]
QUERY = ["--query", "images[].imageId.imageDigest", "--output", "text"]


class FakeRegistry:
    """A registry with one tag."""

    password = "secret"
    down = False

    def digest(self, repository: str, reference: str) -> str | None:
        if self.down:
            raise RehearsalError("The registry cannot be reached.")
        return DIGEST if (repository, reference) == ("dev-api", "1") else None


@pytest.fixture
def stage(tmp_path: Path) -> Any:
    with contextlib.closing(Journal(tmp_path / "state", "dev", mode="write")) as journal:
        found = OfflineStage(AwsProvider(region="ap-northeast-2"), journal)
        with found.change("test"):
            found.call("ecr", "create_repository", repositoryName="dev-api")
            found.call(
                "s3",
                "create_bucket",
                Bucket="scripts",
                CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"},
            )
        yield found


@pytest.fixture
def registry() -> Any:
    return FakeRegistry()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["ecr", "get-login-password", "--region", "ap-northeast-2"], Answer(output="secret\n")),
        ([*ASK, "imageTag=1", *QUERY], Answer(output=f"{DIGEST}\n")),
        ([*ASK, "imageTag=2", *QUERY], Answer()),
        ([*ASK, "imageTag=1", "imageTag=1", *QUERY], Answer(output=f"{DIGEST}\t{DIGEST}\n")),
    ],
)
def test_ecr_is_answered_from_the_registry(
    stage: OfflineStage, registry: Any, tmp_path: Path, words: list[str], expected: Answer
) -> None:
    assert answer(words, folder=tmp_path, stage=stage, registry=registry) == expected


def test_a_whole_answer_is_json(stage: OfflineStage, registry: Any, tmp_path: Path) -> None:
    found = answer([*ASK, "imageTag=2"], folder=tmp_path, stage=stage, registry=registry)
    assert '"failureCode": "ImageNotFound"' in found.output


def test_a_repository_that_is_not_in_the_stage_is_refused(stage: OfflineStage, registry: Any, tmp_path: Path) -> None:
    words = ["dev-other" if word == "dev-api" else word for word in ASK]
    found = answer([*words, "imageTag=1", *QUERY], folder=tmp_path, stage=stage, registry=registry)
    assert (found.output, found.exit_status) == ("", 254)
    assert "RepositoryNotFoundException" in found.error


def test_a_registry_that_is_down_is_an_error(stage: OfflineStage, registry: Any, tmp_path: Path) -> None:
    registry.down = True
    found = answer([*ASK, "imageTag=1", *QUERY], folder=tmp_path, stage=stage, registry=registry)
    assert found == Answer(error="aws: The registry cannot be reached.\n", exit_status=254)


@pytest.mark.parametrize(
    ("target", "written"), [("delivery/a.py", "delivery/a.py"), ("there/", "there/a.py"), (".", "a.py")]
)
def test_an_object_becomes_a_file(
    stage: OfflineStage, registry: Any, tmp_path: Path, target: str, written: str
) -> None:
    put_object(stage, bucket="scripts", key="x/a.py", content=b"\x00\n")
    words = ["s3", "cp", "--only-show-errors", "s3://scripts/x/a.py", target]
    assert answer(words, folder=tmp_path, stage=stage, registry=registry) == Answer()
    assert (tmp_path / written).read_bytes() == b"\x00\n"


def test_an_object_that_is_missing(stage: OfflineStage, registry: Any, tmp_path: Path) -> None:
    found = answer(["s3", "cp", "s3://scripts/x", "y"], folder=tmp_path, stage=stage, registry=registry)
    assert found.exit_status == 254
    assert found.error.startswith("aws: s3://scripts/x cannot be read: NoSuchKey")
    assert not (tmp_path / "y").exists()


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["ec2", "describe-vpcs"],
        ["ecr", "batch-get-image", "--repository-name", "dev-api"],
        [*ASK, "1", *QUERY],
        ["s3", "cp", "here", "s3://scripts/x"],
        [*ASK, "imageTag=1", "--output", "text"],
    ],
)
def test_what_is_not_rehearsed_is_refused(stage: OfflineStage, registry: Any, tmp_path: Path, words: list[str]) -> None:
    found = answer(words, folder=tmp_path, stage=stage, registry=registry)
    assert (found.output, found.exit_status) == ("", 252)
    assert found.error.startswith("aws: not rehearsed: ")


def test_an_artifact_is_not_kept_in_the_record(stage: OfflineStage) -> None:
    put_object(stage, bucket="scripts", key="x", content=b"1")
    with pytest.raises(RehearsalError, match=r"s3://other/x cannot be written: NoSuchBucket"):
        put_object(stage, bucket="other", key="x", content=b"1")
    with pytest.raises(RequestError), stage.change("test"):
        stage.call("ecr", "create_repository", repositoryName="dev-api")
    assert "put_object" not in {call["operation"] for call in stage.provider.call_log}
