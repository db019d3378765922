"""Policies about whose and where: what resources name, share and trust is of the stack's own account, and of their own region."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.facts.iam.statements import OTHER_DOCUMENTS, Statement
from policies.facts.places import OF_US, places_something, region_for, region_of
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Undecided, decided
from policies.rules.policy import setting
from policies.rules.rule import Problem, Stack, policy
from policies.rules.wiring.leaves import leaves
from policies.rules.wiring.names import said_of_resources

_ACCOUNT = re.compile(
    r"(?:\barn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(?=[0-9]{12}:)|^(?=[0-9]{12}\.dkr\.ecr\.)|/AWSLogs/(?=[0-9]{12}/))([0-9]{12})"
)
_REGISTRY = re.compile(r"^[0-9]{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com")
_REGION = re.compile(r"\barn:aws[a-z-]*:[a-z0-9-]+:([a-z]{2}(?:-[a-z]+)+-[0-9]):[0-9]{12}:")
_QUERIES = {tokens.EVENT_RULE: ("eventPattern",), tokens.RESOURCE_GROUP: ("resourceQuery", "query")}
"""Types with a document that names resources, and where it stands."""
_GLOBAL = (
    "aws:budgets/", "aws:cloudfront/", "aws:costexplorer/", "aws:globalaccelerator/", "aws:iam/", "aws:networkmanager/",
    "aws:organizations/", "aws:ram/", "aws:route53/", "aws:shield/",
)  # fmt: skip
"""Services that are of no region, and name what is in any."""
_DOCUMENTS = {
    **OTHER_DOCUMENTS,
    tokens.ROLE: "assumeRolePolicy",
    **dict.fromkeys(
        (
            tokens.BUCKET_POLICY, tokens.BUILD_RESOURCE_POLICY, tokens.EVENT_BUS_POLICY, tokens.FILE_SYSTEM_POLICY, tokens.GROUP_POLICY,
            tokens.IAM_POLICY, tokens.KEY_POLICY, tokens.QUEUE_POLICY, tokens.REGISTRY_POLICY, tokens.REPOSITORY_POLICY,
            tokens.ROLE_POLICY, tokens.SECRET_POLICY, tokens.TOPIC_POLICY, tokens.USER_POLICY,
        ),
        "policy",
    ),
}  # fmt: skip
_SOURCES = frozenset({"aws:sourceaccount", "aws:sourcearn"})


@policy(
    what="What resources name, share and trust is of the stack's own account, and of their own region.",
    why="An ARN that was copied from another account is refused, or hands to another team what is this stage's.",
    severity="medium",
    how_to_fix="Compute the ARN from the account and region of the provider, or list the account in the setting accounts.",
    url="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html",
    settings=(setting("accounts", (), "Further accounts, by their 12 digits, whose resources the stack may name."),),
    among=lambda stack: _doubtful(stack),
)
def reference_own_account(stack: Stack, resource: Resource) -> Iterator[Problem]:
    own = stack.facts.account
    if not own or not resource.type.startswith("aws:"):
        return
    allowed = {own, *stack.texts("accounts")}
    for named in stack.facts.named(resource):
        if named.bare:
            if named.text not in allowed and resource.type not in _JOINS:
                yield Problem(f"{named.where} is the account {named.text}", own)
        else:
            yield from _elsewhere(stack, resource, named.where, named.text, allowed, regional=named.regional)
    for where, reading in leaves(resource, _QUERIES[resource.type]) if resource.type in _QUERIES else ():
        yield from _elsewhere(stack, resource, where, said_of_resources(reading), allowed, regional=True)
    if resource.type in _DOCUMENTS:
        yield from _document(stack, resource, allowed)


def _doubtful(stack: Stack) -> frozenset[str]:
    """Resources that name what is not of the stack's account and region, are of another region themselves, or have a document."""
    own, region = stack.facts.account, stack.facts.region
    if not own:
        return frozenset()
    allowed = {own, *stack.texts("accounts")}

    def strange(text: str) -> bool:
        if len(text) == 12 or not places_something(text):
            return places_something(text) and text not in allowed
        registry = _REGISTRY.match(text)
        regions = {*_REGION.findall(text), *([registry[1]] if registry else [])}
        return bool(regions - {region}) or not allowed.issuperset(_ACCOUNT.findall(text))

    return stack.facts.texts.holders(strange).union(
        (resource.urn for resource in stack.graph.of_type(*_QUERIES, *_DOCUMENTS, *OF_US)),
        (resource.urn for resource in stack.graph if region_of(resource) not in ("", region)),
    )


