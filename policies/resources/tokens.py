"""The type tokens of the resources that policies read (pulumi-aws 7)."""

from __future__ import annotations

from collections.abc import Mapping

SERVICE = "aws:ecs/service:Service"
TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
TASK_SET = "aws:ecs/taskSet:TaskSet"
SCALING_TARGET = "aws:appautoscaling/target:Target"
SCHEDULED_ACTION = "aws:appautoscaling/scheduledAction:ScheduledAction"
SCALING_POLICY = "aws:appautoscaling/policy:Policy"
SCHEDULE = "aws:scheduler/schedule:Schedule"
SCHEDULE_GROUP = "aws:scheduler/scheduleGroup:ScheduleGroup"
EVENT_RULE = "aws:cloudwatch/eventRule:EventRule"
EVENT_TARGET = "aws:cloudwatch/eventTarget:EventTarget"
HTTP_NAMESPACE = "aws:servicediscovery/httpNamespace:HttpNamespace"
DNS_NAMESPACES = (
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
    "aws:servicediscovery/publicDnsNamespace:PublicDnsNamespace",
)
NAMESPACES = (HTTP_NAMESPACE, *DNS_NAMESPACES)
CLOUD_MAP_SERVICE = "aws:servicediscovery/service:Service"
DB_INSTANCE = "aws:rds/instance:Instance"
DB_CLUSTER = "aws:rds/cluster:Cluster"
DB_CLUSTER_INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
DATABASE_COMPONENT = "category-analyzer:platform:Database"
"""The component whose registered outputs declare a database that the stack does not manage (`existing`: true)."""
DB_PROXY = "aws:rds/proxy:Proxy"
PROXY_ENDPOINT = "aws:rds/proxyEndpoint:ProxyEndpoint"
PROXY_TARGET = "aws:rds/proxyTarget:ProxyTarget"
PROXY_TARGET_GROUP = "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup"
PARAMETER_GROUP = "aws:rds/parameterGroup:ParameterGroup"
CLUSTER_PARAMETER_GROUP = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
OPTION_GROUP = "aws:rds/optionGroup:OptionGroup"
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
SECURITY_GROUP_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
DEPLOYMENT_GROUP = "aws:codedeploy/deploymentGroup:DeploymentGroup"
DNS_RECORD = "aws:route53/record:Record"
DNS_ZONE = "aws:route53/zone:Zone"

