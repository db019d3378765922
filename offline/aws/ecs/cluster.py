"""ECS cluster with its Service Connect default, and the capacity providers attached to it."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, Handler, Recorded
from offline.aws.mapping import arn, camel, delete_by, differs, each, joined, put_again, tags_lower
from offline.aws.tagging import Tagging

_CLUSTER = "aws:ecs/cluster:Cluster"
_PROVIDERS = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"

_EXEC_LOG = camel(
    "s3BucketName s3KeyPrefix",
    cloudWatchEncryptionEnabled="cloudWatchEncryptionEnabled",
    cloudWatchLogGroupName="cloudWatchLogGroupName",
    s3BucketEncryptionEnabled="s3EncryptionEnabled",
)
_CONFIGURATION = camel(
    executeCommandConfiguration=camel("kmsKeyId logging", logConfiguration=_EXEC_LOG),
    managedStorageConfiguration=camel("kmsKeyId fargateEphemeralStorageKmsKeyId"),
)
_SETTINGS = camel(
    settings=each(camel("name value")), configuration=_CONFIGURATION, serviceConnectDefaults=camel("namespace")
)
_NAMES = joined(camel(name="clusterName"), _SETTINGS, camel(tags=tags_lower))
_STRATEGY = each(camel("capacityProvider weight base"))

TAGGING = Tagging(service="ecs", resource="resourceArn", tags="tags", keys="tagKeys", pair=("key", "value"))


def cluster_name(cluster: str) -> str:
    """A cluster's name; AWS takes the ARN for it everywhere."""
    return cluster.rsplit("/", 1)[-1]


def _create(aws: Aws, inputs: dict[str, Any]) -> Applied:
    return _applied(aws.call("ecs", "create_cluster", **_NAMES.of(_CLUSTER, inputs))["cluster"], inputs)


def _applied(cluster: dict[str, Any], inputs: dict[str, Any]) -> Applied:
    settings = inputs.get("settings", cluster.get("settings", []))
    return Applied(id=cluster["clusterArn"], outputs={"settings": settings})


def _update(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    if differs(old, inputs, _SETTINGS):
        # What a program takes out goes back to AWS's default; absent members would keep their value.
        defaults = {
            "settings": [{"name": "containerInsights", "value": "disabled"}],
            "configuration": {},
            "serviceConnectDefaults": {"namespace": ""},
        }
        removed = {name: value for name, value in defaults.items() if name in old.inputs and name not in inputs}
        aws.call("ecs", "update_cluster", cluster=old.id, **removed, **_SETTINGS.of(_CLUSTER, inputs))
    return _applied(aws.call("ecs", "describe_clusters", clusters=[old.id])["clusters"][0], inputs)


def _put_providers(aws: Aws, inputs: dict[str, Any]) -> Applied:
    name = cluster_name(inputs["clusterName"])
    strategy = inputs.get("defaultCapacityProviderStrategies", [])
    aws.call(
        "ecs",
        "put_cluster_capacity_providers",
        cluster=arn(aws, "ecs", f"cluster/{name}"),
        capacityProviders=inputs.get("capacityProviders", []),
        defaultCapacityProviderStrategy=_STRATEGY(f"{_PROVIDERS}.defaultCapacityProviderStrategies", strategy),
    )
    return Applied(id=name, outputs={})


def _delete_providers(aws: Aws, old: Recorded) -> None:
    _put_providers(aws, {"clusterName": old.inputs["clusterName"]})


HANDLERS = (
    Handler(
        type_token=_CLUSTER,
        inputs=_NAMES.names,
        create=_create,
        update=_update,
        delete=delete_by("ecs", "delete_cluster", "cluster"),
        replace_on=frozenset({"name"}),
        name_property="name",
        arn="{id}",
        retag=TAGGING.change,
    ),
    Handler(
        type_token=_PROVIDERS,
        inputs=frozenset({"clusterName", "capacityProviders", "defaultCapacityProviderStrategies"}),
        required=frozenset({"clusterName"}),
        create=_put_providers,
        update=put_again(_put_providers),
        delete=_delete_providers,
        replace_on=frozenset({"clusterName"}),
    ),
)
