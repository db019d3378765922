"""Role documents: exact grants, valid by IAM's grammar, without wildcards where AWS takes something narrower."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from moto.iam.policy_validation import IAMPolicyDocumentValidator, IAMTrustPolicyDocumentValidator

from components.calc.arns import Location
from components.calc.iam import roles as iam
from components.calc.iam.statements import allow

REST = "ap-northeast-2:123456789012"
GROUP = f"arn:aws:logs:{REST}:log-group:/dev/api"
Make = Callable[[Location], str | None]


def scheduler(location: Location) -> str:
    return iam.scheduler_policy(
        location,
        family="dev-ranking-batch",
        role_names=["dev-ranking-batch-task", "dev-ranking-batch-execution"],
        cluster="dev-item",
        dead_letter_queue="dev-ranking-batch-dead-letters",
    )


def execution(location: Location) -> str:
    return iam.execution_policy(location, "dev-api", "/dev/api", ["/dev/api/DB_PASSWORD", "/dev/api/DB_PASSWORD"])


POLICIES: dict[str, Make] = {
    "execution": execution,
    "execution of a public image": lambda location: iam.execution_policy(location, None, "/dev/api", []),
    "task": lambda location: iam.task_policy(location, log_group="/dev/api", exec_enabled=True),
    "task with telemetry": lambda location: iam.task_policy(
        location, log_group="/dev/api", exec_enabled=True, telemetry=True
    ),
    "flow logs": lambda location: iam.flow_logs_policy(location, "/dev/flow-logs"),
    "scheduler": scheduler,
}
TRUSTS: dict[str, Make] = {
    "plain": lambda _: iam.assume_role("codebuild.amazonaws.com"),
    "task": iam.task_assume_role,
    "scheduler": lambda location: iam.scheduler_assume_role(location, "dev-batch"),
    "flow logs": iam.flow_logs_assume_role,
    "monitoring": lambda location: iam.monitoring_assume_role(location, "dev-db"),
}


def statements(document: str | None) -> dict[str, dict[str, Any]]:
    assert document is not None
    return {statement["Sid"]: statement for statement in json.loads(document)["Statement"]}


def granted(document: str | None) -> dict[str, tuple[Any, ...]]:
    """Each statement's actions and resources, and its condition where it has one; all of them allow."""
    found = statements(document)
    assert {each["Effect"] for each in found.values()} == {"Allow"}
    return {
        sid: tuple(each[key] for key in ("Action", "Resource", "Condition") if key in each)
        for sid, each in found.items()
    }


@pytest.mark.parametrize("make", POLICIES.values(), ids=POLICIES)
def test_policies_are_valid_and_name_every_action(seoul: Location, make: Make) -> None:
    document = make(seoul)
    assert document is not None
    IAMPolicyDocumentValidator(document).validate()
    for sid, statement in statements(document).items():
        assert not [action for action in statement["Action"] if "*" in action]
        if "*" in statement["Resource"]:
            assert sid in ("Authenticate", "FindLogGroups", "OpenExecChannels", "SendTraces")


@pytest.mark.parametrize("make", TRUSTS.values(), ids=TRUSTS)
def test_trusts_are_valid(seoul: Location, make: Make) -> None:
    document = make(seoul)
    assert document is not None
    IAMTrustPolicyDocumentValidator(document).validate()


@pytest.mark.parametrize(
    ("make", "service", "source"),
    [
        (TRUSTS["task"], "ecs-tasks.amazonaws.com", f"arn:aws:ecs:{REST}:*"),
        (TRUSTS["scheduler"], "scheduler.amazonaws.com", f"arn:aws:scheduler:{REST}:schedule-group/dev-batch"),
        (TRUSTS["flow logs"], "vpc-flow-logs.amazonaws.com", f"arn:aws:ec2:{REST}:vpc-flow-log/*"),
        (TRUSTS["monitoring"], "monitoring.rds.amazonaws.com", f"arn:aws:rds:{REST}:db:dev-db"),
    ],
)
def test_a_service_may_act_for_this_account_and_resource_only(
    seoul: Location, make: Make, service: str, source: str
) -> None:
    assert statements(make(seoul)) == {
        "AssumeRole": {
            "Sid": "AssumeRole",
            "Effect": "Allow",
            "Action": ["sts:AssumeRole"],
            "Principal": {"Service": service},
            "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}, "ArnLike": {"aws:SourceArn": source}},
        }
    }


