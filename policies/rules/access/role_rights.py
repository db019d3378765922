"""The policy `role-may-start`: what EventBridge and the scheduler start with a role, that role may start."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator

from policies.facts.iam.statements import Statement, inline_statements
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.reading import Present, read_text
from policies.resources.references import belonging
from policies.rules.policy import STRICT_IN_PRD
from policies.rules.rule import Problem, Stack, about, policy

_STARTS = {
    ":codepipeline:": "codepipeline:StartPipelineExecution",
    ":ecs:": "ecs:RunTask",
    ":codebuild:": "codebuild:StartBuild",
    ":states:": "states:StartExecution",
}
"""Part of a target's ARN to the action that starts it (Amazon EventBridge User Guide, Using IAM roles)."""
_PATHS = {tokens.EVENT_TARGET: (("arn",), ("roleArn",)), tokens.SCHEDULE: (("target", "arn"), ("target", "roleArn"))}


@policy(
    name="role-may-start",
    what="The role of an event's target or of a schedule may start what it is for.",
    why="AWS checks it when the event comes: the push deploys nothing, the batch does not run, and only a metric tells.",
    severity="high",
    how_to_fix="Allow the action in a policy of the role, on the ARN of what is started.",
    url="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-identity-based.html",
    levels=STRICT_IN_PRD,
    types=tuple(_PATHS),
    also=(tokens.ROLE, tokens.ROLE_POLICY, tokens.ROLE_ATTACHMENT),
)
def role_may_start(stack: Stack, resource: Resource) -> Iterator[Problem]:
    target, given = (read_text(resource, *path) for path in _PATHS[resource.type])
    if not isinstance(target, Present) or not isinstance(given, Present):
        return  # what is unknown, role-trusts-its-user and others say
    action = next((action for part, action in _STARTS.items() if part in target.value), "")
    role = stack.graph.by_handle(tokens.ROLE).get(given.value.rpartition("/")[2])
    if not action or role is None or belonging(stack.graph, role, tokens.ROLE_ATTACHMENT, "role"):
        return  # a managed policy may allow it
    with about(role):
        allowed = list(inline_statements(role))
    for document in belonging(stack.graph, role, tokens.ROLE_POLICY, "role"):
        with about(document):
            allowed += stack.facts.statements(document, "policy")
    if isinstance(role.props.get("managedPolicyArns"), list) and role.props["managedPolicyArns"]:
        return
    if not any(_allows(statement, action) for statement in allowed):
        yield Problem(f"{role.name} may not {action}", f"a policy of the role that allows {action}")


def _allows(statement: Statement, action: str) -> bool:
    return statement.allows and (
        bool(statement.not_actions)
        or any(fnmatch.fnmatchcase(action.lower(), pattern.lower()) for pattern in statement.actions)
    )
