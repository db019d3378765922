"""Availability Zones of a region."""

from __future__ import annotations

# Zone letters that are not a, b, c (moto's table of zones, itself made from ec2:DescribeAvailabilityZones).
_ZONE_LETTERS = {
    "ap-northeast-1": "acd",
    "ap-northeast-2": "abcd",
    "ca-central-1": "abd",
    "us-east-1": "abcdef",
    "us-west-1": "ab",
    "us-west-2": "abcd",
}


def zone_names(region: str) -> list[str]:
    """The Availability Zones of a region, by name."""
    return [region + letter for letter in _ZONE_LETTERS.get(region, "abc")]