def test_a_trust_without_a_source_has_no_condition() -> None:
    assert iam.assume_role("codebuild.amazonaws.com") == (
        '{"Statement":[{"Action":["sts:AssumeRole"],"Effect":"Allow",'
        '"Principal":{"Service":"codebuild.amazonaws.com"},"Sid":"AssumeRole"}],"Version":"2012-10-17"}'
    )


def test_execution_pulls_logs_and_reads_only_its_own(seoul: Location) -> None:
    assert granted(execution(seoul)) == {
        "Authenticate": (["ecr:GetAuthorizationToken"], ["*"]),
        "PullImage": (
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            [f"arn:aws:ecr:{REST}:repository/dev-api"],
        ),
        "WriteLogs": (["logs:CreateLogStream", "logs:PutLogEvents"], [f"{GROUP}:*"]),
        "ReadSecrets": (["ssm:GetParameters"], [f"arn:aws:ssm:{REST}:parameter/dev/api/DB_PASSWORD"]),
    }


def test_execution_without_repository_or_secrets_only_logs(seoul: Location) -> None:
    assert list(statements(POLICIES["execution of a public image"](seoul))) == ["WriteLogs"]


def test_the_order_of_secrets_does_not_show(seoul: Location) -> None:
    first = iam.execution_policy(seoul, "a", "/a", ["/dev/a/X", "/dev/a/Y"])
    assert iam.execution_policy(seoul, "a", "/a", ["/dev/a/Y", "/dev/a/X"]) == first


def test_the_task_may_do_nothing_without_exec(seoul: Location) -> None:
    assert iam.task_policy(seoul, log_group="/dev/api", exec_enabled=False) is None


def test_exec_opens_its_channels_and_logs_to_the_service(seoul: Location) -> None:
    found = granted(iam.task_policy(seoul, log_group="/dev/api", exec_enabled=True))
    channels = [f"{way}{kind}Channel" for way in ("Create", "Open") for kind in ("Control", "Data")]
    assert found["OpenExecChannels"][0] == [f"ssmmessages:{channel}" for channel in channels]
    assert found["WriteLogs"][1] == [f"{GROUP}:*"]


def test_telemetry_sends_traces_and_writes_metrics_to_the_log_of_the_service(seoul: Location) -> None:
    assert granted(iam.task_policy(seoul, log_group="/dev/api", exec_enabled=False, telemetry=True)) == {
        "SendTraces": (["xray:PutTelemetryRecords", "xray:PutTraceSegments"], ["*"]),
        "WriteLogs": (["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], [f"{GROUP}:*"]),
    }


def test_flow_logs_write_to_one_group(seoul: Location) -> None:
    found = granted(POLICIES["flow logs"](seoul))
    assert found["FindLogGroups"][1] == ["*"]
    assert found["WriteLogs"] == (
        ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        [f"arn:aws:logs:{REST}:log-group:/dev/flow-logs:*"],
    )


def test_a_schedule_runs_one_family_on_one_cluster(seoul: Location) -> None:
    family = f"arn:aws:ecs:{REST}:task-definition/dev-ranking-batch"
    assert granted(scheduler(seoul)) == {
        "RunTask": (
            ["ecs:RunTask"],
            [family, f"{family}:*"],
            {"ArnEquals": {"ecs:cluster": f"arn:aws:ecs:{REST}:cluster/dev-item"}},
        ),
        "TagTask": (
            ["ecs:TagResource"],
            [f"arn:aws:ecs:{REST}:task/dev-item/*"],
            {"StringEquals": {"ecs:CreateAction": "RunTask"}},
        ),
        "PassTaskRoles": (
            ["iam:PassRole"],
            [f"arn:aws:iam::123456789012:role/dev-ranking-batch-{kind}" for kind in ("execution", "task")],
            {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
        "ReportDeadLetters": (["sqs:SendMessage"], [f"arn:aws:sqs:{REST}:dev-ranking-batch-dead-letters"]),
    }


@pytest.mark.parametrize("action", ["*", "s3:*", "ecr:Get*"])
def test_no_statement_allows_a_wildcard_of_actions(action: str) -> None:
    with pytest.raises(ValueError) as caught:
        allow("Everything", ["s3:GetObject", action], ["*"])
    assert str(caught.value) == (
        f"The statement Everything would allow '{action}': name the actions one by one, without wildcards."
    )
