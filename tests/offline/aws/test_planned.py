"""Computed outputs come from the generated resource classes."""

import pulumi_aws as aws
import pytest

from offline.aws.planned import missing_outputs, output_schema, planned_create, planned_update
from offline.engine.errors import EngineError
from offline.properties import UNKNOWN

TASK = "aws:ecs/taskDefinition:TaskDefinition"
VPC = "aws:ec2/vpc:Vpc"


def test_the_class_says_what_is_computed():
    assert aws.ecs.TaskDefinition.pulumi_type == TASK
    schema = output_schema(TASK)
    assert {"arn", "arnWithoutRevision", "revision", "tagsAll", "family", "containerDefinitions"} <= schema.computed
    assert {"taskRoleArn", "executionRoleArn", "cpu", "tags"} <= schema.optional


def test_a_planned_vpc_is_that_of_the_real_engine():
    outputs = planned_create(VPC, {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True}, {"region": "eu-central-1"})
    for name in ("arn", "defaultNetworkAclId", "defaultRouteTableId", "defaultSecurityGroupId", "dhcpOptionsId",
                 "ipv6AssociationId", "mainRouteTableId", "ownerId", "tagsAll"):  # fmt: skip
        assert outputs[name] == UNKNOWN
    assert (outputs["cidrBlock"], outputs["region"]) == ("10.0.0.0/16", "eu-central-1")
    assert "tags" not in outputs


def test_a_planned_update_keeps_what_aws_chose():
    inputs = {"cidrBlock": "10.0.0.0/16", "ipv6CidrBlock": "x", "instanceTenancy": "default", "tags": {"a": "b"}}
    old = {**inputs, "arn": "arn:1", "tagsAll": {"a": "b"}}
    # No longer given: AWS chooses ipv6CidrBlock then, instanceTenancy just goes away.
    assert planned_update(VPC, inputs, old, {"cidrBlock": "10.0.0.0/16"}) == {
        "cidrBlock": "10.0.0.0/16",
        "arn": "arn:1",
        "ipv6CidrBlock": UNKNOWN,
        "tagsAll": UNKNOWN,
    }


def test_missing_outputs():
    assert missing_outputs(
        "aws:sns/topic:Topic", dict.fromkeys(output_schema("aws:sns/topic:Topic").computed - {"arn"})
    ) == {"arn"}


def test_a_type_that_does_not_exist():
    with pytest.raises(
        EngineError, match=r"aws:ecs/taskDefinition:Task is not a resource type of the installed pulumi-aws"
    ):
        output_schema("aws:ecs/taskDefinition:Task")
