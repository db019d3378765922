"""Security group rules, one resource a rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from offline.aws.api import Aws
from offline.aws.ec2.tags import retag, tag_specifications
from offline.aws.handler import Applied, AwsInputError, Handler, Recorded
from offline.aws.shapes import changed, only, present

_SOURCES = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
_RULE = ("ipProtocol", "fromPort", "toPort", "description", *_SOURCES)


def _protocol(inputs: dict[str, Any]) -> str:
    return "-1" if inputs["ipProtocol"] == "all" else str(inputs["ipProtocol"])


def _check_sources(inputs: dict[str, Any]) -> None:
    given = [name for name in _SOURCES if inputs.get(name)]
    if len(given) != 1:
        raise AwsInputError([f"A security group rule needs exactly one of {', '.join(_SOURCES)}; found {given}."])


def _permission(inputs: dict[str, Any]) -> dict[str, Any]:
    _check_sources(inputs)
    described = present(Description=inputs.get("description"))
    permission: dict[str, Any] = present(
        IpProtocol=_protocol(inputs), FromPort=inputs.get("fromPort"), ToPort=inputs.get("toPort")
    )
    if inputs.get("cidrIpv4"):
        permission["IpRanges"] = [{"CidrIp": inputs["cidrIpv4"], **described}]
    if inputs.get("cidrIpv6"):
        permission["Ipv6Ranges"] = [{"CidrIpv6": inputs["cidrIpv6"], **described}]
    if inputs.get("prefixListId"):
        permission["PrefixListIds"] = [{"PrefixListId": inputs["prefixListId"], **described}]
    if inputs.get("referencedSecurityGroupId"):
        permission["UserIdGroupPairs"] = [{"GroupId": inputs["referencedSecurityGroupId"], **described}]
    return permission


def _applied(aws: Aws, rule_id: str, inputs: dict[str, Any]) -> Applied:
    arn = f"arn:{aws.partition}:ec2:{aws.region}:{aws.account_id}:security-group-rule/{rule_id}"
    return Applied(id=rule_id, outputs={**inputs, "arn": arn, "securityGroupRuleId": rule_id})


def _create(direction: str) -> Callable[[Aws, dict[str, Any]], Applied]:
    def create(aws: Aws, inputs: dict[str, Any]) -> Applied:
        answer = aws.call(
            "ec2",
            f"authorize_security_group_{direction}",
            **present(
                GroupId=inputs["securityGroupId"],
                IpPermissions=[_permission(inputs)],
                TagSpecifications=tag_specifications("security-group-rule", inputs),
            ),
        )
        return _applied(aws, only(answer["SecurityGroupRules"])["SecurityGroupRuleId"], inputs)

    return create


def _update(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    if changed(old.inputs, inputs, *_RULE):
        _check_sources(inputs)
        rule = present(
            IpProtocol=_protocol(inputs),
            FromPort=inputs.get("fromPort"),
            ToPort=inputs.get("toPort"),
            CidrIpv4=inputs.get("cidrIpv4"),
            CidrIpv6=inputs.get("cidrIpv6"),
            PrefixListId=inputs.get("prefixListId"),
            ReferencedGroupId=inputs.get("referencedSecurityGroupId"),
            Description=inputs.get("description"),
        )
        aws.call(
            "ec2",
            "modify_security_group_rules",
            GroupId=inputs["securityGroupId"],
            SecurityGroupRules=[{"SecurityGroupRuleId": old.id, "SecurityGroupRule": rule}],
        )
    retag(aws, old, inputs)
    return _applied(aws, old.id, inputs)


def _delete(direction: str) -> Callable[[Aws, Recorded], None]:
    def delete(aws: Aws, old: Recorded) -> None:
        aws.call(
            "ec2",
            f"revoke_security_group_{direction}",
            GroupId=old.inputs["securityGroupId"],
            SecurityGroupRuleIds=[old.id],
        )

    return delete


HANDLERS = tuple(
    Handler(
        type_token=f"aws:vpc/securityGroup{kind}Rule:SecurityGroup{kind}Rule",
        inputs=frozenset({"securityGroupId", "tags", *_RULE}),
        required=frozenset({"securityGroupId", "ipProtocol"}),
        create=_create(direction),
        update=_update,
        delete=_delete(direction),
        replace_on=frozenset({"securityGroupId"}),
    )
    for kind, direction in (("Ingress", "ingress"), ("Egress", "egress"))
)
