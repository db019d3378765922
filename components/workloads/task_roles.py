"""The two roles of a task: the agent's, which starts it, and the application's."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi import Resource, ResourceOptions
from pulumi_aws import iam

from ..calc.arns import Location
from ..calc.iam.roles import task_assume_role
from ..calc.iam.statements import check_role_policy


def register_roles(
    parent: Resource,
    workload: str,
    location: Location,
    *,
    roles: Mapping[str, str],
    documents: Mapping[str, str | None],
    tags: Mapping[str, str],
) -> list[Resource]:
    """Register each role with its policy as children of `parent`; answers all of them, for tasks to wait for.

    `roles` are kinds to names, `documents` kinds to what each may do; None for nothing, where a policy would not be valid.
    """
    created: list[Resource] = []
    for kind, name in roles.items():
        child = ResourceOptions(parent=parent)
        role = iam.Role(
            f"{workload}-{kind}", name=name, assume_role_policy=task_assume_role(location), tags=tags, opts=child
        )
        created.append(role)
        if (document := documents[kind]) is not None:
            policy = check_role_policy(name, document)
            created.append(iam.RolePolicy(f"{workload}-{kind}", name=kind, role=role.name, policy=policy, opts=child))
    return created
