"""Who is given which managed policies of the stack, and which of them only bound what others allow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from policies.resources import tokens
from policies.resources.graph import Graph, Resource, grouped
from policies.resources.once import per_graph
from policies.resources.references import references

GIVING: Mapping[str, str] = {
    tokens.ROLE: "managedPolicyArns", tokens.ROLE_ATTACHMENT: "policyArn", tokens.ROLE_ATTACHMENTS: "policyArns",
    tokens.USER_ATTACHMENT: "policyArn", tokens.USER_ATTACHMENTS: "policyArns", tokens.GROUP_ATTACHMENT: "policyArn",
    tokens.GROUP_ATTACHMENTS: "policyArns", tokens.IAM_ATTACHMENT: "policyArn",
}  # fmt: skip
"""Type to its property that names managed policies, by their ARNs."""
BOUNDED = (tokens.ROLE, tokens.USER)
"""Types with a permissionsBoundary."""
ROLES_OF: Mapping[str, str] = {
    tokens.ROLE_ATTACHMENT: "role", tokens.ROLE_ATTACHMENTS: "roleName", tokens.IAM_ATTACHMENT: "roles",
}  # fmt: skip
"""Type to its property that names the roles that are given a policy."""


def policies_named(graph: Graph, resource: Resource, prop: str) -> tuple[Resource, ...]:
    """The managed policies of the stack that a property names: by ARN, by the name at its end, or by what it was made from."""
    known = graph.by_text(tokens.IAM_POLICY, "name")
    found: dict[str, Resource] = {}
    for key in references(graph, resource, tokens.IAM_POLICY, prop).keys:
        own = ":policy/" in key and ":iam::aws:" not in key
        held = graph.held((key,)) or (known.get(key.rpartition("/")[2], ()) if own else ())
        found |= {policy.urn: policy for policy in held}
    return tuple(found.values())


def is_boundary(graph: Graph, policy: Resource) -> bool:
    """Whether a policy is a boundary that nobody is given: then it allows nothing (IAM User Guide, Permissions boundaries)."""
    return policy.urn in _bounding(graph) and policy.urn not in _givers(graph)


def is_given_to_role(graph: Graph, policy: Resource) -> bool:
    """Whether a role, of the stack or not, is given a managed policy."""
    return any(
        giver.type == tokens.ROLE or giver.props.get(ROLES_OF.get(giver.type, "")) for giver in _given_by(graph, policy)
    )


def roles_given(graph: Graph, policy: Resource) -> tuple[Resource, ...]:
    """The roles of the stack that are given a managed policy."""
    found: dict[str, Resource] = {}
    for giver in _given_by(graph, policy):
        prop = ROLES_OF.get(giver.type)
        keys: Iterable[str] = references(graph, giver, tokens.ROLE, prop).keys if prop else (giver.urn,)
        found |= {role.urn: role for role in graph.held(keys) if role.type == tokens.ROLE}
    return tuple(found.values())


def _given_by(graph: Graph, policy: Resource) -> list[Resource]:
    return _givers(graph).get(policy.urn, [])


@per_graph
def _givers(graph: Graph) -> Mapping[str, list[Resource]]:
    """By the URN of a policy what gives it to somebody."""
    return grouped(
        (policy.urn, giver)
        for giver in graph.of_type(*GIVING)
        for policy in policies_named(graph, giver, GIVING[giver.type])
    )


@per_graph
def _bounding(graph: Graph) -> frozenset[str]:
    return frozenset(_boundaries(graph))


def _boundaries(graph: Graph) -> Iterator[str]:
    for bounded in graph.of_type(*BOUNDED):
        yield from (policy.urn for policy in policies_named(graph, bounded, "permissionsBoundary"))
