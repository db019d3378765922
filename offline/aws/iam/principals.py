"""What IAM has for roles and users alike: tags, permissions boundaries, inline policies."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Handler, Recorded
from offline.aws.mapping import create_by, delete_by, pascal, put_again, text
from offline.aws.shapes import changed
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
    """The inline policies of roles, users or groups."""
    type_token, owner = f"aws:iam/{kind}Policy:{kind.capitalize()}Policy", f"{kind.capitalize()}Name"
    shape = pascal(**{kind: owner}, name="PolicyName", policy=("PolicyDocument", text))
    put = create_by(type_token, "iam", f"put_{kind}_policy", shape, id=f"{{{kind}}}:{{name}}")
    return Handler(
        type_token=type_token,
        inputs=shape.names,
        required=frozenset({"policy", kind}),
        create=put,
        update=put_again(put),
        delete=delete_by("iam", f"delete_{kind}_policy", {owner: kind, "PolicyName": "name"}),
        replace_on=frozenset({"name", kind}),
        name_property="name",
    )
