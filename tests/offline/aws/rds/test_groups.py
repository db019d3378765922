"""Subnet groups and parameter groups."""

from typing import Any

import pytest

from tests.offline.aws.rds.groups import PARAMETERS, SUBNETS, make_group


def _values(cloud: Any) -> dict[str, tuple[str, str]]:
    found = cloud.ask("rds", "describe_db_parameters", DBParameterGroupName="dev-db-mysql8-4")["Parameters"]
    return {item["ParameterName"]: (item["ParameterValue"], item["ApplyMethod"]) for item in found}


def test_subnetmake_group(cloud: Any, vpc_id: str, subnet_ids: list[str]) -> None:
    made = cloud.make(SUBNETS, "db", name="dev-db", subnetIds=subnet_ids, tags={"Stage": "dev"})
    assert (made.id, made.outputs["vpcId"]) == ("dev-db", vpc_id)
    assert made.outputs["arn"] == "arn:aws:rds:ap-northeast-2:123456789012:subgrp:dev-db"
    assert made.outputs["description"] == "Managed by Pulumi"
    cloud.change(SUBNETS, "db", subnetIds=subnet_ids[::-1], description="Databases")
    (group,) = cloud.ask("rds", "describe_db_subnet_groups", DBSubnetGroupName="dev-db")["DBSubnetGroups"]
    assert [subnet["SubnetIdentifier"] for subnet in group["Subnets"]] == subnet_ids[::-1]
    assert group["DBSubnetGroupDescription"] == "Databases"
    cloud.delete(SUBNETS, "db")
    assert cloud.ask("rds", "describe_db_subnet_groups")["DBSubnetGroups"] == []


def test_parametermake_group(cloud: Any) -> None:
    made = make_group(cloud, tags={"Stage": "dev"})
    assert made.id == "dev-db-mysql8-4"
    assert made.outputs["arn"] == "arn:aws:rds:ap-northeast-2:123456789012:pg:dev-db-mysql8-4"
    assert _values(cloud) == {"max_connections": ("60", "immediate"), "wait_timeout": ("60", "immediate")}
    assert cloud.provider.replace_keys(PARAMETERS) == {"name", "family", "description"}


def test_only_changed_parameters_are_sent_and_removed_ones_are_reset(cloud: Any) -> None:
    make_group(cloud)
    cloud.change(
        PARAMETERS,
        "db",
        parameters=[
            {"name": "max_connections", "value": "60"},
            {"name": "performance_schema", "value": "1", "applyMethod": "pending-reboot"},
        ],
    )
    assert [
        (call["operation"], len(call["params"]["Parameters"])) for call in cloud.provider.calls_of_last_operation()
    ] == [("modify_db_parameter_group", 1), ("reset_db_parameter_group", 1)]
    assert _values(cloud) == {"max_connections": ("60", "immediate"), "performance_schema": ("1", "pending-reboot")}


def test_parameters_are_sent_twenty_at_a_time(cloud: Any) -> None:
    make_group(cloud, parameters=[{"name": f"p{index}", "value": "1"} for index in range(41)])
    calls = [
        call for call in cloud.provider.calls_of_last_operation() if call["operation"] == "modify_db_parameter_group"
    ]
    assert [len(call["params"]["Parameters"]) for call in calls] == [20, 20, 1]
    assert len(_values(cloud)) == 41


@pytest.mark.parametrize(("skip", "left"), [(False, []), (True, ["dev-db-mysql8-4"])])
def test_a_parameter_group_can_outlive_its_resource(cloud: Any, skip: bool, left: list[str]) -> None:
    make_group(cloud, skipDestroy=skip)
    cloud.delete(PARAMETERS, "db")
    groups = cloud.ask("rds", "describe_db_parameter_groups")["DBParameterGroups"]
    assert [group["DBParameterGroupName"] for group in groups] == left
