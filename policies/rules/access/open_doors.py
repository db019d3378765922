"""The policy `no-other-door`: nothing is published by a property of its own, beside policies, addresses and security groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present, Undecided
from policies.resources.reading import read, required
from policies.resources.requested import asked
from policies.rules.policy import EVERYWHERE, hub
from policies.rules.rule import Problem, Stack, policy
from policies.rules.wiring.leaves import leaves


@dataclass(frozen=True, slots=True, kw_only=True)
class _Door:
    """A path to a value that opens something to everybody.

    default: what AWS takes where it is not set; None where that opens nothing. closed_by: properties of which one, where set, limits
    it; one below another as "vpcConfig.publicAccessCidrs". preflight: the property that names a route's or method's verb: what
    browsers ask before a request carries no credentials.
    """

    path: tuple[str, ...]
    open: tuple[object, ...]
    who: str
    default: object = None
    closed_by: tuple[str, ...] = ()
    preflight: str = ""


_ALL = ("all", "All", "ALL", "*")
_COPIED = "every AWS account can copy it"
_REACHED = "the whole internet reaches it"
_UNSIGNED = "the whole internet calls it, without a signature or token"
_CONNECTED = "every AWS account may connect to it"
_WEBSITE = "a website is for everybody, over plain HTTP"
_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_UNBLOCKED = "an ACL or a policy may publish what is in a bucket"
_WORLD = ("0.0.0.0/0", "::/0")


def _door(
    path: str, *opened: object, who: str, default: object = None, closed_by: tuple[str, ...] = (), preflight: str = ""
) -> tuple[_Door, ...]:
    parts = tuple(path.split("."))
    return (_Door(path=parts, open=opened, who=who, default=default, closed_by=closed_by, preflight=preflight),)


_SHARED = _door("sharedAccounts.*", *_ALL, who=_COPIED)
_PUBLIC = _door("publiclyAccessible", True, who=_REACHED)
_DOORS: Mapping[str, tuple[_Door, ...]] = {
    "aws:rds/snapshot:Snapshot": _SHARED,
    "aws:rds/snapshotCopy:SnapshotCopy": _SHARED,
    "aws:rds/clusterSnapshot:ClusterSnapshot": _SHARED,
    "aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy": _SHARED,
    "aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission": _door("accountId", *_ALL, who=_COPIED),
    "aws:ec2/amiLaunchPermission:AmiLaunchPermission": _door("group", *_ALL, who=_COPIED),
    "aws:ssm/document:Document": _door("permissions.accountIds", *_ALL, who=_COPIED),
    "aws:codebuild/project:Project": (
        *_door("projectVisibility", "PUBLIC_READ", who="everybody reads its logs and artifacts"),
        *_door("badgeEnabled", True, who="everybody reads whether its builds pass"),
    ),
    "aws:lambda/functionUrl:FunctionUrl": _door(
        "authorizationType", "NONE", who="the whole internet calls it, without a signature"
    ),
    "aws:lambda/permission:Permission": _door(
        "principal",
        "*",
        who="every AWS account, or with a function URL the whole internet, calls it",
        closed_by=("principalOrgId", "sourceAccount", "sourceArn"),
    ),
    "aws:lambda/layerVersionPermission:LayerVersionPermission": _door(
        "principal", "*", who="every AWS account reads it", closed_by=("organizationId",)
    ),
    "aws:ec2/vpcEndpointService:VpcEndpointService": _door("allowedPrincipals.*", "*", who=_CONNECTED),
    "aws:ec2/vpcEndpointServiceAllowedPrinciple:VpcEndpointServiceAllowedPrinciple": _door(
        "principalArn", "*", who=_CONNECTED
    ),
    "aws:dms/replicationInstance:ReplicationInstance": _PUBLIC,
    "aws:redshift/cluster:Cluster": _PUBLIC,
    "aws:redshiftserverless/workgroup:Workgroup": _PUBLIC,
    "aws:mq/broker:Broker": _PUBLIC,
    "aws:lightsail/database:Database": _PUBLIC,
    "aws:neptune/clusterInstance:ClusterInstance": _PUBLIC,
    "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration": _door("indexDocument.suffix", who=_WEBSITE),
    "aws:s3/bucket:Bucket": (
        *_door("website.indexDocument", who=_WEBSITE),
        *_door("websites.*.indexDocument", who=_WEBSITE),
    ),
    "aws:ecrpublic/repository:Repository": _door("repositoryName", who="everybody pulls its images"),
    "aws:apprunner/service:Service": _door(
        "networkConfiguration.ingressConfiguration.isPubliclyAccessible", True, who=_REACHED, default=True
    ),
    "aws:apigatewayv2/route:Route": _door(
        "authorizationType", "NONE", who=_UNSIGNED, default="NONE", preflight="routeKey"
    ),
    "aws:apigateway/method:Method": _door(
        "authorization", "NONE", who=_UNSIGNED, default="NONE", preflight="httpMethod"
    ),
    "aws:appsync/graphQLApi:GraphQLApi": _door(
        "authenticationType", "API_KEY", who="whoever has read the key in a browser calls it"
    ),
    "aws:eks/cluster:Cluster": (
        *_door(
            "vpcConfig.endpointPublicAccess",
            True,
            who=_REACHED,
            default=True,
            closed_by=("vpcConfig.publicAccessCidrs",),
        ),
        *_door("vpcConfig.publicAccessCidrs.*", *_WORLD, who=_REACHED),
    ),
    "aws:msk/cluster:Cluster": _door(
        "brokerNodeGroupInfo.connectivityInfo.publicAccess.type", "SERVICE_PROVIDED_EIPS", who=_REACHED
    ),
    "aws:transfer/server:Server": _door("endpointType", "PUBLIC", who=_REACHED, default="PUBLIC"),
    "aws:sagemaker/notebookInstance:NotebookInstance": _door(
        "directInternetAccess", "Enabled", who="it has a way to the internet of its own", default="Enabled"
    ),
    "aws:cognito/identityPool:IdentityPool": _door(
        "allowUnauthenticatedIdentities", True, who="everybody gets credentials of AWS from it"
    ),
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": tuple(
        door for key in _BLOCKS for door in _door(key, False, who=_UNBLOCKED, default=False)
    ),
    "aws:s3/accessPoint:AccessPoint": tuple(
        door for key in _BLOCKS for door in _door(f"publicAccessBlockConfiguration.{key}", False, who=_UNBLOCKED)
    ),
    "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess": _door("state", "unblocked", who=_COPIED),
    "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess": _door("state", "unblocked", who=_COPIED),
    "aws:emr/blockPublicAccessConfiguration:BlockPublicAccessConfiguration": _door(
        "blockPublicSecurityGroupRules", False, who="a cluster may be open to the world"
    ),
    "aws:cloudwatch/eventPermission:EventPermission": _door(
        "principal", "*", who="every AWS account sends events that look like this one's", closed_by=("condition",)
    ),
    "aws:lightsail/instancePublicPorts:InstancePublicPorts": _door("portInfos.*.cidrs.*", *_WORLD, who=_REACHED),
}
"""Type to its doors. open: the values that open it; empty for every one that is there."""


@policy(
    what="No snapshot, image, build log, function, API or store is open to everybody by a property of its own.",
    why="Security groups and bucket policies do not hold there: one word publishes all that is in it.",
    severity="critical",
    how_to_fix="Name the accounts, set projectVisibility PRIVATE, authorizationType AWS_IAM or JWT, or publiclyAccessible false; "
    "publish services behind the load balancer.",
    url=hub("RDS.1"),
    levels=EVERYWHERE,
    references="CKV_AWS_258 CKV_AWS_301 CKV_AWS_69 CKV_AWS_87 CKV_AWS_89 Lambda.1 RDS.1 Redshift.1 SSM.4",
    types=_DOORS,
)
def no_other_door(_: Stack, resource: Resource) -> Iterator[Problem]:
    for door in _DOORS[resource.type]:
        verb = read(resource, door.preflight) if door.preflight else Absent("")
        asks_first = isinstance(verb, Present) and str(verb.value).startswith("OPTIONS")
        if not asks_first and not any(_said(resource, prop) for prop in door.closed_by):
            yield from _open(resource, door)


def _open(resource: Resource, door: _Door) -> Iterator[Problem]:
    if door.default is not None and "*" not in door.path:
        where = ".".join(door.path)
        if isinstance(asked(resource, door.path[0], read(resource, *door.path)), Absent):
            if door.default in door.open:
                yield Problem(f"{where} is not set, which is {_shown(door.default)}: {door.who}", _CLOSED)
            return
    for where, found in leaves(resource, door.path):
        reading = asked(resource, door.path[0], found) if isinstance(found, Undecided) else found
        if isinstance(reading, Absent):
            continue
        value = required(reading)
        if not door.open or value in door.open:
            yield Problem(f"{where} is {_shown(value)}: {door.who}", _CLOSED)


_CLOSED = "named accounts, or nobody"


def _said(resource: Resource, prop: str) -> bool:
    """Whether a property is set; one that AWS computes is not."""
    first, *rest = prop.split(".")
    found = asked(resource, first, read(resource, first, *rest))
    return not isinstance(found, Absent) and found != Present("")


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{str(value)[:60]}"'
