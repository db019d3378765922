"""The policy `role-trusts-its-user`: a role can be taken on by the service that it is given to, and for what it is given to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from policies.facts.iam.rights import covers, roles_named
from policies.facts.iam.roles import OTHER_USERS, USERS, uses_of_roles
from policies.facts.iam.statements import Statement
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present, Undecided
from policies.resources.reading import read_text, shown_path
from policies.resources.requested import asked_text
from policies.rules.rule import Problem, Stack, about, policy

_SOURCE: Mapping[str, tuple[str, str]] = {
    tokens.BUILD_PROJECT: ("project/", "name"),
    tokens.SCHEDULE: ("schedule-group/", "groupName"),
    tokens.EVENT_TARGET: ("rule/", "rule"),
    tokens.DB_INSTANCE: ("db:", "identifier"),
}
"""Type to what its ARN has behind the account, and the property with the name in it."""


@policy(
    what="A role trusts the service that it is given to, for what it is given to.",
    why="AWS checks it when the task, build or event starts: until then everything looks well.",
    severity="high",
    how_to_fix="Give the resource its own role, or name its service, and its ARN in aws:SourceArn, in the role's assumeRolePolicy.",
    url="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html",
    types=(*USERS, *OTHER_USERS),
    also=(tokens.ROLE,),
)
def role_trusts_its_user(stack: Stack, resource: Resource) -> Iterator[Problem]:
    for path, service in uses_of_roles(resource):
        for role in roles_named(stack.graph, resource, path):
            with about(role):
                statements = [item for item in stack.facts.statements(role, "assumeRolePolicy") if item.allows]
            trusted = {name for statement in statements for name in statement.principals.get("Service", ())}
            own = _own_arn(resource)
            sources = [pattern for statement in statements for pattern in _sources(statement)]
            if own and sources and not any(covers(pattern, form, "", "") for pattern in sources for form in own):
                yield Problem(
                    f"{shown_path(path)} is {role.name}, which trusts {', '.join(sources)[:150]} (aws:SourceArn)",
                    f"{own[0]} there",
                )
            if not any(_is(service, name) for name in trusted):
                yield Problem(
                    f"{shown_path(path)} is {role.name}, which trusts {', '.join(sorted(trusted)) or _others(statements)}",
                    f"a role that {service}.amazonaws.com may take on",
                )


def _is(service: str, principal: str) -> bool:
    """Whether a principal is a service, or that service in one region, which AWS takes as well (codedeploy.eu-west-1.amazonaws.com)."""
    return (
        re.fullmatch(rf"{re.escape(service)}(?:\.[a-z]{{2}}(?:-[a-z]+)+-[0-9])?\.amazonaws\.com(?:\.cn)?", principal)
        is not None
    )


def _others(statements: list[Statement]) -> str:
    """Whom a role trusts that is no service."""
    named = sorted(
        {name[:80] for item in statements for kind in ("AWS", "Federated") for name in item.principals.get(kind, ())}
    )
    return f"{', '.join(named)} and no service" if named else "no service"


def _sources(statement: Statement) -> Iterator[str]:
    """The ARNs of which one has to be what a role is taken on for."""
    for tests in statement.conditions.values():
        yield from tests.get("aws:sourcearn", ())


def _own_arn(resource: Resource) -> tuple[str, ...]:
    """What aws:SourceArn is behind the account, where a service takes on a role for a resource; empty where that is not known."""
    kind, prop = _SOURCE.get(resource.type, ("", ""))
    name = read_text(resource, prop) if prop else Absent(prop)
    if not isinstance(name, Present):
        return ()
    bus = asked_text(resource, "eventBusName") if kind == "rule/" else Absent("")
    if isinstance(bus, Undecided):
        return ()
    if isinstance(bus, Present) and (of := bus.value.rpartition("/")[2]) != "default":
        return (f"{kind}{of}/{name.value}",)
    # The Scheduler asks for the group, and takes the schedule's own ARN as well.
    own = read_text(resource, "name")
    schedule = (f"schedule/{name.value}/{own.value}",) if kind == "schedule-group/" and isinstance(own, Present) else ()
    return (f"{kind}{name.value}", *schedule)
