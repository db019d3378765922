"""Finds the policies: every one that a module in a folder of rules/ defines, a team's own in rules/own/ included."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType

from policies import rules
from policies.rules.rule import Rule


@cache
def concerns() -> Mapping[str, tuple[Rule, ...]]:
    """Heading to its policies by name. The heading is a folder's docstring. Raises ValueError for two policies of one name."""
    found: dict[str, Rule] = {}
    headings: dict[str, list[Rule]] = {}
    for folder in _modules(rules):
        for module in _modules(folder) if hasattr(folder, "__path__") else ():
            for rule in (value for value in vars(module).values() if isinstance(value, Rule)):
                name = rule.spec.name
                if found.setdefault(name, rule) is not rule:
                    raise ValueError(
                        f'Two policies are called "{name}"; the second is in {module.__file__}: rename it.'
                    )
                headings.setdefault(folder.__doc__ or folder.__name__, []).append(rule)
    return {heading: tuple(sorted(group, key=lambda rule: rule.spec.name)) for heading, group in headings.items()}


def all_rules() -> tuple[Rule, ...]:
    """Every policy over whole stacks."""
    return tuple(rule for group in concerns().values() for rule in group)


def looked_at() -> frozenset[str]:
    """The resource types that at least one policy names; tags, credentials and isolation are judged on every type."""
    return frozenset(kind for rule in all_rules() for kind in rule.types)


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for entry in pkgutil.iter_modules(package.__path__):
        yield importlib.import_module(f"{package.__name__}.{entry.name}")
