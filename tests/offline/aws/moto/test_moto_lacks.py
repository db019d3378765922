"""What moto lacks or does wrongly, shown in its own source: a test that fails here names what it has learnt meanwhile."""

import inspect
import re
from importlib import import_module

import pytest


def _source(module: str, part: str = "") -> str:
    """moto's own source, without what is added to its classes; of a `part` alone: from one text up to another."""
    source = inspect.getsource(import_module(module))
    start, _, end = part.partition("...")
    return source[source.index(start) : source.index(end) if end else None]


@pytest.mark.parametrize(
    ("module", "part", "absent"),
    [
        ("moto.applicationautoscaling.responses", "", "def tag_resource"),
        ("moto.codebuild.models", "", "concurrentBuildLimit"),
        ("moto.codebuild.responses", "", "def update_project"),
        ("moto.codecommit.responses", "", "def tag_resource"),
        ("moto.codecommit.responses", "", "def update_repository_description"),
        ("moto.ecs.models", "", "ClusterContainsServices"),
        ("moto.ecs.models", "", "active_services_count +="),
        ("moto.ecs.models", "", "enable_fault_injection"),
        ("moto.ecs.models", "", "healthCheckGracePeriod"),
        ("moto.ecs.models", "", "not idempotent"),
        ("moto.ecs.models", "", "serviceConnectConfiguration"),
        ("moto.ecs.models", "", "service_connect_configuration"),
        ("moto.ecs.models", "def create_service(...def list_services(", "capacityProviderStrategy"),
        ("moto.ecs.models", "def create_service(...def list_services(", "deploymentConfiguration"),
        ("moto.ecs.responses", "", "healthCheckGracePeriod"),
        ("moto.ecs.responses", "", "serviceConnectConfiguration"),
        ("moto.ecs.responses", "", "service_connect_configuration"),
        ("moto.ecs.responses", "def create_service(...def list_services(", "capacityProviderStrategy"),
        ("moto.ecs.responses", "def create_service(...def list_services(", "deploymentConfiguration"),
        ("moto.elbv2.models", "def delete_load_balancer(...def delete_rule(", "protection"),
        ("moto.iam.responses", "", "service_specific"),
        ("moto.logs.responses", "", "associate_kms_key"),
        ("moto.rds.models", "", "database_insights_mode"),
        ("moto.rds.models", "", "dedicated_log_volume"),
        ("moto.rds.models", "", "engine_lifecycle_support"),
        ("moto.rds.models", "", "performance_insights"),
        ("moto.rds.responses", "", "def reset_db_parameter_group"),
        ("moto.scheduler.models", "    def update(...class ScheduleGroup", "action_after_completion"),
        ("moto.servicediscovery.models", "", "NamespaceAlreadyExists"),
        ("moto.sns.responses", "", "SignatureVersion"),
        ("moto.sqs.models", "", "RedriveAllowPolicy"),
    ],
)
def test_moto_still_lacks(module: str, part: str, absent: str) -> None:
    assert absent not in _source(module, part)


@pytest.mark.parametrize(
    ("module", "pattern"),
    [
        # A project of a pipeline has no location of its source.
        ("moto.codebuild.responses", r'if "location" not in source:'),
        # A task needs the memory of each of its containers, on Fargate, too.
        ("moto.ecs.models", r'"memory", container_definition\.get\("memoryReservation"\)\n'),
        # One resource id for every instance.
        ("moto.rds.models", r'self\.dbi_resource_id = "db-'),
        # The group is taken out and not put back.
        (
            "moto.rds.models",
            r"def modify_db_subnet_group\([^#]*?self\.subnet_groups\.pop\((?:(?!self\.subnet_groups\[).)*?return",
        ),
        # Every subscription counts as confirmed.
        ("moto.sns.models", r'"PendingConfirmation": False'),
    ],
)
def test_moto_still_does(module: str, pattern: str) -> None:
    assert re.search(pattern, _source(module), re.DOTALL)
