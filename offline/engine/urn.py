"""Pulumi's resource names: urn:pulumi:<stack>::<project>::<parent type>$<type>::<name>."""

from __future__ import annotations

URN_PREFIX = "urn:pulumi:"
STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_PREFIX = "pulumi:providers:"


def make_urn(stack: str, project: str, parent: str, type_token: str, name: str) -> str:
    """The name of a resource; the parent's chain of types is kept whole, the stack's own type is left out of it."""
    chain = qualified_type(parent) if parent else ""
    prefix = f"{chain}$" if chain and chain != STACK_TYPE else ""
    return f"{URN_PREFIX}{stack}::{project}::{prefix}{type_token}::{name}"


def qualified_type(urn: str) -> str:
    """The chain of types in a URN, outermost first, joined by `$`."""
    return urn.split("::", 3)[2]


def type_of(urn: str) -> str:
    """The resource's own type token."""
    return qualified_type(urn).rsplit("$", 1)[-1]


def name_of(urn: str) -> str:
    """The logical name, which may itself hold `::`."""
    return urn.split("::", 3)[3]


def stack_urn(stack: str, project: str) -> str:
    """The root resource of a stack."""
    return make_urn(stack, project, "", STACK_TYPE, f"{project}-{stack}")


def provider_urn(reference: str) -> str:
    """The URN inside a provider reference, which is URN::ID; empty for an empty reference."""
    return reference.rsplit("::", 1)[0] if reference else ""


def inherited_alias(parent: str, parent_alias: str, child_type: str, child_name: str) -> str:
    """The URN a child had while its parent was called `parent_alias`; a name that starts with the parent's follows."""
    parent_name = name_of(parent)
    stack, project = parent_alias.removeprefix(URN_PREFIX).split("::", 2)[:2]
    name = name_of(parent_alias) + child_name[len(parent_name) :] if child_name.startswith(parent_name) else child_name
    return make_urn(stack, project, parent_alias, child_type, name)
