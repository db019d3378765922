"""The policy `role-has-rights`: what AWS does with a role, that role may do."""

from __future__ import annotations

from collections.abc import Iterator

from policies.budget.words import joined
from policies.facts.iam.given import GIVING
from policies.facts.iam.rights import allowed, roles_named
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import NotDecidedError, Undecided
from policies.rules.access.role_needs import NEEDS
from policies.rules.access.roles_missing import roles_missing
from policies.rules.access.starting import Need
from policies.rules.rule import Problem, Stack, policy

_SHOWN = 3
"""How many resources a line names before it counts the rest."""


@policy(
    what="A role may do what it is given for: pull the image, read the secrets, write the log, start the build, task or pipeline.",
    why="AWS checks it when the task starts or the event comes: until then everything looks well, and then nothing runs.",
    severity="high",
    how_to_fix="Allow the action in a policy of the role, on the ARN of what it is done to.",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html",
    types=tuple(NEEDS),
    also=(*GIVING, tokens.ROLE_POLICY, tokens.IAM_POLICY),
)
def role_has_rights(stack: Stack, resource: Resource) -> Iterator[Problem]:
    if resource.type == tokens.TASK_DEFINITION:
        yield from roles_missing(stack, resource)
    needs, unread = _needs(stack, resource)
    missing: dict[tuple[str, str], dict[str, None]] = {}
    inside: dict[tuple[str, str], set[str]] = {}
    denying = False
    for need in dict.fromkeys(needs):
        for role in roles_named(stack.graph, resource, need.role):
            statements = stack.facts.rights(role)
            if statements is None:
                continue  # a policy of somebody else may allow it
            denying = denying or any(not item.allows and not item.conditions for item in statements)
            where = need.forms[0].rstrip("/") if need.forms and need.forms[0] != "*" else ""
            for action in need.actions:
                where_it_is = (need.forms, stack.facts.account, stack.facts.region)
                if not any(allowed(statements, name, *where_it_is) for name in action.split("|")):
                    key = (role.name, action.partition("|")[0])
                    missing.setdefault(key, {})[where] = None
                    inside.setdefault(key, set()).add(need.container)
    needed = "a policy of the role that allows it" + (", and none that denies it" if denying else "")
    # Rights that are missing on the same, for the same containers, are one line.
    together: dict[tuple[str, tuple[str, ...], str], list[str]] = {}
    for (role_name, action), places in missing.items():
        key = (role_name, tuple(place for place in places if place), _containers(inside[role_name, action]))
        together.setdefault(key, []).append(action)
    for (role_name, places, containers), actions in together.items():
        on = f" on {joined(_first(places))}" if places else ""
        yield Problem(f"{role_name} may not {', '.join(actions)}{on}", needed, containers)
    own = unread is not None and (unread.owner is None or unread.owner is resource)
    if unread is not None and not (resource.type == tokens.TASK_DEFINITION and own):
        raise NotDecidedError(unread)  # what is unknown of a task definition, other policies say


def _needs(stack: Stack, resource: Resource) -> tuple[list[Need], Undecided | None]:
    """(what is known to be needed, why that may not be all)."""
    found: list[Need] = []
    try:
        for need in NEEDS[resource.type](stack, resource):
            found.append(need)  # noqa: PERF402 -- what comes before the error counts
    except NotDecidedError as error:
        return found, error.undecided
    return found, None


def _containers(names: set[str]) -> str:
    """As a part of a task definition; empty where it is for all of it."""
    if "" in names:
        return ""
    quoted = [f'"{name[:60]}"' for name in sorted(names)]
    return f"container{'s' if len(names) > 1 else ''} {joined(quoted)}"


def _first(places: tuple[str, ...]) -> list[str]:
    more = [f"{len(places) - _SHOWN} more"] if len(places) > _SHOWN else []
    return [*(place[:120] for place in places[:_SHOWN]), *more]
