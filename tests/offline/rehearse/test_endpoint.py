"""The endpoint that the delivery scripts talk to: boto3 as a build uses it, recorded as the pipeline's."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Generator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from offline.aws.provider import AwsProvider
from offline.engine.state import Journal
from offline.rehearse.endpoint import Endpoint, running_endpoint
from offline.stage import OfflineStage


class FakeRegistry:
    """Only its password is asked for."""

    password = "secret"


@pytest.fixture
def journal(tmp_path: Path) -> Generator[Journal]:
    with contextlib.closing(Journal(tmp_path / "state", "dev", mode="write")) as found:
        yield found


@pytest.fixture
def endpoint(journal: Journal) -> Generator[Endpoint]:
    stage = OfflineStage(AwsProvider(region="ap-northeast-2"), journal)
    registry: Any = FakeRegistry()
    with running_endpoint(stage, registry, actor="pipeline dev-api") as found:
        yield found


def client(endpoint: Endpoint, service: str, *, key: str | None = None) -> Any:
    return boto3.client(
        service,
        region_name="ap-northeast-2",
        endpoint_url=endpoint.url,
        aws_access_key_id=key or endpoint.key,
        aws_secret_access_key=endpoint.key,
    )


def test_changes_are_recorded_under_who_made_them_and_looks_are_not(endpoint: Endpoint, journal: Journal) -> None:
    ssm = client(endpoint, "ssm")
    ssm.put_parameter(Name="/dev/images/api", Value="r@sha256:0", Type="String")
    assert ssm.get_parameter(Name="/dev/images/api")["Parameter"]["Value"] == "r@sha256:0"
    [operation] = journal.operations()
    assert operation.seed == "pipeline dev-api#0"
    assert [(call["service"], call["operation"]) for call in operation.calls] == [("ssm", "put_parameter")]


def test_times_come_over(endpoint: Endpoint) -> None:
    ecs = client(endpoint, "ecs")
    container = {"name": "api", "image": "i", "memory": 128}
    registered = ecs.register_task_definition(family="api", containerDefinitions=[container])["taskDefinition"]
    assert registered["registeredAt"].year >= 2026


def test_refusals_keep_their_code_and_say_it_once(endpoint: Endpoint, journal: Journal) -> None:
    with pytest.raises(ClientError) as failure:
        client(endpoint, "ssm").get_parameter(Name="/absent")
    assert failure.value.response["Error"]["Code"] == "ParameterNotFound"
    assert "AWS refused" not in failure.value.response["Error"]["Message"]
    assert journal.operations() == []


def test_nobody_else_is_answered(endpoint: Endpoint) -> None:
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        client(endpoint, "ssm", key="AKIAOTHER").get_parameter(Name="/x")
    question = {"key": "other", "arguments": ["ecr", "get-login-password"], "folder": "/"}
    request = urllib.request.Request(f"{endpoint.url}/command-line", data=json.dumps(question).encode())
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request)


def test_what_fails_inside_is_an_answer(endpoint: Endpoint) -> None:
    request = urllib.request.Request(f"{endpoint.url}/command-line", data=b"no json")
    with pytest.raises(urllib.error.HTTPError) as failure:
        urllib.request.urlopen(request)
    assert failure.value.code == 500
    assert json.load(failure.value)["__type"] == "InternalFailure"


def test_the_program_aws_prints_the_answer(endpoint: Endpoint, project_root: Path) -> None:
    program = project_root / "offline" / "rehearse" / "aws.py"
    variables = {"PATH": os.environ["PATH"], **endpoint.variables()}

    def aws(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", str(program), *words]
        return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)

    done = aws("ecr", "get-login-password")
    assert (done.returncode, done.stdout, done.stderr) == (0, "secret\n", "")
    refused = aws("sts", "get-caller-identity")
    assert (refused.returncode, refused.stdout) == (252, "")
    assert refused.stderr.startswith("aws: not rehearsed: sts get-caller-identity: ")


def test_the_program_aws_without_a_rehearsal(project_root: Path) -> None:
    program = project_root / "offline" / "rehearse" / "aws.py"
    variables = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_SECRET_ACCESS_KEY": "x"}
    done = subprocess.run(
        [sys.executable, "-I", str(program), "ecr"], env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 255
    assert done.stderr.startswith("aws: the rehearsal does not answer: ")
