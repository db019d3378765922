"""Resources are found by URN; a renamed one is one, though an engine that refreshes first shows it under both of its URNs."""

import pytest

from policies.resources.graph import Graph, PlainResource, without_former

OLD, NEW, OTHER = (f"urn:pulumi:dev::shop::aws:sqs/queue:Queue::{name}" for name in ("old", "new", "other"))


def queue(urn: str, *aliases: str) -> PlainResource:
    return PlainResource(
        type="aws:sqs/queue:Queue", urn=urn, name=urn.rpartition("::")[2], props={}, aliases=tuple(aliases)
    )


@pytest.mark.parametrize(
    ("resources", "registered", "kept"),
    [
        ([queue(OLD), queue(OTHER)], [OLD, OTHER], [OLD, OTHER]),
        ([queue(OLD), queue(NEW, OLD), queue(OTHER)], [NEW, OTHER], [NEW, OTHER]),
        ([queue(NEW, OLD), queue(OLD)], [], [NEW]),
        # What the program registered itself is there, whatever another resource says about its URN.
        ([queue(OLD), queue(NEW, OLD)], [OLD, NEW], [OLD, NEW]),
    ],
)
def test_the_former_urn_goes(resources: list[PlainResource], registered: list[str], kept: list[str]) -> None:
    assert [resource.urn for resource in without_former(resources, registered)] == kept


@pytest.mark.parametrize(
    ("asked", "found"), [([], []), ([OTHER, NEW, "queue-1"], [NEW, OTHER]), (["urn:pulumi:dev::shop"], [])]
)
def test_what_is_none_of_the_stack_is_left_out(asked: list[str], found: list[str]) -> None:
    graph = Graph([queue(OTHER), queue(OLD), queue(NEW)])
    assert [resource.urn for resource in graph.held(asked)] == found
