"""A stage's offline AWS outside of a run: restored, changed and recorded."""

from pathlib import Path
from typing import Any

import pytest

from delivery.aws import RequestError
from offline.engine.errors import StateError, UsageError
from offline.engine.state import Journal
from offline.stage import offline_stage


@pytest.fixture
def project(tmp_path: Path) -> dict[str, Any]:
    """A project whose stage dev has one recorded resource."""
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\nconfig:\n  aws:region: ap-northeast-2\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    from offline.engine.record import ResourceRecord

    journal = Journal(tmp_path / ".state", "dev", mode="write")
    journal.put(
        ResourceRecord(serial=1, urn="urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev", type="s", custom=False)
    )
    journal.close()
    return {"project_dir": tmp_path, "state_dir": tmp_path / ".state", "stage": "dev"}


def test_a_change_is_there_in_the_next_process(project: dict[str, Any]) -> None:
    with offline_stage(**project, mode="write") as aws, aws.change("pipeline"):
        aws.call("ssm", "put_parameter", Name="/dev/images/api", Value="a", Type="String")
    with offline_stage(**project) as aws:
        assert aws.call("ssm", "get_parameter", Name="/dev/images/api")["Parameter"]["Value"] == "a"


def test_two_changes_have_seeds_of_their_own(project: dict[str, Any]) -> None:
    with offline_stage(**project, mode="write") as aws:
        for name in ("one", "two"):
            with aws.change("pipeline"):
                aws.call("sqs", "create_queue", QueueName=name)
    journal = Journal(project["state_dir"], "dev", mode="read")
    assert [operation.seed for operation in journal.operations()] == ["pipeline#0", "pipeline#1"]
    journal.close()


def test_looking_records_nothing(project: dict[str, Any]) -> None:
    before = (project["state_dir"] / "dev.jsonl").read_bytes()
    with offline_stage(**project, mode="write") as aws, aws.change("pipeline"):
        aws.call("ecs", "list_clusters")
    assert (project["state_dir"] / "dev.jsonl").read_bytes() == before


def test_refusals_are_the_deliverys(project: dict[str, Any]) -> None:
    with offline_stage(**project) as aws, pytest.raises(RequestError) as caught:
        aws.call("ssm", "get_parameter", Name="/dev/images/api")
    assert (caught.value.code, caught.value.transient) == ("ParameterNotFound", False)


def test_a_stage_that_is_not_up(project: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(StateError) as caught, offline_stage(**{**project, "state_dir": tmp_path / "absent"}):
        pass
    assert str(caught.value) == "Stage dev is not up: run ./run up -s dev first."


def test_an_unknown_stage(project: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="There is no stage 'qa'"), offline_stage(**{**project, "stage": "qa"}):
        pass


def test_two_writers_exclude_each_other(project: dict[str, Any]) -> None:
    with (
        offline_stage(**project, mode="write"),
        pytest.raises(StateError, match="Another run works on stage 'dev'"),
        offline_stage(**project, mode="write"),
    ):
        pass
