"""The type tokens of the resources that policies read (pulumi-aws 7)."""

from __future__ import annotations

SERVICE = "aws:ecs/service:Service"
TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
TASK_SET = "aws:ecs/taskSet:TaskSet"
SCALING_TARGET = "aws:appautoscaling/target:Target"
SCHEDULED_ACTION = "aws:appautoscaling/scheduledAction:ScheduledAction"
SCHEDULE = "aws:scheduler/schedule:Schedule"
EVENT_RULE = "aws:cloudwatch/eventRule:EventRule"
EVENT_TARGET = "aws:cloudwatch/eventTarget:EventTarget"
DB_INSTANCE = "aws:rds/instance:Instance"
DB_CLUSTER = "aws:rds/cluster:Cluster"
DB_CLUSTER_INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
DB_PROXY = "aws:rds/proxy:Proxy"
PARAMETER_GROUP = "aws:rds/parameterGroup:ParameterGroup"
CLUSTER_PARAMETER_GROUP = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
SECURITY_GROUP_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
DNS_RECORD = "aws:route53/record:Record"

READ_BY_THE_BUDGET = frozenset(
    {
        SERVICE,
        TASK_DEFINITION,
        TASK_SET,
        SCALING_TARGET,
        SCHEDULED_ACTION,
        SCHEDULE,
        EVENT_RULE,
        EVENT_TARGET,
        DB_INSTANCE,
        DB_CLUSTER,
        DB_CLUSTER_INSTANCE,
        DB_PROXY,
        PARAMETER_GROUP,
        CLUSTER_PARAMETER_GROUP,
        SECURITY_GROUP,
        SECURITY_GROUP_RULE,
        INGRESS_RULE,
        DNS_RECORD,
    }
)
"""Every type whose registration can change a connection budget."""
