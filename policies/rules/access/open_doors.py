"""The policy `no-other-door`: nothing is published by a property of its own, beside policies, addresses and security groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.resources.graph import Resource
from policies.resources.reading import Absent, Present, Undecided, read, required
from policies.resources.requested import asked
from policies.rules.policy import EVERYWHERE, hub
from policies.rules.rule import Problem, Stack, policy
from policies.rules.wiring.leaves import leaves


@dataclass(frozen=True, slots=True, kw_only=True)
class _Door:
    """A path to a value that opens something to everybody. closed_by: properties of which one, where set, limits it."""

    path: tuple[str, ...]
    open: tuple[object, ...]
    who: str
    closed_by: tuple[str, ...] = ()


_ALL = ("all", "All", "ALL", "*")
_SHARED = "every AWS account can copy it"
_REACHED = "the whole internet reaches it"
_DOORS: Mapping[str, _Door | tuple[_Door, ...]] = {
    "aws:rds/snapshot:Snapshot": _Door(path=("sharedAccounts", "*"), open=_ALL, who=_SHARED),
    "aws:rds/snapshotCopy:SnapshotCopy": _Door(path=("sharedAccounts", "*"), open=_ALL, who=_SHARED),
    "aws:rds/clusterSnapshot:ClusterSnapshot": _Door(path=("sharedAccounts", "*"), open=_ALL, who=_SHARED),
    "aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy": _Door(path=("sharedAccounts", "*"), open=_ALL, who=_SHARED),
    "aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission": _Door(
        path=("accountId",), open=_ALL, who=_SHARED
    ),
    "aws:ec2/amiLaunchPermission:AmiLaunchPermission": _Door(path=("group",), open=_ALL, who=_SHARED),
    "aws:ssm/document:Document": _Door(path=("permissions", "accountIds"), open=_ALL, who=_SHARED),
    "aws:codebuild/project:Project": (
        _Door(path=("projectVisibility",), open=("PUBLIC_READ",), who="everybody reads its logs and artifacts"),
        _Door(path=("badgeEnabled",), open=(True,), who="everybody reads whether its builds pass"),
    ),
    "aws:lambda/functionUrl:FunctionUrl": _Door(
        path=("authorizationType",), open=("NONE",), who="the whole internet calls it, without a signature"
    ),
    "aws:lambda/permission:Permission": _Door(
        path=("principal",),
        open=("*",),
        who="every AWS account, or with a function URL the whole internet, calls it",
        closed_by=("principalOrgId", "sourceAccount", "sourceArn"),
    ),
    "aws:lambda/layerVersionPermission:LayerVersionPermission": _Door(
        path=("principal",), open=("*",), who="every AWS account reads it", closed_by=("organizationId",)
    ),
    "aws:ec2/vpcEndpointService:VpcEndpointService": _Door(
        path=("allowedPrincipals", "*"), open=("*",), who="every AWS account may connect to it"
    ),
    "aws:dms/replicationInstance:ReplicationInstance": _Door(path=("publiclyAccessible",), open=(True,), who=_REACHED),
    "aws:redshift/cluster:Cluster": _Door(path=("publiclyAccessible",), open=(True,), who=_REACHED),
    "aws:redshiftserverless/workgroup:Workgroup": _Door(path=("publiclyAccessible",), open=(True,), who=_REACHED),
    "aws:mq/broker:Broker": _Door(path=("publiclyAccessible",), open=(True,), who=_REACHED),
    "aws:lightsail/database:Database": _Door(path=("publiclyAccessible",), open=(True,), who=_REACHED),
    "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration": _Door(
        path=("indexDocument", "suffix"), open=(), who="a website is for everybody, over plain HTTP"
    ),
    "aws:ecrpublic/repository:Repository": _Door(path=("repositoryName",), open=(), who="everybody pulls its images"),
}
"""Type to its doors. open: the values that open it; empty for every one that is there."""


@policy(
    what="No snapshot, image, build log, function, layer or database is open to everybody by a property of its own.",
    why="Security groups and bucket policies do not hold there: one word publishes all that is in it.",
    severity="critical",
    how_to_fix="Name the accounts, set projectVisibility PRIVATE, authorizationType AWS_IAM or publiclyAccessible false.",
    url=hub("RDS.1"),
    levels=EVERYWHERE,
    references="CKV_AWS_258 CKV_AWS_301 CKV_AWS_69 CKV_AWS_87 CKV_AWS_89 Lambda.1 RDS.1 Redshift.1 SSM.4",
    types=_DOORS,
)
def no_other_door(_: Stack, resource: Resource) -> Iterator[Problem]:
    doors = _DOORS[resource.type]
    for door in doors if isinstance(doors, tuple) else (doors,):
        if not any(_said(resource, prop) for prop in door.closed_by):
            yield from _open(resource, door)


def _open(resource: Resource, door: _Door) -> Iterator[Problem]:
    for where, found in leaves(resource, door.path):
        reading = asked(resource, where, found) if isinstance(found, Undecided) else found
        if isinstance(reading, Absent):
            continue
        value = required(reading)
        if not door.open or value in door.open:
            yield Problem(f"{where} is {_shown(value)}: {door.who}", "named accounts, or nobody")


def _said(resource: Resource, prop: str) -> bool:
    return read(resource, prop) not in (Absent(prop), Present(""))


def _shown(value: object) -> str:
    return "true" if value is True else f'"{str(value)[:60]}"'
