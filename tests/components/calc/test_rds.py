"""What RDS for MySQL does not offer is refused with what it does."""

from collections.abc import Callable

import pytest

from components.calc.rds import check_engine_version, check_instance_class, check_performance_insights, check_schema

REFUSED: list[tuple[Callable[[], object], str]] = [
    (
        lambda: check_engine_version("8.0.42", extended_support=False),
        "engineVersion 8.0.42 left RDS standard support in July 2026: use 8.4 or set extendedSupport: true",
    ),
    (
        lambda: check_engine_version("5.7", extended_support=False),
        "engineVersion 5.7 left RDS standard support in February 2024: use 8.4 or set extendedSupport: true",
    ),
    (
        lambda: check_engine_version("10.11", extended_support=True),
        "engineVersion 10.11 is none of RDS for MySQL, which has 8.4, and 8.0 and 5.7 with extendedSupport: true",
    ),
    (
        lambda: check_instance_class("db.t2.micro"),
        "instanceClass db.t2.micro is of a previous generation, which RDS creates no MySQL 5.7 to 8.4 on: use db.t3 or newer, "
        "such as db.t4g.micro",
    ),
    (
        lambda: check_instance_class("db.r3.xlarge"),
        "instanceClass db.r3.xlarge is of a previous generation, which RDS creates no MySQL 5.7 to 8.4 on: use db.r5 or "
        "newer, such as db.r5.large",
    ),
    (
        lambda: check_performance_insights("db.t4g.micro"),
        "performanceInsights is true on db.t4g.micro, and RDS for MySQL has it on no micro or small class: use "
        "db.t4g.medium or larger, or remove performanceInsights",
    ),
    (
        lambda: check_schema("mysql"),
        "name mysql is a schema of MySQL itself (information_schema, mysql, performance_schema, sys): choose one like itemscout",
    ),
]


@pytest.mark.parametrize(("check", "sentence"), REFUSED)
def test_what_rds_does_not_offer(check: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ValueError) as caught:
        check()
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "instance_class", ["db.t3.micro", "db.t4g.small", "db.m5.large", "db.r6gd.xlarge", "db.x2g.large"]
)
def test_classes_that_are_offered(instance_class: str) -> None:
    assert check_instance_class(instance_class) == instance_class


def test_versions_that_are_offered() -> None:
    assert check_engine_version("8.4.7", extended_support=False) == "8.4"
    assert check_engine_version("8.4", extended_support=True) == "8.4"
    assert check_engine_version("5.7.44", extended_support=True) == "5.7"
    check_performance_insights("db.t4g.medium")
    assert check_schema("shop") == "shop"
