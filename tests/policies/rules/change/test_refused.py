"""networks-stay and database-change-possible: changes that AWS refuses half-way are refused before, and benign ones are not."""

from dataclasses import replace

import pytest

from policies.resources import tokens
from policies.resources.graph import UNKNOWNS, PlainResource
from policies.rules.change.refused import database_change_possible, networks_stay
from tests.policies.rules.change.plans import judged, plan, renamed, resource

UNKNOWN = next(iter(UNKNOWNS))


def subnet(letter: str, **props: object) -> PlainResource:
    values = {
        "id": f"subnet-{letter}",
        "vpcId": "vpc-1",
        "cidrBlock": f"10.0.{letter}",
        "availabilityZone": f"zone-{letter}",
    }
    return resource(tokens.SUBNET, f"database-{letter}", **{**values, **props})


def made_from(it: PlainResource, **named: PlainResource | tuple[PlainResource, ...]) -> PlainResource:
    """The resource with properties that are made from others: as an engine tells it."""
    made = {prop: others if isinstance(others, tuple) else (others,) for prop, others in named.items()}
    return replace(
        it, property_dependencies={prop: tuple(each.urn for each in each_of) for prop, each_of in made.items()}
    )


def group_of(*subnets: PlainResource) -> PlainResource:
    group = resource(tokens.DB_SUBNET_GROUP, "dev", name="dev-db", subnetIds=[each.props["id"] for each in subnets])
    return made_from(group, subnetIds=subnets)


A, B, C = subnet("a"), subnet("b"), subnet("c")
GROUP = group_of(A, B)
DATABASE = resource(
    tokens.DB_INSTANCE, "dev", identifier="dev-db", dbSubnetGroupName="dev-db", availabilityZone="zone-a"
)
STANDBY = resource(tokens.DB_INSTANCE, "dev", **{**DATABASE.props, "multiAz": True})
NEW_A, NEW_B = (subnet(letter, id=UNKNOWN, vpcId=UNKNOWN, cidrBlock="10.9.0") for letter in "ab")
FIREWALL = resource(tokens.SECURITY_GROUP, "db", id="sg-1", vpcId="vpc-1")
MOVED = resource(tokens.SECURITY_GROUP, "db", id=UNKNOWN, vpcId="vpc-2")


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        pytest.param([A, B, GROUP, DATABASE], [A, B, GROUP, DATABASE], [], id="nothing changes"),
        pytest.param([A, B, GROUP, DATABASE], [A, B, C, group_of(A, B, C), DATABASE], [], id="a subnet more"),
        pytest.param(
            [A, B, GROUP, DATABASE],
            [NEW_A, NEW_B, group_of(NEW_A, NEW_B), DATABASE],
            [("dev", "it loses the subnets database-a, database-b, in which the database dev-db stands")],
            id="another VPC",
        ),
        pytest.param([A, B, GROUP, DATABASE], [A, group_of(A), DATABASE], [], id="a zone less, in which nothing stands"),
        pytest.param(
            [A, B, GROUP, DATABASE],
            [B, group_of(B), DATABASE],
            [("dev", "it loses the subnets database-a, in which the database dev-db stands")],
            id="the zone in which it stands",
        ),
        pytest.param(
            [A, B, GROUP, STANDBY],
            [A, group_of(A), STANDBY],
            [("dev", "it loses the subnets database-b, in which the database dev-db stands")],
            id="a zone in which the standby may be",
        ),
        pytest.param([A, B, GROUP], [NEW_A, NEW_B, group_of(NEW_A, NEW_B)], [], id="no database in it"),
        pytest.param([A, B, GROUP, DATABASE], [A, B, renamed(GROUP, "other"), DATABASE], [], id="renamed"),
        pytest.param([A, B, GROUP, DATABASE], [], [], id="all of it goes"),
    ],
)  # fmt: skip
def test_a_database_stays_in_its_subnets(
    before: list[PlainResource], after: list[PlainResource], found: list[tuple[str, str]]
) -> None:
    assert judged(networks_stay, plan(before, after)) == found


def test_a_database_takes_no_security_group_of_another_vpc() -> None:
    def database(group: PlainResource, **more: object) -> PlainResource:
        values = {
            "identifier": "dev-db",
            "vpcSecurityGroupIds": [group.props["id"]],
            "dbSubnetGroupName": "one",
            **more,
        }
        return made_from(resource(tokens.DB_INSTANCE, "dev", **values), vpcSecurityGroupIds=group)

    before = [FIREWALL, database(FIREWALL)]
    assert judged(networks_stay, plan(before, [MOVED, database(MOVED)])) == [
        ("dev", "its security group db moves to another VPC, and its subnet group does not")
    ]
    assert judged(networks_stay, plan(before, [MOVED, database(MOVED, dbSubnetGroupName="two")])) == []


