"""What a changed property does to what runs: replaced or restarted, what is away for how long, and what to do instead.

Sources: Amazon RDS User Guide, "Settings for DB instances" and "Modifying a Multi-AZ deployment"; Elastic Load Balancing, Amazon VPC
and Amazon ECS API References, which properties the Modify and Update operations take. The times are orders of magnitude.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from policies.resources import tokens
from policies.resources.contents import CONTENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Properties whose change has one effect. what, away, instead: parts of sentences."""

    properties: tuple[str, ...]
    what: str
    away: str
    instead: str


def _effect(*properties: str, what: str, away: str, instead: str) -> tuple[Effect, ...]:
    return (Effect(properties=properties, what=what, away=away, instead=instead),)


_NEW_INSTANCE: Final = "the database is away for 10 to 30 minutes, and the new one is empty"

EFFECTS: Final[Mapping[str, tuple[Effect, ...]]] = {
    tokens.DB_INSTANCE: (
        *_effect(
            *CONTENTS[tokens.DB_INSTANCE].replaced_by,
            what="the instance is replaced",
            away=_NEW_INSTANCE,
            instead="`database.formerly` for another schema's name; for the rest restore a snapshot into a second instance and move the "
            "private DNS name to it",
        ),
        *_effect(
            "instanceClass",
            what="the instance changes its class",
            away="the database is away for 5 to 10 minutes, with a standby (multiAz) for 1 to 2",
            instead="set multiAz first, and applyImmediately to false: it then waits for the maintenance window",
        ),
        *_effect(
            "engineVersion",
            what="the engine is upgraded, and no way leads back but a snapshot",
            away="the database is away for minutes after a minor version, for 10 to 60 after a major one",
            instead="try it on a restored snapshot, or use a blue/green deployment of RDS; never at a busy hour",
        ),
        *_effect(
            "parameterGroupName", "port", "identifier", "dbSubnetGroupName", "caCertIdentifier",
            what="the instance restarts",
            away="the database is away for 1 to 5 minutes, and every connection ends",
            instead="do it in the maintenance window (applyImmediately: false)",
        ),
        *_effect(
            "storageType",
            what="the storage is converted",
            away="nothing is away, but the database is slower for hours",
            instead="do it at a quiet time",
        ),
    ),
    tokens.VPC: _effect(
        "cidrBlock", "ipv4IpamPoolId", "instanceTenancy",
        what="the VPC is replaced with all that is in it: subnets, load balancer, database and services",
        away="the whole stage is away for an hour or more, and AWS moves no database to the new one",
        instead="a new stage beside this one (./run stage new), or an existing VPC (network.existing) and a move by snapshot",
    ),
    tokens.SUBNET: _effect(
        "vpcId", "cidrBlock", "availabilityZone",
        what="the subnet is replaced with what stands in it",
        away="tasks move within minutes; a database in it cannot, and AWS refuses to delete the subnet",
        instead="add subnets first (network.availabilityZones), move what is in the old ones, and remove them afterwards",
    ),
    tokens.NAT_GATEWAY: _effect(
        "subnetId", "allocationId", "connectivityType",
        what="the NAT gateway is replaced",
        away="requests from tasks to the outside fail for 2 to 5 minutes, and come from another address afterwards",
        instead="tell those who allow the old address first",
    ),
    tokens.LOAD_BALANCER: _effect(
        "name", "internal", "loadBalancerType", "ipAddressType", "namePrefix",
        what="the load balancer is replaced with its listeners, rules and DNS name",
        away="the public address answers nothing for 3 to 10 minutes; without a domain it is another one afterwards",
        instead="keep it; where it has to be a new one, a second stage and a weighted DNS record",
    ),
    tokens.TARGET_GROUP: _effect(
        "port", "protocol", "targetType", "vpcId",
        what="the target group is replaced: the new one first, under a name of its own",
        away="nothing is away where the application listens on both ports; otherwise the service until its tasks have started",
        instead="let the application listen on the old and the new port for one deployment",
    ),
    tokens.LISTENER_RULE: _effect(
        "conditions",
        what="other requests go to the service from one second to the next",
        away="requests to the old path get what the next rule that matches answers",
        instead="let the service answer both paths (a second service entry or a wider pattern) until no one asks the old one",
    ),
    tokens.SERVICE: _effect(
        "name", "cluster", "launchType", "schedulingStrategy",
        what="the ECS service is replaced",
        away="the service is away until the new tasks are healthy, 2 to 5 minutes, where the new one cannot stand beside the old",
        instead="`formerly: OLD-NAME` for another name",
    ),
    tokens.CLUSTER: _effect(
        "name",
        what="the cluster is replaced with all of its services",
        away="every service is away for 5 to 15 minutes",
        instead="keep the name, or a new stage beside this one",
    ),
    tokens.HTTP_NAMESPACE: _effect(
        "name",
        what="the namespace is replaced, and every service is redeployed into the new one",
        away="calls between services fail until both sides are in one namespace, 5 to 15 minutes",
        instead="keep the name, or a new stage beside this one",
    ),
    tokens.DNS_ZONE: _effect(
        "name",
        what="the zone is replaced with its records",
        away="the database's name does not resolve until tasks have the new one, 2 to 10 minutes",
        instead="keep platform.project, which is a part of the name",
    ),
}  # fmt: skip
"""By type. What a rename or a removal loses, contents.py has."""
