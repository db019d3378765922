"""What the pack says that AWS has once, asked of the offline AWS: of everything on the platform a second one is made."""

from __future__ import annotations

from typing import Any

import pytest

from offline.aws.handler import AwsError
from offline.aws.provider import AwsProvider
from offline.engine.outcome import Outcome
from offline.properties import plain
from policies.facts.change.uniqueness import ONCE

pytestmark = pytest.mark.slow

TAKES_A_SECOND = {
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:route53/zone:Zone",
}
"""Types of which the offline AWS takes a second one and the real one does not."""


def test_a_second_one_is_refused_or_taken_for_the_first(first_up: tuple[Outcome, AwsProvider]) -> None:
    outcome, provider = first_up
    firsts: dict[str, Any] = {}
    for record in outcome.resources:
        if record.custom and record.type in ONCE:
            firsts.setdefault(record.type, record)
    refused = {kind for kind, record in firsts.items() if _is_refused(provider, record)}
    expected = {kind for kind in firsts if any(not once.merges for once in ONCE[kind])}
    assert len(firsts) >= 50
    assert refused == expected - TAKES_A_SECOND
    assert expected >= TAKES_A_SECOND


def _is_refused(provider: AwsProvider, record: Any) -> bool:
    try:
        provider.create(record.type, f"{record.urn}-second", plain(record.inputs), seed=f"second {record.urn}")
    except AwsError as error:
        return error.code != "OfflineLimit"
    return False
