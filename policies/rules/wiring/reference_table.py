"""Where resources name the workload or database that they are for: type, to the paths in its properties ("*" for every item)."""

from __future__ import annotations

from collections.abc import Mapping

from policies.resources import tokens

Path = tuple[str, ...]

REFERENCES: Mapping[str, tuple[Path, ...]] = {
    tokens.LISTENER_RULE: (
        ("actions", "*", "targetGroupArn"),
        ("actions", "*", "forward", "targetGroups", "*", "arn"),
    ),
    tokens.SERVICE: (
        ("taskDefinition",),
        ("loadBalancers", "*", "targetGroupArn"),
        ("networkConfiguration", "securityGroups"),
        ("serviceRegistries", "registryArn"),
        ("serviceConnectConfiguration", "services", "*", "discoveryName"),
        ("serviceConnectConfiguration", "services", "*", "clientAlias", "*", "dnsName"),
        ("serviceConnectConfiguration", "logConfiguration", "options", "awslogs-group"),
    ),
    tokens.TASK_DEFINITION: (("taskRoleArn",), ("executionRoleArn",)),
    tokens.SCALING_TARGET: (("resourceId",),),
    tokens.SCHEDULED_ACTION: (("resourceId",),),
    tokens.SCALING_POLICY: (
        ("resourceId",),
        ("targetTrackingScalingPolicyConfiguration", "predefinedMetricSpecification", "resourceLabel"),
        ("targetTrackingScalingPolicyConfiguration", "customizedMetricSpecification", "dimensions", "*", "value"),
    ),
    tokens.ALARM: (("dimensions", "*"), ("metricQueries", "*", "metric", "dimensions", "*")),
    tokens.EVENT_RULE: (("eventPattern",),),
    tokens.EVENT_TARGET: (("rule",), ("arn",), ("roleArn",), ("ecsTarget", "taskDefinitionArn"), ("deadLetterConfig", "arn")),
    tokens.SCHEDULE: (
        ("target", "ecsParameters", "taskDefinitionArn"),
        ("target", "ecsParameters", "networkConfiguration", "securityGroups"),
        ("target", "roleArn"),
        ("target", "deadLetterConfig", "arn"),
    ),
    tokens.PIPELINE: (
        ("roleArn",),
        ("stages", "*", "actions", "*", "roleArn"),
        *(
            ("stages", "*", "actions", "*", "configuration", key)
            for key in (
                "RepositoryName", "ImageRepositoryName", "FullRepositoryId", "ProjectName", "ServiceName", "ApplicationName",
                "DeploymentGroupName", "TaskDefinitionTemplateArtifact",
            )
        ),
    ),
    tokens.BUILD_PROJECT: (
        ("serviceRole",),
        ("environment", "environmentVariables", "*", "value"),
        ("logsConfig", "cloudwatchLogs", "groupName"),
        ("source", "location"),
    ),
    tokens.NOTIFICATION_RULE: (("resource",),),
    tokens.REPOSITORY_LIFECYCLE: (("repository",),),
    tokens.REPOSITORY_POLICY: (("repository",),),
    tokens.ROLE_POLICY: (("role",),),
    tokens.ROLE_ATTACHMENT: (("role",),),
    tokens.USER_POLICY: (("user",),),
    tokens.USER: (),
    tokens.RESOURCE_GROUP: (("resourceQuery", "query"),),
    tokens.QUEUE_POLICY: (("queueUrl",),),
    tokens.INGRESS_RULE: (("referencedSecurityGroupId",), ("securityGroupId",)),
    tokens.EGRESS_RULE: (("referencedSecurityGroupId",), ("securityGroupId",)),
    tokens.SECURITY_GROUP_RULE: (("sourceSecurityGroupId",), ("securityGroupId",)),
    tokens.DB_INSTANCE: (("parameterGroupName",), ("dbSubnetGroupName",), ("vpcSecurityGroupIds",), ("monitoringRoleArn",)),
    tokens.DB_CLUSTER: (("dbClusterParameterGroupName",), ("dbSubnetGroupName",), ("vpcSecurityGroupIds",)),
    tokens.DB_CLUSTER_INSTANCE: (("clusterIdentifier",), ("dbParameterGroupName",)),
    tokens.DNS_RECORD: (("records", "*"),),
    tokens.SERVICE_CREDENTIAL: (("userName",),),
    tokens.USER_ATTACHMENT: (("user",),),
    tokens.INSTANCE_PROFILE: (("role",),),
    tokens.LISTENER: (
        ("defaultActions", "*", "targetGroupArn"),
        ("defaultActions", "*", "forward", "targetGroups", "*", "arn"),
    ),
    tokens.SUBSCRIPTION_FILTER: (("logGroup",),),
    tokens.METRIC_FILTER: (("logGroupName",),),
}  # fmt: skip

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
