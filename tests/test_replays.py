"""What is taken out of store answers as what was replayed, and neither sees what becomes of the other."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any

import pytest

from offline.aws.account import Account
from offline.aws.handler import AwsError, RecordedOperation
from tests.replays import Store

QUESTIONS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("ssm", "get_parameters_by_path", {"Path": "/dev"}),
    ("sqs", "list_queues", {}),
    ("kms", "list_aliases", {}),
    ("ecr", "describe_repositories", {}),
    ("rds", "describe_db_parameter_groups", {}),
    ("s3", "list_buckets", {}),
    ("ec2", "describe_security_groups", {}),
)


def timeless(value: Any) -> Any:
    """Without the times of day."""
    if isinstance(value, dict):
        return {key: timeless(item) for key, item in value.items() if not isinstance(item, datetime)}
    return [timeless(item) for item in value] if isinstance(value, list) else value


def answers(account: Account) -> list[Any]:
    return [timeless(account.call(service, operation, **params)) for service, operation, params in QUESTIONS]


def put(account: Account, number: int) -> RecordedOperation:
    with account.operation(f"put#{number}"):
        account.call("ssm", "put_parameter", Name=f"/dev/{number}", Value="x", Type="String")
        account.call("sqs", "create_queue", QueueName=f"queue-{number}")
        account.call("ecr", "create_repository", repositoryName=f"repository-{number}")
        group = {"DBParameterGroupFamily": "mysql8.4", "Description": "d"}
        account.call("rds", "create_db_parameter_group", DBParameterGroupName=f"group-{number}", **group)
        account.call("s3", "create_bucket", Bucket=f"bucket-{number}")
        key = account.call("kms", "create_key")["KeyMetadata"]["KeyId"]
        account.call("kms", "create_alias", AliasName=f"alias/{number}", TargetKeyId=key)
        account.call("ec2", "create_security_group", GroupName=f"group-{number}", Description="d")
    return RecordedOperation(seed=f"put#{number}", calls=copy.deepcopy(account.operation_calls))


def test_a_longer_record_begins_with_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Account(region="us-east-1")
    operations = [put(made, number) for number in range(3)]
    replayed: list[str] = []
    replay = Account._replay_call
    monkeypatch.setattr(
        Account, "_replay_call", lambda self, seed, *rest: (replayed.append(seed), replay(self, seed, *rest))
    )
    store = Store()

    def opened(count: int) -> tuple[Account, list[str]]:
        replayed.clear()
        account = Account(region="us-east-1")
        account.replay(operations[:count])
        assert store.settle(account) == sum(len(operation.calls) for operation in operations[:count])
        return account, sorted(set(replayed))

    (two, first), (three, rest), (again, nothing) = opened(2), opened(3), opened(3)
    assert (first, rest, nothing) == (["put#0", "put#1"], ["put#2"], [])
    assert answers(three) == answers(again) == answers(made)
    assert (answers(two) != answers(made), two.touched("kms"), again.touched("kms")) == (True, True, True)
    put(again, 3)
    assert answers(again) != answers(three) == answers(made)


def test_a_record_that_does_not_fit_is_refused_every_time() -> None:
    call = put(Account(region="us-east-1"), 0).calls[0]
    store = Store()
    for _ in range(2):
        account = Account(region="us-east-1")
        account.replay([RecordedOperation(seed="put#0", calls=[{**call, "answer": "another"}, call])])
        with pytest.raises(AwsError, match="does not fit"):
            store.settle(account)
