"""What AWS has once: by resource type the properties that no two can share, and within what. Every type of the platform is here.

Sources: the API references' AlreadyExists, InUse and Duplicate errors of the operation that creates each type; where an operation
instead takes a second one for the first (Put..., Register..., CreateTopic, CreateQueue, CreateCluster), the deletion of the old one
takes the new one away, which is worse than a refusal: `merges`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, cast

from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import is_unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """Properties that AWS has once together.

    properties: paths; `x[].y` is y of each entry of x, and `?` at the end one that may be absent. what: how people call them.
    merges: whether AWS takes a second one for the first.
    """

    properties: tuple[str, ...]
    what: str
    merges: bool = False


def _once(what: str, *properties: str, merges: bool = False) -> tuple[Once, ...]:
    return (Once(properties=properties, what=what, merges=merges),)


_NAME: Final = _once("its name", "name")
_MERGED_NAME: Final = _once("its name", "name", merges=True)
_OF_BUCKET: Final = _once("its bucket", "bucket", merges=True)
_RULE: Final = (
    "securityGroupId", "ipProtocol", "fromPort?", "toPort?", "cidrIpv4?", "cidrIpv6?", "prefixListId?", "referencedSecurityGroupId?",
)  # fmt: skip
_SCALED: Final = ("resourceId", "scalableDimension", "serviceNamespace")

ONCE: Final[Mapping[str, tuple[Once, ...]]] = {
    tokens.SERVICE: (
        *_once("its name in the cluster", "name", "cluster?"),
        *_once(
            "its discovery name in the namespace",
            "serviceConnectConfiguration.services[].discoveryName",
            "serviceConnectConfiguration.namespace?",
        ),
    ),
    tokens.CLUSTER: _MERGED_NAME,
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": _once("its cluster", "clusterName", merges=True),
    tokens.SCALING_TARGET: _once("what it scales", *_SCALED, merges=True),
    tokens.SCALING_POLICY: _once("its name for what it scales", "name", *_SCALED, merges=True),
    tokens.SCHEDULED_ACTION: _once("its name for what it scales", "name", *_SCALED, merges=True),
    tokens.SCHEDULE: _once("its name in the schedule group", "name", "groupName?"),
    "aws:scheduler/scheduleGroup:ScheduleGroup": _NAME,
    tokens.EVENT_RULE: _once("its name on the bus", "name", "eventBusName?", merges=True),
    tokens.EVENT_TARGET: _once("its id in the rule", "rule", "targetId", "eventBusName?", merges=True),
    tokens.HTTP_NAMESPACE: _NAME,
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": _once("its name in the VPC", "name", "vpc"),
    "aws:servicediscovery/service:Service": _once("its name in the namespace", "name", "namespaceId?"),
    tokens.DB_INSTANCE: _once("its identifier", "identifier"),
    tokens.DB_CLUSTER: _once("its identifier", "clusterIdentifier"),
    tokens.DB_CLUSTER_INSTANCE: _once("its identifier", "identifier"),
    tokens.DB_PROXY: _NAME,
    tokens.PARAMETER_GROUP: _NAME,
    tokens.CLUSTER_PARAMETER_GROUP: _NAME,
    tokens.DB_SUBNET_GROUP: _NAME,
    tokens.SECURITY_GROUP: _once("its name in the VPC", "name", "vpcId"),
    tokens.INGRESS_RULE: _once("what it lets in", *_RULE),
    tokens.EGRESS_RULE: _once("what it lets out", *_RULE),
    tokens.SUBNET: _once("its range in the VPC", "vpcId", "cidrBlock"),
    tokens.ROUTE: _once(
        "its destination in the route table",
        "routeTableId", "destinationCidrBlock?", "destinationIpv6CidrBlock?", "destinationPrefixListId?",
    ),
    tokens.ROUTE_TABLE_ASSOCIATION: _once("its subnet or gateway", "subnetId?", "gatewayId?"),
    tokens.INTERNET_GATEWAY: _once("its VPC", "vpcId"),
    tokens.NAT_GATEWAY: _once("its address", "allocationId"),
    tokens.VPC_ENDPOINT: _once("its service in the route table", "vpcId", "serviceName", "routeTableIds[]"),
    tokens.FLOW_LOG: _once(
        "what it logs where", "vpcId?", "subnetId?", "eniId?", "trafficType?", "logDestination?"
    ),
    tokens.LOAD_BALANCER: _NAME,
    tokens.LISTENER: _once("its port of the load balancer", "loadBalancerArn", "port"),
    tokens.LISTENER_RULE: _once("its priority in the listener", "listenerArn", "priority"),
    tokens.TARGET_GROUP: _NAME,
    tokens.DNS_ZONE: _once("its name in the VPC", "name", "vpcs[].vpcId"),
    tokens.DNS_RECORD: _once("its name and type in the zone", "zoneId", "name", "type", "setIdentifier?"),
    tokens.BUCKET: _once("its name", "bucket"),
    tokens.BUCKET_POLICY: _OF_BUCKET,
    tokens.BUCKET_ACCESS_BLOCK: _OF_BUCKET,
    tokens.BUCKET_ENCRYPTION: _OF_BUCKET,
    tokens.BUCKET_LIFECYCLE: _OF_BUCKET,
    tokens.BUCKET_VERSIONING: _OF_BUCKET,
    tokens.BUCKET_OWNERSHIP: _OF_BUCKET,
    tokens.BUCKET_OBJECT: _once("its key in the bucket", "bucket", "key", merges=True),
    tokens.BUCKET_OBJECT_V2: _once("its key in the bucket", "bucket", "key", merges=True),
    tokens.REPOSITORY: _NAME,
    tokens.REPOSITORY_LIFECYCLE: _once("its repository", "repository", merges=True),
    tokens.REPOSITORY_POLICY: _once("its repository", "repository", merges=True),
    tokens.TOPIC: _MERGED_NAME,
    tokens.TOPIC_POLICY: _once("its topic", "arn", merges=True),
    tokens.TOPIC_SUBSCRIPTION: _once("its endpoint at the topic", "topic", "protocol", "endpoint", merges=True),
    tokens.QUEUE: _MERGED_NAME,
    tokens.QUEUE_POLICY: _once("its queue", "queueUrl", merges=True),
    "aws:kms/alias:Alias": _NAME,
    tokens.KEY_POLICY: _once("its key", "keyId", merges=True),
    tokens.LOG_GROUP: _NAME,
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": _once("its name in the log group", "name", "logGroupName", merges=True),
    tokens.ALARM: _MERGED_NAME,
    tokens.COMPOSITE_ALARM: _once("its name", "alarmName", merges=True),
    "aws:cloudwatch/dashboard:Dashboard": _once("its name", "dashboardName", merges=True),
    tokens.PARAMETER: _NAME,
    tokens.ROLE: _NAME,
    tokens.ROLE_POLICY: _once("its name in the role", "role", "name", merges=True),
    tokens.ROLE_ATTACHMENT: _once("its policy at the role", "role", "policyArn", merges=True),
    tokens.IAM_POLICY: _NAME,
    tokens.USER: _NAME,
    tokens.USER_POLICY: _once("its name in the user", "user", "name", merges=True),
    tokens.USER_ATTACHMENT: _once("its policy at the user", "user", "policyArn", merges=True),
    tokens.IAM_GROUP: _NAME,
    tokens.GROUP_MEMBERSHIP: _once("its group", "group", merges=True),
    tokens.GROUP_POLICY: _once("its name in the group", "group", "name", merges=True),
    tokens.BUILD_PROJECT: _NAME,
    tokens.PIPELINE: _NAME,
    tokens.CODE_REPOSITORY: _once("its name", "repositoryName"),
    "aws:resourcegroups/group:Group": _NAME,
    tokens.SECRET: _NAME,
    tokens.FUNCTION: _NAME,
    "aws:dynamodb/table:Table": _NAME,
    "aws:efs/fileSystem:FileSystem": _once("its token", "creationToken"),
}  # fmt: skip

_ARN: Final = re.compile(r"[:/]")


def keys(
    resource: Resource, once: Once, known: Mapping[str, str] = MappingProxyType({})
) -> Iterator[tuple[object, ...]]:
    """What AWS has once of a resource; nothing where a part is unknown: what this deployment makes is nobody's before.

    known: what stands for properties of which more is known than they say, such as the URN of what they name, which has a region.
    """
    parts = [
        [known[path]]
        if path in known
        else list(_values(resource.props, path.removesuffix("?"), optional=path.endswith("?")))
        for path in once.properties
    ]
    for found in itertools.product(*parts):
        if any(value is not None for value in found):
            yield (None if known else plain(resource.props.get("region")), *found)


def _values(props: Mapping[str, object], path: str, *, optional: bool) -> Iterator[object]:
    head, dot, rest = path.partition(".")
    each = head.endswith("[]")
    value = props.get(head.removesuffix("[]"))
    items = cast("list[object]", value) if each and isinstance(value, list) else [] if each else [value]
    for item in items:
        if dot and isinstance(item, Mapping):
            yield from _values(cast("Mapping[str, object]", item), rest, optional=optional)
        elif item is None and optional:
            yield None
        elif item is not None and not dot and not is_unknown(item):
            yield plain(item)
    if each and not items and optional:
        yield None


def plain(value: object) -> object:
    """A value as it is compared: what is named by ARN here is named by name there."""
    if isinstance(value, str):
        text = value.rstrip(".")
        return _ARN.split(text)[-1] if text.startswith("arn:") else text
    return str(value) if isinstance(value, (dict, list)) else value
