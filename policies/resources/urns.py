"""What a resource's URN says: `urn:pulumi:STACK::PROJECT::TYPE$TYPE::NAME`, in which the name may have colons itself."""

from __future__ import annotations


def types_and_name(urn: str) -> tuple[str, str]:
    """The chain of types, outermost first and joined by `$`, and the logical name; of a text that is no URN there is no type."""
    parts = urn.split("::", 3)
    return (parts[-2] if len(parts) > 1 else "", parts[-1])


def type_and_name(urn: str) -> tuple[str, str]:
    """The resource's own type token, and its logical name."""
    types, name = types_and_name(urn)
    return types.rpartition("$")[2], name
