"""What resources name by ARN, registry or account, and which of them are of another region than what they are joined with."""

from typing import Any

import pytest

from policies.facts.places import read_far_uses, read_named, region_of
from policies.resources.graph import PlainResource

ARN = "arn:aws:kms:eu-west-1:123456789012:key/1"


def named(**props: Any) -> list[tuple[str, bool, bool]]:
    resource = PlainResource(type="aws:sqs/queue:Queue", urn="urn", name="q", props=props)
    return [(item.where, item.bare, item.regional) for item in read_named(resource)]


@pytest.mark.parametrize(
    ("props", "expected"),
    [
        ({"kmsMasterKeyId": ARN}, [("kmsMasterKeyId", False, True)]),
        ({"id": ARN, "rules": [{}, {"key": {"id": ARN, "comment": ARN}}]}, [("rules[1].key.id", False, True)]),
        ({"replicateSourceDb": ARN}, [("replicateSourceDb", False, False)]),
        ({"accountId": "123456789012"}, [("accountId", True, False)]),
        ({"sharedAccounts": ["123456789012", "all"]}, [("sharedAccounts[0]", True, False)]),
        ({"phone": "123456789012", "description": ARN, "tags": {"key": ARN}, "layers": [ARN]}, []),
        ({"policy": f'{{"Resource": "{ARN}"}}'}, []),
        ({"size": 3, "on": True, "text": "arn"}, []),
    ],
)
def test_texts_that_say_whose_something_is(props: dict[str, Any], expected: list[tuple[str, bool, bool]]) -> None:
    assert named(**props) == expected


def test_other_providers_name_nothing_of_aws() -> None:
    assert read_named(PlainResource(type="docker:index:Image", urn="urn", name="i", props={"arnOf": ARN})) == ()


def test_the_one_of_another_region_is_told_whichever_way_it_is_joined(stack: Any) -> None:
    key = stack.add("aws:kms/key:Key", "key", {"region": "us-east-1"})
    group = stack.add("aws:ec2/securityGroup:SecurityGroup", "group", {"region": "eu-west-1"})
    stack.add("aws:sqs/queue:Queue", "queue", {"region": "eu-west-1"}, kmsMasterKeyId=(key,))
    far = stack.add("aws:ec2/instance:Instance", "far", {"region": "us-east-1"}, vpcSecurityGroupIds=(group,))
    stack.add("aws:rds/snapshotCopy:SnapshotCopy", "copy", {"region": "us-east-1"}, sourceDbSnapshotIdentifier=(group,))
    stack.add("aws:cloudfront/distribution:Distribution", "edge", {}, viewerCertificate=(key,))
    found = read_far_uses(stack.graph(), "eu-west-1")
    assert found == {
        key: ("eu-west-1", "kmsMasterKeyId of queue is made from it"),
        far: ("eu-west-1", "its vpcSecurityGroupIds is made from group"),
    }
    assert region_of(stack.resources[key]) == "us-east-1"


@pytest.mark.parametrize("main", ["eu-west-1", "us-east-1"])
def test_what_a_distribution_takes_is_in_the_region_for_it(stack: Any, main: str) -> None:
    home = stack.add("aws:acm/certificate:Certificate", "home", {"region": "eu-west-1"})
    right = stack.add("aws:acm/certificate:Certificate", "right", {"region": "us-east-1"})
    balancer = stack.add("aws:lb/loadBalancer:LoadBalancer", "alb", {"region": "eu-west-1"})
    for name, certificate in (("wrong", home), ("edge", right)):
        kind = "aws:cloudfront/distribution:Distribution"
        stack.add(kind, name, {}, viewerCertificate=(certificate,), origins=(balancer,))
    stack.add("aws:cognito/userPoolDomain:UserPoolDomain", "login", {"region": "eu-west-1"}, certificateArn=(right,))
    found = read_far_uses(stack.graph(), main)
    assert found == {home: ("us-east-1", "viewerCertificate of wrong is made from it")}
