"""The pipelines' settings: what is filled in, and what is refused in which words."""

from collections.abc import Callable
from typing import Any

import pytest

from settings.delivery import Delivery, Pipeline
from tests.project import PROJECT as P
from tests.settings.reading import reported, settings_of

Values = dict[str, Any]
CONNECTION = "arn:aws:codeconnections:ap-northeast-2:123456789012:connection/0a1b2c3d-0000-1111-2222-333344445555"


@pytest.fixture
def values(stage_values: Callable[[str], Values]) -> Values:
    """The real dev stage without its own pipeline settings."""
    found = stage_values("dev")
    found.pop(f"{P}:pipeline", None)
    found.pop(f"{P}:delivery", None)
    return found


def test_without_the_keys_there_are_no_pipelines_and_the_mirror_is_meant(values: Values) -> None:
    settings = settings_of(values)
    assert (settings.delivery, settings.pipeline) == (Delivery(source="codecommit"), Pipeline(enabled=False))


def test_a_service_is_deployed_from_a_repository_of_its_name_unless_it_says_otherwise(values: Values) -> None:
    values[f"{P}:services"]["tracking-api"] |= {"repository": "tracking", "bakeEnv": True}
    values[f"{P}:serviceOverrides"]["legacy-api"] = {"deploy": False}
    services = {service.name: service for service in settings_of(values).services}
    assert {
        name: (service.deploy, service.source_repository, service.bake_env, service.promote)
        for name, service in services.items()
    } == {
        "datalab-api": (True, "datalab-api", False, False),
        "gateway": (True, "gateway", False, False),
        "legacy-api": (False, "legacy-api", False, False),
        "tracking-api": (True, "tracking", True, False),
    }


@pytest.mark.parametrize(
    ("delivery", "keys", "allowed"),
    [
        (
            {"source": "connection", "group": "itemscout"},
            ["delivery.source"],
            "connection needs connectionArn (the connection) and group (the GitLab group); missing: connectionArn",
        ),
        (
            {"connectionArn": CONNECTION, "group": "itemscout"},
            ["delivery.connectionArn", "delivery.group"],
            "connectionArn and group are for source: connection; remove them or change the source",
        ),
    ],
)
def test_a_source_has_what_it_needs_and_nothing_else(
    values: Values, delivery: Values, keys: list[str], allowed: str
) -> None:
    values[f"{P}:delivery"] = delivery
    assert [(file, key, why) for file, key, _, why in reported(values)] == [
        ("Pulumi.yaml", key, allowed) for key in keys
    ]


def test_a_connection_is_taken(values: Values) -> None:
    values[f"{P}:delivery"] = {"source": "connection", "connectionArn": CONNECTION, "group": "itemscout/apps"}
    assert settings_of(values).delivery.connection_arn == CONNECTION


@pytest.mark.parametrize(
    ("pipeline", "key", "allowed"),
    [
        ({"enabled": True}, "pipeline.branch", "an enabled pipeline needs its branch, for example branch: develop"),
        (
            {"enabled": True, "branch": "main", "changeUrl": "https://gitlab.com/x/{repository}/-/commit/{commit}"},
            "pipeline.changeUrl",
            "changeUrl is what the approval links to: set approval: true, or remove changeUrl",
        ),
        (
            {"enabled": True, "branch": "main", "promoteFrom": "dev"},
            "pipeline.promoteFrom",
            "another stage, whose verified image this one deploys: prd",
        ),
        (
            {"enabled": True, "branch": "main", "promoteFrom": "prod"},
            "pipeline.promoteFrom",
            "another stage, whose verified image this one deploys: prd",
        ),
    ],
)
def test_a_pipeline_that_cannot_be(values: Values, pipeline: Values, key: str, allowed: str) -> None:
    values[f"{P}:pipeline"] = pipeline
    assert [(file, at, why) for file, at, _, why in reported(values)] == [("Pulumi.dev.yaml", key, allowed)]


@pytest.mark.parametrize("url", ["http://gitlab.com/x", "https://gitlab.com/{branch}", "https://gitlab.com/{commit"])
def test_a_change_url_has_only_the_known_places(values: Values, url: str) -> None:
    values[f"{P}:pipeline"] = {"enabled": True, "branch": "main", "approval": True, "changeUrl": url}
    assert [key for _, key, _, _ in reported(values)] == ["pipeline.changeUrl"]


def test_an_image_with_an_env_file_in_it_is_not_promoted(values: Values) -> None:
    values[f"{P}:services"]["datalab-api"] |= {"promote": True, "bakeEnv": True}
    [problem] = reported(values)
    assert problem == (
        "Pulumi.yaml",
        "services.datalab-api.promote",
        "promote: true, bakeEnv: true",
        "one of the two: an image with a stage's env file in it would take that file to the next stage",
    )


def test_a_repository_whose_mirror_user_aws_refuses(values: Values) -> None:
    name = "r" * 60
    values[f"{P}:services"]["datalab-api"] |= {"repository": name}
    [problem] = reported(values)
    assert problem == (
        "Pulumi.yaml",
        "services.datalab-api.repository",
        f'"{name}"',
        f"The IAM user name 'dev-{name}-mirror' has 71 characters, and AWS allows at most 64: shorten it by 7.",
    )
