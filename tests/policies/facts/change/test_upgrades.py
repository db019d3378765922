"""The way of a database's version: the policies that refuse it, and the one that lets a flag be set for it alone."""

import pytest

from policies.facts.change.upgrades import Upgrade, upgrade_of
from policies.resources import tokens
from policies.resources.graph import PlainResource
from policies.rules.database.upkeep import database_major_upgrades
from tests.policies.rules.change.plans import judged, plan, resource


def instance(**props: object) -> PlainResource:
    return resource(tokens.DB_INSTANCE, "dev", **{"engine": "mysql", "allowMajorVersionUpgrade": True, **props})


@pytest.mark.parametrize(
    ("old", "new", "back", "major"),
    [
        ("8.0", "8.4", False, True),
        ("8.4", "8.0", True, True),
        ("8.4.7", "8.4", False, False),
        ("8.4", "8.4.9", False, False),
    ],
)
def test_the_way_of_a_version(old: str, new: str, back: bool, major: bool) -> None:
    before, after = (instance(engineVersion=version) for version in (old, new))
    way = plan([before], [after]).plan
    assert way is not None
    assert upgrade_of(way, after) == Upgrade(old=old, new=new, back=back, major=major)


def test_the_flag_is_for_the_deployment_that_upgrades() -> None:
    before, after = instance(engineVersion="8.0"), instance(engineVersion="8.4")
    assert judged(database_major_upgrades, plan([before], [after])) == []
    assert judged(database_major_upgrades, plan([after], [after])) == [("dev", "allowMajorVersionUpgrade is true")]
    assert judged(database_major_upgrades, plan([], [after])) == [("dev", "allowMajorVersionUpgrade is true")]
