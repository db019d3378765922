"""The catalogue: every policy of the pack by name, and those about exceptions last. Documentation and the pack are made from it."""

from __future__ import annotations

from policies.rules.discovery import all_rules
from policies.rules.policy import PolicySpec
from policies.serving.evaluation import EXCEPTIONS_SHOWN, EXCEPTIONS_VALID
from policies.serving.registration_guard import AT_REGISTRATION

CATALOG: tuple[PolicySpec, ...] = (
    *sorted((AT_REGISTRATION, *(rule.spec for rule in all_rules())), key=lambda spec: spec.name),
    EXCEPTIONS_VALID,  # they report what the others excused
    EXCEPTIONS_SHOWN,
)
