"""What a good verdict hands on: the parameter first, then the jobs, and only what is not in place yet."""

from typing import Any

import pytest

from delivery.aws import RequestError
from delivery.image_definitions import ImageDefinitionsError
from delivery.publish import image_of_parameter, publish
from tests.refusals import refusal

PARAMETER = "/dev/images/api"
REPOSITORY = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/dev-api"
NEW, OLD = f"{REPOSITORY}@sha256:{'b' * 64}", f"{REPOSITORY}@sha256:{'a' * 64}"


class Registry:
    """Parameters and the newest revision of each family."""

    def __init__(self, parameter: str | None, **families: dict[str, str]) -> None:
        self.parameter = parameter
        self.families = families
        self.refused = ""
        self.written: list[str] = []
        self.told: list[str] = []

    def call(self, service: str, operation: str, /, **params: Any) -> dict[str, Any]:
        if operation == self.refused:
            raise RequestError(f"AWS refused {service}:{operation}.", code="AccessDeniedException")
        match operation:
            case "get_parameter" if self.parameter is None:
                raise RequestError("There is none.", code="ParameterNotFound")
            case "get_parameter":
                return {"Parameter": {"Value": self.parameter}}
            case "put_parameter":
                self.written.append(f"{params['Name']} = {params['Value']} {params['Type']} {params['Overwrite']}")
                self.parameter = params["Value"]
                return {}
            case "describe_task_definition":
                return {"taskDefinition": self._definition(params["taskDefinition"])}
            case _:
                assert operation == "register_task_definition"
                self.families[params["family"]] = {
                    container["name"]: container["image"] for container in params["containerDefinitions"]
                }
                self.written.append(f"{params['family']}: {self.families[params['family']]}")
                return {"taskDefinition": {"taskDefinitionArn": f"task-definition/{params['family']}:8"}}

    def _definition(self, family: str) -> dict[str, Any]:
        containers = [{"name": name, "image": image} for name, image in self.families[family].items()]
        return {
            "taskDefinitionArn": f"arn:aws:ecs:ap-northeast-2:123456789012:task-definition/{family}:7",
            "family": family,
            "containerDefinitions": containers,
        }

    def publish(self, image: str = NEW) -> None:
        publish(self, parameter=PARAMETER, image=image, job_families=list(self.families), report=self.told.append)


def test_the_parameter_comes_before_the_jobs() -> None:
    registry = Registry(None, nightly={"nightly": OLD}, hourly={"hourly": OLD})
    registry.publish()
    assert registry.written == [
        f"{PARAMETER} = {NEW} String True",
        f"nightly: {{'nightly': '{NEW}'}}",
        f"hourly: {{'hourly': '{NEW}'}}",
    ]
    assert registry.told == [
        f"{PARAMETER} = {NEW}",
        "nightly:8 runs the image from its next run on",
        "hourly:8 runs the image from its next run on",
    ]


def test_published_again_it_changes_nothing() -> None:
    registry = Registry(NEW, nightly={"nightly": NEW})
    registry.publish()
    assert registry.written == []
    assert registry.told == [f"{PARAMETER} names the image already", "nightly:7 runs the image already"]


def test_after_a_failure_it_can_be_repeated() -> None:
    registry = Registry(OLD, nightly={"nightly": OLD})
    registry.refused = "register_task_definition"
    with pytest.raises(RequestError, match="AWS refused ecs:register_task_definition"):
        registry.publish()
    assert registry.parameter == NEW
    registry.refused = ""
    registry.publish()
    assert registry.families["nightly"] == {"nightly": NEW}


def test_of_several_containers_those_of_the_repository_change() -> None:
    registry = Registry(OLD, nightly={"nightly": OLD, "collector": f"otel@sha256:{'c' * 64}"})
    registry.publish()
    assert registry.families["nightly"] == {"nightly": NEW, "collector": f"otel@sha256:{'c' * 64}"}


def test_a_job_of_another_repository_is_refused() -> None:
    other = {"one": f"x@sha256:{'c' * 64}", "two": f"y@sha256:{'c' * 64}"}
    registry = Registry(NEW, nightly=other)
    assert refusal(lambda: registry.publish(), ImageDefinitionsError) == (
        f"nightly:7 has no container of {REPOSITORY}; it has one (x@sha256:{'c' * 64}), two (y@sha256:{'c' * 64})."
    )


def test_a_parameter_that_cannot_be_read_stops_it() -> None:
    registry = Registry(OLD, nightly={"nightly": OLD})
    registry.refused = "get_parameter"
    with pytest.raises(RequestError, match="AWS refused ssm:get_parameter"):
        registry.publish()
    assert registry.written == []


def test_a_tag_is_never_published() -> None:
    registry = Registry(OLD, nightly={"nightly": OLD})
    with pytest.raises(ImageDefinitionsError, match="/dev/images/api takes an image by digest; found 'api:1'"):
        registry.publish("api:1")
    assert registry.written == []


def test_which_image_a_parameter_gets() -> None:
    assert image_of_parameter(PARAMETER, {"api": NEW, "proxy": OLD}) == NEW
    assert image_of_parameter(PARAMETER, {"server": NEW}) == NEW
    assert refusal(lambda: image_of_parameter(PARAMETER, {"server": NEW, "proxy": OLD}), ImageDefinitionsError) == (
        "/dev/images/api gets the image of the container 'api', which imagedefinitions.json does not name; it names "
        "proxy, server."
    )