DB_SUBNET_GROUP = "aws:rds/subnetGroup:SubnetGroup"
CLUSTER = "aws:ecs/cluster:Cluster"
CLUSTER_CAPACITY = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
CAPACITY_PROVIDER = "aws:ecs/capacityProvider:CapacityProvider"
VPC = "aws:ec2/vpc:Vpc"
VPC_RANGE = "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation"
SUBNET = "aws:ec2/subnet:Subnet"
ROUTE = "aws:ec2/route:Route"
ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"
DEFAULT_ROUTE_TABLE = "aws:ec2/defaultRouteTable:DefaultRouteTable"
MAIN_ROUTE_TABLE = "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation"
ROUTE_TABLE_ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
INTERNET_GATEWAY = "aws:ec2/internetGateway:InternetGateway"
NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
VPC_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
VPC_PEERING = "aws:ec2/vpcPeeringConnection:VpcPeeringConnection"
TRANSIT_ATTACHMENT = "aws:ec2transitgateway/vpcAttachment:VpcAttachment"
NETWORK_ACL = "aws:ec2/networkAcl:NetworkAcl"
NETWORK_ACL_RULE = "aws:ec2/networkAclRule:NetworkAclRule"
DEFAULT_NETWORK_ACL = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
GROUP_OF_INTERFACE = "aws:ec2/networkInterfaceSecurityGroupAttachment:NetworkInterfaceSecurityGroupAttachment"
EIP = "aws:ec2/eip:Eip"
EIP_ASSOCIATION = "aws:ec2/eipAssociation:EipAssociation"
INSTANCE = "aws:ec2/instance:Instance"
INSTANCE_PROFILE = "aws:iam/instanceProfile:InstanceProfile"
GATEWAY_ATTACHMENT = "aws:ec2/internetGatewayAttachment:InternetGatewayAttachment"
VPN_GATEWAY = "aws:ec2/vpnGateway:VpnGateway"
VPN_CONNECTION = "aws:ec2/vpnConnection:VpnConnection"
VPN_ATTACHMENT = "aws:ec2/vpnGatewayAttachment:VpnGatewayAttachment"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
DEFAULT_SECURITY_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
EGRESS_RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
LISTENER_RULE = "aws:lb/listenerRule:ListenerRule"
TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
TARGET_ATTACHMENT = "aws:lb/targetGroupAttachment:TargetGroupAttachment"
CERTIFICATE = "aws:acm/certificate:Certificate"
CERTIFICATE_VALIDATION = "aws:acm/certificateValidation:CertificateValidation"
LISTENER_CERTIFICATE = "aws:lb/listenerCertificate:ListenerCertificate"
BUCKET = "aws:s3/bucket:Bucket"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
BUCKET_ACCESS_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
BUCKET_ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
BUCKET_LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
BUCKET_VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
BUCKET_OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
BACKUP_PLAN = "aws:backup/plan:Plan"
BUCKET_ACL = "aws:s3/bucketAcl:BucketAcl"
REPOSITORY = "aws:ecr/repository:Repository"
REPOSITORY_LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
REPOSITORY_POLICY = "aws:ecr/repositoryPolicy:RepositoryPolicy"
TOPIC = "aws:sns/topic:Topic"
TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"
TOPIC_SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
QUEUE = "aws:sqs/queue:Queue"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
QUEUE_REDRIVE = "aws:sqs/redrivePolicy:RedrivePolicy"
KEY = "aws:kms/key:Key"
KEY_POLICY = "aws:kms/keyPolicy:KeyPolicy"
REPLICA_KEY = "aws:kms/replicaKey:ReplicaKey"
EXTERNAL_KEY = "aws:kms/externalKey:ExternalKey"
REPLICA_EXTERNAL_KEY = "aws:kms/replicaExternalKey:ReplicaExternalKey"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE_ALARM = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
METRIC_FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
SUBSCRIPTION_FILTER = "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter"
RESOURCE_GROUP = "aws:resourcegroups/group:Group"
PARAMETER = "aws:ssm/parameter:Parameter"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ROLE_ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
IAM_POLICY = "aws:iam/policy:Policy"
IAM_ATTACHMENT = "aws:iam/policyAttachment:PolicyAttachment"
SERVICE_CREDENTIAL = "aws:iam/serviceSpecificCredential:ServiceSpecificCredential"
USER = "aws:iam/user:User"
USER_POLICY = "aws:iam/userPolicy:UserPolicy"
USER_ATTACHMENT = "aws:iam/userPolicyAttachment:UserPolicyAttachment"
IAM_GROUP = "aws:iam/group:Group"
GROUP_MEMBERSHIP = "aws:iam/groupMembership:GroupMembership"
USER_GROUPS = "aws:iam/userGroupMembership:UserGroupMembership"
GROUP_POLICY = "aws:iam/groupPolicy:GroupPolicy"
GROUP_ATTACHMENT = "aws:iam/groupPolicyAttachment:GroupPolicyAttachment"
ACCESS_KEY = "aws:iam/accessKey:AccessKey"
ROLE_ATTACHMENTS = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive"
USER_ATTACHMENTS = "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive"
GROUP_ATTACHMENTS = "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive"
BUCKET_OBJECT = "aws:s3/bucketObject:BucketObject"
BUCKET_OBJECT_V2 = "aws:s3/bucketObjectv2:BucketObjectv2"
REGISTRY_SCANNING = "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration"
REGISTRY_POLICY = "aws:ecr/registryPolicy:RegistryPolicy"
REPOSITORY_TEMPLATE = "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate"
SECRET = "aws:secretsmanager/secret:Secret"
SECRET_POLICY = "aws:secretsmanager/secretPolicy:SecretPolicy"
EVENT_BUS = "aws:cloudwatch/eventBus:EventBus"
EVENT_BUS_POLICY = "aws:cloudwatch/eventBusPolicy:EventBusPolicy"
FILE_SYSTEM_POLICY = "aws:efs/fileSystemPolicy:FileSystemPolicy"
BUILD_RESOURCE_POLICY = "aws:codebuild/resourcePolicy:ResourcePolicy"
APP_RUNNER_SERVICE = "aws:apprunner/service:Service"
BATCH_JOB_DEFINITION = "aws:batch/jobDefinition:JobDefinition"
GLUE_CONNECTION = "aws:glue/connection:Connection"
GLUE_JOB = "aws:glue/job:Job"
FUNCTION = "aws:lambda/function:Function"
PIPE = "aws:pipes/pipe:Pipe"
STATE_MACHINE = "aws:sfn/stateMachine:StateMachine"
FUNCTION_ALIAS = "aws:lambda/alias:Alias"
PREFIX_LIST = "aws:ec2/managedPrefixList:ManagedPrefixList"
PREFIX_LIST_ENTRY = "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry"
LOG_RESOURCE_POLICY = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"
BUILD_PROJECT = "aws:codebuild/project:Project"
NOTIFICATION_RULE = "aws:codestarnotifications/notificationRule:NotificationRule"
DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
CODE_REPOSITORY = "aws:codecommit/repository:Repository"
PIPELINE = "aws:codepipeline/pipeline:Pipeline"

