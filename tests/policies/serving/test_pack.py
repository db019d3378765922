"""The policies of one stage, as they are announced to an engine."""

import pytest
from pulumi_policy import EnforcementLevel

from policies.serving.pack import policies_for
from policies.serving.registration_guard import AT_REGISTRATION


@pytest.mark.parametrize(("preview", "level"), [(True, EnforcementLevel.DISABLED), (False, EnforcementLevel.MANDATORY)])
def test_an_engine_need_not_ask_about_each_resource_at_a_preview(preview: bool, level: EnforcementLevel) -> None:
    guard = next(policy for policy in policies_for("prd", dry_run=preview) if policy.name == AT_REGISTRATION.name)
    assert guard.enforcement_level is level
