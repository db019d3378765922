"""What moto lacks"""

from __future__ import annotations

import inspect
import re
from importlib import import_module

import pytest


def _source(module: str) -> str:
    """moto's own source, without what is added to its classes."""
    return inspect.getsource(import_module(module))


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("moto.ecs.models", "not idempotent"),
        ("moto.ecs.models", "ClusterContainsServices"),
        ("moto.ecs.models", "enable_fault_injection"),
        ("moto.ecs.models", "active_services_count +="),
        ("moto.rds.models", "performance_insights"),
        ("moto.rds.models", "database_insights_mode"),
        ("moto.rds.models", "engine_lifecycle_support"),
        ("moto.rds.models", "dedicated_log_volume"),
        ("moto.rds.responses", "def reset_db_parameter_group"),
        ("moto.applicationautoscaling.responses", "def tag_resource"),
        ("moto.sns.responses", "SignatureVersion"),
        ("moto.sqs.models", "RedriveAllowPolicy"),
        ("moto.servicediscovery.models", "NamespaceAlreadyExists"),
        ("moto.codecommit.responses", "def update_repository_description"),
        ("moto.codecommit.responses", "def tag_resource"),
        ("moto.codebuild.responses", "def update_project"),
        ("moto.codebuild.models", "concurrentBuildLimit"),
    ],
)
def test_moto_still_lacks(module: str, absent: str) -> None:
    assert absent not in _source(module)


@pytest.mark.parametrize(
    ("module", "pattern"),
    [
        # One resource id for every instance.
        ("moto.rds.models", r'self\.dbi_resource_id = "db-'),
        # The group is taken out and not put back.
        (
            "moto.rds.models",
            r"def modify_db_subnet_group\([^#]*?self\.subnet_groups\.pop\((?:(?!self\.subnet_groups\[).)*?return",
        ),
        # A task needs the memory of each of its containers, on Fargate, too.
        ("moto.ecs.models", r'"memory", container_definition\.get\("memoryReservation"\)\n'),
        # Every subscription counts as confirmed.
        ("moto.sns.models", r'"PendingConfirmation": False'),
        # A project of a pipeline has no location of its source.
        ("moto.codebuild.responses", r'if "location" not in source:'),
    ],
)
def test_moto_still_does(module: str, pattern: str) -> None:
    assert re.search(pattern, _source(module), re.DOTALL)


def test_moto_drops_the_action_after_completion_of_an_update() -> None:
    source = _source("moto.scheduler.models")
    update = source[source.index("    def update(") : source.index("class ScheduleGroup")]
    assert "action_after_completion" not in update
