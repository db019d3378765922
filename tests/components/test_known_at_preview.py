"""Nothing that a policy judges is unknown at preview, before anything exists."""

from collections.abc import Callable, Iterable, Iterator

import pulumi_aws as aws
import pytest

from components import platform
from offline.engine.outcome import Outcome
from offline.engine.state import ResourceRecord
from offline.properties import UNKNOWN
from settings import reader

Preview = Callable[..., Outcome]

JUDGED = {
    "aws:ecs/taskDefinition:TaskDefinition": (
        "containerDefinitions", "family", "cpu", "memory", "executionRoleArn", "taskRoleArn", "tags",
    ),
    "aws:ecs/service:Service": (
        "name", "cluster", "desiredCount", "deploymentMaximumPercent", "deploymentMinimumHealthyPercent",
        "deploymentCircuitBreaker", "serviceConnectConfiguration", "enableExecuteCommand",
    ),
    "aws:appautoscaling/target:Target": ("maxCapacity", "minCapacity", "resourceId"),
    "aws:scheduler/schedule:Schedule": ("scheduleExpression", "flexibleTimeWindow", "groupName", "state"),
    "aws:rds/instance:Instance": (
        "identifier", "instanceClass", "parameterGroupName", "publiclyAccessible", "storageEncrypted", "multiAz", "tags",
    ),
    "aws:rds/parameterGroup:ParameterGroup": ("name", "family", "parameters"),
    "aws:iam/role:Role": ("name", "assumeRolePolicy"),
    "aws:iam/rolePolicy:RolePolicy": ("policy",),
    "aws:iam/user:User": ("name", "tags"),
    "aws:iam/groupPolicy:GroupPolicy": ("group", "policy"),
    "aws:iam/groupMembership:GroupMembership": ("group", "users"),
    "aws:s3/bucketPolicy:BucketPolicy": ("policy",),
    "aws:codepipeline/pipeline:Pipeline": (
        "name", "roleArn", "stages", "pipelineType", "executionMode", "artifactStores", "tags",
    ),
    "aws:codebuild/project:Project": ("name", "environment", "source", "serviceRole", "logsConfig", "buildTimeout"),
    "aws:cloudwatch/eventRule:EventRule": ("name", "eventPattern"),
    "aws:ecr/repository:Repository": ("name", "imageTagMutability", "imageScanningConfiguration"),
    "aws:cloudwatch/logGroup:LogGroup": ("name", "retentionInDays"),
    "aws:lb/listenerRule:ListenerRule": ("priority", "conditions"),
}  # fmt: skip


def unknown_judged(resources: Iterable[ResourceRecord]) -> list[str]:
    """`<name>.<property>` of every judged property that holds an unknown, however deep."""
    return sorted(
        f"{resource.name}.{key}"
        for resource in resources
        for key in JUDGED.get(resource.type, ())
        if UNKNOWN in scalars(resource.inputs.get(key))
    )


def scalars(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from scalars(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from scalars(inner)
    else:
        yield value


@pytest.mark.parametrize("stage", ["dev", "prd"])
def test_what_policies_judge_is_known_before_anything_exists(preview: Preview, stage: str) -> None:
    outcome = preview(stage)
    assert (outcome.result, outcome.errors) == ("succeeded", ())
    # With as many tasks at most as at least nothing scales: dev has no scaling target.
    assert {resource.type for resource in outcome.resources} >= set(JUDGED) - (
        {"aws:appautoscaling/target:Target"} if stage == "dev" else set()
    )
    assert unknown_judged(outcome.resources) == []


@pytest.mark.parametrize("source", ["ECR", "RDS"])
def test_an_output_planted_in_container_definitions_is_found(preview: Preview, source: str) -> None:
    def program() -> None:
        platform.build(reader.load())
        if source == "ECR":
            output = aws.ecr.Repository("planted", name="planted").repository_url
        else:
            output = aws.rds.Instance("planted", instance_class="db.t4g.micro", engine="mysql").address
        aws.ecs.TaskDefinition(
            "planted",
            family="planted",
            container_definitions=output.apply(lambda value: f'[{{"name": "planted", "image": "{value}"}}]'),
        )

    assert unknown_judged(preview("dev", program=program).resources) == ["planted.containerDefinitions"]
