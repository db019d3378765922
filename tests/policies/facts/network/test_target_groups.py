"""Who names a target group: in order, and up to the first resource that cannot be read."""

import pytest

from policies.facts.network.target_groups import moved_to, named_by, naming, targets_of
from policies.resources.graph import Graph, PlainResource
from policies.resources.outcomes import NotDecidedError
from policies.resources.tokens import DEPLOYMENT_GROUP, LISTENER_RULE, SERVICE, TARGET_GROUP


def resource(kind: str, name: str, /, **props: object) -> PlainResource:
    made_from = {"loadBalancers": (f"urn:{name}-unknown",)} if name == "unread" else {}
    return PlainResource(type=kind, urn=f"urn:{name}", name=name, props=props, property_dependencies=made_from)


GROUPS = [resource(TARGET_GROUP, name, arn=f"arn:{name}") for name in ("one", "two")]


def behind(name: str, *groups: str) -> PlainResource:
    return resource(SERVICE, name, loadBalancers=[{"targetGroupArn": f"arn:{group}"} for group in groups])


def test_services_are_found_by_their_groups() -> None:
    graph = Graph([*GROUPS, behind("a", "one"), behind("b", "two", "one"), resource(SERVICE, "c")])
    found = [[held.name for held in named_by(graph, group, SERVICE, "loadBalancers")] for group in GROUPS]
    assert found == [["a", "b"], ["b"]]


def test_a_rule_names_groups_by_itself_and_by_shares() -> None:
    actions = [{"targetGroupArn": "arn:one"}, {"forward": {"targetGroups": [{"arn": "arn:two"}]}}]
    rule = resource(LISTENER_RULE, "rule", actions=actions)
    assert targets_of(Graph([*GROUPS, rule]), rule, "actions") == {"urn:one", "urn:two"}


def test_a_service_that_is_moved_between_two_groups_is_in_both() -> None:
    held = [{"targetGroupArn": "arn:one", "advancedConfiguration": {"alternateTargetGroupArn": "arn:two"}}]
    service = resource(SERVICE, "service", loadBalancers=held)
    assert targets_of(Graph([*GROUPS, service]), service, "loadBalancers") == {"urn:one", "urn:two"}


def test_codedeploy_moves_services_between_the_groups_that_it_names() -> None:
    pair = {"targetGroups": [{"name": "one"}, {"name": "elsewhere"}]}
    named = resource(DEPLOYMENT_GROUP, "named", loadBalancerInfo={"targetGroupPairInfo": pair})
    others = [
        resource(DEPLOYMENT_GROUP, "none"),
        resource(DEPLOYMENT_GROUP, "of-machines", loadBalancerInfo={"elbInfos": []}),
    ]
    groups = [resource(TARGET_GROUP, name, arn=f"arn:{name}", name=name) for name in ("one", "two")]
    assert moved_to(Graph([*groups, named, *others])) == {"urn:one", "elsewhere"}


def test_nothing_behind_what_cannot_be_read_counts(unknown: str) -> None:
    unread = resource(SERVICE, "unread", loadBalancers=unknown)
    graph = Graph([*GROUPS, behind("a", "one"), unread, behind("b", "one")])
    found = naming(graph, SERVICE, "loadBalancers")
    assert [held.name for held in found.by_group["urn:one"]] == ["a"]
    assert found.undecided.owner is unread
    with pytest.raises(NotDecidedError):
        named_by(graph, GROUPS[1], SERVICE, "loadBalancers")
