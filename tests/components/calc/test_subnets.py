"""Subnets never overlap, lie in their network, and stay where they are when a zone is added."""

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.calc.subnets import SubnetPlan, plan_subnets
from tests.refusals import refusal

PRIVATE = [IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")]


@st.composite
def networks(draw: st.DrawFn) -> str:
    outer = draw(st.sampled_from(PRIVATE))
    prefix = draw(st.integers(16, 22))
    count = 2 ** (prefix - outer.prefixlen)
    start = int(outer.network_address) + draw(st.integers(0, count - 1)) * 2 ** (32 - prefix)
    return str(IPv4Network((start, prefix)))


def every_subnet(plan: SubnetPlan) -> list[IPv4Network]:
    return [IPv4Network(cidr) for cidr in (*plan.public, *plan.private, *plan.database)]


def test_a_slash_16() -> None:
    assert plan_subnets("10.20.0.0/16", 3) == SubnetPlan(
        private=("10.20.0.0/18", "10.20.64.0/18", "10.20.128.0/18"),
        public=("10.20.192.0/20", "10.20.208.0/20", "10.20.224.0/20"),
        database=("10.20.240.0/22", "10.20.244.0/22", "10.20.248.0/22"),
    )


def test_the_smallest_network() -> None:
    assert plan_subnets("192.168.4.0/22", 2) == SubnetPlan(
        private=("192.168.4.0/24", "192.168.5.0/24"),
        public=("192.168.7.0/26", "192.168.7.64/26"),
        database=("192.168.7.192/28", "192.168.7.208/28"),
    )


@given(networks(), st.sampled_from([2, 3]))
def test_no_two_subnets_overlap_and_all_lie_inside(cidr: str, zones: int) -> None:
    subnets = every_subnet(plan_subnets(cidr, zones))
    assert len(subnets) == 3 * zones
    assert not any(first.overlaps(second) for first, second in combinations(subnets, 2))
    assert all(subnet.subnet_of(IPv4Network(cidr)) for subnet in subnets)


@given(networks())
def test_a_third_zone_moves_nothing(cidr: str) -> None:
    two, three = plan_subnets(cidr, 2), plan_subnets(cidr, 3)
    assert three.public[:2] == two.public
    assert three.private[:2] == two.private
    assert three.database[:2] == two.database


@given(networks(), st.sampled_from([2, 3]))
def test_private_is_the_largest_and_the_database_can_exist(cidr: str, zones: int) -> None:
    plan = plan_subnets(cidr, zones)
    public, private, database = (IPv4Network(tier[0]).prefixlen for tier in (plan.public, plan.private, plan.database))
    assert private < public < database <= 28


MALFORMED = "'{}' is not an IPv4 CIDR block: write an address and a prefix length, like '10.20.0.0/16'."


@pytest.mark.parametrize(
    "cidr",
    ["", "10.20.0.0", "10.20.0/16", "10.20.0.0/33", "10.20.0.256/16", "::/16", "10.20.0.0/255.255.0.0", "10.0.0.0/16 "],
)
def test_malformed(cidr: str) -> None:
    assert refusal(lambda: plan_subnets(cidr, 2)) == MALFORMED.format(cidr)


NOT_PRIVATE = (
    "not private: addresses of the internet inside it could no longer be reached; "
    "choose one inside 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10."
)


@pytest.mark.parametrize(
    ("cidr", "why"),
    [
        (
            "10.20.0.0/23",
            "too small: cut for three zones its database subnets would be a /29, and AWS allows none smaller than a /28; "
            "write a prefix length from /16 to /22.",
        ),
        (
            "10.0.0.0/15",
            "too large: AWS allows a VPC at most 65,536 addresses, a /16; write a prefix length from /16 to /22.",
        ),
        ("8.8.0.0/16", NOT_PRIVATE),
        ("172.32.0.0/16", NOT_PRIVATE),
        ("192.169.0.0/16", NOT_PRIVATE),
        ("100.128.0.0/16", NOT_PRIVATE),
        ("127.0.0.0/16", NOT_PRIVATE),
    ],
)
def test_a_block_that_no_network_can_have(cidr: str, why: str) -> None:
    assert refusal(lambda: plan_subnets(cidr, 2)) == f"The CIDR block '{cidr}' is {why}"


def test_host_bits() -> None:
    assert refusal(lambda: plan_subnets("10.20.1.7/16", 2)) == (
        "The CIDR block '10.20.1.7/16' has bits set behind its prefix: '10.20.1.7' is an address inside a /16; "
        "write '10.20.0.0/16'."
    )


@pytest.mark.parametrize("zones", [-1, 0, 1, 4])
def test_zones(zones: int) -> None:
    with pytest.raises(ValueError, match=f"A network over {zones} availability zones is not possible: it takes 2 or 3"):
        plan_subnets("10.20.0.0/16", zones)
