"""The policy `reference-exists`: what is named by a name that the program chooses is in the stack, where its kind is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.facts.iam.rights import roles_named
from policies.facts.iam.roles import USERS
from policies.facts.likeness import nearest
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.once import per_graph
from policies.resources.outcomes import Present
from policies.resources.reading import read_text
from policies.rules.policy import setting
from policies.rules.rule import Problem, Stack, policy
from policies.rules.wiring.leaves import leaves


@dataclass(frozen=True, slots=True)
class _Name:
    """A path to a name of a resource of one type. after: what stands before the name, such as ":topic:", empty for a bare name."""

    path: tuple[str, ...]
    kind: str
    prop: str = "name"
    after: str = ""


_AWS_MADE = "default"
"""What AWS calls the cluster, bus and schedule group that each account has."""
_REGISTRY = ".amazonaws.com/"
"""What stands before a repository's name in the address of an image."""


def _action(key: str) -> tuple[str, ...]:
    return ("stages", "*", "actions", "*", "configuration", key)


def _dimension(key: str, kind: str, prop: str = "name") -> tuple[_Name, ...]:
    return (
        _Name(("dimensions", key), kind, prop),
        _Name(("metricQueries", "*", "metric", "dimensions", key), kind, prop),
    )


_NAMED: Mapping[str, tuple[_Name, ...]] = {
    tokens.PIPELINE: (
        _Name(_action("ServiceName"), tokens.SERVICE),
        _Name(_action("ClusterName"), tokens.CLUSTER),
        _Name(_action("ProjectName"), tokens.BUILD_PROJECT),
        _Name(_action("RepositoryName"), tokens.CODE_REPOSITORY, "repositoryName"),
        _Name(("artifactStores", "*", "location"), tokens.BUCKET, "bucket"),
        _Name(("roleArn",), tokens.ROLE, after=":role/"),
    ),
    tokens.ALARM: (
        *_dimension("ServiceName", tokens.SERVICE),
        *_dimension("ClusterName", tokens.CLUSTER),
        *_dimension("DBInstanceIdentifier", tokens.DB_INSTANCE, "identifier"),
        *_dimension("DBClusterIdentifier", tokens.DB_CLUSTER, "clusterIdentifier"),
        *_dimension("QueueName", tokens.QUEUE),
        *_dimension("ProjectName", tokens.BUILD_PROJECT),
        *_dimension("FunctionName", tokens.FUNCTION),
        _Name(("alarmActions", "*"), tokens.TOPIC, after=":sns:"),
        _Name(("okActions", "*"), tokens.TOPIC, after=":sns:"),
    ),
    tokens.EVENT_TARGET: (
        _Name(("arn",), tokens.PIPELINE, after=":codepipeline:"),
        _Name(("arn",), tokens.TOPIC, after=":sns:"),
        _Name(("arn",), tokens.BUILD_PROJECT, after=":project/"),
        _Name(("arn",), tokens.CLUSTER, after=":cluster/"),
        _Name(("roleArn",), tokens.ROLE, after=":role/"),
    ),
    tokens.SCHEDULE: (
        _Name(("target", "arn"), tokens.CLUSTER, after=":cluster/"),
        _Name(("target", "deadLetterConfig", "arn"), tokens.QUEUE, after=":sqs:"),
        _Name(("target", "roleArn"), tokens.ROLE, after=":role/"),
        _Name(("groupName",), tokens.SCHEDULE_GROUP),
    ),
    tokens.SERVICE: (
        _Name(("cluster",), tokens.CLUSTER),
        _Name(("alarms", "alarmNames", "*"), tokens.ALARM),
        _Name(("serviceConnectConfiguration", "logConfiguration", "options", "awslogs-group"), tokens.LOG_GROUP),
    ),
    tokens.DEPLOYMENT_GROUP: (
        _Name(("ecsService", "clusterName"), tokens.CLUSTER),
        _Name(("ecsService", "serviceName"), tokens.SERVICE),
        _Name(("loadBalancerInfo", "targetGroupPairInfo", "targetGroups", "*", "name"), tokens.TARGET_GROUP),
        _Name(("alarmConfiguration", "alarms", "*"), tokens.ALARM),
    ),
    tokens.SCALING_TARGET: (_Name(("resourceId",), tokens.SERVICE, after="service/"),),
    tokens.NOTIFICATION_RULE: (
        _Name(("resource",), tokens.PIPELINE, after=":codepipeline:"),
        _Name(("targets", "*", "address"), tokens.TOPIC, after=":sns:"),
    ),
    tokens.EVENT_RULE: (_Name(("eventPattern",), tokens.CODE_REPOSITORY, "repositoryName", after=":codecommit:"),),
    tokens.DB_INSTANCE: (_Name(("monitoringRoleArn",), tokens.ROLE, after=":role/"),),
    tokens.FLOW_LOG: (
        _Name(("iamRoleArn",), tokens.ROLE, after=":role/"),
        _Name(("logDestination",), tokens.LOG_GROUP, after=":log-group:"),
    ),
    tokens.TASK_DEFINITION: (
        _Name(("taskRoleArn",), tokens.ROLE, after=":role/"),
        _Name(("executionRoleArn",), tokens.ROLE, after=":role/"),
    ),
    tokens.BUILD_PROJECT: (
        _Name(("serviceRole",), tokens.ROLE, after=":role/"),
        _Name(("environment", "environmentVariables", "*", "value"), tokens.REPOSITORY, after=_REGISTRY),
    ),
    tokens.REPOSITORY_LIFECYCLE: (_Name(("repository",), tokens.REPOSITORY),),
    tokens.REPOSITORY_POLICY: (_Name(("repository",), tokens.REPOSITORY),),
    tokens.GROUP_POLICY: (_Name(("group",), tokens.IAM_GROUP),),
    tokens.GROUP_MEMBERSHIP: (_Name(("group",), tokens.IAM_GROUP), _Name(("users", "*"), tokens.USER)),
    tokens.CLUSTER_CAPACITY: (_Name(("clusterName",), tokens.CLUSTER),),
    tokens.LOAD_BALANCER: (_Name(("accessLogs", "bucket"), tokens.BUCKET, "bucket"),),
}


