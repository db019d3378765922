"""Which address ranges are of networks of one's own."""

from __future__ import annotations

import ipaddress

_PRIVATE = tuple(map(ipaddress.IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))
"""RFC 1918 and RFC 6598: the ranges of VPCs, and of what is joined with them (Amazon VPC User Guide, VPC CIDR blocks)."""


def private(network: ipaddress.IPv4Network) -> bool:
    """Whether a range is for networks of one's own."""
    return any(map(network.subnet_of, _PRIVATE))
