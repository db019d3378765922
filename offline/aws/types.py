"""Which module holds the handler of a resource type: a table, so that asking imports no handler."""

from __future__ import annotations

_TYPES_IN_MODULE: dict[str, tuple[str, ...]] = {
    "acm": ("aws:acm/certificate:Certificate", "aws:acm/certificateValidation:CertificateValidation"),
    "autoscaling": (
        "aws:appautoscaling/target:Target",
        "aws:appautoscaling/policy:Policy",
        "aws:appautoscaling/scheduledAction:ScheduledAction",
    ),
    "cloudwatch": ("aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/dashboard:Dashboard"),
    "codebuild": ("aws:codebuild/project:Project",),
    "codecommit": ("aws:codecommit/repository:Repository",),
    "codepipeline": ("aws:codepipeline/pipeline:Pipeline",),
    "ec2_endpoints": ("aws:ec2/vpcEndpoint:VpcEndpoint", "aws:ec2/flowLog:FlowLog"),
    "ec2_routing": (
        "aws:ec2/eip:Eip",
        "aws:ec2/natGateway:NatGateway",
        "aws:ec2/routeTable:RouteTable",
        "aws:ec2/route:Route",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
    ),
    "ec2_security": ("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"),
    "ec2_vpc": ("aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:ec2/internetGateway:InternetGateway"),
    "ecr": (
        "aws:ecr/repository:Repository",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "aws:ecr/repositoryPolicy:RepositoryPolicy",
    ),
    "ecs_cluster": ("aws:ecs/cluster:Cluster", "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"),
    "ecs_service": ("aws:ecs/service:Service",),
    "ecs_task": ("aws:ecs/taskDefinition:TaskDefinition",),
    "elbv2": ("aws:lb/loadBalancer:LoadBalancer", "aws:lb/targetGroup:TargetGroup"),
    "elbv2_listener": ("aws:lb/listener:Listener", "aws:lb/listenerRule:ListenerRule"),
    "events": ("aws:cloudwatch/eventRule:EventRule", "aws:cloudwatch/eventTarget:EventTarget"),
    "iam": (
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:iam/user:User",
        "aws:iam/userPolicy:UserPolicy",
        "aws:iam/serviceSpecificCredential:ServiceSpecificCredential",
    ),
    "kms": ("aws:kms/key:Key", "aws:kms/alias:Alias"),
    "logs": ("aws:cloudwatch/logGroup:LogGroup", "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"),
    "rds": ("aws:rds/subnetGroup:SubnetGroup", "aws:rds/parameterGroup:ParameterGroup", "aws:rds/instance:Instance"),
    "resourcegroups": ("aws:resourcegroups/group:Group",),
    "route53": ("aws:route53/zone:Zone", "aws:route53/record:Record"),
    "s3": (
        "aws:s3/bucket:Bucket",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    ),
    "s3_objects": ("aws:s3/bucketObjectv2:BucketObjectv2",),
    "scheduler": ("aws:scheduler/scheduleGroup:ScheduleGroup", "aws:scheduler/schedule:Schedule"),
    "servicediscovery": ("aws:servicediscovery/httpNamespace:HttpNamespace",),
    "sns": ("aws:sns/topic:Topic", "aws:sns/topicPolicy:TopicPolicy", "aws:sns/topicSubscription:TopicSubscription"),
    "sqs": ("aws:sqs/queue:Queue", "aws:sqs/queuePolicy:QueuePolicy"),
    "ssm": ("aws:ssm/parameter:Parameter",),
    "vpc": (
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    ),
}

MODULE_OF: dict[str, str] = {token: module for module, tokens in _TYPES_IN_MODULE.items() for token in tokens}
