"""The CodeBuild projects of the real stages and of changed ones: what they build, where they push, where they log."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from components.delivery.buildspecs import image_build
from offline.engine.outcome import Outcome
from settings.merged import Settings
from tests.components.delivery.test_pipeline import HOST, REST, SERVICES, Preview, Values, of_type
from tests.project import PROJECT as P


def projects(outcome: Outcome) -> dict[str, dict[str, Any]]:
    return of_type(outcome, "aws:codebuild/project:Project")


def variables(project: dict[str, Any]) -> dict[str, str]:
    return {entry["name"]: entry["value"] for entry in project["environment"]["environmentVariables"]}


@pytest.mark.parametrize(("stage", "environment"), [("dev", "development"), ("prd", "production")])
def test_the_build_knows_its_stage_repository_and_container(
    preview: Preview, stage: str, environment: str, stage_settings: Callable[[str], Settings]
) -> None:
    project = projects(preview(stage))["datalab-api-build"]
    assert variables(project) == {
        "CONTAINER_NAME": "datalab-api",
        "ENVIRONMENT": environment,
        "REPOSITORY_URI": f"{HOST}/{stage}-datalab-api",
    }
    [service] = [each for each in stage_settings(stage).services if each.name == "datalab-api"]
    assert project["source"] == {"type": "CODEPIPELINE", "buildspec": image_build(service)}


def test_only_image_builds_are_privileged_and_on_the_services_architecture(
    preview: Preview, stage_values: Values
) -> None:
    services = stage_values("dev")[f"{P}:services"]
    services["gateway"]["architecture"] = "X86_64"
    found = projects(preview("dev", {"services": services}))
    assert {name for name, each in found.items() if each["environment"]["privilegedMode"]} == {
        f"{name}-build" for name in SERVICES
    }
    machines = {name: (each["environment"]["type"], each["environment"]["image"]) for name, each in found.items()}
    arm = ("ARM_CONTAINER", "aws/codebuild/amazonlinux-aarch64-standard:3.0")
    assert machines.pop("gateway-build") == ("LINUX_CONTAINER", "aws/codebuild/amazonlinux-x86_64-standard:5.0")
    assert set(machines.values()) == {arm}


def test_every_project_ends_in_time_and_logs_with_a_retention(preview: Preview) -> None:
    outcome = preview("dev")
    groups = {
        group["name"]: group["retentionInDays"]
        for group in of_type(outcome, "aws:cloudwatch/logGroup:LogGroup").values()
    }
    assert groups["/dev/builds"] == 14
    found = projects(outcome)
    assert set(found) == {"verify", *(f"{name}-build" for name in SERVICES)}
    for name, project in found.items():
        assert (project["buildTimeout"], project["queuedTimeout"]) == (30, 60)
        group = project["logsConfig"]["cloudwatchLogs"]
        assert group == {"groupName": "/dev/builds", "streamName": f"dev-{name}", "status": "ENABLED"}


def test_only_the_tag_of_the_cache_moves(preview: Preview) -> None:
    outcome = preview("dev")
    repositories = of_type(outcome, "aws:ecr/repository:Repository")
    assert set(repositories) == set(SERVICES)
    for name in SERVICES:
        assert (repositories[name]["imageTagMutability"], repositories[name]["imageTagMutabilityExclusionFilters"]) == (
            "IMMUTABLE_WITH_EXCLUSION",
            [{"filter": "cache", "filterType": "WILDCARD"}],
        )
        assert '"$REPOSITORY_URI:cache"' in projects(outcome)[f"{name}-build"]["source"]["buildspec"]


def test_a_build_can_push_to_its_own_repository_only(preview: Preview) -> None:
    outcome = preview("dev")
    policies = of_type(outcome, "aws:iam/rolePolicy:RolePolicy")
    for name in (*(f"{service}-build" for service in SERVICES), "verify"):
        pushed = {
            resource
            for statement in json.loads(policies[name]["policy"])["Statement"]
            if any(action.startswith("ecr:Put") for action in statement["Action"])
            for resource in statement["Resource"]
        }
        own = {f"arn:aws:ecr:{REST}:repository/dev-{name.removesuffix('-build')}"}
        assert pushed == (own if name != "verify" else set())


def test_a_promotion_copies_and_builds_nothing(preview: Preview, stage_values: Values) -> None:
    values = stage_values("prd")
    services = values[f"{P}:services"]
    services["datalab-api"]["promote"] = True
    outcome = preview("prd", {"services": services, "pipeline": values[f"{P}:pipeline"] | {"promoteFrom": "dev"}})
    project = projects(outcome)["datalab-api-build"]
    assert "--parameter /dev/images/datalab-api" in project["source"]["buildspec"]
    assert project["environment"]["privilegedMode"] is False
    assert variables(project) == {"CONTAINER_NAME": "datalab-api", "REPOSITORY_URI": f"{HOST}/prd-datalab-api"}
