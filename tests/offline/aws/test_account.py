"""Requests, records and their replay."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from offline.aws.account import Account
from offline.aws.handler import AwsError, RecordedOperation


@pytest.fixture
def aws() -> Account:
    return Account(region="ap-northeast-2")


def _vpcs(aws: Account) -> dict[str, str]:
    return {vpc["CidrBlock"]: vpc["VpcId"] for vpc in aws.call("ec2", "describe_vpcs")["Vpcs"]}


def _make_vpc(aws: Account, seed: str, cidr: str) -> RecordedOperation:
    with aws.operation(seed):
        aws.call("ec2", "create_vpc", CidrBlock=cidr)
    return RecordedOperation(seed=seed, calls=aws.operation_calls)


def test_mutating_calls_are_recorded_and_reads_are_only_logged(aws: Account) -> None:
    with aws.operation("urn#1"):
        vpc = aws.call("ec2", "create_vpc", CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        aws.call("ec2", "describe_vpcs", VpcIds=[vpc])
    (recorded,) = aws.operation_calls
    assert (recorded["service"], recorded["operation"]) == ("ec2", "create_vpc")
    assert recorded["params"] == {"CidrBlock": "10.0.0.0/16"}
    assert len(recorded["answer"]) == 12
    assert [entry["operation"] for entry in aws.call_log] == ["create_vpc", "describe_vpcs"]
    assert json.loads(json.dumps(aws.operation_calls)) == aws.operation_calls


def test_a_mutating_call_needs_an_operation(aws: Account) -> None:
    with pytest.raises(RuntimeError, match="ec2:create_vpc changes AWS and must be called inside operation"):
        aws.call("ec2", "create_vpc", CidrBlock="10.0.0.0/16")


def test_replay_gives_the_same_ids_in_a_fresh_aws(aws: Account) -> None:
    operations = [_make_vpc(aws, f"urn-{index}#1", f"10.{index}.0.0/16") for index in range(3)]
    fresh = Account(region="ap-northeast-2")
    fresh.replay(operations)
    assert fresh.settle() == 3
    assert _vpcs(fresh) == _vpcs(aws)


def test_ids_do_not_depend_on_what_else_was_made(aws: Account) -> None:
    operations = [_make_vpc(aws, f"urn-{index}#1", f"10.{index}.0.0/16") for index in range(3)]
    fresh = Account(region="ap-northeast-2")
    fresh.replay([operations[2], operations[0]])
    expected = _vpcs(aws)
    del expected["10.1.0.0/16"]
    assert _vpcs(fresh) == expected


def test_ids_do_not_depend_on_reads_between_the_calls(aws: Account) -> None:
    other = Account(region="ap-northeast-2")
    for target, reads in ((aws, 0), (other, 3)):
        with target.operation("urn#1"):
            target.call("ec2", "create_vpc", CidrBlock="10.0.0.0/16")
            for _ in range(reads):
                target.call("ec2", "describe_availability_zones")
                target.call("sts", "get_session_token")
            target.call("ec2", "create_vpc", CidrBlock="10.1.0.0/16")
    assert _vpcs(other) == _vpcs(aws)


def test_equal_calls_of_one_operation_and_of_two_seeds_differ_in_their_ids(aws: Account) -> None:
    with aws.operation("urn#1"):
        ids = [aws.call("ec2", "allocate_address")["AllocationId"] for _ in range(3)]
    with aws.operation("urn#2"):
        ids.append(aws.call("ec2", "allocate_address")["AllocationId"])
    assert len(set(ids)) == 4


def test_two_offline_clouds_in_one_process_do_not_see_each_other(aws: Account) -> None:
    other = Account(region="ap-northeast-2")
    _make_vpc(aws, "a#1", "10.1.0.0/16")
    with other.operation("b#1"):
        other.call(
            "s3",
            "create_bucket",
            Bucket="one-name-for-all",
            CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"},
        )
    assert aws.call("s3", "list_buckets")["Buckets"] == []
    assert "10.1.0.0/16" not in _vpcs(other)
    assert "10.1.0.0/16" in _vpcs(aws)
    assert [bucket["Name"] for bucket in other.call("s3", "list_buckets")["Buckets"]] == ["one-name-for-all"]


def test_two_accounts_have_their_own_arns() -> None:
    aws = Account(region="eu-west-1", account_id="210987654321")
    with aws.operation("urn#1"):
        arn = aws.call("iam", "create_user", UserName="git")["User"]["Arn"]
        topic = aws.call("sns", "create_topic", Name="alerts")["TopicArn"]
    assert (arn, topic) == ("arn:aws:iam::210987654321:user/git", "arn:aws:sns:eu-west-1:210987654321:alerts")


def test_replay_refuses_other_ids_than_the_recorded(aws: Account) -> None:
    operation = _make_vpc(aws, "urn#1", "10.0.0.0/16")
    fresh = Account(region="ap-northeast-2")
    fresh.replay([RecordedOperation(seed="another#1", calls=operation.calls)])
    with pytest.raises(AwsError) as caught:
        fresh.settle()
    assert str(caught.value) == (
        "The recorded state does not fit this version: call 1 of another#1 (ec2:create_vpc) is now answered with other "
        "ids. Delete this stage's state file and run `up` again, or go back to the version that wrote it."
    )


def test_replay_refuses_a_request_that_now_fails(aws: Account) -> None:
    operation = _make_vpc(aws, "urn#1", "10.0.0.0/16")
    operation.calls[0]["params"]["CidrBlock"] = "10.0.0.0/99"
    fresh = Account(region="ap-northeast-2")
    fresh.replay([operation])
    for _ in range(2):  # the half-restored cloud answers nothing, however often it is asked
        with (
            fresh.operation("next#1", doing="Creating a bucket"),
            pytest.raises(AwsError, match=r"^The recorded state does not fit this version: call 1 of urn#1") as caught,
        ):
            fresh.call("s3", "create_bucket", Bucket="next")
    with pytest.raises(AwsError) as caught:
        _vpcs(fresh)
    assert "is now refused: AWS refused ec2:create_vpc with InvalidParameterValue" in str(caught.value)
    assert caught.value.code == "StateMismatch"


def test_task_definition_revisions_survive_forgotten_ones(aws: Account) -> None:
    operations: list[RecordedOperation] = []
    for number in (1, 2, 3):
        with aws.operation(f"task#{number}"):
            aws.call(
                "ecs",
                "register_task_definition",
                family="dev-datalab-api",
                containerDefinitions=[{"name": "app", "image": f"app:{number}", "memory": 512}],
            )
        operations.append(RecordedOperation(seed=f"task#{number}", calls=aws.operation_calls))
    fresh = Account(region="ap-northeast-2")
    fresh.replay([operations[2]])
    arns = fresh.call("ecs", "list_task_definitions")["taskDefinitionArns"]
    assert arns == ["arn:aws:ecs:ap-northeast-2:123456789012:task-definition/dev-datalab-api:3"]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"CidrBlock": "10.0.0.0/99"},
            "Creating a VPC: AWS refused ec2:create_vpc with InvalidParameterValue: Value (10.0.0.0/99) for parameter "
            "cidrBlock is invalid. This is not a valid CIDR block.",
        ),
        (
            {"CidrBlock": 7},
            "Creating a VPC: ec2:create_vpc cannot be sent: Parameter validation failed: Invalid type for parameter "
            "CidrBlock, value: 7, type: <class 'int'>, valid types: <class 'str'>",
        ),
    ],
)
def test_what_aws_refuses_is_one_sentence(aws: Account, params: dict[str, object], message: str) -> None:
    with aws.operation("urn#1", doing="Creating a VPC"), pytest.raises(AwsError) as caught:
        aws.call("ec2", "create_vpc", **params)
    assert str(caught.value) == message
    assert aws.operation_calls == []


def test_an_unknown_operation_or_one_that_moto_lacks_is_named(aws: Account) -> None:
    with aws.operation("urn#1"):
        with pytest.raises(AwsError, match=r"^The offline AWS cannot answer ec2:create_nothing: AttributeError"):
            aws.call("ec2", "create_nothing")
        with pytest.raises(AwsError, match=r"^The offline AWS cannot answer ec2:create_ipam"):
            aws.call("ec2", "create_ipam")


_IN_ANOTHER_PROCESS = """
    import json, sys
    from offline.aws.account import Account
    aws = Account(region="ap-northeast-2")
    assert not {"boto3", "botocore", "moto"} & set(sys.modules), "making an Aws imported the SDK"
    ids = {}
    with aws.operation("urn#1"):
        vpc = ids["vpc"] = aws.call("ec2", "create_vpc", CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        ids["key"] = aws.call("kms", "create_key")["KeyMetadata"]["KeyId"]
        ids["cert"] = aws.call("acm", "request_certificate", DomainName="a.io", SubjectAlternativeNames=["b.io"])
        ids["role"] = aws.call("iam", "create_role", RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["RoleId"]
        ids["parameter"] = aws.call("ssm", "put_parameter", Name="/a", Value="b", Type="String")
        ids["group"] = aws.call("ec2", "create_security_group", GroupName="g", Description="d", VpcId=vpc)
    print(json.dumps(ids, sort_keys=True))
"""


def test_ids_are_the_same_in_every_process_and_the_users_aws_settings_are_not_read(
    tmp_path: Path, project_root: Path
) -> None:
    answers: list[str] = []
    for hash_seed, extra in (
        ("1", {}),
        (
            "2",
            {
                "AWS_PROFILE": "does-not-exist",
                "AWS_CONFIG_FILE": str(tmp_path / "broken"),
                "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
                "AWS_DEFAULT_REGION": "us-west-2",
                "MOTO_ACCOUNT_ID": "000000000000",
                "HTTPS_PROXY": "http://127.0.0.1:9",
            },
        ),
    ):
        (tmp_path / "broken").write_text("[not a profile\n")
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(_IN_ANOTHER_PROCESS)],
            cwd=project_root,
            env={"PYTHONHASHSEED": hash_seed, "PATH": "", "PYTHONPATH": ".", **extra},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        answers.append(done.stdout)
    assert answers[0] == answers[1]
    assert json.loads(answers[0])["vpc"].startswith("vpc-")


def test_the_environment_is_given_back(aws: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setenv("AWS_PROFILE", "someones")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    before = dict(os.environ)
    aws.call("ec2", "describe_vpcs")
    assert dict(os.environ) == before