CLIENT_SIDE = frozenset({SERVICE, TASK_DEFINITION, SCALING_TARGET, SCHEDULED_ACTION, SCHEDULE, EVENT_TARGET})
"""What decides the demand of single workloads."""

DATABASE_SIDE = frozenset({
    EVENT_RULE, DB_INSTANCE, DB_CLUSTER, DB_CLUSTER_INSTANCE, DB_PROXY, PROXY_TARGET, PROXY_ENDPOINT,
    PROXY_TARGET_GROUP, DATABASE_COMPONENT, PARAMETER_GROUP, CLUSTER_PARAMETER_GROUP, SECURITY_GROUP, SECURITY_GROUP_RULE, INGRESS_RULE,
    DEFAULT_SECURITY_GROUP, DNS_RECORD,
})  # fmt: skip
"""What decides the supply, and who reaches it: may concern every workload."""

_LOAD_BALANCING = (
    "listener:Listener", "listenerCertificate:ListenerCertificate", "listenerRule:ListenerRule", "loadBalancer:LoadBalancer",
    "targetGroup:TargetGroup", "targetGroupAttachment:TargetGroupAttachment",
)  # fmt: skip
_BUCKETS = (BUCKET, BUCKET_ACL, BUCKET_ENCRYPTION, BUCKET_LIFECYCLE, BUCKET_VERSIONING)
_SAME: Mapping[str, str] = {
    **{
        f"aws:{module}/{kind}": f"aws:lb/{kind}"
        for module in ("alb", "applicationloadbalancing", "elasticloadbalancingv2")
        for kind in _LOAD_BALANCING
    },
    **{f"{kind.rpartition(':')[0]}V2:{kind.rpartition(':')[2]}V2": kind for kind in _BUCKETS},
}
"""Other tokens of pulumi-aws for the same resources."""


def canonical(kind: str) -> str:
    """The token by which policies know a type: modules that pulumi-aws keeps beside each other, and S3's V2, are one."""
    return _SAME.get(kind, kind)


def shown(kind: str) -> str:
    """A type as Pulumi shows it: "aws:ec2:Vpc" for "aws:ec2/vpc:Vpc"."""
    package, _, rest = kind.partition(":")
    module, _, member = rest.partition(":")
    return f"{package}:{module.split('/')[0]}:{member}" if member else kind
