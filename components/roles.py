"""A role that does one thing: its one policy is registered with it."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi import Resource, ResourceOptions
from pulumi_aws import iam

from .calc.iam.statements import check_role_policy


def role_with_policy(
    parent: Resource, logical_name: str, *, name: str, trust: str, kind: str, document: str, tags: Mapping[str, str]
) -> iam.RolePolicy:
    """Register the role and its policy as children of `parent`; whoever takes on the role waits for the policy.

    trust: who may take it on; kind: the policy's name; document: what it may do. Raises ValueError for a document that is too long.
    """
    child = ResourceOptions(parent=parent)
    role = iam.Role(logical_name, name=name, assume_role_policy=trust, tags=tags, opts=child)
    policy = check_role_policy(name, document)
    return iam.RolePolicy(logical_name, name=kind, role=role.name, policy=policy, opts=child)
