"""What the provider answers beside what is asked for is left out, and nothing else."""

import pytest

from policies.resources import tokens
from policies.resources.answered import judged, only_set


@pytest.mark.parametrize(
    ("props", "expected"),
    [
        ({"kmsKeyId": "", "iops": 0, "multiAz": False, "port": None}, {"iops": 0, "multiAz": False, "port": None}),
        (
            {"routes": [{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-1", "ipv6CidrBlock": "", "natGatewayId": ""}]},
            {"routes": [{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-1"}]},
        ),
        ({"conditions": [{"queryStrings": [], "pathPattern": {"values": ["/"]}}]}, {"conditions": [{"pathPattern": {"values": ["/"]}}]}),
        ({"accessLogs": {"bucket": "", "enabled": False}}, {"accessLogs": {"enabled": False}}),
        # A list that a program leaves empty says that there is none of it; an item is never taken out of a list.
        ({"routes": [], "values": ["", "a"]}, {"routes": [], "values": ["", "a"]}),
        ({"tags": {"Owner": ""}, "tagsAll": {"Owner": ""}}, {"tags": {"Owner": ""}, "tagsAll": {"Owner": ""}}),
        ({"containerDefinitions": '[{"name": "", "command": []}]'}, {"containerDefinitions": '[{"name": "", "command": []}]'}),
    ],
)  # fmt: skip
def test_only_what_is_set_stays(props: dict[str, object], expected: dict[str, object]) -> None:
    assert only_set(props) == expected


def test_what_is_passed_is_not_changed() -> None:
    props = {"routes": [{"ipv6CidrBlock": ""}]}
    assert only_set(props) == {"routes": [{}]}
    assert props == {"routes": [{"ipv6CidrBlock": ""}]}


@pytest.mark.parametrize(
    ("asks", "expected"),
    [
        (None, {"bucket": "b", "versioning": {"enabled": True}}),
        (frozenset({"bucket"}), {"bucket": "b"}),
        (frozenset({"bucket", "versioning"}), {"bucket": "b", "versioning": {"enabled": True}}),
    ],
)
def test_what_another_resource_sets_is_judged_there(asks: frozenset[str] | None, expected: dict[str, object]) -> None:
    props = {"bucket": "b", "versioning": {"enabled": True}, "acl": ""}
    assert judged(tokens.BUCKET, props, asks) == expected
    assert judged(tokens.REPOSITORY, props, asks) == {"bucket": "b", "versioning": {"enabled": True}}
