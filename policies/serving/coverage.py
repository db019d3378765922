"""Which resource types a policy looks at for what they are; tags, credentials and isolation are judged on every type."""

from __future__ import annotations

from policies.resources.tokens import canonical
from policies.serving.pack import rules_for


def _types() -> frozenset[str]:
    rules = rules_for("prd", lambda graph: ())
    return frozenset(kind for rule in rules.values() for kind in rule.types)


_LOOKED_AT = _types()


def looked_at(kind: str) -> bool:
    """Whether at least one policy names this type."""
    return canonical(kind) in _LOOKED_AT
