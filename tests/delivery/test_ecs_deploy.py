"""The ECS action's part: a copy of the running revision with other images, and nothing when it cannot be."""

import json
from typing import Any

import pytest

from components.calc.tasks import placeholder
from delivery import task_definition
from delivery.aws import RequestError
from delivery.ecs_deploy import deploy, hand_over
from delivery.image_definitions import ImageDefinitionsError
from delivery.task_definition import describe, with_images
from policies.facts.ecs import first_image

TARGET = {"cluster": "dev-item", "service": "dev-datalab-api"}
IMAGES = {"datalab-api": f"123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/dev-datalab-api@sha256:{'a' * 64}"}


def stripped(definition: dict[str, Any]) -> dict[str, Any]:
    """Without what differs between any two revisions."""
    own = ("taskDefinitionArn", "revision", "registeredAt", "containerDefinitions")
    return {name: value for name, value in definition.items() if name not in own}


def test_only_the_image_changes(pipeline: Any) -> None:
    with pipeline.aws(write=True) as aws, aws.change("pipeline"):
        deployed = deploy(aws, **TARGET, images=IMAGES)
        before, after = describe(aws, deployed.before), describe(aws, deployed.requested)
        assert pipeline.running(aws)["arn"] == deployed.requested
    assert deployed.requested == deployed.before.removesuffix(":1") + ":2"
    assert stripped(after) == stripped(before)
    for was, now in zip(before["containerDefinitions"], after["containerDefinitions"], strict=True):
        assert now == {**was, "image": IMAGES.get(was["name"], was["image"])}
    assert {"key": "Service", "value": "datalab-api"} in after["tags"]


def test_the_action_copies_what_runs_and_not_what_was_only_registered(pipeline: Any) -> None:
    with pipeline.aws(write=True) as aws, aws.change("pipeline"):
        stray = with_images(describe(aws, "dev-datalab-api"), {"datalab-api": f"stray@sha256:{'b' * 64}"})
        aws.call("ecs", "register_task_definition", **{**stray, "memory": "4096"})
        deployed = deploy(aws, **TARGET, images=IMAGES)
        assert (deployed.before[-2:], deployed.requested[-2:]) == (":1", ":3")
        assert pipeline.running(aws)["memory"] == "1024"


def test_the_first_image_gets_the_command_that_waited_for_it(pipeline: Any) -> None:
    with pipeline.aws(write=True) as aws, aws.change("pipeline"):
        deployed = hand_over(aws, **TARGET, images=IMAGES)
        definitions = describe(aws, deployed.requested)["containerDefinitions"]
        [container] = (entry for entry in definitions if entry["essential"])
        assert container["command"] == ["node", "dist/main.js"]
        assert [entry["name"] for entry in container["secrets"]] == ["DB_PASSWORD"]
        waiting = describe(aws, deployed.before)["containerDefinitions"]
        assert [entry.get("secrets", []) for entry in waiting] == [[], []]
        assert "dockerLabels" not in container
        assert pipeline.running(aws)["arn"] == deployed.requested
        assert hand_over(aws, **TARGET, images=IMAGES) is None


def test_a_workload_without_a_command_gets_its_images_own() -> None:
    container = {
        "name": "api",
        "image": "node",
        "command": ["node", "-e", "…"],
        "secrets": [{"name": "A", "valueFrom": "/dev/api/A"}],
        "dockerLabels": {"placeholder-for": "[]", "placeholder-secrets": '{"B": "/dev/api/B"}', "team": "search"},
    }
    definition = {"taskDefinitionArn": "…/dev-api:1", "containerDefinitions": [container], "tags": []}
    copy = with_images(definition, {"api": "api"}, end_placeholder=True)
    secrets = [{"name": name, "valueFrom": f"/dev/api/{name}"} for name in "AB"]
    [made] = copy["containerDefinitions"]
    assert made == {"name": "api", "image": "api", "secrets": secrets, "dockerLabels": {"team": "search"}}


@pytest.mark.parametrize("label", ["placeholder-for", "placeholder-secrets"])
@pytest.mark.parametrize("text", ["node main.js", "3", "[" * 20_000])
def test_a_label_of_another_form_changes_nothing(label: str, text: str) -> None:
    labels = {"placeholder-for": "[]", "placeholder-secrets": "{}", label: text}
    definition = {
        "taskDefinitionArn": "…/dev-api:1",
        "containerDefinitions": [{"name": "api", "image": "node", "dockerLabels": labels}],
    }
    with pytest.raises(ImageDefinitionsError, match=f"The label {label} of the container api is no JSON"):
        with_images(definition, {"api": "api"}, end_placeholder=True)


def test_components_policies_and_delivery_mean_the_same_labels() -> None:
    labels = (placeholder.PLACEHOLDER_LABEL, placeholder.SECRETS_LABEL)
    assert labels == (task_definition.PLACEHOLDER_LABEL, task_definition.SECRETS_LABEL)
    assert first_image.SECRETS_LABEL == placeholder.SECRETS_LABEL


@pytest.mark.parametrize("step", [deploy, hand_over])
def test_an_unknown_container_changes_nothing(pipeline: Any, step: Any) -> None:
    journal = (pipeline.directory / "dev.jsonl").read_bytes()
    with pytest.raises(ImageDefinitionsError) as caught, pipeline.aws(write=True) as aws, aws.change("pipeline"):
        step(aws, **TARGET, images={"web": IMAGES["datalab-api"]})
    assert str(caught.value) == (
        "imagedefinitions.json names the container 'web', which dev-datalab-api:1 does not have; it has "
        "datalab-api, otel-collector."
    )
    assert (pipeline.directory / "dev.jsonl").read_bytes() == journal


@pytest.mark.parametrize("step", [deploy, hand_over])
def test_a_missing_service_changes_nothing(pipeline: Any, step: Any) -> None:
    journal = (pipeline.directory / "dev.jsonl").read_bytes()
    with pytest.raises(RequestError) as caught, pipeline.aws(write=True) as aws, aws.change("pipeline"):
        step(aws, cluster="dev-item", service="dev-web", images=IMAGES)
    assert str(caught.value) == (
        "There is no active service dev-web in the cluster dev-item: bring the stage up first."
    )
    assert (pipeline.directory / "dev.jsonl").read_bytes() == journal


def test_what_took_effect_before_a_failure_is_recorded(pipeline: Any) -> None:
    """The revision was registered, then the service was gone: the next process finds the revision."""

    def fail_half_way() -> None:
        with pipeline.aws(write=True) as aws, aws.change("pipeline"):
            request = with_images(describe(aws, "dev-datalab-api"), IMAGES)
            arn = aws.call("ecs", "register_task_definition", **request)["taskDefinition"]["taskDefinitionArn"]
            aws.call("ecs", "update_service", cluster="dev-item", service="dev-web", taskDefinition=arn)

    with pytest.raises(RequestError, match="ServiceNotFoundException"):
        fail_half_way()
    assert pipeline.active_revisions() == ["dev-datalab-api:1", "dev-datalab-api:2"]
    assert json.loads((pipeline.directory / "dev.jsonl").read_text().splitlines()[-1])["seed"].startswith("pipeline#")
