"""What moto lacks in the single services, shown to be lacking in moto's own source."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from typing import Any

import pytest

from offline.aws.handler import AwsError


def _source(module: str) -> str:
    """moto's own source, without what is added to its classes."""
    return inspect.getsource(import_module(module))


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("moto.ecs.models", "not idempotent"),
        ("moto.ecs.models", "ClusterContainsServices"),
        ("moto.ecs.models", "enable_fault_injection"),
        ("moto.ecs.models", "active_services_count +="),
        ("moto.rds.models", "performance_insights"),
        ("moto.rds.models", "database_insights_mode"),
        ("moto.rds.models", "engine_lifecycle_support"),
        ("moto.rds.models", "dedicated_log_volume"),
        ("moto.rds.responses", "def reset_db_parameter_group"),
        ("moto.applicationautoscaling.responses", "def tag_resource"),
        ("moto.sns.responses", "SignatureVersion"),
        ("moto.sqs.models", "RedriveAllowPolicy"),
        ("moto.servicediscovery.models", "NamespaceAlreadyExists"),
        ("moto.codecommit.responses", "def update_repository_description"),
        ("moto.codecommit.responses", "def tag_resource"),
        ("moto.codebuild.responses", "def update_project"),
        ("moto.codebuild.models", "concurrentBuildLimit"),
    ],
)
def test_moto_still_lacks(module: str, absent: str) -> None:
    assert absent not in _source(module)


@pytest.mark.parametrize(
    ("module", "pattern"),
    [
        # One resource id for every instance.
        ("moto.rds.models", r'self\.dbi_resource_id = "db-'),
        # The group is taken out and not put back.
        (
            "moto.rds.models",
            r"def modify_db_subnet_group\([^#]*?self\.subnet_groups\.pop\((?:(?!self\.subnet_groups\[).)*?return",
        ),
        # A task needs the memory of each of its containers, on Fargate, too.
        ("moto.ecs.models", r'"memory", container_definition\.get\("memoryReservation"\)\n'),
        # Every subscription counts as confirmed.
        ("moto.sns.models", r'"PendingConfirmation": False'),
        # A project of a pipeline has no location of its source.
        ("moto.codebuild.responses", r'if "location" not in source:'),
    ],
)
def test_moto_still_does(module: str, pattern: str) -> None:
    assert re.search(pattern, _source(module), re.DOTALL)


def test_moto_drops_the_action_after_completion_of_an_update() -> None:
    source = _source("moto.scheduler.models")
    update = source[source.index("    def update(") : source.index("class ScheduleGroup")]
    assert "action_after_completion" not in update


def test_what_is_added_goes_with_the_world_it_is_in(cloud: Any) -> None:
    from offline.aws.provider import AwsProvider

    arn = cloud.make("aws:codecommit/repository:Repository", "a", repositoryName="a", tags={"x": "1"}).outputs["arn"]
    other = AwsProvider(region="ap-northeast-2")
    with pytest.raises(AwsError, match="RepositoryDoesNotExistException"):
        other.aws.call("codecommit", "list_tags_for_resource", resourceArn=arn)
    assert cloud.ask("codecommit", "list_tags_for_resource", resourceArn=arn)["tags"] == {"x": "1"}


def test_a_deregistered_revision_is_not_the_newest(cloud: Any) -> None:
    call = cloud.provider.aws.call
    with cloud.provider.aws.operation("tasks"):
        for image in ("app:1", "app:2"):
            container = {"name": "app", "image": image, "memory": 128}
            call("ecs", "register_task_definition", family="api", containerDefinitions=[container])
        call("ecs", "deregister_task_definition", taskDefinition="api:2")
    found = cloud.ask("ecs", "describe_task_definition", taskDefinition="api")["taskDefinition"]
    assert (found["revision"], "registeredAt" in found) == (1, True)
    with cloud.provider.aws.operation("gone"):
        call("ecs", "deregister_task_definition", taskDefinition="api:1")
    with pytest.raises(AwsError, match="AWS refused ecs:describe_task_definition"):
        cloud.ask("ecs", "describe_task_definition", taskDefinition="api")


def test_a_fargate_task_runs_whose_containers_have_no_memory(cloud: Any) -> None:
    vpc = cloud.make("aws:ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16", enableDnsHostnames=True)
    subnet = cloud.make("aws:ec2/subnet:Subnet", "subnet", vpcId=vpc.id, cidrBlock="10.0.0.0/24")
    group = cloud.make("aws:ec2/securityGroup:SecurityGroup", "group", name="job", description="job", vpcId=vpc.id)
    definition = cloud.make(
        "aws:ecs/taskDefinition:TaskDefinition",
        "job",
        family="job",
        containerDefinitions='[{"name":"job","image":"node"}]',
        cpu="256",
        memory="512",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
    )
    aws = cloud.provider.aws
    with aws.operation("run"):
        aws.call("ecs", "create_cluster", clusterName="dev")
        network = {"awsvpcConfiguration": {"subnets": [subnet.id], "securityGroups": [group.id]}}
        ran = aws.call(
            "ecs", "run_task", cluster="dev", taskDefinition="job", launchType="FARGATE", networkConfiguration=network
        )
    assert [task["taskDefinitionArn"] for task in ran["tasks"]] == [definition.outputs["arn"]]
    described = aws.call("ecs", "describe_task_definition", taskDefinition="job")["taskDefinition"]
    assert "memory" not in described["containerDefinitions"][0]


def test_a_cluster_made_again_keeps_what_it_has(cloud: Any) -> None:
    with cloud.provider.aws.operation("cluster"):
        setting = [{"name": "containerInsights", "value": "enabled"}]
        cloud.provider.aws.call("ecs", "create_cluster", clusterName="dev-item", settings=setting)
        again = cloud.provider.aws.call("ecs", "create_cluster", clusterName="dev-item")["cluster"]
    assert again["settings"] == setting
