"""A hosted zone, looked up."""

from typing import Any

import pytest

from offline.aws.handler import AwsError


def test_zones_by_id_and_by_name(cloud: Any, vpc_id: str) -> None:
    made = cloud.make("aws:route53/zone:Zone", "internal", name="dev.internal", vpcs=[{"vpcId": vpc_id}])
    for args in ({"zoneId": made.id}, {"name": "dev.internal", "privateZone": True}):
        answer = cloud.provider.invoke("aws:route53/getZone:getZone", args)
        assert (answer["zoneId"], answer["name"], answer["privateZone"]) == (made.id, "dev.internal", True)
    with pytest.raises(AwsError, match="must find exactly one and found 0"):
        cloud.provider.invoke("aws:route53/getZone:getZone", {"name": "dev.internal"})
