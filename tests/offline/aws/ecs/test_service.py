"""ECS services: creation, updates, deployments, refresh and deletion."""

from typing import Any

import pytest

from offline.aws.handler import AwsError, AwsInputError
from tests.offline.aws.ecs.definitions import CLUSTER, PREFIX, PROVIDERS, cluster, containers, make_task, read

SERVICE = "aws:ecs/service:Service"


@pytest.fixture
def service_inputs(cloud: Any, vpc_id: str, subnet_ids: list[str]) -> dict[str, Any]:
    """A service in an existing cluster, with all that the platform sets."""
    group = cloud.make("aws:ec2/securityGroup:SecurityGroup", "tasks", name="tasks", description="d", vpcId=vpc_id).id
    cloud.make(CLUSTER, "cluster", name="dev-item")
    return {
        "name": "dev-tracking-api",
        "cluster": "dev-item",
        "taskDefinition": make_task(cloud).outputs["arn"],
        "desiredCount": 1,
        "capacityProviderStrategies": [{"capacityProvider": "FARGATE_SPOT", "weight": 4, "base": 0}],
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "deploymentConfiguration": {"strategy": "ROLLING", "bakeTimeInMinutes": "5"},
        "availabilityZoneRebalancing": "ENABLED",
        "enableEcsManagedTags": True,
        "enableExecuteCommand": True,
        "healthCheckGracePeriodSeconds": 60,
        "networkConfiguration": {"subnets": subnet_ids, "securityGroups": [group], "assignPublicIp": False},
        "serviceConnectConfiguration": {
            "enabled": True,
            "namespace": "dev-itemscout-ns",
            "services": [
                {
                    "portName": "server-3000-tcp",
                    "discoveryName": "tracking-api",
                    "clientAlias": [{"dnsName": "tracking-api.dev-itemscout-ns", "port": 3000}],
                    "timeout": {"idleTimeoutSeconds": 300, "perRequestTimeoutSeconds": 30},
                }
            ],
        },
        "propagateTags": "SERVICE",
        "waitForSteadyState": True,
        "tags": {"Stage": "dev"},
    }


def _described(cloud: Any) -> dict[str, Any]:
    found = cloud.ask("ecs", "describe_services", cluster="dev-item", services=["dev-tracking-api"], include=["TAGS"])
    (service,) = found["services"]
    return service


def test_service(cloud: Any, service_inputs: dict[str, Any]) -> None:
    made = cloud.make(SERVICE, "service", **service_inputs)
    assert (made.id, made.outputs["arn"]) == (f"{PREFIX}:service/dev-item/dev-tracking-api",) * 2
    service = _described(cloud)
    assert service["deploymentConfiguration"] == {
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "maximumPercent": 200,
        "minimumHealthyPercent": 100,
        "strategy": "ROLLING",
        "bakeTimeInMinutes": 5,
    }
    assert service["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"] == "DISABLED"
    assert service["capacityProviderStrategy"] == service_inputs["capacityProviderStrategies"]
    assert "launchType" not in service
    assert (service["propagateTags"], service["enableECSManagedTags"]) == ("SERVICE", True)
    assert service["tags"] == [{"key": "Stage", "value": "dev"}]
    (deployment,) = service["deployments"]
    (connected,) = deployment["serviceConnectConfiguration"]["services"]
    assert connected == {
        "portName": "server-3000-tcp",
        "discoveryName": "tracking-api",
        "clientAliases": [{"dnsName": "tracking-api.dev-itemscout-ns", "port": 3000}],
        "timeout": {"idleTimeoutSeconds": 300, "perRequestTimeoutSeconds": 30},
    }
    assert (cluster(cloud)["activeServicesCount"], cluster(cloud)["runningTasksCount"]) == (1, 1)


def test_an_update_sends_what_changed(cloud: Any, service_inputs: dict[str, Any]) -> None:
    cloud.make(SERVICE, "service", **service_inputs)
    cloud.change(SERVICE, "service", desiredCount=3, healthCheckGracePeriodSeconds=None, tags=None)
    calls = cloud.provider.calls_of_last_operation()
    assert [(call["operation"], call["params"]) for call in calls] == [
        ("untag_resource", {"resourceArn": f"{PREFIX}:service/dev-item/dev-tracking-api", "tagKeys": ["Stage"]}),
        (
            "update_service",
            {
                "cluster": "dev-item",
                "service": f"{PREFIX}:service/dev-item/dev-tracking-api",
                "desiredCount": 3,
                "healthCheckGracePeriodSeconds": 0,
            },
        ),
    ]
    cloud.change(SERVICE, "service", waitForSteadyState=None)
    assert cloud.operations_of_last() == []
    assert (_described(cloud)["runningCount"], cluster(cloud)["runningTasksCount"]) == (3, 3)


