"""What distinguishes one IAM role from another where its ARN is not known yet."""

from __future__ import annotations

from policies.resources.graph import Resource
from policies.resources.reading import is_unknown


def role_key(definition: Resource, prop: str) -> str:
    """What distinguishes one role from another: its ARN, or where that is unknown what it was made from."""
    value = definition.props.get(prop)
    if is_unknown(value):
        return " ".join(sorted(definition.property_dependencies.get(prop, ())))
    return value if isinstance(value, str) else ""
