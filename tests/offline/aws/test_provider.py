"""What the engine asks the provider before and beside requests."""

import subprocess
import sys
from pathlib import Path

import pytest

from offline.aws.handler import AwsError, AwsInputError, RecordedOperation
from offline.aws.provider import AwsProvider
from offline.aws.types import MODULE_OF
from offline.properties import UNKNOWN

URN = "urn:pulumi:dev::category-analyzer::{}::main"


@pytest.fixture
def provider() -> AwsProvider:
    return AwsProvider(region="ap-northeast-2")


def _check(provider: AwsProvider, type_token: str, inputs: dict[str, object]) -> dict[str, object]:
    return provider.check(type_token, URN.format(type_token), inputs)


def test_an_absent_name_follows_from_the_urn(provider: AwsProvider) -> None:
    checked = _check(provider, "aws:iam/role:Role", {"assumeRolePolicy": "{}"})
    assert checked == {"assumeRolePolicy": "{}", "name": "main-6033e56"}


def test_nulls_go_and_whole_floats_become_integers(provider: AwsProvider) -> None:
    inputs = {"name": "/dev/api", "retentionInDays": 30.0, "kmsKeyId": None, "tags": {"Stage": "dev", "Empty": None}}
    checked = _check(provider, "aws:cloudwatch/logGroup:LogGroup", inputs)
    assert checked == {"name": "/dev/api", "retentionInDays": 30, "tags": {"Stage": "dev"}}
    assert isinstance(checked["retentionInDays"], int)


def test_unknown_values_pass(provider: AwsProvider) -> None:
    inputs = {"vpcId": UNKNOWN, "region": UNKNOWN}
    assert _check(provider, "aws:ec2/internetGateway:InternetGateway", inputs) == {"vpcId": UNKNOWN}


def test_every_problem_of_the_inputs_is_named_at_once(provider: AwsProvider) -> None:
    with pytest.raises(AwsInputError) as caught:
        _check(provider, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", {"rolle": "x", "region": "us-east-1"})
    assert caught.value.problems == (
        'aws:iam/rolePolicyAttachment:RolePolicyAttachment "main": the offline AWS does not send the property "rolle". '
        "Leave it out, or teach its handler to send it; known are policyArn, role.",
        'aws:iam/rolePolicyAttachment:RolePolicyAttachment "main": the required property "policyArn" is missing.',
        'aws:iam/rolePolicyAttachment:RolePolicyAttachment "main": the required property "role" is missing.',
        'aws:iam/rolePolicyAttachment:RolePolicyAttachment "main": region "us-east-1" is not the stage\'s region '
        "ap-northeast-2; one is supported.",
    )


def test_unsupported_types_are_refused_by_name(provider: AwsProvider) -> None:
    assert provider.supports("aws:ec2/vpc:Vpc")
    assert not provider.supports("aws:lambda/function:Function")
    with pytest.raises(AwsInputError, match=r"^The offline AWS does not support resources of type aws:lambda/function"):
        _check(provider, "aws:lambda/function:Function", {})


def test_replacement_rules(provider: AwsProvider) -> None:
    assert provider.replace_keys("aws:ec2/vpc:Vpc") == {"cidrBlock", "instanceTenancy", "assignGeneratedIpv6CidrBlock"}
    assert provider.replace_keys("aws:iam/rolePolicyAttachment:RolePolicyAttachment") == {"*"}
    assert provider.delete_before_replace("aws:ec2/subnet:Subnet")
    assert not provider.delete_before_replace("aws:lb/targetGroup:TargetGroup")


def test_a_refused_creation_names_the_resource(provider: AwsProvider) -> None:
    urn = URN.format("aws:ec2/subnet:Subnet")
    inputs = {"vpcId": "vpc-0123456789abcdef0", "cidrBlock": "192.168.0.0/24"}
    with pytest.raises(AwsError) as caught:
        provider.create("aws:ec2/subnet:Subnet", urn, inputs, seed="s#1")
    assert str(caught.value) == (
        'Creating aws:ec2/subnet:Subnet "main": AWS refused ec2:create_subnet with InvalidSubnet.Range: '
        "The CIDR '192.168.0.0/24' is invalid."
    )
    assert caught.value.code == "InvalidSubnet.Range"


@pytest.mark.parametrize(("type_token", "seed"), [("aws:ec2/vpc:Vpc", "pipeline#0"), ("aws:ecs/service:Service", URN)])
def test_what_only_the_program_changes_is_read_as_recorded(provider: AwsProvider, type_token: str, seed: str) -> None:
    """A type that nothing else changes, and every type while nothing but the program made an operation."""
    provider.replay([RecordedOperation(seed=seed, calls=[])])
    read = provider.read(type_token, URN, "vpc-1", {}, {"cidrBlock": "10.0.0.0/16"})
    assert (read.id, read.outputs) == ("vpc-1", {"cidrBlock": "10.0.0.0/16"})


def test_a_preview_imports_neither_the_sdk_nor_moto(project_root: Path) -> None:
    program = """
import sys
from offline.aws.provider import AwsProvider
from offline.aws.types import MODULE_OF
provider = AwsProvider(region="ap-northeast-2")
for type_token in MODULE_OF:
    provider.replace_keys(type_token)
for name in ("getCallerIdentity", "getRegion", "getPartition", "getAvailabilityZones"):
    provider.invoke(f"aws:index/{name}:{name}", {})
provider.invoke("aws:ssm/getParametersByPath:getParametersByPath", {"path": "/dev/images"})
provider.replay([])
sys.exit(", ".join({"boto3", "botocore", "moto"} & set(sys.modules)) or None)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=project_root, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("token", sorted(MODULE_OF))
def test_an_unknown_property_is_refused_by_type_and_name(provider: AwsProvider, token: str) -> None:
    known = dict.fromkeys(provider._handler(token).required, "x")
    with pytest.raises(AwsInputError) as caught:
        provider.check(token, f"urn:pulumi:dev::p::{token}::thing", {**known, "frobnicate": True})
    (problem,) = caught.value.problems
    assert problem.startswith(
        f'{token} "thing": the offline AWS does not send the property "frobnicate". Leave it out, or '
    )
