"""IAM documents of the platform's roles, as canonical JSON: each grants what its holder needs and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from ..arns import Location
from .statements import Statement, allow, document


def assume_role(service_principal: str, *, account_id: str | None = None, source_arn: str | None = None) -> str:
    """The trust policy of a role that an AWS service takes on.

    With `account_id` and `source_arn` (which may hold wildcards) the service may do so only for that account and
    resource: it cannot be talked into using the role by someone else's resource, the confused deputy.
    Source: IAM User Guide, "The confused deputy problem".
    """
    conditions: dict[str, dict[str, str]] = {}
    if account_id is not None:
        conditions["StringEquals"] = {"aws:SourceAccount": account_id}
    if source_arn is not None:
        conditions["ArnLike"] = {"aws:SourceArn": source_arn}
    return document(allow("AssumeRole", ["sts:AssumeRole"], service=service_principal, conditions=conditions))


def task_assume_role(location: Location) -> str:
    """Trust of execution and task roles: ECS, for tasks of this account and region.

    AWS takes no narrower source here than `arn:aws:ecs:REGION:ACCOUNT:*`.
    Source: Amazon ECS Developer Guide, "Amazon ECS task IAM role".
    """
    return assume_role("ecs-tasks.amazonaws.com", account_id=location.account_id, source_arn=location.arn("ecs", "*"))


def scheduler_assume_role(location: Location, schedule_group: str) -> str:
    """Trust of a schedule's role: EventBridge Scheduler, for the schedules of one group.

    The source is the group, never the schedule: Scheduler checks the role before the schedule exists.
    Source: EventBridge Scheduler User Guide, "Confused deputy prevention in EventBridge Scheduler".
    """
    return assume_role(
        "scheduler.amazonaws.com", account_id=location.account_id, source_arn=location.schedule_group(schedule_group)
    )


def flow_logs_assume_role(location: Location) -> str:
    """Trust of the flow logs' role.

    Source: Amazon VPC User Guide, "IAM role for publishing flow logs to CloudWatch Logs".
    """
    return assume_role(
        "vpc-flow-logs.amazonaws.com",
        account_id=location.account_id,
        source_arn=location.arn("ec2", "vpc-flow-log/*"),
    )


def monitoring_assume_role(location: Location, db_identifier: str) -> str:
    """Trust of Enhanced Monitoring's role.

    Source: Amazon RDS User Guide, "Setting up and enabling Enhanced Monitoring".
    """
    return assume_role(
        "monitoring.rds.amazonaws.com", account_id=location.account_id, source_arn=location.db_instance(db_identifier)
    )


def execution_policy(
    location: Location,
    repository_name: str | None,
    log_group: str,
    secret_paths: Sequence[str],
) -> str:
    """What ECS itself may do to start a task: pull the image, write the log, read the secrets.

    `repository_name` is None for a public image; `secret_paths` are full parameter names, under the default
    key `aws/ssm`, which needs no grant.
    Source: Amazon ECS Developer Guide, "Amazon ECS task execution IAM role".
    """
    statements: list[Statement] = []
    if repository_name is not None:
        statements += [
            # A token is for the registry, not for a repository: AWS has no narrower resource for this action.
            allow("Authenticate", ["ecr:GetAuthorizationToken"], ["*"]),
            allow(
                "PullImage",
                ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                [location.ecr_repository(repository_name)],
            ),
        ]
    statements.append(_write_logs(location, log_group))
    if secret_paths:
        parameters = sorted({location.ssm_parameter(path) for path in secret_paths})
        statements.append(allow("ReadSecrets", ["ssm:GetParameters"], parameters))
    return document(*statements)


def task_policy(location: Location, *, log_group: str, exec_enabled: bool, telemetry: bool = False) -> str | None:
    """What the application itself may do; None where that is nothing, because an empty policy is not valid.

    With ECS Exec, the agent in the container opens its channels and logs the session with this role. With telemetry, the
    collector beside the application sends traces to X-Ray and writes metrics to the log.
    Source: Amazon ECS Developer Guide, "Monitor Amazon ECS containers with ECS Exec"; AWS X-Ray Developer Guide, "How AWS
    X-Ray works with IAM"; awsemfexporter's README, which also asks to create groups, where none has to be created here.
    """
    statements: list[Statement] = []
    if telemetry:
        # Traces are no resources: AWS has no narrower resource for these actions.
        statements.append(allow("SendTraces", ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], ["*"]))
    if exec_enabled:
        statements += _exec_statements()
    if not statements:
        return None
    return document(*statements, _write_logs(location, log_group, "logs:DescribeLogStreams"))


def _exec_statements() -> list[Statement]:
    channels = [
        f"ssmmessages:{verb}{channel}" for verb in ("Create", "Open") for channel in ("ControlChannel", "DataChannel")
    ]
    return [
        # Session Manager's channels are no resources: AWS has no narrower resource for these actions.
        allow("OpenExecChannels", channels, ["*"]),
        _find_log_groups(),
    ]


def flow_logs_policy(location: Location, log_group: str) -> str:
    """What VPC flow logs need to write to a log group that exists.

    Source: Amazon VPC User Guide, "IAM role for publishing flow logs to CloudWatch Logs"; without creating groups.
    """
    return document(_find_log_groups(), _write_logs(location, log_group, "logs:DescribeLogStreams"))


def scheduler_policy(
    location: Location, *, family: str, role_names: Sequence[str], cluster: str, dead_letter_queue: str
) -> str:
    """What a schedule needs to run the tasks of one family on one cluster, and to report what it could not start.

    The family is granted with and without a revision: the schedule names it without one, to run the newest.
    Source: Amazon ECS Developer Guide, "Amazon ECS EventBridge IAM Role"; Service Authorization Reference, Amazon ECS.
    """
    return document(
        allow(
            "RunTask",
            ["ecs:RunTask"],
            [location.task_definition_family(family), location.task_definition_any(family)],
            conditions={"ArnEquals": {"ecs:cluster": location.cluster(cluster)}},
        ),
        allow(
            "TagTask",
            ["ecs:TagResource"],
            [location.tasks_in_cluster(cluster)],
            conditions={"StringEquals": {"ecs:CreateAction": "RunTask"}},
        ),
        allow(
            "PassTaskRoles",
            ["iam:PassRole"],
            [location.iam_role(name) for name in role_names],
            conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
        allow("ReportDeadLetters", ["sqs:SendMessage"], [location.sqs_queue(dead_letter_queue)]),
    )


def _write_logs(location: Location, log_group: str, *more: str) -> Statement:
    return allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents", *more], [location.log_streams(log_group)])


def _find_log_groups() -> Statement:
    # The action lists the account's groups: AWS has no narrower resource for it.
    return allow("FindLogGroups", ["logs:DescribeLogGroups"], ["*"])
