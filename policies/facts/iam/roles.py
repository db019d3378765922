"""IAM roles: what distinguishes one whose ARN is not known yet, and which services take each on in the stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.facts.iam.rights import roles_named
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Present, Step, is_unknown
from policies.resources.reading import read_list

USERS: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]] = {
    tokens.TASK_DEFINITION: ((("taskRoleArn",), "ecs-tasks"), (("executionRoleArn",), "ecs-tasks")),
    tokens.SERVICE: (
        (("iamRole",), "ecs"),
        (("loadBalancers", "*", "advancedConfiguration", "roleArn"), "ecs"),
        (("deploymentConfiguration", "lifecycleHooks", "*", "roleArn"), "ecs"),
        (("serviceConnectConfiguration", "services", "*", "tls", "roleArn"), "ecs"),
        (("vpcLatticeConfigurations", "*", "roleArn"), "ecs"),
        (("volumeConfiguration", "managedEbsVolume", "roleArn"), "ecs"),
    ),
    "aws:ecs/expressGatewayService:ExpressGatewayService": (
        (("infrastructureRoleArn",), "ecs"),
        (("executionRoleArn",), "ecs-tasks"),
        (("taskRoleArn",), "ecs-tasks"),
    ),
    tokens.CAPACITY_PROVIDER: ((("managedInstancesProvider", "infrastructureRoleArn"), "ecs"),),
    tokens.APP_RUNNER_SERVICE: (
        (("sourceConfiguration", "authenticationConfiguration", "accessRoleArn"), "build.apprunner"),
        (("instanceConfiguration", "instanceRoleArn"), "tasks.apprunner"),
    ),
    tokens.DEPLOYMENT_GROUP: ((("serviceRoleArn",), "codedeploy"),),
    tokens.BUILD_PROJECT: ((("serviceRole",), "codebuild"),),
    tokens.PIPELINE: ((("roleArn",), "codepipeline"),),
    tokens.SCHEDULE: ((("target", "roleArn"), "scheduler"),),
    tokens.EVENT_TARGET: ((("roleArn",), "events"),),
    tokens.FLOW_LOG: ((("iamRoleArn",), "vpc-flow-logs"),),
    tokens.DB_INSTANCE: ((("monitoringRoleArn",), "monitoring.rds"),),
    tokens.DB_CLUSTER_INSTANCE: ((("monitoringRoleArn",), "monitoring.rds"),),
    tokens.DB_PROXY: ((("roleArn",), "rds"),),
    tokens.FUNCTION: ((("role",), "lambda"),),
    tokens.INSTANCE_PROFILE: ((("role",), "ec2"),),
    "aws:backup/selection:Selection": ((("iamRoleArn",), "backup"),),
    tokens.STATE_MACHINE: ((("roleArn",), "states"),),
    tokens.PIPE: ((("roleArn",), "pipes"),),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": (
        (("extendedS3Configuration", "roleArn"), "firehose"),
    ),
}
"""Type to its properties that name a role ("*" for every item of a list), and the service that takes it on."""
OTHER_USERS: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]] = {
    "aws:amplify/app:App": ((("iamServiceRoleArn",), "amplify"),),
    "aws:apigateway/account:Account": ((("cloudwatchRoleArn",), "apigateway"),),
    "aws:appsync/dataSource:DataSource": ((("serviceRoleArn",), "appsync"),),
    "aws:cfg/recorder:Recorder": ((("roleArn",), "config"),),
    "aws:cloudtrail/trail:Trail": ((("cloudWatchLogsRoleArn",), "cloudtrail"),),
    "aws:cloudwatch/metricStream:MetricStream": ((("roleArn",), "streams.metrics.cloudwatch"),),
    "aws:dlm/lifecyclePolicy:LifecyclePolicy": ((("executionRoleArn",), "dlm"),),
    "aws:eks/cluster:Cluster": ((("roleArn",), "eks"),),
    "aws:eks/fargateProfile:FargateProfile": ((("podExecutionRoleArn",), "eks-fargate-pods"),),
    "aws:eks/nodeGroup:NodeGroup": ((("nodeRoleArn",), "ec2"),),
    "aws:glue/crawler:Crawler": ((("role",), "glue"),),
    tokens.GLUE_JOB: ((("roleArn",), "glue"),),
    "aws:rds/clusterRoleAssociation:ClusterRoleAssociation": ((("roleArn",), "rds"),),
    "aws:rds/roleAssociation:RoleAssociation": ((("roleArn",), "rds"),),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": ((("role",), "s3"),),
    "aws:synthetics/canary:Canary": ((("executionRoleArn",), "lambda"),),
    "aws:transfer/server:Server": ((("loggingRole",), "transfer"),),
}
"""The same of further types. What else of their services takes roles on, is not all here."""
SERVICES = frozenset(service for users in USERS.values() for _, service in users)


def role_key(definition: Resource, prop: str) -> str:
    """What distinguishes one role from another: its ARN, or where that is unknown what it was made from."""
    value = definition.props.get(prop)
    if is_unknown(value):
        return " ".join(sorted(definition.property_dependencies.get(prop, ())))
    return value if isinstance(value, str) else ""


def uses_of_roles(resource: Resource) -> Iterator[tuple[tuple[Step, ...], str]]:
    """(where a role is named, the service that takes it on) of a resource of one of the types of both tables."""
    for path, service in USERS.get(resource.type) or OTHER_USERS[resource.type]:
        yield from ((place, service) for place in _places(resource, (), path))


def _places(resource: Resource, at: tuple[Step, ...], ahead: tuple[str, ...]) -> Iterator[tuple[Step, ...]]:
    if "*" not in ahead:
        yield (*at, *ahead)
        return
    end = ahead.index("*")
    held = (*at, *ahead[:end])
    listed = read_list(resource, *held)
    for position in range(len(listed.value) if isinstance(listed, Present) else 0):
        yield from _places(resource, (*held, position), ahead[end + 1 :])


def read_role_users(graph: Graph) -> Mapping[str, frozenset[str]]:
    """By the URN of a role the services that take it on for resources of the stack, as "ecs-tasks"."""
    found: dict[str, frozenset[str]] = {}
    for resource in graph.of_type(*USERS):
        for path, service in uses_of_roles(resource):
            for role in roles_named(graph, resource, path):
                found[role.urn] = found.get(role.urn, frozenset()) | {service}
    return found
