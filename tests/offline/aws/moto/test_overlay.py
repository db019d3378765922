"""What moto lacks, shown to be lacking, and what the overlay makes of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from offline.aws.handler import AwsError, RecordedOperation
from offline.aws.provider import AwsProvider

TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},'
    '"Action":"sts:AssumeRole"}]}'
)
EXECUTION_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"


def _source(module: str) -> str:
    """moto's own source, without what the overlay adds to its classes."""
    import importlib

    return inspect.getsource(importlib.import_module(module))


def test_moto_has_no_service_specific_credentials() -> None:
    assert "service_specific" not in _source("moto.iam.responses")


def test_service_specific_credentials(cloud: Any) -> None:
    cloud.make("aws:iam/user:User", "git", name="git")
    made = cloud.make(
        "aws:iam/serviceSpecificCredential:ServiceSpecificCredential",
        "git",
        userName="git",
        serviceName="codecommit.amazonaws.com",
    )
    assert made.outputs["serviceUserName"] == "git-at-123456789012"
    assert len(made.outputs["servicePassword"]) == 44
    listed = cloud.ask("iam", "list_service_specific_credentials", UserName="git")["ServiceSpecificCredentials"]
    assert [item["Status"] for item in listed] == ["Active"]
    assert "ServicePassword" not in listed[0]
    cloud.change("aws:iam/serviceSpecificCredential:ServiceSpecificCredential", "git", status="Inactive")
    (listed,) = cloud.ask("iam", "list_service_specific_credentials", UserName="git")["ServiceSpecificCredentials"]
    assert listed["Status"] == "Inactive"
    cloud.delete("aws:iam/serviceSpecificCredential:ServiceSpecificCredential", "git")
    assert cloud.ask("iam", "list_service_specific_credentials")["ServiceSpecificCredentials"] == []


def test_a_credential_needs_its_user(cloud: Any) -> None:
    with pytest.raises(AwsError, match="AWS refused iam:create_service_specific_credential with NoSuchEntity"):
        cloud.make(
            "aws:iam/serviceSpecificCredential:ServiceSpecificCredential",
            "git",
            userName="nobody",
            serviceName="codecommit.amazonaws.com",
        )


def test_moto_knows_no_managed_policy_of_aws_by_itself(cloud: Any) -> None:
    listed = cloud.ask("iam", "list_policies", Scope="AWS")["Policies"]
    assert listed == []


def test_the_managed_policy_that_is_attached_is_loaded(cloud: Any) -> None:
    cloud.make("aws:iam/role:Role", "execution", name="execution", assumeRolePolicy=TRUST)
    cloud.make(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "execution", role="execution", policyArn=EXECUTION_POLICY
    )
    attached = cloud.ask("iam", "list_attached_role_policies", RoleName="execution")["AttachedPolicies"]
    assert attached == [{"PolicyName": "AmazonECSTaskExecutionRolePolicy", "PolicyArn": EXECUTION_POLICY}]


def test_a_managed_policy_that_aws_does_not_have_is_refused(cloud: Any) -> None:
    cloud.make("aws:iam/role:Role", "execution", name="execution", assumeRolePolicy=TRUST)
    with pytest.raises(AwsError, match="policy/Nothing does not exist or is not attachable"):
        cloud.make(
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            "execution",
            role="execution",
            policyArn="arn:aws:iam::aws:policy/Nothing",
        )


def _service(cloud: Any, **settings: Any) -> None:
    with cloud.provider.aws.operation("service#1"):
        call = cloud.provider.aws.call
        call("ecs", "create_cluster", clusterName="dev-item")
        for image in ("app:1", "app:2"):
            call(
                "ecs",
                "register_task_definition",
                family="api",
                containerDefinitions=[{"name": "app", "image": image, "memory": 512}],
            )
        call(
            "ecs",
            "create_service",
            cluster="dev-item",
            serviceName="api",
            taskDefinition="api:1",
            desiredCount=2,
            **settings,
        )


def _described(cloud: Any) -> dict[str, Any]:
    (service,) = cloud.ask("ecs", "describe_services", cluster="dev-item", services=["api"])["services"]
    return service


CONNECT = {"enabled": True, "namespace": "dev-itemscout-ns", "services": [{"portName": "server-3000-tcp"}]}
SETTINGS: dict[str, Any] = {
    "deploymentConfiguration": {"minimumHealthyPercent": 100, "maximumPercent": 200},
    "capacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1}],
    "healthCheckGracePeriodSeconds": 60,
    "enableExecuteCommand": True,
}


def test_moto_drops_service_connect_and_service_settings() -> None:
    source = _source("moto.ecs.responses") + _source("moto.ecs.models")
    for member in ("serviceConnectConfiguration", "service_connect_configuration", "healthCheckGracePeriod"):
        assert member not in source
    create = source[source.index("def create_service(") : source.index("def list_services(")]
    assert "deploymentConfiguration" not in create
    assert "capacityProviderStrategy" not in create


def test_a_service_shows_what_it_was_given_and_its_deployment_is_completed(cloud: Any) -> None:
    _service(cloud, serviceConnectConfiguration=CONNECT, **SETTINGS)
    service = _described(cloud)
    for member, value in SETTINGS.items():
        assert service[member] == value, member
    assert (service["desiredCount"], service["runningCount"], service["pendingCount"]) == (2, 2, 0)
    (deployment,) = service["deployments"]
    assert deployment["serviceConnectConfiguration"] == CONNECT
    assert (deployment["rolloutState"], deployment["runningCount"]) == ("COMPLETED", 2)
    assert deployment["taskDefinition"] == service["taskDefinition"]
    assert deployment["taskDefinition"].endswith(":task-definition/api:1")


