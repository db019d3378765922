"""RDS subnet groups and parameter groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, Handler, Recorded
from offline.aws.mapping import delete_by, differs, joined, pascal, tags_upper
from offline.aws.tagging import Tagging

_SUBNETS = "aws:rds/subnetGroup:SubnetGroup"
_PARAMETERS = "aws:rds/parameterGroup:ParameterGroup"
_TAGGING = Tagging(
    service="rds", tag="add_tags_to_resource", untag="remove_tags_from_resource", resource="ResourceName"
)
# The provider's default: AWS requires a description.
_DESCRIBED = {"description": "Managed by Pulumi"}
# RDS takes at most 20 parameters a request (RDS API Reference, ModifyDBParameterGroup).
_PARAMETERS_A_REQUEST = 20

_SUBNET_GROUP = pascal(name="DBSubnetGroupName", description="DBSubnetGroupDescription", subnetIds="SubnetIds")
_PARAMETER_GROUP = pascal("description", name="DBParameterGroupName", family="DBParameterGroupFamily")
_PARAMETER = pascal(name="ParameterName", value="ParameterValue", applyMethod="ApplyMethod")
_TAGS = pascal(tags=tags_upper)


def _create_subnet_group(aws: Aws, inputs: dict[str, Any]) -> Applied:
    request = joined(_SUBNET_GROUP, _TAGS).of(_SUBNETS, {**_DESCRIBED, **inputs})
    group = aws.call("rds", "create_db_subnet_group", **request)["DBSubnetGroup"]
    networks = group.get("SupportedNetworkTypes", ["IPV4"])
    return Applied(id=inputs["name"], outputs={"vpcId": group["VpcId"], "supportedNetworkTypes": networks})


def _update_subnet_group(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> None:
    given = {**_DESCRIBED, **inputs}
    if differs(Recorded(id=old.id, inputs={**_DESCRIBED, **old.inputs}, outputs={}), given, _SUBNET_GROUP):
        aws.call("rds", "modify_db_subnet_group", **_SUBNET_GROUP.of(_SUBNETS, given))


def _create_parameter_group(aws: Aws, inputs: dict[str, Any]) -> Applied:
    given = {**_DESCRIBED, **inputs}
    request = joined(_PARAMETER_GROUP, _TAGS).of(_PARAMETERS, given)
    aws.call("rds", "create_db_parameter_group", **request)
    _in_portions(aws, "modify_db_parameter_group", given["name"], _requested(given))
    return _parameter_group(given["name"], inputs)


def _requested(inputs: dict[str, Any]) -> list[dict[str, Any]]:
    where = f"{_PARAMETERS}.parameters"
    return [_PARAMETER(where, {"applyMethod": "immediate", **item}) for item in inputs.get("parameters", [])]


def _in_portions(aws: Aws, operation: str, name: str, parameters: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(parameters), _PARAMETERS_A_REQUEST):
        portion = list(parameters[start : start + _PARAMETERS_A_REQUEST])
        aws.call("rds", operation, DBParameterGroupName=name, Parameters=portion)


def _parameter_group(name: str, inputs: dict[str, Any]) -> Applied:
    parameters = [{"applyMethod": "immediate", **item} for item in inputs.get("parameters", [])]
    return Applied(id=name, outputs={"parameters": parameters})


def _update_parameter_group(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    before, after = _requested(old.inputs), _requested(inputs)
    kept = {item["ParameterName"] for item in after}
    removed = [
        {"ParameterName": item["ParameterName"], "ApplyMethod": item["ApplyMethod"]}
        for item in before
        if item["ParameterName"] not in kept
    ]
    _in_portions(aws, "modify_db_parameter_group", old.id, [item for item in after if item not in before])
    _in_portions(aws, "reset_db_parameter_group", old.id, removed)
    return _parameter_group(old.id, inputs)


HANDLERS = (
    Handler(
        type_token=_SUBNETS,
        inputs=joined(_SUBNET_GROUP, _TAGS).names,
        required=frozenset({"subnetIds"}),
        create=_create_subnet_group,
        update=_update_subnet_group,
        delete=delete_by("rds", "delete_db_subnet_group", "DBSubnetGroupName"),
        replace_on=frozenset({"name"}),
        name_property="name",
        defaults=_DESCRIBED,
        arn="rds:subgrp:{id}",
        retag=_TAGGING.change,
    ),
    Handler(
        type_token=_PARAMETERS,
        inputs=joined(_PARAMETER_GROUP, _TAGS).names | {"parameters", "skipDestroy"},
        required=frozenset({"family"}),
        create=_create_parameter_group,
        update=_update_parameter_group,
        delete=delete_by("rds", "delete_db_parameter_group", "DBParameterGroupName", unless="skipDestroy"),
        replace_on=frozenset({"name", "family", "description"}),
        name_property="name",
        delete_before_replace=True,
        defaults=_DESCRIBED,
        arn="rds:pg:{id}",
        retag=_TAGGING.change,
    ),
)
