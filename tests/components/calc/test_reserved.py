"""Names that collide with the platform's own, with AWS's or with MySQL's are refused in full sentences."""

from collections.abc import Callable

import pytest

from components.calc.reserved import check_stage, check_workload_name, database_user

REFUSED: list[tuple[Callable[[], object], str]] = [
    (
        lambda: check_stage("awsdev"),
        "A stage cannot be named 'awsdev': Systems Manager and Resource Groups refuse names that begin with 'aws', and all "
        "names of a stage begin with it; rename it.",
    ),
    (
        lambda: check_stage("sg"),
        "A stage cannot be named 'sg': EC2 refuses security groups that begin with 'sg-', and all names of a stage begin with "
        "it; rename it.",
    ),
    (
        lambda: check_stage("my-dev"),
        "The stage name 'my-dev' is not usable in resource names: allowed are 1 to 16 lowercase letters and digits, a letter "
        "first; choose one like 'dev' or 'prd'.",
    ),
    (
        lambda: check_workload_name("db"),
        "A service or job cannot be named 'db': the database has that name; rename it, for example to 'db-api'.",
    ),
    (
        lambda: check_workload_name("images"),
        "A service or job cannot be named 'images': /<stage>/images/ holds the verified images, so its secrets would be taken "
        "for images; rename it, for example to 'images-api'.",
    ),
    (
        lambda: check_workload_name("builds"),
        "A service or job cannot be named 'builds': the log group of the stage's builds has that name; rename it, for example "
        "to 'builds-api'.",
    ),
    (
        lambda: database_user("a-very-long-name-of-a-nightly-batch"),
        "The database account 'a_very_long_name_of_a_nightly_batch' has 35 characters, and MySQL takes at most 32: shorten "
        "the name 'a-very-long-name-of-a-nightly-batch' by 3.",
    ),
    (
        lambda: database_user("admin"),
        "The database account 'admin' cannot be the workload's own, because it is the master user's, whose password RDS keeps "
        "and rotates: rename 'admin'.",
    ),
]


@pytest.mark.parametrize(("check", "sentence"), REFUSED)
def test_a_name_that_cannot_be(check: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ValueError) as caught:
        check()
    assert str(caught.value) == sentence


def test_names_that_can_be() -> None:
    assert check_stage("prd") == "prd"
    assert check_workload_name("prd") == "prd"
    assert database_user("ranking-batch") == "ranking_batch"
