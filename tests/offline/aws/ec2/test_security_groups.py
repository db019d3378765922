"""Security groups with rules of their own, and the default one."""

from typing import Any

SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"


def _tags(item: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags", [])}


def test_only_declared_rules_remain_in_a_security_group(cloud: Any, vpc_id: str) -> None:
    web = {"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["0.0.0.0/0"], "description": "web"}
    mesh = {"protocol": "tcp", "fromPort": 3000, "toPort": 3000, "self": True}
    group = cloud.make(SECURITY_GROUP, "api", vpcId=vpc_id, ingress=[web, mesh])
    assert group.outputs["name"].startswith("api-")
    assert group.outputs["description"] == "Managed by Pulumi"
    assert ports(cloud, group.id) == {(False, 80), (False, 3000)}
    cloud.change(SECURITY_GROUP, "api", ingress=[mesh], egress=[{**web, "fromPort": 443, "toPort": 443}])
    assert ports(cloud, group.id) == {(False, 3000), (True, 443)}


def ports(cloud: Any, group: str) -> set[tuple[bool, int]]:
    """Of each rule whether it is a way out, and its first port."""
    filters = [{"Name": "group-id", "Values": [group]}]
    rules = cloud.ask("ec2", "describe_security_group_rules", Filters=filters)["SecurityGroupRules"]
    return {(rule["IsEgress"], rule["FromPort"]) for rule in rules}


def test_the_default_group_is_closed_and_stays_after_its_deletion(cloud: Any, vpc_id: str) -> None:
    kind = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
    group = cloud.make(kind, "closed", vpcId=vpc_id, ingress=[], egress=[], tags={"Name": "closed"})
    assert ports(cloud, group.id) == set()
    cloud.delete(kind, "closed")
    assert cloud.operations_of_last() == []
    (found,) = cloud.ask("ec2", "describe_security_groups", GroupIds=[group.id])["SecurityGroups"]
    assert _tags(found) == {"Name": "closed"}