@policy(
    what="A name that a pipeline, alarm, event or schedule acts on is one of the stack's resources, where the stack has any of the kind.",
    why="AWS takes a misspelt name in an alarm, a deployment or a schedule, and does nothing with it until it is needed.",
    severity="high",
    how_to_fix="Write the name of the resource; list names of other stacks in the setting elsewhere.",
    url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html",
    settings=(setting("elsewhere", (), "Names of resources of other stacks that may be named."),),
    types=_NAMED,
    also=(tokens.CODE_REPOSITORY, tokens.IAM_GROUP, tokens.ROLE, tokens.USER),
)
def reference_exists(stack: Stack, resource: Resource) -> Iterator[Problem]:
    elsewhere = stack.texts("elsewhere")
    for named in _NAMED[resource.type]:
        texts, handles = stack.graph.by_text(named.kind, named.prop), stack.graph.by_handle(named.kind)
        for where, found in leaves(resource, named.path) if texts or handles else ():
            text = found.value if isinstance(found, Present) and isinstance(found.value, str) else ""
            name = _name_in(text, named.after)
            if not name or name in texts or name in handles or name in (*elsewhere, _AWS_MADE):
                continue
            if _named(stack.graph, named.kind, named.prop) < len(stack.graph.of_type(named.kind)):
                continue  # one whose name is not known may be the one
            like = nearest(name, _known(stack.graph, named.kind, named.prop))
            if named.kind == tokens.ROLE and not _has_roles_for(stack, resource, named.path):
                continue
            kind = named.kind.rpartition(":")[2]
            yield Problem(f'{where} names "{name[:100]}", which no {kind} of the stack is called', f'such as "{like}"')


@per_graph
def _with_own_roles(graph: Graph, kind: str, path: tuple[str, ...]) -> frozenset[str]:
    """What of a type has a role of the stack there."""
    return frozenset(resource.urn for resource in graph.of_type(kind) if roles_named(graph, resource, path))


def _has_roles_for(stack: Stack, resource: Resource, path: tuple[str, ...]) -> bool:
    """Whether the stack has roles of its own for this: those of an account serve many, such as ecsTaskExecutionRole."""
    if resource.type == tokens.TASK_DEFINITION:  # whose two roles trust the same service
        return bool(_with_own_roles(stack.graph, resource.type, path) - {resource.urn})
    service = dict(USERS[resource.type])[path]
    documents = (read_text(role, "assumeRolePolicy") for role in stack.graph.of_type(tokens.ROLE))
    return any(isinstance(document, Present) and service in document.value for document in documents)


@per_graph
def _named(graph: Graph, kind: str, prop: str) -> int:
    """How many resources of a type have a name that is known."""
    return sum(map(len, graph.by_text(kind, prop).values()))


@per_graph
def _known(graph: Graph, kind: str, prop: str) -> frozenset[str]:
    return frozenset({*graph.by_text(kind, prop), *graph.by_handle(kind)})


def _name_in(text: str, after: str) -> str:
    """The name in a text: the whole of it, or in an ARN or resource id the last part of what stands behind a mark."""
    if not after:
        return "" if text.startswith("arn:") else text
    start = text.find(after)
    if start < 0 or "*" in text:
        return ""
    rest = text[start + len(after) :].split('"', 1)[0].removesuffix(":*")
    if after == _REGISTRY:
        return rest.partition("@")[0].partition(":")[0] if ".dkr.ecr." in text[:start] else ""
    return rest.rpartition(":")[2] if after == ":log-group:" else rest.rpartition("/")[2].rpartition(":")[2]