def test_an_update_deploys_only_where_ecs_would(cloud: Any) -> None:
    _service(cloud, serviceConnectConfiguration=CONNECT)
    first = _described(cloud)["deployments"][0]
    with cloud.provider.aws.operation("service#2"):
        update = {"cluster": "dev-item", "service": "api"}
        cloud.provider.aws.call("ecs", "update_service", **update, desiredCount=3)
        scaled = _described(cloud)["deployments"][0]
        cloud.provider.aws.call("ecs", "update_service", **update, taskDefinition="api:2")
        deployed = _described(cloud)["deployments"][0]
    assert (scaled["id"], scaled["desiredCount"], scaled["runningCount"]) == (first["id"], 3, 3)
    assert deployed["id"] != first["id"]
    assert deployed["taskDefinition"].endswith(":task-definition/api:2")
    assert deployed["serviceConnectConfiguration"] == CONNECT


def test_things_that_the_settings_name_are_assumed_to_exist(
    cloud: Any, restore: Callable[[list[RecordedOperation]], AwsProvider]
) -> None:
    vpc, subnets = "vpc-0123456789abcdef0", ["subnet-0aa", "subnet-0bb"]
    group = cloud.make("aws:ec2/securityGroup:SecurityGroup", "alb", name="alb", vpcId=vpc).id
    cloud.make(
        "aws:lb/loadBalancer:LoadBalancer",
        "alb",
        name="alb",
        subnets=subnets,
        securityGroups=[group, "sg-0123456789abcdef0"],
    )
    cloud.make(
        "aws:route53/record:Record",
        "alias",
        zoneId="Z0123456789ABCDEFGHIJ",
        name="dev.example.com",
        type="CNAME",
        records=["a.b"],
        ttl=60,
    )
    for provider in (cloud.provider, restore(cloud.operations)):
        (balancer,) = provider.aws.call("elbv2", "describe_load_balancers")["LoadBalancers"]
        assert balancer["VpcId"] == vpc
        assert [zone["SubnetId"] for zone in balancer["AvailabilityZones"]] == subnets
        assert len({zone["ZoneName"] for zone in balancer["AvailabilityZones"]}) == 2
        (zone,) = provider.aws.call("route53", "list_hosted_zones")["HostedZones"]
        assert (zone["Id"], zone["Name"]) == ("/hostedzone/Z0123456789ABCDEFGHIJ", "example.com")


def test_a_subnet_named_before_its_vpc(cloud: Any) -> None:
    with cloud.provider.aws.operation("group#1"):
        cloud.provider.aws.call(
            "rds",
            "create_db_subnet_group",
            DBSubnetGroupName="db",
            DBSubnetGroupDescription="db",
            SubnetIds=["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
        )
    (group,) = cloud.ask("rds", "describe_db_subnet_groups")["DBSubnetGroups"]
    assert len({subnet["SubnetAvailabilityZone"]["Name"] for subnet in group["Subnets"]}) == 2


def test_removals_assume_nothing(cloud: Any) -> None:
    with (
        cloud.provider.aws.operation("x#1"),
        pytest.raises(AwsError, match=r"AWS refused ec2:delete_vpc with InvalidVpcID.NotFound"),
    ):
        cloud.provider.aws.call("ec2", "delete_vpc", VpcId="vpc-0123456789abcdef0")


def test_an_existing_cluster_is_assumed_but_not_one_that_the_program_makes_too_late(cloud: Any) -> None:
    with cloud.provider.aws.operation("service#1"):
        call = cloud.provider.aws.call
        call(
            "ecs",
            "register_task_definition",
            family="api",
            containerDefinitions=[{"name": "app", "image": "app:1", "memory": 512}],
        )
        call("ecs", "create_service", cluster="theirs", serviceName="api", taskDefinition="api", desiredCount=1)
        with pytest.raises(AwsError) as caught:
            call("ecs", "create_cluster", clusterName="theirs")
    assert str(caught.value) == (
        "A service used the cluster theirs before the cluster was created: the service needs the cluster in its depends_on."
    )


def test_moto_deletes_a_protected_load_balancer() -> None:
    source = _source("moto.elbv2.models")
    delete = source[source.index("def delete_load_balancer(") : source.index("def delete_rule(")]
    assert "protection" not in delete


def test_a_protected_load_balancer_is_not_deleted(cloud: Any, subnet_ids: list[str]) -> None:
    kind = "aws:lb/loadBalancer:LoadBalancer"
    balancer = cloud.make(kind, "alb", name="alb", subnets=subnet_ids, enableDeletionProtection=True).id
    with pytest.raises(AwsError) as caught:
        cloud.delete(kind, "alb")
    assert str(caught.value) == (
        'Deleting aws:lb/loadBalancer:LoadBalancer "alb": AWS refused elbv2:delete_load_balancer with '
        f"OperationNotPermitted: Load balancer '{balancer}' cannot be deleted because deletion protection is enabled."
    )


def test_moto_cannot_change_the_key_of_a_log_group() -> None:
    assert "associate_kms_key" not in _source("moto.logs.responses")


def test_the_key_of_a_log_group_that_does_not_exist(cloud: Any) -> None:
    with (
        cloud.provider.aws.operation("key#1"),
        pytest.raises(AwsError, match="AWS refused logs:associate_kms_key with ResourceNotFoundException"),
    ):
        cloud.provider.aws.call("logs", "associate_kms_key", logGroupName="/absent", kmsKeyId="key")
