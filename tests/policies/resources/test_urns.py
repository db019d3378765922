"""URNs, also of names that have colons."""

import pytest

from policies.resources.urns import type_and_name, types_and_name


@pytest.mark.parametrize(
    ("urn", "types", "own", "name"),
    [
        ("urn:pulumi:dev::shop::aws:ecs/service:Service::api", "aws:ecs/service:Service", "aws:ecs/service:Service", "api"),
        ("urn:pulumi:dev::shop::a:b:C$aws:sqs/queue:Queue::jobs", "a:b:C$aws:sqs/queue:Queue", "aws:sqs/queue:Queue", "jobs"),
        ("urn:pulumi:dev::shop::a:b:C$x:y:Z::team::api::v2", "a:b:C$x:y:Z", "x:y:Z", "team::api::v2"),
        ("api", "", "", "api"),
        ("", "", "", ""),
    ],
)  # fmt: skip
def test_types_and_name(urn: str, types: str, own: str, name: str) -> None:
    assert types_and_name(urn) == (types, name)
    assert type_and_name(urn) == (own, name)
