"""What IAM has for roles and users alike: tags, permissions boundaries, inline policies."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, Handler, Recorded
from offline.aws.mapping import put_again
from offline.aws.shapes import changed, document
from offline.aws.tagging import Tagging


def tagging(kind: str) -> Tagging:
    """How the tags of roles or of users change."""
    resource = f"{kind.capitalize()}Name"
    return Tagging(service="iam", tag=f"tag_{kind}", untag=f"untag_{kind}", resource=resource, by="id")


def change_boundary(aws: Aws, kind: str, old: Recorded, inputs: dict[str, Any]) -> None:
    """Set or take away the permissions boundary of a role or user, if it changed."""
    if changed(old.inputs, inputs, "permissionsBoundary"):
        name = {f"{kind.capitalize()}Name": old.id}
        boundary = inputs.get("permissionsBoundary")
        if boundary:
            aws.call("iam", f"put_{kind}_permissions_boundary", **name, PermissionsBoundary=boundary)
        else:
            aws.call("iam", f"delete_{kind}_permissions_boundary", **name)


def inline_policy(kind: str) -> Handler:
    """The inline policies of roles or of users."""
    owner = f"{kind.capitalize()}Name"

    def put(aws: Aws, inputs: dict[str, Any]) -> Applied:
        name, policy = inputs["name"], document(inputs["policy"])
        aws.call("iam", f"put_{kind}_policy", **{owner: inputs[kind]}, PolicyName=name, PolicyDocument=policy)
        return Applied(id=f"{inputs[kind]}:{name}", outputs={})

    def delete(aws: Aws, old: Recorded) -> None:
        aws.call("iam", f"delete_{kind}_policy", **{owner: old.inputs[kind]}, PolicyName=old.inputs["name"])

    return Handler(
        type_token=f"aws:iam/{kind}Policy:{kind.capitalize()}Policy",
        inputs=frozenset({"name", "policy", kind}),
        required=frozenset({"policy", kind}),
        create=put,
        update=put_again(put),
        delete=delete,
        replace_on=frozenset({"name", kind}),
        name_property="name",
    )
