"""EventBridge rules that report what failed or waits for somebody, through the stage's SNS topic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi import Resource, ResourceOptions
from pulumi_aws import cloudwatch, sns

from ..calc.event_patterns import event_pattern
from ..calc.names import check_name, failed_run_rule_name

if TYPE_CHECKING:
    from .monitoring import MonitoringArgs


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    logical_name: str
    name: str
    description: str
    pattern: Mapping[str, object]


def report_failures(
    parent: Resource, args: MonitoringArgs, *, topic: sns.Topic, topic_arn: str, tags: Mapping[str, str]
) -> None:
    """Register the rules and their targets as children of `parent`. topic_arn: known at preview, as the topic's output is not."""
    for rule in _rules(args):
        created = cloudwatch.EventRule(
            rule.logical_name,
            name=rule.name,
            description=rule.description,
            event_pattern=event_pattern(rule.pattern),
            tags=tags,
            opts=ResourceOptions(parent=parent),
        )
        cloudwatch.EventTarget(
            rule.logical_name,
            rule=created.name,
            target_id="alerts",
            arn=topic_arn,
            opts=ResourceOptions(parent=parent, depends_on=[topic]),
        )


def _rules(args: MonitoringArgs) -> Iterator[_Rule]:
    scope = args.scope
    yield _Rule(
        logical_name="failed-deployment",
        name=check_name("event-rule", scope.name("failed-deployment")),
        description="An ECS deployment of the stage failed; the circuit breaker may report its rollback as a success",
        pattern={
            "source": ["aws.ecs"],
            "detail-type": ["ECS Deployment State Change"],
            "resources": [{"prefix": scope.location.service(args.cluster, "")}],
            "detail": {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
        },
    )
    if args.jobs:
        yield _Rule(
            logical_name="failed-batch-run",
            name=failed_run_rule_name(scope.stage),
            description="A batch or one-off run of the stage ended with an exit status other than 0, or never started its container",
            pattern={
                "source": ["aws.ecs"],
                "detail-type": ["ECS Task State Change"],
                "detail": {
                    "clusterArn": [scope.location.cluster(args.cluster)],
                    "lastStatus": ["STOPPED"],
                    # By the name's beginning: a list of names would outgrow an event pattern.
                    "group": [{"prefix": f"family:{scope.stage}-"}],
                    "$or": [
                        {"containers": {"exitCode": [{"anything-but": 0}]}},
                        {"stopCode": ["TaskFailedToStart"]},
                    ],
                },
            },
        )
    # Every pipeline of the stage by its name's beginning, as above.
    of_stage = [{"prefix": f"{scope.stage}-"}]
    if args.pipelines:
        yield _Rule(
            logical_name="failed-pipeline",
            name=check_name("event-rule", scope.name("failed-pipeline")),
            description="A pipeline of the stage failed, at whatever step, or an approval was rejected",
            pattern={
                "source": ["aws.codepipeline"],
                "detail-type": ["CodePipeline Pipeline Execution State Change"],
                "detail": {"pipeline": of_stage, "state": ["FAILED"]},
            },
        )
    if args.approvals:
        yield _Rule(
            logical_name="pending-approval",
            name=check_name("event-rule", scope.name("pending-approval")),
            description="A deployment to the stage waits for someone's approval",
            pattern={
                "source": ["aws.codepipeline"],
                "detail-type": ["CodePipeline Action Execution State Change"],
                "detail": {"pipeline": of_stage, "type": {"category": ["Approval"]}, "state": ["STARTED"]},
            },
        )
