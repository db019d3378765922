"""Conditions of policy statements: which of them limit a statement to somebody, and which only look as if they did."""

from __future__ import annotations

import re
from collections.abc import Sequence

from policies.facts.network.security_groups import world_of
from policies.resources.outcomes import Undecided, decided

_OPERATORS = frozenset(
    {"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress"}
)  # fmt: skip
"""Those that need the key to be there, with one of the values. ForAllValues and ...IfExists hold where the key is missing."""
_ADDRESSES = frozenset({"aws:sourceip", "aws:vpcsourceip"})
_PATTERNS_BY_DESIGN = re.compile(r"[^:*?]+:[^*?]+[/:]")
"""The subject of an OpenID token, whose pattern has to name at least an organization, as in repo:acme/*."""


def limits(operator: str, key: str, values: Sequence[str]) -> bool:
    """Whether a test lets only some through: a known value for the key, which is in lower case, each of them no pattern for everybody."""
    name = operator.lower().removeprefix("foranyvalue:")
    return name in _OPERATORS and bool(values) and all(_fixed(key, value) for value in values)


def _fixed(key: str, value: str) -> bool:
    if key in _ADDRESSES:
        found = decided(lambda: world_of(value))
        return not isinstance(found, Undecided) and not found
    if not value.strip():
        return False
    if not re.search(r"[*?]", value):
        return True
    if key.endswith(":sub"):
        return _PATTERNS_BY_DESIGN.match(value) is not None
    if value.startswith("arn:"):
        return _fixed_arn(value)
    # An organization's path, or a role's id with the session after it: what comes first names whose it is.
    return re.match(r"[^*?]+[/:]", value) is not None


def _fixed_arn(arn: str) -> bool:
    """Whether an ARN's pattern is within one account; where a service's ARNs have none, as S3's, within one name."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return False
    whose = parts[4] or re.split(r"[/:]", parts[5])[0]
    return not re.search(r"[*?]", whose)
