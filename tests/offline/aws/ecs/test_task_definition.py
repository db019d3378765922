"""ECS task definitions: registration, revisions, refresh and deletion."""

from typing import Any

import pytest

from offline.aws.handler import Applied, AwsInputError
from tests.offline.aws.ecs.definitions import PREFIX, TASK, containers, make_task, read


def test_task_definition(cloud: Any) -> None:
    made = make_task(
        cloud,
        ephemeralStorage={"sizeInGib": 30},
        enableFaultInjection=True,
        volumes=[{"name": "data", "efsVolumeConfiguration": {"fileSystemId": "fs-1", "transitEncryption": "ENABLED"}}],
        tags={"budget:processes": "1"},
    )
    assert made.id == "dev-tracking-api"
    assert made.outputs["arn"] == f"{PREFIX}:task-definition/dev-tracking-api:1"
    assert made.outputs["arnWithoutRevision"] == f"{PREFIX}:task-definition/dev-tracking-api"
    assert made.outputs["revision"] == 1
    found = cloud.ask("ecs", "describe_task_definition", taskDefinition="dev-tracking-api", include=["TAGS"])
    definition = found["taskDefinition"]
    (container,) = definition["containerDefinitions"]
    assert container["environment"] == [{"name": "DB_CONN_LIMIT", "value": "5"}]
    assert container["portMappings"] == [{"containerPort": 3000, "name": "server-3000-tcp", "protocol": "tcp"}]
    assert definition["runtimePlatform"] == {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}
    assert definition["ephemeralStorage"] == {"sizeInGiB": 30}
    assert definition["enableFaultInjection"] is True
    assert definition["volumes"][0]["efsVolumeConfiguration"]["fileSystemId"] == "fs-1"
    assert found["tags"] == [{"key": "budget:processes", "value": "1"}]


def test_a_changed_task_definition_is_a_new_revision(cloud: Any) -> None:
    assert cloud.provider.replace_keys(TASK) >= {"containerDefinitions", "cpu", "memory", "family", "volumes"}
    assert cloud.provider.replace_keys(TASK).isdisjoint({"tags", "skipDestroy", "trackLatest"})
    make_task(cloud, "old")
    assert make_task(cloud, "new", containerDefinitions=containers(20)).outputs["revision"] == 2


def test_tags_of_a_task_definition_change_in_place(cloud: Any) -> None:
    make_task(cloud, tags={"a": "1"})
    changed = cloud.change(TASK, "task", tags={"b": "2"}, skipDestroy=True)
    assert (changed.outputs["revision"], changed.outputs["tagsAll"]) == (1, {"b": "2"})
    found = cloud.ask("ecs", "describe_task_definition", taskDefinition="dev-tracking-api:1", include=["TAGS"])
    assert found["tags"] == [{"key": "b", "value": "2"}]


@pytest.mark.parametrize(("skip", "status"), [(False, "INACTIVE"), (True, "ACTIVE")])
def test_deletion_deregisters_unless_it_is_skipped(cloud: Any, skip: bool, status: str) -> None:
    make_task(cloud, skipDestroy=skip)
    cloud.delete(TASK, "task")
    found = cloud.ask("ecs", "describe_task_definition", taskDefinition="dev-tracking-api:1")["taskDefinition"]
    assert found["status"] == status


@pytest.mark.parametrize(
    ("definitions", "problem"),
    [
        ("[{", "is not JSON: Expecting property name enclosed in double quotes: line 1 column 3 (char 2)"),
        ("{}", "must be a JSON list of container definitions; found dict."),
    ],
)
def test_container_definitions_that_are_none(cloud: Any, definitions: str, problem: str) -> None:
    with pytest.raises(AwsInputError) as caught:
        make_task(cloud, containerDefinitions=definitions)
    assert str(caught.value) == f"{TASK}.containerDefinitions {problem}"


def test_a_refresh_sees_the_revision_that_a_pipeline_registered(cloud: Any) -> None:
    inputs = {"family": "dev-tracking-api", "containerDefinitions": containers()}
    made = make_task(cloud, trackLatest=True)
    make_task(cloud, "pipeline", containerDefinitions=containers(7))
    seen = read(cloud, TASK, made, {**inputs, "trackLatest": True})
    pinned = read(cloud, TASK, made, inputs)
    assert (seen.outputs["revision"], pinned.outputs["revision"]) == (2, 1)
    assert '"value":"7"' in seen.outputs["containerDefinitions"]
    assert pinned.outputs["containerDefinitions"] == inputs["containerDefinitions"]
    cloud.delete(TASK, "task")
    assert read(cloud, TASK, made, inputs) is None


def test_a_refresh_sees_everything_that_a_foreign_revision_has_of_its_own(cloud: Any) -> None:
    """A pipeline copies the revision that runs, which may be older than what the program registered last."""
    made = make_task(cloud, trackLatest=True, memory="1024", cpu=512, tags={"Stage": "dev"})
    foreign = {"memory": "512", "cpu": "512", "executionRoleArn": f"{PREFIX}:role/x"}
    make_task(cloud, "pipeline", tags={"Stage": "qa", "Owner": "x"}, **foreign)
    seen = read(cloud, TASK, made, _inputs(made))
    changed = {name for name in _inputs(made) if seen.outputs[name] != made.outputs[name]}
    assert changed == {"memory", "tags", "containerDefinitions"}
    assert (seen.outputs["memory"], seen.outputs["tags"]) == ("512", {"Stage": "qa", "Owner": "x"})
    assert seen.outputs["executionRoleArn"] == f"{PREFIX}:role/x"


def _inputs(made: Applied) -> dict[str, Any]:
    computed = ("arn", "arnWithoutRevision", "revision", "tagsAll", "region")
    return {name: value for name, value in made.outputs.items() if name not in computed}