def test_a_new_task_definition_is_a_new_deployment(cloud: Any, service_inputs: dict[str, Any]) -> None:
    cloud.make(SERVICE, "service", **service_inputs)
    before = _described(cloud)["deployments"][0]["id"]
    revision = make_task(cloud, "next", containerDefinitions=containers(10)).outputs["arn"]
    cloud.change(SERVICE, "service", taskDefinition=revision)
    (deployment,) = _described(cloud)["deployments"]
    assert (deployment["taskDefinition"], deployment["id"] != before) == (revision, True)


def test_capacity_providers_change_only_with_a_forced_deployment(cloud: Any, service_inputs: dict[str, Any]) -> None:
    cloud.make(SERVICE, "service", **service_inputs)
    on_demand = [{"capacityProvider": "FARGATE", "weight": 1, "base": 0}]
    with pytest.raises(AwsInputError) as caught:
        cloud.change(SERVICE, "service", capacityProviderStrategies=on_demand)
    assert str(caught.value) == (
        f"{SERVICE}: capacityProviderStrategies can change only with forceNewDeployment: true."
    )
    cloud.change(SERVICE, "service", capacityProviderStrategies=on_demand, forceNewDeployment=True)
    assert _described(cloud)["capacityProviderStrategy"] == on_demand
    cloud.change(SERVICE, "service", triggers={"image": "2"})
    assert cloud.provider.calls_of_last_operation()[0]["params"]["forceNewDeployment"] is True


def test_a_service_is_drained_and_deleted(cloud: Any, service_inputs: dict[str, Any]) -> None:
    made = cloud.make(SERVICE, "service", **service_inputs)
    with pytest.raises(AwsError, match="ClusterContainsServicesException"):
        cloud.delete(CLUSTER, "cluster")
    cloud.delete(SERVICE, "service")
    assert cloud.operations_of_last() == ["update_service", "delete_service"]
    assert _described(cloud)["status"] == "INACTIVE"
    assert cluster(cloud)["activeServicesCount"] == 0
    assert read(cloud, SERVICE, made, service_inputs) is None


def test_a_refresh_sees_what_a_pipeline_and_autoscaling_changed(cloud: Any, service_inputs: dict[str, Any]) -> None:
    made = cloud.make(SERVICE, "service", **service_inputs)
    revision = make_task(cloud, "pipeline", containerDefinitions=containers(9)).outputs["arn"]
    with cloud.provider.aws.operation("pipeline"):
        change = {"cluster": "dev-item", "service": "dev-tracking-api", "taskDefinition": revision, "desiredCount": 4}
        cloud.provider.aws.call("ecs", "update_service", **change)
    seen = read(cloud, SERVICE, made, service_inputs)
    assert (seen.outputs["taskDefinition"], seen.outputs["desiredCount"]) == (revision, 4)


def test_a_name_is_taken_once(cloud: Any, service_inputs: dict[str, Any]) -> None:
    cloud.make(SERVICE, "service", **service_inputs)
    with pytest.raises(AwsError, match="Creation of service was not idempotent"):
        cloud.make(SERVICE, "again", **service_inputs)
    assert cloud.provider.delete_before_replace(SERVICE)
    assert cloud.provider.replace_keys(SERVICE) == {"name", "cluster", "iamRole", "launchType", "schedulingStrategy"}


def test_launch_type_conflicts_with_capacity_providers(cloud: Any, service_inputs: dict[str, Any]) -> None:
    with pytest.raises(AwsInputError) as caught:
        cloud.make(SERVICE, "service", **service_inputs, launchType="FARGATE")
    assert str(caught.value) == f"{SERVICE}: launchType conflicts with capacityProviderStrategies; give one of the two."


def test_a_service_that_names_no_provider_runs_by_the_clusters_default(cloud: Any) -> None:
    cloud.make(CLUSTER, "cluster", name="dev-item")
    strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    providers = {"capacityProviders": ["FARGATE_SPOT"], "defaultCapacityProviderStrategies": strategy}
    cloud.make(PROVIDERS, "providers", clusterName="dev-item", **providers)
    made = cloud.make(
        SERVICE, "service", name="dev-tracking-api", cluster="dev-item", taskDefinition=make_task(cloud).id
    )
    assert _described(cloud)["capacityProviderStrategy"] == strategy
    assert (_described(cloud)["desiredCount"], made.outputs["launchType"]) == (0, "")
