"""Whose image a workload runs that has no repository of its own, as a batch job runs its service's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from policies.facts.ecs.containers import image_of
from policies.facts.iam.patterns import like
from policies.facts.iam.rights import roles_named
from policies.facts.iam.statements import Statement
from policies.facts.naming import named_for, read_names
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Undecided, decided

REGISTRY = re.compile(
    r"^(?P<account>[0-9]{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<name>[^:@]+)"
)
"""An image of a private repository (Amazon ECR User Guide, "Amazon ECR private registry")."""
_PULL = "ecr:BatchGetImage"


def read_image_owners(
    graph: Graph,
    documents: Callable[[Resource], Iterable[Mapping[str, object]]],
    rights: Callable[[Resource], Iterable[Statement] | None],
) -> Mapping[str, frozenset[str]]:
    """By the name of a workload without a repository, whose images it runs, or may pull while it waits for its first one.

    What cannot be read is nobody's.
    """
    names, repositories = read_names(graph), named_for(graph, tokens.REPOSITORY).keys()
    found: dict[str, frozenset[str]] = {}
    for definition in graph.of_type(tokens.TASK_DEFINITION):
        own = names.of(definition)
        if own & repositories:
            continue
        read = decided(lambda definition=definition: tuple(_sources(graph, definition, documents, rights)))
        sources = () if isinstance(read, Undecided) else read
        owners = frozenset[str]().union(*(names.within(source) for source in sources)) & repositories
        found |= {name: found.get(name, frozenset()) | owners for name in own}
    return found


def _sources(
    graph: Graph,
    definition: Resource,
    documents: Callable[[Resource], Iterable[Mapping[str, object]]],
    rights: Callable[[Resource], Iterable[Statement] | None],
) -> Iterator[str]:
    """Names of repositories of its images, and ARNs of those that its execution role may pull from."""
    for container in documents(definition):
        if match := REGISTRY.match(image_of(container)):
            yield match["name"]
    for role in roles_named(graph, definition, ("executionRoleArn",)):
        for statement in rights(role) or ():
            if statement.allows and any(like(_PULL, action) for action in statement.actions):
                yield from (item for item in statement.resources if "*" not in item)