_JOINS = frozenset({tokens.VPC_PEERING, "aws:ec2transitgateway/peeringAttachment:PeeringAttachment"})
"""What joins networks of accounts: network-joined-on-purpose reports them."""


def _elsewhere(
    stack: Stack, resource: Resource, where: str, text: str, allowed: set[str], *, regional: bool
) -> Iterator[Problem]:
    prop = re.split(r"[.\[]", where, maxsplit=1)[0]
    region = region_for(resource, prop) or stack.facts.region
    anywhere = resource.type.startswith(_GLOBAL) and prop not in OF_US.get(resource.type, ())
    strangers = sorted(set(_ACCOUNT.findall(text)) - allowed)
    if strangers:
        yield Problem(f"{where} names a resource of the account {', '.join(strangers)}", stack.facts.account)
    elif registry := _REGISTRY.match(text):
        if stack.facts.region not in ("", registry[1]):
            yield Problem(f"{where} names a registry of the region {registry[1][:30]}", stack.facts.region)
    elif regional and region and not anywhere and ":event-bus/" not in text:
        others = sorted(set(_REGION.findall(text)) - {region})
        if others:
            yield Problem(f"{where} names a resource of the region {', '.join(others)[:60]}", region)


def _document(stack: Stack, resource: Resource, allowed: set[str]) -> Iterator[Problem]:
    # What is unknown of a document, the policies about documents say.
    statements = decided(lambda: stack.facts.statements(resource, _DOCUMENTS[resource.type]))
    for statement in statements if not isinstance(statements, Undecided) else ():
        strangers = sorted(_trusted(statement) - allowed)
        # AWS's own accounts write the load balancer's logs; who may take a role on, iam-trust-limited says.
        if "/AWSLogs/" not in "".join(statement.resources) and resource.type != tokens.ROLE:
            named = "\n".join(statement.principals.get("AWS", ()))
            strangers += sorted(set(re.findall(r"(?<![0-9])([0-9]{12})(?![0-9])", named)) - allowed)
        if strangers and statement.allows:
            yield Problem(f"{statement.where} is for the account {', '.join(strangers)}", stack.facts.account)


def _trusted(statement: Statement) -> frozenset[str]:
    """The accounts that a statement lets a service of AWS act for, or whose resources it is about."""
    values = [
        value
        for tests in statement.conditions.values()
        for key, listed in tests.items()
        if key in _SOURCES
        for value in listed
    ]
    texts = (*values, *statement.resources)
    return frozenset(
        account for text in texts for account in re.findall(r"^[0-9]{12}$", text) or _ACCOUNT.findall(text)
    )


@policy(
    what="A resource is in the region of what is made from it.",
    why="A load balancer, cluster or database takes certificates, keys and groups of its own region only: AWS refuses the others.",
    severity="high",
    how_to_fix="Remove region, or set it to the stack's; for CloudFront keep the certificate of us-east-1 apart.",
    url="https://docs.aws.amazon.com/acm/latest/userguide/acm-regions.html",
    among=lambda stack: stack.facts.far_uses if stack.facts.region else (),
)
def resource_of_region(stack: Stack, resource: Resource) -> Iterator[Problem]:
    region, how = stack.facts.far_uses[resource.urn]
    yield Problem(f"region is {region_of(resource)[:30]}, and {how}", region)
