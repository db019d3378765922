"""The provider plugin by its protocol: what the engine asks, what it is answered, and what is recorded of it."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from offline.aws.plugin import Plugin
from offline.operation_log import OperationLog
from offline.properties import UNKNOWN, from_struct, secret, to_struct

TOPIC = "aws:sns/topic:Topic"
VPC = "aws:ec2/vpc:Vpc"
GROUP = "aws:cloudwatch/logGroup:LogGroup"
REGION = {"region": "ap-northeast-2"}


def urn(type_token: str, name: str = "main") -> str:
    return f"urn:pulumi:dev::shop::shop:web:Site${type_token}::{name}"


class Refused(Exception):
    """What the engine would be told."""


class Context:
    """Stands for the call's context."""

    def abort(self, code: grpc.StatusCode, details: str) -> None:
        raise Refused(details)


class Engine:
    """The engine's side of one configured plugin."""

    def __init__(self, record: Path) -> None:
        self.log = OperationLog(record, stage="dev", mode="write")
        self.plugin = Plugin(self.log)
        self.plugin.Configure(provider_pb2.ConfigureRequest(args=to_struct(REGION)), Context())

    def create(self, type_token: str, inputs: dict[str, Any], *, preview: bool = False) -> Any:
        request = provider_pb2.CreateRequest(urn=urn(type_token), properties=to_struct(inputs), preview=preview)
        return self.plugin.Create(request, Context())

    def kinds(self) -> list[tuple[str, str]]:
        return [(operation.seed.rsplit("::", 1)[1], operation.kind) for operation in self.log.operations()]


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "dev.pulumi" / "aws.jsonl"


@pytest.fixture
def engine(record: Path) -> Generator[Engine]:
    found = Engine(record)
    yield found
    found.log.close()


def test_a_preview_answers_unknown_for_what_aws_computes_and_records_nothing(engine: Engine, record: Path) -> None:
    planned = engine.create(VPC, {"cidrBlock": "10.0.0.0/16"}, preview=True)
    outputs = from_struct(planned.properties)
    assert planned.id == ""
    assert (outputs["cidrBlock"], outputs["region"]) == ("10.0.0.0/16", "ap-northeast-2")
    # The second is optional as an input and never absent as an output: AWS chooses it where the program does not.
    assert (outputs["arn"], outputs["ipv6CidrBlockNetworkBorderGroup"]) == (UNKNOWN, UNKNOWN)
    assert "ipv4IpamPoolId" not in outputs
    assert not record.exists()


def test_operations_are_recorded_in_order_with_their_kind(engine: Engine, record: Path) -> None:
    made = engine.create(TOPIC, {"name": "orders"})
    assert made.id == "arn:aws:sns:ap-northeast-2:123456789012:orders"
    old = {"id": made.id, "urn": urn(TOPIC), "old_inputs": to_struct({"name": "orders"})}
    news = to_struct({"name": "orders", "displayName": secret("Orders")})
    changed = engine.plugin.Update(provider_pb2.UpdateRequest(**old, olds=made.properties, news=news), Context())
    assert from_struct(changed.properties)["displayName"] == "Orders"
    engine.plugin.Delete(provider_pb2.DeleteRequest(**old, properties=changed.properties), Context())
    assert engine.kinds() == [("main#0", "create"), ("main#1", "update"), ("main#2", "delete")]


def test_what_is_recorded_is_there_in_the_next_process(engine: Engine, record: Path) -> None:
    engine.create(GROUP, {"name": "/dev/api"})
    engine.log.close()
    again = Engine(record)
    with pytest.raises(
        Refused, match=r'^Creating aws:cloudwatch/logGroup:LogGroup "main": AWS refused logs:create_log'
    ):
        again.create(GROUP, {"name": "/dev/api"})
    assert again.kinds() == [("main#0", "create")]
    again.log.close()


def test_what_aws_refuses_is_the_resources_own_message_and_no_record(engine: Engine) -> None:
    engine.create(GROUP, {"name": "/dev/api"})
    with pytest.raises(
        Refused, match=r'^Creating aws:cloudwatch/logGroup:LogGroup "main": AWS refused logs:create_log'
    ):
        engine.create(GROUP, {"name": "/dev/api"})
    with pytest.raises(Refused, match=r"main: policy got a value that the offline AWS does not supply"):
        engine.create("aws:sqs/queue:Queue", {"name": "q", "policy": UNKNOWN})
    assert engine.kinds() == [("main#0", "create")]


