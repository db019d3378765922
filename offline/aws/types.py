"""Which module holds the handler of a resource type: a table, so that asking imports no handler."""

from __future__ import annotations

_TYPES_IN_MODULE: dict[str, tuple[str, ...]] = {
    "acm.certificate": ("aws:acm/certificate:Certificate", "aws:acm/certificateValidation:CertificateValidation"),
    "autoscaling.scaling": (
        "aws:appautoscaling/target:Target",
        "aws:appautoscaling/policy:Policy",
        "aws:appautoscaling/scheduledAction:ScheduledAction",
    ),
    "cloudwatch.alarms": ("aws:cloudwatch/metricAlarm:MetricAlarm",),
    "cloudwatch.dashboards": ("aws:cloudwatch/dashboard:Dashboard",),
    "code.codebuild": ("aws:codebuild/project:Project",),
    "code.codecommit": ("aws:codecommit/repository:Repository",),
    "code.codepipeline": ("aws:codepipeline/pipeline:Pipeline",),
    "ec2.endpoints": ("aws:ec2/vpcEndpoint:VpcEndpoint", "aws:ec2/flowLog:FlowLog"),
    "ec2.routing": (
        "aws:ec2/eip:Eip",
        "aws:ec2/natGateway:NatGateway",
        "aws:ec2/routeTable:RouteTable",
        "aws:ec2/route:Route",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
    ),
    "ec2.security_groups": ("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"),
    "ec2.vpc": ("aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:ec2/internetGateway:InternetGateway"),
    "ecr.repository": (
        "aws:ecr/repository:Repository",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "aws:ecr/repositoryPolicy:RepositoryPolicy",
    ),
    "ecs.cluster": ("aws:ecs/cluster:Cluster", "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"),
    "ecs.service": ("aws:ecs/service:Service",),
    "ecs.task_definition": ("aws:ecs/taskDefinition:TaskDefinition",),
    "elbv2.load_balancer": ("aws:lb/loadBalancer:LoadBalancer",),
    "elbv2.target_group": ("aws:lb/targetGroup:TargetGroup",),
    "elbv2.listener": ("aws:lb/listener:Listener", "aws:lb/listenerRule:ListenerRule"),
    "events.rules": ("aws:cloudwatch/eventRule:EventRule", "aws:cloudwatch/eventTarget:EventTarget"),
    "iam.groups": (
        "aws:iam/group:Group",
        "aws:iam/groupMembership:GroupMembership",
        "aws:iam/groupPolicy:GroupPolicy",
    ),
    "iam.roles": (
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    ),
    "iam.users": (
        "aws:iam/user:User",
        "aws:iam/userPolicy:UserPolicy",
        "aws:iam/serviceSpecificCredential:ServiceSpecificCredential",
    ),
    "kms.keys": ("aws:kms/key:Key", "aws:kms/alias:Alias"),
    "logs.log_groups": ("aws:cloudwatch/logGroup:LogGroup", "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"),
    "rds.groups": ("aws:rds/subnetGroup:SubnetGroup", "aws:rds/parameterGroup:ParameterGroup"),
    "rds.instance": ("aws:rds/instance:Instance",),
    "resourcegroups.group": ("aws:resourcegroups/group:Group",),
    "route53.hosted_zones": ("aws:route53/zone:Zone", "aws:route53/record:Record"),
    "s3.bucket": (
        "aws:s3/bucket:Bucket",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    ),
    "s3.objects": ("aws:s3/bucketObjectv2:BucketObjectv2",),
    "scheduler.schedules": ("aws:scheduler/scheduleGroup:ScheduleGroup", "aws:scheduler/schedule:Schedule"),
    "servicediscovery.namespace": ("aws:servicediscovery/httpNamespace:HttpNamespace",),
    "messaging.sns": (
        "aws:sns/topic:Topic",
        "aws:sns/topicPolicy:TopicPolicy",
        "aws:sns/topicSubscription:TopicSubscription",
    ),
    "messaging.sqs": ("aws:sqs/queue:Queue", "aws:sqs/queuePolicy:QueuePolicy"),
    "ssm.parameter": ("aws:ssm/parameter:Parameter",),
    "ec2.security_group_rules": (
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    ),
}

MODULE_OF: dict[str, str] = {token: module for module, tokens in _TYPES_IN_MODULE.items() for token in tokens}
