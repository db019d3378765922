"""The policy `names-apart`: no two resources of the stack have what AWS has once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from policies.facts.change.uniqueness import ONCE, Once, keys
from policies.facts.finding import Finding
from policies.facts.network.records import name_of_record
from policies.resources import tokens
from policies.resources.graph import Graph, Resource, grouped
from policies.resources.outcomes import is_unknown
from policies.resources.references import references
from policies.rules.rule import Problem, Stack, checked, stack_policy

_REPORTED_ELSEWHERE = frozenset({tokens.LISTENER_RULE, tokens.TOPIC_SUBSCRIPTION})
"""Types whose policies say it with what follows from it."""
_OWNERS: Mapping[str, str] = {
    "bucket": tokens.BUCKET, "keyId": tokens.KEY, "loadBalancerArn": tokens.LOAD_BALANCER, "queueUrl": tokens.QUEUE,
    "repository": tokens.REPOSITORY, "routeTableId": tokens.ROUTE_TABLE, "securityGroupId": tokens.SECURITY_GROUP,
    "referencedSecurityGroupId?": tokens.SECURITY_GROUP, "vpcId": tokens.VPC, "zoneId": tokens.DNS_ZONE,
}  # fmt: skip
"""Property to the type of what it names: which of the stack that is, is known before its id."""


@stack_policy(
    what="No two resources of the stack have one name, or anything else that AWS has once; no two task definitions have one family.",
    why="AWS refuses the second one, half-way through the deployment, or takes it for the first: revisions of two services in one "
    "family are deployed for each other.",
    severity="high",
    how_to_fix="Give each a name of its own.",
    url="https://www.pulumi.com/docs/iac/concepts/resources/names/",
    types=(*ONCE, tokens.TASK_DEFINITION),
)
def names_apart(stack: Stack) -> Iterator[Finding]:
    for kind, rules in ONCE.items():
        for once in rules if kind not in _REPORTED_ELSEWHERE else ():
            resources = stack.graph.of_type(kind)
            bearers = grouped(
                (key, resource)
                for resource in resources
                for key in keys(resource, once, _known(stack.graph, resource, once))
            )
            for key, found in bearers.items():
                shown = ", ".join(_shown(stack.graph, value) for value in key[1:] if value is not None)
                yield from _reported(stack, found, f"{once.what} ({shown}) is also that of", "one of its own")
    for family, found in stack.graph.by_text(tokens.TASK_DEFINITION, "family").items():
        yield from _reported(stack, found, f"its family {family[:100]} is also that of", "a family of its own")


def _known(graph: Graph, resource: Resource, once: Once) -> Mapping[str, str]:
    """The URNs of the resources of the stack that properties name, and the whole name of a record."""
    found: dict[str, str] = {}
    for path in once.properties:
        kind = tokens.TOPIC if resource.type == tokens.TOPIC_POLICY else _OWNERS.get(path)
        if kind is None or kind == resource.type:
            continue
        named = references(graph, resource, kind, path.removesuffix("?"))
        held = graph.held(named.keys)
        if len(held) == 1 and named.undecided is None and not named.strays:
            found[path] = held[0].urn
    if resource.type == tokens.DNS_RECORD and "zoneId" in found:
        name, whole = name_of_record(graph, resource)
        found |= {"name": name} if whole else {}
    return found


def _shown(graph: Graph, value: object) -> str:
    """A value of a key; a resource by the name that it is given, or else by its own."""
    owner = graph.get(value) if isinstance(value, str) else None
    if owner is None:
        return str(value)[:100]
    given = next((owner.props.get(prop) for prop in ("bucket", "name") if prop in owner.props), owner.name)
    return (given if isinstance(given, str) and not is_unknown(given) else owner.name)[:100]


def _reported(stack: Stack, bearers: Sequence[Resource], found: str, required: str) -> Iterator[Finding]:
    """A finding at each that has something with others: which of them is wrong, only people know."""
    several = {resource.urn: resource for resource in bearers}
    for urn, resource in several.items() if len(several) > 1 else ():
        others = sorted(other.name for other in several.values() if other.urn != urn)
        shown = ", ".join(others[:_SHOWN]) + (f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else "")
        problem = Problem(f"{found} {shown}", required)
        yield from checked(stack.spec, [resource], lambda _, problem=problem: [problem])


_SHOWN = 3
