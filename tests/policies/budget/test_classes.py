"""The memory of instance classes, against what EC2 says of the instances of the same names (moto's copy of its answer)."""

import gzip
import json
from pathlib import Path

import moto.ec2
import pytest

from policies.budget.classes import GIB, family_of, nominal_memory, surely_usable_memory

FAMILIES = [
    "c6gd", "m3", "m4", "m5", "m5d", "m6g", "m6gd", "m6i", "m6id", "m6idn", "m6in", "m7g", "m7i", "m8g", "m8gd", "r3",
    "r4", "r5", "r5b", "r5d", "r6g", "r6gd", "r6i", "r6id", "r6idn", "r6in", "r7g", "r7i", "r8g", "r8gd", "t2", "t3",
    "t4g", "x1", "x1e", "x2g", "x2idn", "x2iedn", "x2iezn", "z1d",
]  # fmt: skip
ELSEWHERE = {"r3.large": "EC2 rounds 15.25 GiB to 15", "x2g": "EC2 calls it x2gd"}


@pytest.fixture(scope="module")
def ec2() -> dict[str, int]:
    """MiB by instance type."""
    path = Path(moto.ec2.__file__).with_name("resources") / "instance_types.json.gz"
    types = json.loads(gzip.decompress(path.read_bytes()))
    return {name: shape["MemoryInfo"]["SizeInMiB"] for name, shape in types.items()}


@pytest.mark.parametrize("family", [family for family in FAMILIES if family not in ELSEWHERE])
def test_a_class_has_the_memory_of_the_instance_of_its_name(ec2: dict[str, int], family: str) -> None:
    sizes = family_of(f"db.{family}.any")
    assert sizes
    found = {name: nominal_memory(name) for name in sizes if name.removeprefix("db.") not in ELSEWHERE}
    assert found == {name: ec2[name.removeprefix("db.")] * 2**20 for name in found}


def test_x2g_has_the_memory_of_x2gd(ec2: dict[str, int]) -> None:
    sizes = family_of("db.x2g.large")
    assert {name: nominal_memory(name) for name in sizes} == {
        name: ec2[name.replace("db.x2g", "x2gd")] * 2**20 for name in sizes
    }


@pytest.mark.parametrize("name", ["", "db", "db.t4g", "db.t4g.nano", "t4g.micro", "db.serverless", "cache.t4g.micro"])
def test_a_class_that_is_not_in_the_table_has_no_memory(name: str) -> None:
    assert nominal_memory(name) is None
    assert surely_usable_memory(name) is None


def test_a_family_is_listed_from_its_smallest_class() -> None:
    assert family_of("db.t4g.large")[:2] == ("db.t4g.micro", "db.t4g.small")
    assert family_of("db.serverless") == ()


@pytest.mark.parametrize(
    ("name", "percent"),
    [("db.t3.micro", 68), ("db.t3.small", 78), ("db.t3.medium", 85), ("db.m3.large", 85), ("db.r5.large", 90)],
)
def test_less_than_the_nominal_memory_is_surely_usable(name: str, percent: int) -> None:
    nominal = nominal_memory(name)
    assert nominal is not None
    assert nominal >= GIB
    assert surely_usable_memory(name) == nominal * percent // 100