@pytest.mark.parametrize(("more", "refused"), [({}, True), ({"name": "other"}, False), ({"internal": True}, False)])
def test_a_load_balancer_stays_in_its_vpc_unless_it_is_another_one(more: dict[str, object], refused: bool) -> None:
    def balancer(group: PlainResource, subnet: PlainResource, **more: object) -> PlainResource:
        values = {
            "name": "dev",
            "internal": False,
            "securityGroups": [group.props["id"]],
            "subnets": [subnet.props["id"]],
            **more,
        }
        return made_from(resource(tokens.LOAD_BALANCER, "dev", **values), securityGroups=group, subnets=subnet)

    stack = plan([FIREWALL, A, balancer(FIREWALL, A)], [MOVED, NEW_A, balancer(MOVED, NEW_A, **more)])
    told = [("dev", "database-a, db, which it stands in, moves to another VPC")]
    assert judged(networks_stay, stack) == (told if refused else [])
    other_range = subnet("a", cidrBlock="10.0.77")
    assert judged(networks_stay, plan([A, balancer(FIREWALL, A)], [other_range, balancer(FIREWALL, other_range)])) == []


def version(number: str, **more: object) -> dict[str, object]:
    return {"engineVersion": number, **more}


@pytest.mark.parametrize(
    ("engine", "before", "after", "found"),
    [
        ("mysql", version("8.4"), version("8.4"), ()),
        ("mysql", version("8.4.7"), version("8.4"), ()),
        ("mysql", version("8.4.5"), version("8.4.7"), ()),
        ("mysql", version("8.4.7"), version("8.4.5"), ("engineVersion goes back from 8.4.7 to 8.4.5",)),
        ("mysql", version("8.4"), version("8.0"), ("engineVersion goes back from 8.4 to 8.0",)),
        ("mysql", version("8.0"), version("8.4", allowMajorVersionUpgrade=True), ()),
        (
            "mysql",
            version("8.0"),
            version("8.4"),
            ("engineVersion goes from 8.0 to 8.4, another major version, without allowMajorVersionUpgrade",),
        ),
        ("postgres", version("16.3"), version("16.10"), ()),
        (
            "postgres",
            version("16.3"),
            version("17.1"),
            ("engineVersion goes from 16.3 to 17.1, another major version, without allowMajorVersionUpgrade",),
        ),
        ("aurora-mysql", version("8.0.mysql_aurora.3.05.2"), version("8.0.mysql_aurora.3.08.0"), ()),
        ("mysql", version(UNKNOWN), version("8.4"), ()),
        ("mysql", {"allocatedStorage": 40}, {"allocatedStorage": 20}, ("allocatedStorage goes from 40 to 20 GiB",)),
        ("mysql", {"allocatedStorage": 20}, {"allocatedStorage": 40}, ()),
        ("mysql", {"allocatedStorage": 40}, {"allocatedStorage": 20, "maxAllocatedStorage": 100}, ()),
    ],
)
def test_a_database_goes_forward_only(
    engine: str, before: dict[str, object], after: dict[str, object], found: tuple[str, ...]
) -> None:
    old, new = (resource(tokens.DB_INSTANCE, "dev", engine=engine, **values) for values in (before, after))
    assert [what for _, what in judged(database_change_possible, plan([old], [new]))] == list(found)
    another = resource(tokens.DB_INSTANCE, "dev", **{**new.props, "engine": "mariadb"})
    assert judged(database_change_possible, plan([old], [another])) == []


@pytest.mark.parametrize(
    ("more", "kept", "refused"), [({}, False, True), ({"applyImmediately": True}, False, False), ({}, True, False)]
)
def test_a_parameter_group_outlives_the_database_that_waits_for_its_window(
    more: dict[str, object], kept: bool, refused: bool
) -> None:
    old = resource(tokens.PARAMETER_GROUP, "dev", name="mysql8-0", family="mysql8.0")
    new = resource(tokens.PARAMETER_GROUP, "dev", name="mysql8-4", family="mysql8.4")
    before = resource(tokens.DB_INSTANCE, "dev", parameterGroupName="mysql8-0")
    after = resource(tokens.DB_INSTANCE, "dev", parameterGroupName="mysql8-4", **more)
    groups = [old, resource(tokens.PARAMETER_GROUP, "next", **new.props)] if kept else [new]
    told = "parameterGroupName changes in the maintenance window, and mysql8-0, which it has until then, is deleted at once"
    assert judged(database_change_possible, plan([old, before], [*groups, after])) == (
        [("dev", told)] if refused else []
    )
