"""What moto lacks in ECS and is completed by."""

from typing import Any

import pytest

from offline.aws.handler import AwsError


def _service(cloud: Any, **settings: Any) -> None:
    with cloud.provider.aws.operation("service#1"):
        call = cloud.provider.aws.call
        call("ecs", "create_cluster", clusterName="dev-item")
        for image in ("app:1", "app:2"):
            call(
                "ecs",
                "register_task_definition",
                family="api",
                containerDefinitions=[{"name": "app", "image": image, "memory": 512}],
            )
        call(
            "ecs",
            "create_service",
            cluster="dev-item",
            serviceName="api",
            taskDefinition="api:1",
            desiredCount=2,
            **settings,
        )


def _described(cloud: Any) -> dict[str, Any]:
    (service,) = cloud.ask("ecs", "describe_services", cluster="dev-item", services=["api"])["services"]
    return service


CONNECT = {"enabled": True, "namespace": "dev-itemscout-ns", "services": [{"portName": "server-3000-tcp"}]}
SETTINGS: dict[str, Any] = {
    "deploymentConfiguration": {"minimumHealthyPercent": 100, "maximumPercent": 200},
    "capacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1}],
    "healthCheckGracePeriodSeconds": 60,
    "enableExecuteCommand": True,
}


def test_a_service_shows_what_it_was_given_and_its_deployment_is_completed(cloud: Any) -> None:
    _service(cloud, serviceConnectConfiguration=CONNECT, **SETTINGS)
    service = _described(cloud)
    for member, value in SETTINGS.items():
        assert service[member] == value, member
    assert (service["desiredCount"], service["runningCount"], service["pendingCount"]) == (2, 2, 0)
    (deployment,) = service["deployments"]
    assert deployment["serviceConnectConfiguration"] == CONNECT
    assert (deployment["rolloutState"], deployment["runningCount"]) == ("COMPLETED", 2)
    assert deployment["taskDefinition"] == service["taskDefinition"]
    assert deployment["taskDefinition"].endswith(":task-definition/api:1")


def test_an_update_deploys_only_where_ecs_would(cloud: Any) -> None:
    _service(cloud, serviceConnectConfiguration=CONNECT)
    first = _described(cloud)["deployments"][0]
    with cloud.provider.aws.operation("service#2"):
        update = {"cluster": "dev-item", "service": "api"}
        cloud.provider.aws.call("ecs", "update_service", **update, desiredCount=3)
        scaled = _described(cloud)["deployments"][0]
        cloud.provider.aws.call("ecs", "update_service", **update, taskDefinition="api:2")
        deployed = _described(cloud)["deployments"][0]
    assert (scaled["id"], scaled["desiredCount"], scaled["runningCount"]) == (first["id"], 3, 3)
    assert deployed["id"] != first["id"]
    assert deployed["taskDefinition"].endswith(":task-definition/api:2")
    assert deployed["serviceConnectConfiguration"] == CONNECT


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
