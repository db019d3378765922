"""Security group rules, one resource a rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from offline.aws.api import Aws
from offline.aws.ec2.tags import retag, tagged
from offline.aws.handler import Applied, AwsInputError, Handler, Recorded
from offline.aws.mapping import delete_by, differs, joined, pascal
from offline.aws.shapes import only, present

_SOURCES = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
_PORTS = pascal("fromPort toPort", ipProtocol=lambda where, value: "-1" if value == "all" else str(value))
_RULE = joined(
    _PORTS, pascal("cidrIpv4 cidrIpv6 description prefixListId", referencedSecurityGroupId="ReferencedGroupId")
)
_TAGS = pascal(tags=tagged("security-group-rule"))


def _check_sources(inputs: dict[str, Any]) -> None:
    given = [name for name in _SOURCES if inputs.get(name)]
    if len(given) != 1:
        raise AwsInputError([f"A security group rule needs exactly one of {', '.join(_SOURCES)}; found {given}."])


def _permission(inputs: dict[str, Any]) -> dict[str, Any]:
    _check_sources(inputs)
    described = present(Description=inputs.get("description"))
    permission = _PORTS.of("rule", inputs)
    if inputs.get("cidrIpv4"):
        permission["IpRanges"] = [{"CidrIp": inputs["cidrIpv4"], **described}]
    if inputs.get("cidrIpv6"):
        permission["Ipv6Ranges"] = [{"CidrIpv6": inputs["cidrIpv6"], **described}]
    if inputs.get("prefixListId"):
        permission["PrefixListIds"] = [{"PrefixListId": inputs["prefixListId"], **described}]
    if inputs.get("referencedSecurityGroupId"):
        permission["UserIdGroupPairs"] = [{"GroupId": inputs["referencedSecurityGroupId"], **described}]
    return permission


def _create(direction: str) -> Callable[[Aws, dict[str, Any]], Applied]:
    def create(aws: Aws, inputs: dict[str, Any]) -> Applied:
        request = {"GroupId": inputs["securityGroupId"], "IpPermissions": [_permission(inputs)]}
        tags = _TAGS.of("tags", inputs)
        answer = aws.call("ec2", f"authorize_security_group_{direction}", **request, **tags)
        rule_id = only(answer["SecurityGroupRules"])["SecurityGroupRuleId"]
        return Applied(id=rule_id, outputs={"securityGroupRuleId": rule_id})

    return create


def _update(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> None:
    if differs(old, inputs, _RULE):
        _check_sources(inputs)
        aws.call(
            "ec2",
            "modify_security_group_rules",
            GroupId=inputs["securityGroupId"],
            SecurityGroupRules=[{"SecurityGroupRuleId": old.id, "SecurityGroupRule": _RULE.of("rule", inputs)}],
        )


HANDLERS = tuple(
    Handler(
        type_token=f"aws:vpc/securityGroup{kind}Rule:SecurityGroup{kind}Rule",
        inputs=joined(_RULE, _TAGS).names | {"securityGroupId"},
        required=frozenset({"securityGroupId", "ipProtocol"}),
        create=_create(direction),
        update=_update,
        delete=delete_by(
            "ec2",
            f"revoke_security_group_{direction}",
            {"GroupId": "securityGroupId", "SecurityGroupRuleIds": "id"},
            many=True,
        ),
        replace_on=frozenset({"securityGroupId"}),
        arn="ec2:security-group-rule/{id}",
        retag=retag,
    )
    for kind, direction in (("Ingress", "ingress"), ("Egress", "egress"))
)
