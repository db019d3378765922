"""The catalogue: names, levels and kinds pinned; every policy complete and served as the catalogue says."""

from __future__ import annotations

import re

import pytest
from pulumi_policy import EnforcementLevel, ResourceValidationPolicy

from pack.catalog import CATALOG, Level, PolicySpec
from pack.policies import policies_for

A, M = Level.ADVISORY, Level.MANDATORY


def test_names_levels_and_kinds_are_pinned() -> None:
    assert [(spec.name, spec.kind, spec.severity, dict(spec.levels)) for spec in CATALOG] == [
        ("connection-budget", "stack", "critical", {"dev": M, "prd": M}),
        ("connection-budget-at-registration", "resource", "critical", {"dev": M, "prd": M}),
        ("max-connections-fits-class", "stack", "high", {"dev": A, "prd": M}),
        ("pool-idle-time", "stack", "medium", {"dev": A, "prd": M}),
        ("request-timeout-chain", "stack", "medium", {"dev": A, "prd": M}),
        ("service-connect-contract", "stack", "high", {"dev": A, "prd": M}),
        ("service-connect-room", "stack", "medium", {"dev": A, "prd": M}),
        ("wait-timeout", "stack", "high", {"dev": A, "prd": M}),
    ]


def test_names_are_unique_and_kebab_case() -> None:
    names = [spec.name for spec in CATALOG]
    assert names == sorted(set(names))
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in names)


@pytest.mark.parametrize("spec", CATALOG, ids=lambda spec: spec.name)
def test_every_policy_says_what_why_and_how(spec: PolicySpec) -> None:
    assert spec.what.endswith(".")
    assert spec.why.endswith(".")
    assert spec.how_to_fix.endswith(".")
    assert spec.url.startswith("https://")


@pytest.mark.parametrize("stage", ["dev", "prd", "staging", ""])
def test_every_policy_is_served_at_its_level_and_unknown_stages_as_prd(stage: str) -> None:
    served = [
        (policy.name, isinstance(policy, ResourceValidationPolicy), policy.enforcement_level)
        for policy in policies_for(stage)
    ]
    levels = stage if stage == "dev" else "prd"
    assert served == [
        (spec.name, spec.kind == "resource", EnforcementLevel(spec.levels[levels].value)) for spec in CATALOG
    ]
