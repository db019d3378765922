"""Things that exist outside of the program and that its settings name: assumed to exist when a request names them.

An id that AWS draws (a VPC, subnet, security group or hosted zone) can only come from the settings when nobody here
created it. A cluster has a chosen name: one that a service names first and the program creates later is an error.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Generator, Iterator
from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import AwsCall, AwsError
from offline.aws.moto.environment import isolated_environment
from offline.aws.zones import zone_names

ASSUMED_CIDR = "10.0.0.0/16"
"""The range that an existing VPC is assumed to have; its subnets are /24 blocks of it, in the order they are named."""

_UNNAMED_VPC = "vpc-00000000000000000"
_REMOVALS = ("delete_", "detach_", "disassociate_", "release_", "revoke_")
_EC2_ID = re.compile(r"(vpc|subnet|sg)-[0-9a-f]+")


@isolated_environment()
def prepare(aws: Aws, call: AwsCall) -> None:
    """Make what a request names exist. Raises AwsError when a cluster is created that a service already used."""
    if call["operation"].startswith(_REMOVALS):
        return
    found = [value for value in _strings(call["params"]) if _EC2_ID.fullmatch(value)]
    if found:
        # The VPC first: its subnets and groups belong to it.
        vpc_id = next((value for value in found if value.startswith("vpc-")), None)
        for value in sorted(found, key=lambda item: not item.startswith("vpc-")):
            _assume_ec2(aws, value, vpc_id)
    if call["service"] == "ecs":
        _assume_cluster(aws, call)
    if call["service"] == "route53" and call["operation"] == "change_resource_record_sets":
        name = call["params"]["ChangeBatch"]["Changes"][0]["ResourceRecordSet"]["Name"]
        _assume_zone(aws, call["params"]["HostedZoneId"], record=name)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _assume_ec2(aws: Aws, resource_id: str, vpc_id: str | None) -> None:
    from moto.ec2.models import ec2_backends

    backend: Any = ec2_backends[aws.account_id][aws.region]
    if resource_id.startswith("vpc-"):
        if resource_id not in backend.vpcs:
            with _drawing("ec2.models.vpcs.random_vpc_id", resource_id):
                backend.create_vpc(ASSUMED_CIDR)
    elif resource_id.startswith("subnet-"):
        if not any(resource_id in subnets for subnets in backend.subnets.values()):
            _assume_subnet(aws, backend, resource_id, vpc_id or _assumed_vpc(aws, backend))
    elif backend.get_security_group_from_id(resource_id) is None:
        with _drawing("ec2.models.security_groups.random_security_group_id", resource_id):
            vpc = vpc_id or _assumed_vpc(aws, backend)
            backend.create_security_group(f"existing-{resource_id}", "existing", vpc)


@contextlib.contextmanager
def _drawing(function: str, resource_id: str) -> Generator[None]:
    """Let moto draw this id, and ids that depend on it alone for what comes with it (a VPC's route table, say)."""
    # Imported late, both: a preview asks AWS nothing.
    from unittest import mock

    from moto.moto_api._internal import mock_random

    mock_random.seed(f"assumed:{resource_id}")
    with mock.patch(f"moto.{function}", return_value=resource_id):
        yield


def _assumed_vpc(aws: Aws, backend: Any) -> str:
    """The VPC of a subnet or group that is named before its VPC: the newest, or one made for it."""
    own = [vpc.id for vpc in backend.vpcs.values() if vpc.cidr_block == ASSUMED_CIDR]
    if not own:
        _assume_ec2(aws, _UNNAMED_VPC, None)
    return str(own[-1]) if own else _UNNAMED_VPC


def _assume_subnet(aws: Aws, backend: Any, subnet_id: str, vpc_id: str) -> None:
    number = sum(subnet.vpc_id == vpc_id for subnets in backend.subnets.values() for subnet in subnets.values())
    zones = zone_names(aws.region)
    zone = zones[number % len(zones)]
    with _drawing("ec2.models.subnets.random_subnet_id", subnet_id):
        backend.create_subnet(vpc_id=vpc_id, cidr_block=f"10.0.{number}.0/24", availability_zone=zone)


def _assume_cluster(aws: Aws, call: AwsCall) -> None:
    from moto.ecs.models import ecs_backends

    backend: Any = ecs_backends[aws.account_id][aws.region]
    assumed: set[str] = backend.__dict__.setdefault("assumed_clusters", set())
    if call["operation"] == "create_cluster" and call["params"].get("clusterName") in assumed:
        raise AwsError(
            f"A service used the cluster {call['params']['clusterName']} before the cluster was created: "
            "the service needs the cluster in its depends_on."
        )
    name = str(call["params"].get("cluster", "")).split("/")[-1]
    if name and name not in backend.clusters:
        backend.create_cluster(name)
        assumed.add(name)


def _assume_zone(aws: Aws, zone_id: str, *, record: str) -> None:
    """A hosted zone with this id, named by the domain that the record's last two labels make."""
    from moto.route53.models import route53_backends

    backend: Any = route53_backends[aws.account_id][aws.partition]
    if zone_id in backend.zones:
        return
    name = ".".join(record.rstrip(".").split(".")[-2:])
    with _drawing("route53.models.HostedZoneIdentifier.generate", zone_id):
        backend.create_hosted_zone(name=name, private_zone=False, caller_reference=f"existing-{zone_id}")
