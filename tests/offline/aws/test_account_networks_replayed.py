"""One resource of every type of network, load balancing, storage, identity, logs and keys, restored from its record."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from offline.aws.handler import RecordedOperation
from offline.aws.provider import AwsProvider
from offline.aws.types import MODULE_OF

MODULES = ("acm.", "ec2.", "elbv2.", "iam.", "kms.", "logs.", "route53.", "s3.bucket")
TAGS = {"Project": "category-analyzer", "Stage": "dev"}
DOCUMENT = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},'
    '"Action":"sts:AssumeRole"}]}'
)


def _network(cloud: Any) -> tuple[str, list[str], str]:
    vpc = cloud.make("aws:ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16", enableDnsHostnames=True, tags=TAGS).id
    subnets = [
        cloud.make(
            "aws:ec2/subnet:Subnet",
            f"public-{letter}",
            vpcId=vpc,
            cidrBlock=f"10.0.{index}.0/24",
            availabilityZone=f"ap-northeast-2{letter}",
            tags=TAGS,
        ).id
        for index, letter in enumerate("ac")
    ]
    cloud.make("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "closed", vpcId=vpc, ingress=[], egress=[])
    cloud.make("aws:ec2/internetGateway:InternetGateway", "igw", vpcId=vpc, tags=TAGS)
    address = cloud.make("aws:ec2/eip:Eip", "nat", domain="vpc", tags=TAGS).id
    nat = cloud.make("aws:ec2/natGateway:NatGateway", "nat", allocationId=address, subnetId=subnets[0], tags=TAGS).id
    table = cloud.make("aws:ec2/routeTable:RouteTable", "private", vpcId=vpc, tags=TAGS).id
    cloud.make("aws:ec2/route:Route", "nat", routeTableId=table, destinationCidrBlock="0.0.0.0/0", natGatewayId=nat)
    cloud.make("aws:ec2/routeTableAssociation:RouteTableAssociation", "a", routeTableId=table, subnetId=subnets[1])
    group = cloud.make("aws:ec2/securityGroup:SecurityGroup", "alb", description="ALB", vpcId=vpc, tags=TAGS).id
    for kind in ("Ingress", "Egress"):
        cloud.make(
            f"aws:vpc/securityGroup{kind}Rule:SecurityGroup{kind}Rule",
            "http",
            securityGroupId=group,
            ipProtocol="tcp",
            fromPort=80,
            toPort=80,
            cidrIpv4="0.0.0.0/0",
        )
    cloud.make(
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "s3",
        vpcId=vpc,
        serviceName="com.amazonaws.ap-northeast-2.s3",
        vpcEndpointType="Gateway",
        routeTableIds=[table],
    )
    cloud.make(
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "ecr",
        vpcId=vpc,
        serviceName="com.amazonaws.ap-northeast-2.ecr.api",
        vpcEndpointType="Interface",
        subnetIds=subnets,
        securityGroupIds=[group],
        privateDnsEnabled=True,
    )
    return vpc, subnets, group


def _edge(cloud: Any, vpc: str, subnets: list[str], group: str) -> None:
    balancer = cloud.make(
        "aws:lb/loadBalancer:LoadBalancer", "alb", name="dev-alb", subnets=subnets, securityGroups=[group], tags=TAGS
    ).id
    target = cloud.make(
        "aws:lb/targetGroup:TargetGroup", "api", name="dev-api", port=3000, protocol="HTTP", targetType="ip", vpcId=vpc
    ).id
    certificate = cloud.make(
        "aws:acm/certificate:Certificate",
        "cert",
        domainName="dev.example.com",
        subjectAlternativeNames=["z.example.com", "b.example.com"],
        validationMethod="DNS",
    )
    proofs = certificate.outputs["domainValidationOptions"]
    cloud.make("aws:route53/zone:Zone", "internal", name="dev.internal", vpcs=[{"vpcId": vpc}], tags=TAGS)
    for index, proof in enumerate(proofs):
        cloud.make(
            "aws:route53/record:Record",
            f"proof-{index}",
            zoneId="Z0123456789ABCDEFGHIJ",
            name=proof["resourceRecordName"],
            type=proof["resourceRecordType"],
            records=[proof["resourceRecordValue"]],
            ttl=60,
        )
    cloud.make(
        "aws:acm/certificateValidation:CertificateValidation",
        "cert",
        certificateArn=certificate.id,
        validationRecordFqdns=[proof["resourceRecordName"] for proof in proofs],
    )
    listener = cloud.make(
        "aws:lb/listener:Listener",
        "https",
        loadBalancerArn=balancer,
        port=443,
        protocol="HTTPS",
        certificateArn=certificate.id,
        sslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        defaultActions=[
            {"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "404"}}
        ],
    ).id
    cloud.make(
        "aws:lb/listenerRule:ListenerRule",
        "api",
        listenerArn=listener,
        priority=100,
        conditions=[{"pathPattern": {"values": ["/datalab", "/datalab/*"]}}],
        actions=[{"type": "forward", "targetGroupArn": target}],
    )


def _buckets(cloud: Any) -> None:
    cloud.make("aws:s3/bucket:Bucket", "logs", bucket="dev-logs-123456789012", tags=TAGS)
    for name, properties in {
        "BucketPolicy": {"policy": DOCUMENT},
        "BucketPublicAccessBlock": {"blockPublicAcls": True, "restrictPublicBuckets": True},
        "BucketServerSideEncryptionConfiguration": {
            "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]
        },
        "BucketLifecycleConfiguration": {"rules": [{"id": "x", "status": "Enabled", "expiration": {"days": 90}}]},
        "BucketVersioning": {"versioningConfiguration": {"status": "Enabled"}},
        "BucketOwnershipControls": {"rule": {"objectOwnership": "BucketOwnerEnforced"}},
    }.items():
        cloud.make(f"aws:s3/{name[0].lower()}{name[1:]}:{name}", "logs", bucket="dev-logs-123456789012", **properties)


def _accounts(cloud: Any, vpc: str) -> None:
    role = cloud.make("aws:iam/role:Role", "task", name="dev-api-task", assumeRolePolicy=TRUST, tags=TAGS)
    cloud.make("aws:iam/rolePolicy:RolePolicy", "task", role=role.id, name="read", policy=DOCUMENT)
    cloud.make(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "task",
        role=role.id,
        policyArn="arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
    )
    user = cloud.make("aws:iam/user:User", "git", name="git").id
    cloud.make("aws:iam/userPolicy:UserPolicy", "git", user=user, policy=DOCUMENT)
    cloud.make(
        "aws:iam/serviceSpecificCredential:ServiceSpecificCredential",
        "git",
        userName=user,
        serviceName="codecommit.amazonaws.com",
    )
    group = cloud.make("aws:iam/group:Group", "mirrors", name="mirrors", path="/machines/").id
    cloud.make("aws:iam/groupPolicy:GroupPolicy", "mirrors", group=group, name="push", policy=DOCUMENT)
    cloud.make("aws:iam/groupMembership:GroupMembership", "mirrors", group=group, name="mirrors", users=[user])
    cloud.make("aws:cloudwatch/logGroup:LogGroup", "api", name="/dev/api", retentionInDays=30, tags=TAGS)
    cloud.make("aws:cloudwatch/logResourcePolicy:LogResourcePolicy", "dns", policyName="dns", policyDocument=DOCUMENT)
    key = cloud.make("aws:kms/key:Key", "data", enableKeyRotation=True, tags=TAGS).id
    cloud.make("aws:kms/alias:Alias", "data", name="alias/dev-data", targetKeyId=key)
    cloud.make(
        "aws:ec2/flowLog:FlowLog",
        "all",
        vpcId=vpc,
        trafficType="ALL",
        logDestination="arn:aws:logs:ap-northeast-2:123456789012:log-group:/dev/api",
        iamRoleArn=role.outputs["arn"],
    )


@pytest.fixture
def whole(cloud: Any) -> Any:
    """One of everything."""
    vpc, subnets, group = _network(cloud)
    _edge(cloud, vpc, subnets, group)
    _buckets(cloud)
    _accounts(cloud, vpc)
    return cloud


QUESTIONS: list[tuple[str, str, dict[str, Any]]] = [
    *(
        ("ec2", f"describe_{name}", {})
        for name in ("vpcs", "subnets", "internet_gateways", "addresses", "nat_gateways", "route_tables")
    ),
    *(
        ("ec2", f"describe_{name}", {})
        for name in ("security_groups", "security_group_rules", "vpc_endpoints", "flow_logs", "network_interfaces")
    ),
    ("elbv2", "describe_load_balancers", {}),
    ("elbv2", "describe_target_groups", {}),
    ("acm", "list_certificates", {}),
    ("route53", "list_hosted_zones", {}),
    ("route53", "list_resource_record_sets", {"HostedZoneId": "Z0123456789ABCDEFGHIJ"}),
    ("iam", "list_roles", {}),
    ("iam", "list_users", {}),
    ("iam", "list_attached_role_policies", {"RoleName": "dev-api-task"}),
    ("iam", "list_service_specific_credentials", {}),
    ("s3", "list_buckets", {}),
    ("s3", "get_bucket_lifecycle_configuration", {"Bucket": "dev-logs-123456789012"}),
    ("logs", "describe_log_groups", {}),
    ("logs", "describe_resource_policies", {}),
    ("kms", "list_keys", {}),
    ("kms", "list_aliases", {}),
]
_TIMES = {"creationTime", "lastUpdatedTime", "Serial", "date"}


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _timeless(item)
            for name, item in value.items()
            if name not in _TIMES and not isinstance(item, datetime)
        }
    if isinstance(value, list):
        return sorted((_timeless(item) for item in value), key=repr)
    return value


def test_one_of_every_type_is_made_here(whole: Any) -> None:
    made = {operation.seed.split("::")[2] for operation in whole.operations}
    assert made == {type_token for type_token, module in MODULE_OF.items() if module.startswith(MODULES)}


def test_a_fresh_aws_answers_the_same_after_the_replay(
    whole: Any, restore: Callable[[list[RecordedOperation]], AwsProvider]
) -> None:
    fresh = restore(whole.operations)
    for service, operation, params in QUESTIONS:
        before, after = (
            _timeless(provider.aws.call(service, operation, **params)) for provider in (whole.provider, fresh)
        )
        assert any(before.values()), (service, operation)
        assert before == after, (service, operation)


def test_what_was_restored_can_be_deleted_and_that_restored_again(
    whole: Any, restore: Callable[[list[RecordedOperation]], AwsProvider]
) -> None:
    whole.delete_all()
    fresh = restore(whole.operations)
    for service, operation, key in (
        ("elbv2", "describe_load_balancers", "LoadBalancers"),
        ("s3", "list_buckets", "Buckets"),
        ("iam", "list_roles", "Roles"),
        ("logs", "describe_log_groups", "logGroups"),
        ("acm", "list_certificates", "CertificateSummaryList"),
    ):
        assert fresh.aws.call(service, operation)[key] == []
    vpcs = fresh.aws.call("ec2", "describe_vpcs")["Vpcs"]
    assert [vpc["IsDefault"] for vpc in vpcs] == [True]
