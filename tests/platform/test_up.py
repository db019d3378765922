"""`up` of the real dev stage, asked through boto3; then again, changed beyond the budget, and destroyed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from offline.aws.provider import AwsProvider
from offline.engine.outcome import Outcome

Stage = Any
Ask = Callable[..., dict[str, Any]]

pytestmark = pytest.mark.slow


def test_up_creates_everything_and_violates_nothing(first_up: tuple[Outcome, AwsProvider]) -> None:
    outcome, _ = first_up
    assert (outcome.result, outcome.errors) == ("succeeded", ())
    assert outcome.violations == ()
    assert outcome.changes["create"] == sum(outcome.changes.values())


def test_four_services_run_with_their_port_names_and_api_docs_as_a_client(ask: Ask) -> None:
    arns = ask("ecs", "list_services", cluster="dev-item")["serviceArns"]
    services = ask("ecs", "describe_services", cluster="dev-item", services=arns)["services"]
    names = {
        service["serviceName"]: [
            entry["portName"] for entry in service["deployments"][0]["serviceConnectConfiguration"].get("services", [])
        ]
        for service in services
    }
    assert names == {
        "dev-api-docs": [],
        **{f"dev-{name}": ["server-3000-tcp"] for name in ("datalab-api", "gateway", "legacy-api", "tracking-api")},
    }


def test_the_running_containers_have_their_connection_limits(ask: Ask) -> None:
    found: dict[str, str | None] = {}
    for arn in ask("ecs", "list_task_definitions")["taskDefinitionArns"]:
        definition = ask("ecs", "describe_task_definition", taskDefinition=arn)["taskDefinition"]
        [container] = (entry for entry in definition["containerDefinitions"] if entry["essential"])
        environment = {entry["name"]: entry["value"] for entry in container["environment"]}
        found[definition["family"]] = environment.get("DB_CONN_LIMIT")
    assert found == {
        "dev-api-docs": None,
        "dev-category-batch": "2",
        "dev-datalab-api": "5",
        "dev-gateway": None,
        "dev-legacy-api": "5",
        "dev-ranking-batch": "2",
        "dev-tracking-api": "10",
    }


def test_the_parameter_group_of_the_instance_ends_sleeping_sessions(ask: Ask) -> None:
    [instance] = ask("rds", "describe_db_instances")["DBInstances"]
    [group] = instance["DBParameterGroups"]
    parameters = ask("rds", "describe_db_parameters", DBParameterGroupName=group["DBParameterGroupName"])["Parameters"]
    values = {parameter["ParameterName"]: parameter.get("ParameterValue") for parameter in parameters}
    assert (values["wait_timeout"], values["interactive_timeout"], values["max_connections"]) == ("60", "60", "60")


def test_two_schedules_run_the_batch_jobs_and_no_service_does(ask: Ask) -> None:
    schedules = ask("scheduler", "list_schedules", GroupName="dev-jobs")["Schedules"]
    assert sorted(schedule["Name"] for schedule in schedules) == ["dev-category-batch", "dev-ranking-batch"]
    services = " ".join(ask("ecs", "list_services", cluster="dev-item")["serviceArns"])
    assert "batch" not in services


def test_the_databases_group_is_open_to_exactly_the_workloads_that_declare_it(ask: Ask) -> None:
    [instance] = ask("rds", "describe_db_instances")["DBInstances"]
    [group] = instance["VpcSecurityGroups"]
    rules = ask(
        "ec2",
        "describe_security_group_rules",
        Filters=[{"Name": "group-id", "Values": [group["VpcSecurityGroupId"]]}],
    )["SecurityGroupRules"]
    ingress = [rule for rule in rules if not rule["IsEgress"]]
    assert {(rule["FromPort"], rule["ToPort"]) for rule in ingress} == {(3306, 3306)}
    sources = [rule["ReferencedGroupInfo"]["GroupId"] for rule in ingress]
    groups = ask("ec2", "describe_security_groups", GroupIds=sources)["SecurityGroups"]
    assert [group["GroupName"] for group in groups] == ["dev-database-clients"]
    clients = set(sources)
    arns = ask("ecs", "list_services", cluster="dev-item")["serviceArns"]
    services = ask("ecs", "describe_services", cluster="dev-item", services=arns)["services"]
    worn = {
        service["serviceName"]: set(service["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"])
        for service in services
    }
    assert {name for name, groups in worn.items() if groups & clients} == {
        "dev-datalab-api",
        "dev-legacy-api",
        "dev-tracking-api",
    }


def test_a_second_up_changes_nothing_and_keeps_every_id(dev: Stage, first_up: tuple[Outcome, AwsProvider]) -> None:
    before = {resource.urn: resource.id for resource in first_up[0].resources}
    outcome, provider = dev.operate("up")
    assert outcome.result == "succeeded"
    assert outcome.changes["same"] == sum(outcome.changes.values()) == first_up[0].changes["create"]
    assert {resource.urn: resource.id for resource in outcome.resources} == before
    assert provider.call_log == []


@pytest.mark.parametrize("kind", ["preview", "up"])
def test_a_limit_beyond_the_budget_fails_before_anything_is_created(dev: Stage, tmp_path: Any, kind: str) -> None:
    fresh = dataclasses.replace(dev, state=tmp_path)
    outcome, provider = fresh.operate(
        kind,
        {
            "serviceOverrides": {
                "tracking-api": {"dbConnLimit": 20},
                "legacy-api": {"environment": {"MSI_API_URL": "https://msi-api.dev.example.com"}},
            }
        },
    )
    assert outcome.result == "failed"
    [violation] = [item for item in outcome.violations if item["enforcementLevel"] == "mandatory"]
    assert violation["policyName"] == "connection-budget"
    assert "dev-db: 73 of 60 connections, 13 too many." in violation["message"]
    assert "dev-tracking-api: DB_CONN_LIMIT at most 13 (now 20)" in violation["message"]
    assert provider.call_log == []


def test_destroy_deletes_everything(dev: Stage, first_up: tuple[Outcome, AwsProvider]) -> None:
    outcome, provider = dev.operate("destroy")
    assert (outcome.result, outcome.errors) == ("succeeded", ())
    assert outcome.changes["delete"] == first_up[0].changes["create"]
    [cluster] = provider.aws.call("ecs", "describe_clusters", clusters=["dev-item"])["clusters"]
    assert cluster["status"] == "INACTIVE"
    assert [vpc["VpcId"] for vpc in provider.aws.call("ec2", "describe_vpcs")["Vpcs"] if not vpc["IsDefault"]] == []
    assert provider.aws.call("rds", "describe_db_instances")["DBInstances"] == []
