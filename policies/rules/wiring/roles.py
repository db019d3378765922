"""The policy `role-trusts-its-user`: a role can be taken on by the service that it is given to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.facts.iam.rights import roles_named
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.rules.policy import STRICT_IN_PRD
from policies.rules.rule import Problem, Stack, about, policy

_USERS: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]] = {
    tokens.TASK_DEFINITION: ((("taskRoleArn",), "ecs-tasks"), (("executionRoleArn",), "ecs-tasks")),
    tokens.BUILD_PROJECT: ((("serviceRole",), "codebuild"),),
    tokens.PIPELINE: ((("roleArn",), "codepipeline"),),
    tokens.SCHEDULE: ((("target", "roleArn"), "scheduler"),),
    tokens.EVENT_TARGET: ((("roleArn",), "events"),),
    tokens.FLOW_LOG: ((("iamRoleArn",), "vpc-flow-logs"),),
    tokens.DB_INSTANCE: ((("monitoringRoleArn",), "monitoring.rds"),),
    tokens.DB_CLUSTER_INSTANCE: ((("monitoringRoleArn",), "monitoring.rds"),),
    tokens.DB_PROXY: ((("roleArn",), "rds"),),
    tokens.FUNCTION: ((("role",), "lambda"),),
}
"""Type to its properties that name a role, and the service that takes it on."""


@policy(
    name="role-trusts-its-user",
    what="A role trusts the service that it is given to.",
    why="AWS checks it when the task, build or event starts: until then everything looks well.",
    severity="high",
    how_to_fix="Give the resource its own role, or name its service in the role's assumeRolePolicy.",
    url="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html",
    levels=STRICT_IN_PRD,
    types=_USERS,
    also=(tokens.ROLE,),
)
def role_trusts_its_user(stack: Stack, resource: Resource) -> Iterator[Problem]:
    for path, service in _USERS[resource.type]:
        for role in roles_named(stack.graph, resource, path):
            with about(role):
                trusted = {
                    name
                    for statement in stack.facts.statements(role, "assumeRolePolicy")
                    if statement.allows
                    for name in statement.principals.get("Service", ())
                }
            if not any(name.startswith(f"{service}.amazonaws.com") for name in trusted):
                yield Problem(
                    f"{'.'.join(path)} is {role.name}, which trusts {', '.join(sorted(trusted)) or 'no service'}",
                    f"a role that {service}.amazonaws.com may take on",
                )
