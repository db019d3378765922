"""What resources are named for, and names that mean one workload: in the program, and in AWS before it was renamed."""

from policies.facts.naming import Names, read_names
from policies.resources import tokens
from policies.resources.graph import Graph, PlainResource


def resource(kind: str, logical: str, **props: object) -> PlainResource:
    return PlainResource(type=kind, urn=f"urn:pulumi:dev::shop::{kind}::{logical}", name=logical, props=props)


def names(*services: tuple[str, str]) -> Names:
    return read_names(Graph(resource(tokens.SERVICE, logical, name=name) for logical, name in services))


def test_a_renamed_service_goes_by_both_of_its_names() -> None:
    found = names(("rank-api", "dev-tracking-api"), ("shop-api", "dev-shop-api"))
    own = found.of(resource(tokens.ROLE_POLICY, "rank-api-task", name="task"))
    assert (own, found.within("arn:aws:logs:::log-group:/dev/tracking-api:*")) == ({"rank-api"}, {"tracking-api"})
    assert found.agree(own, frozenset({"tracking-api"}))
    assert found.agree(frozenset({"tracking-api"}), own)
    assert not found.agree(own, frozenset({"shop-api"}))


def test_two_services_with_each_others_names_stay_apart() -> None:
    found = names(("rank-api", "dev-shop-api"), ("shop-api", "dev-rank-api"))
    assert not found.agree(frozenset({"rank-api"}), frozenset({"shop-api"}))
