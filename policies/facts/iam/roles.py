"""IAM roles: what distinguishes one whose ARN is not known yet, and which services take each on in the stack."""

from __future__ import annotations

from collections.abc import Mapping

from policies.facts.iam.rights import roles_named
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import is_unknown

USERS: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]] = {
    tokens.TASK_DEFINITION: ((("taskRoleArn",), "ecs-tasks"), (("executionRoleArn",), "ecs-tasks")),
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
    "aws:sfn/stateMachine:StateMachine": ((("roleArn",), "states"),),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": (
        (("extendedS3Configuration", "roleArn"), "firehose"),
    ),
}
"""Type to its properties that name a role, and the service that takes it on."""
OTHER_USERS: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]] = {
    tokens.DEPLOYMENT_GROUP: ((("serviceRoleArn",), "codedeploy"),),
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
    "aws:pipes/pipe:Pipe": ((("roleArn",), "pipes"),),
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


def read_role_users(graph: Graph) -> Mapping[str, frozenset[str]]:
    """By the URN of a role the services that take it on for resources of the stack, as "ecs-tasks"."""
    found: dict[str, frozenset[str]] = {}
    for resource in graph.of_type(*USERS):
        for path, service in USERS[resource.type]:
            for role in roles_named(graph, resource, path):
                found[role.urn] = found.get(role.urn, frozenset()) | {service}
    return found
