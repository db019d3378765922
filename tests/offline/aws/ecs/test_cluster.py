"""ECS clusters and their capacity providers."""

from typing import Any

CLUSTER = "aws:ecs/cluster:Cluster"
PROVIDERS = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
PREFIX = "arn:aws:ecs:ap-northeast-2:123456789012"


def _cluster(cloud: Any) -> dict[str, Any]:
    (cluster,) = cloud.ask("ecs", "describe_clusters", clusters=["dev-item"], include=["TAGS"])["clusters"]
    return cluster


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
    assert _cluster(cloud)["settings"] == [{"name": "containerInsights", "value": "enabled"}]
    assert _cluster(cloud)["serviceConnectDefaults"] == {"namespace": namespace}
    cloud.change(CLUSTER, "cluster", settings=None, tags={"Owner": "team"})
    assert _cluster(cloud)["settings"] == [{"name": "containerInsights", "value": "disabled"}]
    assert _cluster(cloud)["tags"] == [{"key": "Owner", "value": "team"}]
    cloud.delete(CLUSTER, "cluster")
    assert _cluster(cloud)["status"] == "INACTIVE"


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
    assert _cluster(cloud)["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]
    assert _cluster(cloud)["defaultCapacityProviderStrategy"] == [spot]
    cloud.change(PROVIDERS, "providers", capacityProviders=["FARGATE"], defaultCapacityProviderStrategies=None)
    assert (_cluster(cloud)["capacityProviders"], _cluster(cloud)["defaultCapacityProviderStrategy"]) == (
        ["FARGATE"],
        [],
    )
    cloud.delete(PROVIDERS, "providers")
    assert _cluster(cloud)["capacityProviders"] == []
