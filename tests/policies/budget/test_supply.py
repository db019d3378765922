"""Supply: literals, formulas and engine defaults, the memory of classes, and what stays undecided."""

import pytest

from policies.budget.supply import Supply, UndecidedSupply, class_default, resolve, risky_above

GIB = 2**30


def resolved(
    value: str | None = None, *, engine: str = "mysql", version: str = "8.4", on: str = "db.t4g.micro"
) -> Supply | UndecidedSupply:
    return resolve(engine=engine, engine_version=version, instance_class=on, value=value, group="db-parameters")


def number(supply: Supply | UndecidedSupply) -> int:
    assert isinstance(supply, Supply), supply
    return supply.max_connections


def test_a_literal_is_taken_as_it_is() -> None:
    assert resolved("60") == Supply(
        max_connections=60,
        estimated=False,
        source="literal in db-parameters",
        engine="mysql",
        engine_version="8.4",
        instance_class="db.t4g.micro",
    )


def test_a_literal_needs_no_known_class() -> None:
    assert number(resolved("60", on="db.z9.huge")) == 60


def test_a_formula_is_estimated_low_and_says_so() -> None:
    supply = resolved("{DBInstanceClassMemory/25165760}")
    assert isinstance(supply, Supply)
    assert (supply.max_connections, supply.estimated) == (29, True)
    assert supply.source == "formula in db-parameters, estimated low for db.t4g.micro"


def test_the_default_is_estimated_low_and_says_so() -> None:
    supply = resolved()
    assert isinstance(supply, Supply)
    assert (supply.max_connections, supply.estimated) == (58, True)
    assert supply.source == "default of MySQL, estimated low for db.t4g.micro"


@pytest.mark.parametrize(
    ("on", "observed"),
    [
        ("db.t2.micro", 66),
        ("db.t3.micro", 60),
        ("db.t2.small", 150),
        ("db.t4g.small", 137),
        ("db.t2.medium", 312),
        ("db.m3.medium", 296),
        ("db.m3.large", 609),
        ("db.m4.large", 648),
        ("db.m5.large", 623),
        ("db.r3.large", 1258),
        ("db.r3.xlarge", 2540),
        ("db.m3.xlarge", 1237),
        ("db.m4.xlarge", 1320),
        ("db.m3.2xlarge", 2492),
    ],
)
def test_no_estimate_is_above_an_observed_default_of_mysql(on: str, observed: int) -> None:
    assert 0.8 * observed < number(resolved(on=on)) <= observed


@pytest.mark.parametrize(
    ("engine", "version", "on", "estimate"),
    [
        ("mariadb", "10.4.34", "db.m5.large", 614),
        ("mariadb", "10.11", "db.m5.large", 307),
        ("mariadb", "", "db.m5.large", 307),
        ("mariadb", "11.4", "db.r6i.32xlarge", 12_000),
        ("postgres", "16", "db.m5.large", 811),
        ("postgres", "16", "db.r5.24xlarge", 5_000),
        ("aurora-mysql", "8.0", "db.t3.medium", 90),
        ("aurora-mysql", "8.0", "db.r5.large", 1_000),
        ("aurora-postgresql", "16", "db.r5.large", 1_622),
    ],
)
def test_engine_defaults(engine: str, version: str, on: str, estimate: int) -> None:
    assert number(resolved(engine=engine, version=version, on=on)) == estimate


@pytest.mark.parametrize(
    ("supply", "reason"),
    [
        (
            resolved(engine="oracle-ee"),
            'max_connections of the engine "oracle-ee" is not known; known are mysql, mariadb, postgres, aurora-mysql, '
            "aurora-postgresql",
        ),
        (
            resolved(on="db.z9.huge"),
            'the memory of the class "db.z9.huge" is not known, so max_connections cannot be estimated; set it as a literal '
            "in the parameter group",
        ),
        (resolved("0"), "max_connections is 0 in db-parameters; MySQL takes 1 to 100000"),
        (
            resolved("16001", engine="aurora-mysql"),
            "max_connections is 16001 in db-parameters; Aurora MySQL takes 1 to 16000",
        ),
        (
            resolved("{DBInstanceClassMemory/0}"),
            'max_connections in db-parameters: "{DBInstanceClassMemory/0}" is wrong at character 24: division by zero; set it '
            "as a literal",
        ),
        (
            resolved("{log(DBInstanceClassMemory/99999999999)*5}"),
            "max_connections in db-parameters comes to -35, MySQL takes at least 1",
        ),
    ],
)
def test_what_cannot_be_told_says_why(supply: Supply | UndecidedSupply, reason: str) -> None:
    assert supply == UndecidedSupply(reason)


def test_an_estimate_is_never_above_what_the_engine_takes() -> None:
    assert number(resolved("{DBInstanceClassMemory/2}", on="db.r5.24xlarge")) == 100_000


def test_how_far_a_literal_may_go_follows_from_the_whole_memory() -> None:
    supply = resolved("60")
    assert isinstance(supply, Supply)
    assert risky_above(supply) == 2 * 85
    assert class_default(supply, "db.t4g.small") == 133
    assert class_default(supply, "db.serverless") is None
