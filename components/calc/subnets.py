"""The subnets of a stage's network, cut from one CIDR block so that a further zone moves none of them."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

LARGEST_PREFIX: Final = 16
"""AWS allows no VPC block larger than a /16 (VPC User Guide, "VPC CIDR blocks")."""
SMALLEST_PREFIX: Final = 22
"""A /22 leaves the database a /28 in each zone, the smallest subnet AWS allows ("Subnet CIDR blocks")."""
MIN_ZONES: Final = 2
"""An Application Load Balancer and a DB subnet group both require subnets in two zones."""
MAX_ZONES: Final = 3

_CIDR: Final = re.compile(r"[0-9.]+/[0-9]{1,2}")
# RFC 1918, and RFC 6598, which AWS lists beside it: the ranges that never collide with addresses on the internet.
_PRIVATE_RANGES: Final = tuple(
    ipaddress.IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubnetPlan:
    """CIDR blocks by tier, one a zone, in the order of the zones."""

    public: tuple[str, ...]
    private: tuple[str, ...]
    database: tuple[str, ...]


def plan_subnets(cidr: str, zones: int) -> SubnetPlan:
    """Cut `cidr` into public, private and database subnets for `zones` availability zones.

    The block is always cut for three zones: three quarters are private, one a zone, because every Fargate task takes an
    address there. The last quarter holds four sixteenths of the block: three are public, and three quarters of the
    fourth are for the database. A /16 gives /18, /20 and /22; a /22 gives /24, /26 and /28.

    Raises ValueError when the block is malformed, has host bits, is not private or is not /16 to /22, or when the
    number of zones is not 2 or 3.
    """
    if zones not in range(MIN_ZONES, MAX_ZONES + 1):
        raise ValueError(
            f"A network over {zones} availability zones is not possible: it takes {MIN_ZONES} or {MAX_ZONES}, because "
            "a load balancer and a database need two; set the number of zones to 2 or 3."
        )
    network = parse_network(cidr)
    *private, shared = network.subnets(prefixlen_diff=2)
    *public, rest = shared.subnets(prefixlen_diff=2)
    database = list(rest.subnets(prefixlen_diff=2))
    return SubnetPlan(
        public=tuple(str(subnet) for subnet in public[:zones]),
        private=tuple(str(subnet) for subnet in private[:zones]),
        database=tuple(str(subnet) for subnet in database[:zones]),
    )


def parse_network(cidr: str) -> ipaddress.IPv4Network:
    """The IPv4 network that `cidr` writes, when it can hold a stage; raises ValueError with what to write instead."""
    malformed = f"'{cidr}' is not an IPv4 CIDR block: write an address and a prefix length, like '10.20.0.0/16'."
    if not _CIDR.fullmatch(cidr):
        raise ValueError(malformed)
    try:
        loose = ipaddress.IPv4Network(cidr, strict=False)
    except ValueError as error:
        raise ValueError(malformed) from error
    address = ipaddress.IPv4Address(cidr.split("/", 1)[0])
    if address != loose.network_address:
        raise ValueError(
            f"The CIDR block '{cidr}' has bits set behind its prefix: '{address}' is an address inside a "
            f"/{loose.prefixlen}; write '{loose}'."
        )
    if loose.prefixlen < LARGEST_PREFIX:
        raise ValueError(
            f"The CIDR block '{cidr}' is too large: AWS allows a VPC at most 65,536 addresses, a /{LARGEST_PREFIX}; "
            f"write a prefix length from /{LARGEST_PREFIX} to /{SMALLEST_PREFIX}."
        )
    if loose.prefixlen > SMALLEST_PREFIX:
        raise ValueError(
            f"The CIDR block '{cidr}' is too small: cut for three zones its database subnets would be a "
            f"/{loose.prefixlen + 6}, and AWS allows none smaller than a /28; write a prefix length from "
            f"/{LARGEST_PREFIX} to /{SMALLEST_PREFIX}."
        )
    if not any(loose.subnet_of(private) for private in _PRIVATE_RANGES):
        raise ValueError(
            f"The CIDR block '{cidr}' is not private: addresses of the internet inside it could no longer be reached; "
            f"choose one inside {', '.join(str(private) for private in _PRIVATE_RANGES)}."
        )
    return loose
