"""The policy `iam-no-denied-right`: what a role, user or group is allowed, none of its policies denies again."""

from __future__ import annotations

from collections.abc import Iterator

from policies.facts.iam.given import GIVING, roles_given
from policies.facts.iam.patterns import action_like, like
from policies.facts.iam.rights import roles_named
from policies.facts.iam.statements import Statement, inline_statements
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.rules.access.iam_policies import DOCUMENTS
from policies.rules.policy import IAM_GUIDE
from policies.rules.rule import Problem, Stack, policy


@policy(
    what="No policy denies for good what the same role, user or group is allowed.",
    why="A Deny outweighs every Allow: what it is given for fails, when it is first needed.",
    severity="high",
    how_to_fix="Narrow the Deny to what must never happen, give it a condition, or remove the Allow.",
    url=IAM_GUIDE + "reference_policies_evaluation-logic.html",
    types=(*DOCUMENTS, tokens.ROLE),
    also=tuple(GIVING),
)
def iam_no_denied_right(stack: Stack, document: Resource) -> Iterator[Problem]:
    own = _own(stack, document)
    denials = [item for item in own if not item.allows and not item.conditions]
    for denial in denials:
        known = [item for items in (own, *_of_roles(stack, document)) for item in items]
        taken = sorted(
            {action[:60] for item in known if item.allows for action in item.actions if _takes(denial, item, action)}
        )
        if taken:
            yield Problem(f"{denial.where} denies {', '.join(taken)[:150]}, which it is allowed", "one or the other")


def _own(stack: Stack, document: Resource) -> tuple[Statement, ...]:
    if document.type == tokens.ROLE:
        return tuple(inline_statements(document))
    return stack.facts.statements(document, "policy")


def _of_roles(stack: Stack, document: Resource) -> Iterator[tuple[Statement, ...]]:
    """What the roles that have a policy are allowed, where all of it is known."""
    roles = (document,) if document.type == tokens.ROLE else ()
    if document.type == tokens.ROLE_POLICY:
        roles = roles_named(stack.graph, document, ("role",))
    elif document.type == tokens.IAM_POLICY:
        roles = roles_given(stack.graph, document)
    for role in roles:
        yield stack.facts.rights(role) or ()


def _takes(denial: Statement, allowing: Statement, action: str) -> bool:
    """Whether a Deny covers an action that is allowed, on each of its resources."""
    if allowing.not_resources or not (denial.resources or denial.not_resources):
        return False
    if denial.actions and not action_like(denial.actions, action):
        return False
    if any(action_like((spared,), action) or action_like((action,), spared) for spared in denial.not_actions):
        return False
    return all(_covers(denial, item) for item in allowing.resources)


def _covers(denial: Statement, item: str) -> bool:
    if denial.resources:
        return any(like(item, pattern) for pattern in denial.resources)
    return not any(like(item, spared) or like(spared, item) for spared in denial.not_resources)
