"""Where resources name the workload or database that they are for: type, to the paths in its properties ("*" for every item)."""

from __future__ import annotations

from collections.abc import Mapping

from policies.resources import tokens

Path = tuple[str, ...]


def _paths(text: str) -> tuple[Path, ...]:
    return tuple(tuple(path.split(".")) for path in text.split())


REFERENCES: Mapping[str, tuple[Path, ...]] = {
    tokens.LISTENER_RULE: _paths("actions.*.targetGroupArn actions.*.forward.targetGroups.*.arn"),
    tokens.SERVICE: _paths(
        "taskDefinition loadBalancers.*.targetGroupArn networkConfiguration.securityGroups "
        "serviceRegistries.registryArn serviceConnectConfiguration.services.*.discoveryName "
        "serviceConnectConfiguration.services.*.clientAlias.*.dnsName "
        "serviceConnectConfiguration.logConfiguration.options.awslogs-group"
    ),
    tokens.TASK_DEFINITION: _paths("taskRoleArn executionRoleArn"),
    tokens.SCALING_TARGET: _paths("resourceId"),
    tokens.SCHEDULED_ACTION: _paths("resourceId"),
    tokens.SCALING_POLICY: _paths(
        "resourceId targetTrackingScalingPolicyConfiguration.predefinedMetricSpecification.resourceLabel "
        "targetTrackingScalingPolicyConfiguration.customizedMetricSpecification.dimensions.*.value"
    ),
    tokens.ALARM: _paths("dimensions.* metricQueries.*.metric.dimensions.*"),
    tokens.EVENT_RULE: _paths("eventPattern"),
    tokens.EVENT_TARGET: _paths("rule arn roleArn ecsTarget.taskDefinitionArn deadLetterConfig.arn"),
    tokens.SCHEDULE: _paths(
        "target.ecsParameters.taskDefinitionArn target.ecsParameters.networkConfiguration.securityGroups "
        "target.roleArn target.deadLetterConfig.arn"
    ),
    tokens.PIPELINE: _paths(
        "roleArn stages.*.actions.*.roleArn stages.*.actions.*.configuration.RepositoryName "
        "stages.*.actions.*.configuration.ImageRepositoryName stages.*.actions.*.configuration.FullRepositoryId "
        "stages.*.actions.*.configuration.ProjectName stages.*.actions.*.configuration.ServiceName "
        "stages.*.actions.*.configuration.ApplicationName stages.*.actions.*.configuration.DeploymentGroupName "
        "stages.*.actions.*.configuration.TaskDefinitionTemplateArtifact"
    ),
    tokens.BUILD_PROJECT: _paths(
        "serviceRole environment.environmentVariables.*.value logsConfig.cloudwatchLogs.groupName source.location"
    ),
    tokens.NOTIFICATION_RULE: _paths("resource"),
    tokens.REPOSITORY_LIFECYCLE: _paths("repository"),
    tokens.REPOSITORY_POLICY: _paths("repository"),
    tokens.ROLE_POLICY: _paths("role"),
    tokens.ROLE_ATTACHMENT: _paths("role"),
    tokens.USER_POLICY: _paths("user"),
    tokens.USER: (),
    tokens.RESOURCE_GROUP: _paths("resourceQuery.query"),
    tokens.QUEUE_POLICY: _paths("queueUrl"),
    tokens.INGRESS_RULE: _paths("referencedSecurityGroupId securityGroupId"),
    tokens.EGRESS_RULE: _paths("referencedSecurityGroupId securityGroupId"),
    tokens.SECURITY_GROUP_RULE: _paths("sourceSecurityGroupId securityGroupId"),
    tokens.DB_INSTANCE: _paths("parameterGroupName dbSubnetGroupName vpcSecurityGroupIds monitoringRoleArn"),
    tokens.DB_CLUSTER: _paths("dbClusterParameterGroupName dbSubnetGroupName vpcSecurityGroupIds"),
    tokens.DB_CLUSTER_INSTANCE: _paths("clusterIdentifier dbParameterGroupName"),
    tokens.DNS_RECORD: _paths("records.*"),
    tokens.SERVICE_CREDENTIAL: _paths("userName"),
    tokens.USER_ATTACHMENT: _paths("user"),
    tokens.INSTANCE_PROFILE: _paths("role"),
    tokens.LISTENER: _paths("defaultActions.*.targetGroupArn defaultActions.*.forward.targetGroups.*.arn"),
    tokens.SUBSCRIPTION_FILTER: _paths("logGroup"),
    tokens.METRIC_FILTER: _paths("logGroupName"),
}

KINDS: Mapping[str, str] = {
    "TargetGroup": tokens.TARGET_GROUP, "LoadBalancer": tokens.LOAD_BALANCER, "targetGroupArn": tokens.TARGET_GROUP,
    "resourceLabel": tokens.TARGET_GROUP, "securityGroups": tokens.SECURITY_GROUP, "referencedSecurityGroupId": tokens.SECURITY_GROUP,
    "sourceSecurityGroupId": tokens.SECURITY_GROUP, "securityGroupId": tokens.SECURITY_GROUP, "taskDefinition": tokens.TASK_DEFINITION,
    "taskDefinitionArn": tokens.TASK_DEFINITION, "roleArn": tokens.ROLE, "role": tokens.ROLE, "QueueName": tokens.QUEUE,
    "ServiceName": tokens.SERVICE, "ClusterName": tokens.CLUSTER, "DBInstanceIdentifier": tokens.DB_INSTANCE,
}  # fmt: skip
"""The last word of a path to the type of what stands there, for values that are made from several resources."""

DATABASES = frozenset({tokens.DB_INSTANCE, tokens.DB_CLUSTER, tokens.DB_CLUSTER_INSTANCE})
"""Types whose references may be called after their clients."""

PAIRS = frozenset({tokens.INGRESS_RULE, tokens.EGRESS_RULE, tokens.SECURITY_GROUP_RULE})
"""Types whose names may hold both ends, of which one is enough: a rule datalab-api-database lets datalab-api into the database."""

DELIVERY = (
    "ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:CompleteLayerUpload", "ecs:UpdateService", "ecs:RunTask",
    "codebuild:StartBuild", "codepipeline:StartPipelineExecution", "iam:PassRole", "ssm:PutParameter", "ssm:GetParameter",
    "ssm:GetParameters", "secretsmanager:GetSecretValue", "logs:PutLogEvents", "codecommit:GitPush",
)  # fmt: skip
"""Actions that a role or user for one workload needs on that workload's own resources only."""
