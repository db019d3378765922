"""Security groups with their inline rules, and the default group that a VPC is born with."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.ec2.tags import retag, tagged
from offline.aws.handler import Applied, Handler, Recorded
from offline.aws.mapping import forget, pascal
from offline.aws.shapes import only, present

_DIRECTIONS = ("ingress", "egress")


def _permissions(group_id: str, rule: dict[str, Any]) -> dict[str, Any]:
    """One inline rule as an EC2 IpPermission."""
    described = present(Description=rule.get("description"))
    groups = [*rule.get("securityGroups", []), *([group_id] if rule.get("self") else [])]
    protocol = str(rule["protocol"])
    ports = {} if protocol == "-1" else {"FromPort": int(rule["fromPort"]), "ToPort": int(rule["toPort"])}
    return {
        "IpProtocol": protocol,
        **ports,
        "IpRanges": [{"CidrIp": cidr, **described} for cidr in rule.get("cidrBlocks", [])],
        "Ipv6Ranges": [{"CidrIpv6": cidr, **described} for cidr in rule.get("ipv6CidrBlocks", [])],
        "PrefixListIds": [{"PrefixListId": item, **described} for item in rule.get("prefixListIds", [])],
        "UserIdGroupPairs": [{"GroupId": group, **described} for group in groups],
    }


def _change_rules(aws: Aws, group_id: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    for direction in _DIRECTIONS:
        before, after = old.get(direction, []), new.get(direction, [])
        gone = [_permissions(group_id, rule) for rule in before if rule not in after]
        fresh = [_permissions(group_id, rule) for rule in after if rule not in before]
        if gone:
            aws.call("ec2", f"revoke_security_group_{direction}", GroupId=group_id, IpPermissions=gone)
        if fresh:
            aws.call("ec2", f"authorize_security_group_{direction}", GroupId=group_id, IpPermissions=fresh)


def _revoke_all(aws: Aws, group: dict[str, Any]) -> None:
    """Take away every rule a group has, as Terraform does with the rules that EC2 adds by itself."""
    for direction, key in (("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")):
        if group.get(key):
            aws.call("ec2", f"revoke_security_group_{direction}", GroupId=group["GroupId"], IpPermissions=group[key])


def _group(aws: Aws, group_id: str) -> dict[str, Any]:
    return only(aws.call("ec2", "describe_security_groups", GroupIds=[group_id])["SecurityGroups"])


def _applied(group: dict[str, Any]) -> Applied:
    computed = {"name": group["GroupName"], "description": group["Description"], "vpcId": group["VpcId"]}
    return Applied(id=group["GroupId"], outputs=computed)


_GROUP = pascal("description vpcId", name="GroupName", tags=tagged("security-group"))


def _create(aws: Aws, inputs: dict[str, Any]) -> Applied:
    given = {"description": "Managed by Pulumi", **inputs}
    group_id = aws.call("ec2", "create_security_group", **_GROUP.of("aws:ec2/securityGroup:SecurityGroup", given))[
        "GroupId"
    ]
    group = _group(aws, group_id)
    # EC2 opens all egress of a new group; the provider closes it, and only declared rules remain.
    _revoke_all(aws, group)
    _change_rules(aws, group_id, {}, inputs)
    return _applied(group)


def _update(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> None:
    _change_rules(aws, old.id, old.inputs, inputs)


def _delete(aws: Aws, old: Recorded) -> None:
    if old.inputs.get("revokeRulesOnDelete"):
        _revoke_all(aws, _group(aws, old.id))
    aws.call("ec2", "delete_security_group", GroupId=old.id)


def _adopt_default(aws: Aws, inputs: dict[str, Any]) -> Applied:
    filters = [
        {"Name": "group-name", "Values": ["default"]},
        *([{"Name": "vpc-id", "Values": [inputs["vpcId"]]}] if "vpcId" in inputs else []),
    ]
    group = aws.call("ec2", "describe_security_groups", Filters=filters)["SecurityGroups"][0]
    _revoke_all(aws, group)
    _change_rules(aws, group["GroupId"], {}, inputs)
    retag(aws, Recorded(id=group["GroupId"], inputs={}, outputs={}), inputs)
    return _applied(group)


_DEFAULTS = {"revokeRulesOnDelete": False, **{direction: [] for direction in _DIRECTIONS}}

HANDLERS = (
    Handler(
        type_token="aws:ec2/securityGroup:SecurityGroup",
        inputs=frozenset({"name", "description", "vpcId", "revokeRulesOnDelete", "tags", *_DIRECTIONS}),
        create=_create,
        update=_update,
        delete=_delete,
        replace_on=frozenset({"name", "description", "vpcId"}),
        defaults=_DEFAULTS,
        arn="ec2:security-group/{id}",
        account="ownerId",
        retag=retag,
        name_property="name",
    ),
    Handler(
        type_token="aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        inputs=frozenset({"vpcId", "revokeRulesOnDelete", "tags", *_DIRECTIONS}),
        create=_adopt_default,
        update=_update,
        # A VPC's default group cannot be deleted.
        delete=forget,
        replace_on=frozenset({"vpcId"}),
        defaults=_DEFAULTS,
        arn="ec2:security-group/{id}",
        account="ownerId",
        retag=retag,
    ),
)
