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
HTTP_NAMESPACE = "aws:servicediscovery/httpNamespace:HttpNamespace"
DB_INSTANCE = "aws:rds/instance:Instance"
DB_CLUSTER = "aws:rds/cluster:Cluster"
DB_CLUSTER_INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
DATABASE_COMPONENT = "category-analyzer:platform:Database"
"""The component whose registered outputs declare a database that the stack does not manage (`existing`: true)."""
DB_PROXY = "aws:rds/proxy:Proxy"
PARAMETER_GROUP = "aws:rds/parameterGroup:ParameterGroup"
CLUSTER_PARAMETER_GROUP = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
SECURITY_GROUP_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
DNS_RECORD = "aws:route53/record:Record"
DNS_ZONE = "aws:route53/zone:Zone"
LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"

CLIENT_SIDE = frozenset({SERVICE, TASK_DEFINITION, SCALING_TARGET, SCHEDULED_ACTION, SCHEDULE, EVENT_TARGET})
"""What decides the demand of single workloads."""

DATABASE_SIDE = frozenset(
    {
        EVENT_RULE,
        DB_INSTANCE,
        DB_CLUSTER,
        DB_CLUSTER_INSTANCE,
        DB_PROXY,
        DATABASE_COMPONENT,
        PARAMETER_GROUP,
        CLUSTER_PARAMETER_GROUP,
        SECURITY_GROUP,
        SECURITY_GROUP_RULE,
        INGRESS_RULE,
        DNS_RECORD,
    }
)
"""What decides the supply, and who reaches it: may concern every workload."""
