"""Rules that are resources."""

from typing import Any

import pytest

from offline.aws.handler import AwsError
from tests.offline.aws.ec2.test_security_groups import SECURITY_GROUP, ports


def test_a_rule_of_its_own(cloud: Any, vpc_id: str) -> None:
    kind = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    database, api = (cloud.make(SECURITY_GROUP, name, name=name, vpcId=vpc_id).id for name in ("database", "api"))
    rule = cloud.make(
        kind,
        "api",
        securityGroupId=database,
        referencedSecurityGroupId=api,
        ipProtocol="tcp",
        fromPort=3306,
        toPort=3306,
        tags={"Stage": "dev"},
    )
    cloud.change(kind, "api", toPort=3307, description="MySQL")
    (found,) = cloud.ask("ec2", "describe_security_group_rules", SecurityGroupRuleIds=[rule.id])["SecurityGroupRules"]
    assert (found["FromPort"], found["ToPort"], found["Description"]) == (3306, 3307, "MySQL")
    assert found["ReferencedGroupInfo"]["GroupId"] == api
    cloud.delete(kind, "api")
    assert ports(cloud, database) == set()


@pytest.mark.parametrize(
    ("sources", "found"), [({}, "[]"), ({"cidrIpv4": "10.0.0.0/8", "cidrIpv6": "::/0"}, "['cidrIpv4', 'cidrIpv6']")]
)
def test_a_rule_has_one_source(cloud: Any, vpc_id: str, sources: dict[str, str], found: str) -> None:
    with pytest.raises(AwsError) as caught:
        cloud.make(
            "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
            "out",
            securityGroupId=vpc_id.replace("vpc", "sg"),
            ipProtocol="-1",
            **sources,
        )
    assert str(caught.value) == (
        "A security group rule needs exactly one of cidrIpv4, cidrIpv6, prefixListId, referencedSecurityGroupId; "
        f"found {found}."
    )
