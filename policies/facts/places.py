"""Where else resources point: ARNs, registries and bare accounts in their properties, and resources of another region that they use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import is_unknown

_PLACED = ("arn:aws", ".dkr.ecr.", "/AWSLogs/")
_BARE = re.compile(r"[0-9]{12}")
_HOLDS_ACCOUNT = re.compile(r"account|owner|principal|registryId", re.IGNORECASE)
_PROSE = frozenset({"tags", "tagsAll", "description", "alarmDescription", "comment", "content", "layers", "id"})
"""What is for people, is the resource's own, or names what AWS publishes for everybody in accounts of its own, such as layers."""
_ANY_REGION = frozenset(
    {
        "endpoint", "environment", "environmentVariables", "stages", "replicateSourceDb", "sourceDbSnapshotIdentifier",
        "sourceDbClusterSnapshotIdentifier", "sourceSnapshotIdentifier", "sourceSnapshotId", "sourceAmiId", "snapshotArns",
        "replicationSourceIdentifier", "globalClusterIdentifier", "globalReplicationGroupId", "destinationVaultArn", "copyActions",
        "primaryKeyArn", "replicas", "replicaKmsKeyId", "peerVpcId", "peerTransitGatewayId", "vpcPeeringConnectionId", "variables",
        "sourceRegion", "destinations",
    }
)  # fmt: skip
"""Properties that may name what is in another region: copies, replicas, what an application calls."""
_DEEPEST = 40
OF_US: Mapping[str, frozenset[str]] = {
    "aws:apigateway/domainName:DomainName": frozenset({"certificateArn"}),
    "aws:cloudfront/distribution:Distribution": frozenset({"viewerCertificate", "webAclId"}),
    "aws:cognito/userPoolDomain:UserPoolDomain": frozenset({"certificateArn"}),
}
"""Type to its properties that name what is in us-east-1, wherever the stack is (ACM User Guide, Supported Regions)."""
_US = "us-east-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A text that says whose or where something is. where: its path. bare: it is an account's digits alone. regional: it has to be of
    the resource's own region."""

    where: str
    text: str
    bare: bool = False
    regional: bool = True


def read_named(resource: Resource) -> tuple[Named, ...]:
    """What a resource of AWS names by ARN, registry or account; documents excepted, which are JSON in a text."""
    if not resource.type.startswith("aws:"):
        return ()
    return tuple(
        named
        for key, value in resource.props.items()
        if key not in _PROSE
        for named in _within(key, key, value, 0, regional=key not in _ANY_REGION)
    )


def places_something(text: str) -> bool:
    """Whether a text may say whose or where something is: by ARN, registry, or the 12 digits of an account."""
    if len(text) == 12:
        return _BARE.fullmatch(text) is not None
    return len(text) > 12 and text[0] not in "{[" and any(mark in text for mark in _PLACED)


def _within(where: str, key: str, value: object, depth: int, *, regional: bool) -> Iterator[Named]:
    if isinstance(value, str):
        if not places_something(value):
            return
        if len(value) > 12:
            yield Named(where=where, text=value, regional=regional)
        elif _HOLDS_ACCOUNT.search(where):
            yield Named(where=where, text=value, bare=True, regional=False)
    elif depth > _DEEPEST:
        return
    elif isinstance(value, list):
        for position, item in enumerate(cast("list[object]", value)):
            yield from _within(f"{where}[{position}]", key, item, depth + 1, regional=regional)
    elif isinstance(value, Mapping):
        for inner, item in cast("Mapping[str, object]", value).items():
            if inner == "id" or inner not in _PROSE:
                yield from _within(
                    f"{where}.{inner}", inner, item, depth + 1, regional=regional and inner not in _ANY_REGION
                )


def region_of(resource: Resource) -> str:
    """The region that a resource says it is in, empty where it says none."""
    value = resource.props.get("region")
    return value if isinstance(value, str) and not is_unknown(value) else ""


def region_for(resource: Resource, prop: str) -> str:
    """The region that what a property of a resource names has to be in, empty for any."""
    return _US if prop in OF_US.get(resource.type, ()) else region_of(resource)


def read_far_uses(graph: Graph, main: str) -> Mapping[str, tuple[str, str]]:
    """By the URN of a resource of another region than what is made from it, or than what it is made from where that is the stack's: the
    region that it has to be in, and the property in words."""
    found: dict[str, tuple[str, str]] = {}
    regions = {region_of(resource) for resource in graph} | ({_US} if graph.of_type(*OF_US) else set())
    if len(regions - {""}) < 2:
        return found  # nearly every stack
    for resource in graph:
        for prop, urns in resource.property_dependencies.items():
            own = region_for(resource, prop)
            for urn in urns if own and prop not in _ANY_REGION else ():
                other = graph.get(urn)
                if other is None or region_of(other) in ("", own):
                    continue
                if own == region_of(resource) != main:
                    found.setdefault(resource.urn, (region_of(other), f"its {prop} is made from {other.name}"))
                else:
                    found.setdefault(urn, (own, f"{prop} of {resource.name} is made from it"))
    return found
