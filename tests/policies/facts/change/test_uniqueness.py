"""What AWS has once: every type of the platform is in the table, and keys are read as AWS compares them."""

from collections.abc import Callable

import pytest

from policies.facts.change.uniqueness import ONCE, Once, keys
from policies.resources import tokens
from policies.resources.graph import UNKNOWNS, PlainResource
from policies.resources.tokens import canonical
from tests.policies.mutations.changes import Record

MANY = {
    tokens.TASK_DEFINITION: "a family has any number of revisions",
    tokens.VPC: "VPCs have no name of their own, and may share a range",
    tokens.ROUTE_TABLE: "has no name of its own",
    "aws:ec2/eip:Eip": "AWS chooses the address",
    tokens.DEFAULT_SECURITY_GROUP: "is adopted, and only forgotten when it is deleted",
    tokens.CERTIFICATE: "a domain may have any number of them",
    "aws:acm/certificateValidation:CertificateValidation": "waits for a certificate, and is nothing in AWS",
    "aws:iam/serviceSpecificCredential:ServiceSpecificCredential": "a user may have two, and AWS chooses their names",
}
"""Types of the platform of which AWS takes any number."""


@pytest.mark.parametrize("stage", ["dev", "prd"])
def test_every_type_of_the_platform_is_in_one_of_the_tables(
    platform: Callable[[str], list[Record]], stage: str
) -> None:
    kinds = {canonical(str(record["type"])) for record in platform(stage)}
    ours = {kind for kind in kinds if kind.startswith("aws:")}
    assert len(ours) > 50
    assert ours - ONCE.keys() - MANY.keys() == set()
    assert ONCE.keys() & MANY.keys() == set()


@pytest.mark.parametrize(
    ("properties", "props", "expected"),
    [
        (("name",), {"name": "a"}, [(None, "a")]),
        (("name",), {"name": "a", "region": "eu-west-1"}, [("eu-west-1", "a")]),
        (("name",), {}, []),
        (("name",), {"name": next(iter(UNKNOWNS))}, []),
        (("name", "bus?"), {"name": "a"}, [(None, "a", None)]),
        (("name", "bus?"), {"name": "a", "bus": "b"}, [(None, "a", "b")]),
        (("subnet?", "gateway?"), {}, []),
        (("cluster",), {"cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/dev"}, [(None, "dev")]),
        (("name",), {"name": "db.internal."}, [(None, "db.internal")]),
        (("name",), {"name": "/dev/api"}, [(None, "/dev/api")]),
        (("vpcs[].vpcId", "name"), {"name": "z", "vpcs": [{"vpcId": "a"}, {"vpcId": "b"}]}, [(None, "a", "z"), (None, "b", "z")]),
        (("vpcs[].vpcId",), {"vpcs": []}, []),
        (("routes[]",), {"routes": ["a", "b"]}, [(None, "a"), (None, "b")]),
        (("mesh.services[].name", "mesh.namespace?"), {"mesh": {"services": [{"name": "a"}], "namespace": "n"}}, [(None, "a", "n")]),
        (("mesh.services[].name",), {"mesh": {}}, []),
        (("mesh.services[].name",), {"mesh": "x"}, []),
    ],
)  # fmt: skip
def test_keys(properties: tuple[str, ...], props: dict[str, object], expected: list[tuple[object, ...]]) -> None:
    resource = PlainResource(type="t", urn="u", name="n", props=props)
    assert list(keys(resource, Once(properties=properties, what=""))) == expected
