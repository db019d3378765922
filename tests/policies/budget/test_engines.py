"""The engines' own words: what they call themselves, refuse with, and are set by."""

import pytest

from policies.budget.engines import ENGINES, default_formula, engine_name, group_of, refusal_of, reserved_for


@pytest.mark.parametrize(
    ("engine", "name", "refusal", "idle"),
    [
        ("mysql", "MySQL", "error 1040", "wait_timeout"),
        ("mariadb", "MariaDB", "error 1040", "wait_timeout"),
        ("aurora-mysql", "Aurora MySQL", "error 1040", "wait_timeout"),
        ("postgres", "PostgreSQL", "error 53300", "idle_session_timeout"),
        ("aurora-postgresql", "Aurora PostgreSQL", "error 53300", "idle_session_timeout"),
    ],
)
def test_each_engine_has_its_own_words(engine: str, name: str, refusal: str, idle: str) -> None:
    assert (engine_name(engine), refusal_of(engine)[: len(refusal)], ENGINES[engine].idle) == (name, refusal, idle)
    assert ("1040" in refusal_of(engine)) == ENGINES[engine].like_mysql
    assert reserved_for(engine) == f"{'administrators' if ENGINES[engine].like_mysql else 'superusers'} and RDS"


def test_an_engine_of_an_existing_database_may_be_unknown() -> None:
    assert (engine_name(""), engine_name("oracle-ee"), refusal_of("")) == ("the engine", "oracle-ee", "an error")
    assert default_formula("oracle-ee", "19") is None


@pytest.mark.parametrize(
    ("engine", "cluster", "group"),
    [
        ("mysql", False, "DB parameter group"),
        ("postgres", True, "DB cluster parameter group"),
        ("aurora-postgresql", True, "DB cluster parameter group or DB parameter group"),
    ],
)
def test_the_group_that_max_connections_stands_in(engine: str, cluster: bool, group: str) -> None:
    assert group_of(engine, cluster=cluster) == group
