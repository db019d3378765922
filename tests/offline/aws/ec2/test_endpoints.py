"""VPC endpoints and flow logs."""

from typing import Any

import pytest

from offline.aws.handler import AwsError


def test_a_vpc_endpoint_changes_its_tables(cloud: Any, vpc_id: str) -> None:
    tables = [cloud.make("aws:ec2/routeTable:RouteTable", f"t{index}", vpcId=vpc_id).id for index in range(2)]
    kind = "aws:ec2/vpcEndpoint:VpcEndpoint"
    service = "com.amazonaws.ap-northeast-2.s3"
    endpoint = cloud.make(kind, "s3", vpcId=vpc_id, serviceName=service, routeTableIds=tables[:1]).id
    cloud.change(kind, "s3", routeTableIds=tables[1:])
    cloud.leave()  # moto leaves the route in the first table and looks for it in the second
    (found,) = cloud.ask("ec2", "describe_vpc_endpoints", VpcEndpointIds=[endpoint])["VpcEndpoints"]
    assert (found["RouteTableIds"], found["VpcEndpointType"]) == (tables[1:], "Gateway")


def test_a_flow_log_needs_one_source(cloud: Any) -> None:
    with pytest.raises(AwsError, match="FlowLog needs exactly one of vpcId"):
        cloud.make("aws:ec2/flowLog:FlowLog", "all", trafficType="ALL")
