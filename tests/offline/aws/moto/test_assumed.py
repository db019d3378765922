"""Things that exist outside of the program."""

from typing import Any

import pytest

from offline.aws.handler import AwsError


def test_things_that_the_settings_name_are_assumed_to_exist(cloud: Any) -> None:
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
    (balancer,) = cloud.ask("elbv2", "describe_load_balancers")["LoadBalancers"]
    assert balancer["VpcId"] == vpc
    assert [zone["SubnetId"] for zone in balancer["AvailabilityZones"]] == subnets
    assert len({zone["ZoneName"] for zone in balancer["AvailabilityZones"]}) == 2
    (zone,) = cloud.ask("route53", "list_hosted_zones")["HostedZones"]
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
