"""ECS clusters and their capacity providers."""

from typing import Any

from tests.offline.aws.ecs.definitions import CLUSTER, PREFIX, PROVIDERS, cluster


def test_cluster(cloud: Any) -> None:
    namespace = "arn:aws:servicediscovery:ap-northeast-2:123456789012:namespace/ns-1"
    made = cloud.make(
        CLUSTER,
        "cluster",
        name="dev-item",
        settings=[{"name": "containerInsights", "value": "enabled"}],
        serviceConnectDefaults={"namespace": namespace},
        tags={"Stage": "dev"},
    )
    assert (made.id, made.outputs["arn"]) == (f"{PREFIX}:cluster/dev-item",) * 2
    assert cluster(cloud)["settings"] == [{"name": "containerInsights", "value": "enabled"}]
    assert cluster(cloud)["serviceConnectDefaults"] == {"namespace": namespace}
    cloud.change(CLUSTER, "cluster", settings=None, tags={"Owner": "team"})
    assert cluster(cloud)["settings"] == [{"name": "containerInsights", "value": "disabled"}]
    assert cluster(cloud)["tags"] == [{"key": "Owner", "value": "team"}]
    cloud.delete(CLUSTER, "cluster")
    assert cluster(cloud)["status"] == "INACTIVE"


def test_capacity_providers(cloud: Any) -> None:
    cloud.make(CLUSTER, "cluster", name="dev-item")
    spot = {"capacityProvider": "FARGATE_SPOT", "weight": 4}
    made = cloud.make(
        PROVIDERS,
        "providers",
        clusterName="dev-item",
        capacityProviders=["FARGATE", "FARGATE_SPOT"],
        defaultCapacityProviderStrategies=[spot],
    )
    assert made.id == "dev-item"
    assert cluster(cloud)["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]
    assert cluster(cloud)["defaultCapacityProviderStrategy"] == [spot]
    cloud.change(PROVIDERS, "providers", capacityProviders=["FARGATE"], defaultCapacityProviderStrategies=None)
    assert (cluster(cloud)["capacityProviders"], cluster(cloud)["defaultCapacityProviderStrategy"]) == (["FARGATE"], [])
    cloud.delete(PROVIDERS, "providers")
    assert cluster(cloud)["capacityProviders"] == []