@pytest.mark.parametrize(
    ("news", "reasons"),
    [
        ({"name": "orders", "tags": {"a": "b"}}, []),
        ({"nam": "x"}, ['the offline AWS does not send the property "nam"']),
        ({"region": "us-east-1"}, ['region "us-east-1" is not the stage\'s region ap-northeast-2']),
    ],
)
def test_check(engine: Engine, news: dict[str, Any], reasons: list[str]) -> None:
    request = provider_pb2.CheckRequest(urn=urn(TOPIC), news=to_struct(news))
    found = engine.plugin.Check(request, Context())
    assert len(found.failures) == len(reasons)
    assert all(reason in failure.reason for reason, failure in zip(reasons, found.failures, strict=True))


def test_a_name_that_was_filled_in_stays_when_the_resource_is_renamed(engine: Engine) -> None:
    request = provider_pb2.CheckRequest(urn=urn(TOPIC, "new"), news=to_struct({}), olds=to_struct({"name": "old-1a"}))
    assert from_struct(engine.plugin.Check(request, Context()).inputs) == {"name": "old-1a"}
    request = provider_pb2.CheckRequest(urn=urn(TOPIC, "new"), news=to_struct({}))
    assert from_struct(engine.plugin.Check(request, Context()).inputs)["name"].startswith("new-")


@pytest.mark.parametrize(
    ("type_token", "old", "new", "diffs", "replaces", "first"),
    [
        (TOPIC, {"name": "a"}, {"name": "a"}, [], [], False),
        (VPC, {"cidrBlock": "a"}, {"cidrBlock": "a", "tags": {"x": "1"}}, ["tags"], [], False),
        (VPC, {"cidrBlock": "a"}, {"cidrBlock": UNKNOWN}, ["cidrBlock"], ["cidrBlock"], False),
        ("aws:ec2/subnet:Subnet", {"cidrBlock": "a"}, {"cidrBlock": "b"}, ["cidrBlock"], ["cidrBlock"], True),
    ],
)
def test_diff(
    engine: Engine, type_token: str, old: Any, new: Any, diffs: list[str], replaces: list[str], first: bool
) -> None:
    request = provider_pb2.DiffRequest(urn=urn(type_token), old_inputs=to_struct(old), news=to_struct(new))
    found = engine.plugin.Diff(request, Context())
    assert (list(found.diffs), list(found.replaces), found.deleteBeforeReplace) == (diffs, replaces, first)
    some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
    assert found.changes == (some if diffs else none)


@pytest.mark.parametrize(
    ("settings", "reasons"),
    [
        (REGION, []),
        ({**REGION, "defaultTags": {"tags": {"a": "b"}}}, ["The AWS provider setting 'defaultTags' is not supported"]),
        ({"region": "eu-west-1"}, ["A second region (eu-west-1 beside ap-northeast-2) is not supported"]),
        ({}, ["aws:region is not set: pulumi config set aws:region ap-northeast-2"]),
    ],
)
def test_settings_of_the_provider(engine: Engine, settings: Any, reasons: list[str]) -> None:
    request = provider_pb2.CheckRequest(urn="x", news=to_struct(settings))
    found = engine.plugin.CheckConfig(request, Context())
    assert [failure.reason[: len(reason)] for failure, reason in zip(found.failures, reasons, strict=True)] == reasons


def test_data_sources(engine: Engine) -> None:
    request = provider_pb2.InvokeRequest(tok="aws:index/getCallerIdentity:getCallerIdentity", args=to_struct({}))
    answer = from_struct(getattr(engine.plugin.Invoke(request, Context()), "return"))
    assert answer["accountId"] == "123456789012"
    with pytest.raises(Refused, match="The offline AWS does not answer aws:kms/getKey:getKey"):
        engine.plugin.Invoke(provider_pb2.InvokeRequest(tok="aws:kms/getKey:getKey", args=to_struct({})), Context())


def test_what_the_program_alone_changes_is_read_as_recorded(engine: Engine) -> None:
    outputs = to_struct({"name": "a", "arn": "b"})
    request = provider_pb2.ReadRequest(id="x", urn=urn(TOPIC), properties=outputs, inputs=to_struct({"name": "a"}))
    found = engine.plugin.Read(request, Context())
    assert (found.id, from_struct(found.properties), from_struct(found.inputs)) == (
        "x",
        {"name": "a", "arn": "b"},
        {"name": "a"},
    )


def test_what_another_program_made_is_refused(engine: Engine) -> None:
    with pytest.raises(
        Refused, match=r"existing resource \(aws:ec2/vpc:Vpc 'vpc-1'\) is not supported by the offline AWS"
    ):
        engine.plugin.Read(provider_pb2.ReadRequest(id="vpc-1", urn=urn(VPC)), Context())
