"""`./run job`: the schedule's own run-task call, as a command to paste and made by hand within the budget."""

import copy
import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.session import Session

from cli.stages.job import command, job
from cli.stages.place import Place
from delivery.aws import RequestError
from offline.engine.errors import EngineError, UsageError
from tests.function_program import unjudged

ARN = "arn:aws:ecs:ap-northeast-2:123456789012"
TARGET: dict[str, Any] = {
    "Arn": f"{ARN}:cluster/dev-item",
    "EcsParameters": {
        "TaskDefinitionArn": f"{ARN}:task-definition/dev-ranking-batch",
        "TaskCount": 1,
        "LaunchType": "FARGATE",
        "PlatformVersion": "LATEST",
        "PropagateTags": "TASK_DEFINITION",
        "NetworkConfiguration": {
            "awsvpcConfiguration": {
                "Subnets": ["subnet-1", "subnet-2"],
                "SecurityGroups": ["sg-1"],
                "AssignPublicIp": "DISABLED",
            }
        },
        "Tags": [{"key": "Service", "value": "ranking-batch"}],
    },
}
COMMAND = (
    "aws ecs run-task --cluster dev-item --task-definition dev-ranking-batch --count 1 --launch-type FARGATE "
    "--platform-version LATEST --propagate-tags TASK_DEFINITION --started-by run-job --network-configuration "
    '\'{"awsvpcConfiguration":{"subnets":["subnet-1","subnet-2"],"securityGroups":["sg-1"],'
    '"assignPublicIp":"DISABLED"}}\' --tags \'[{"key":"Service","value":"ranking-batch"}]\' --region ap-northeast-2'
)


class Account:
    """An account with one schedule, some running tasks and an answer to run_task."""

    def __init__(self, *, running: int = 0, failures: list[dict[str, str]] | None = None) -> None:
        self.target: dict[str, Any] = copy.deepcopy(TARGET)
        self.running = running
        self.failures = failures or []
        self.runs: list[dict[str, Any]] = []

    def call(self, service: str, operation: str, /, **params: Any) -> dict[str, Any]:
        match operation:
            case "get_schedule":
                assert (service, params) == ("scheduler", {"Name": "dev-ranking-batch", "GroupName": "dev-jobs"})
                return {"Target": self.target}
            case "list_tasks":
                assert params == {"cluster": "dev-item", "family": "dev-ranking-batch", "desiredStatus": "RUNNING"}
                return {"taskArns": ["arn"] * self.running}
            case _:
                assert operation == "run_task"
                self.runs.append(params)
                return {"tasks": [] if self.failures else [{"taskArn": f"{ARN}:task/1"}], "failures": self.failures}


@pytest.fixture
def place(project_root: Path, tmp_path: Path) -> Callable[[Any], Place]:
    def make(account: Any) -> Place:
        return Place(
            stage="dev", project_dir=project_root, state_dir=tmp_path, target="aws", account=lambda config: account
        )

    return make


def test_the_command_is_printed_and_nothing_is_started(place: Callable[[Any], Place]) -> None:
    account, lines = Account(running=9), list[str]()
    assert job(place(account), "ranking-batch", write=lines.append) == 0
    assert lines == ["AWS: job ranking-batch of stage dev", COMMAND]
    assert account.runs == []


def test_the_command_has_options_that_the_api_has(place: Callable[[Any], Place]) -> None:
    """Each option is a member of RunTask, and its JSON is what boto3 is given."""
    account, lines = Account(), list[str]()
    job(place(account), "ranking-batch", execute=True, write=lines.append)
    members = Session().get_service_model("ecs").operation_model("RunTask").input_shape.members
    options = {"-".join(_parts(member)): member for member in members}
    words = shlex.split(lines[1])[3:-2]
    given = {options[name.removeprefix("--")]: value for name, value in zip(words[::2], words[1::2], strict=True)}
    assert {key: json.loads(v) if v[0] in "[{0123456789" else v for key, v in given.items()} == account.runs[0]


def _parts(member: str) -> list[str]:
    words = [""]
    for letter in member:
        if letter.isupper():
            words.append("")
        words[-1] += letter.lower()
    return words


def test_it_is_made_with_the_schedules_own_input(place: Callable[[Any], Place]) -> None:
    account, lines = Account(running=1), list[str]()
    overrides = {"containerOverrides": [{"name": "ranking-batch", "command": ["node", "x.js"]}]}
    account.target["Input"] = json.dumps(overrides)
    assert job(place(account), "ranking-batch", execute=True, write=lines.append) == 0
    assert account.runs[0]["overrides"] == overrides
    assert lines[-1] == f"started {ARN}:task/1"


def test_a_run_that_the_budget_does_not_count_is_refused(place: Callable[[Any], Place]) -> None:
    account = Account(running=2)
    with pytest.raises(EngineError) as caught:
        job(place(account), "ranking-batch", execute=True, write=lambda line: None)
    assert str(caught.value) == (
        "ranking-batch has 2 tasks running, and the connection budget counts with at most 2: 1 more could leave the "
        "services without connections. Wait until one has ended."
    )
    assert account.runs == []


def test_what_ecs_did_not_place_is_said(place: Callable[[Any], Place]) -> None:
    account = Account(failures=[{"reason": "RESOURCE:ENI", "arn": "arn:x"}])
    with pytest.raises(EngineError, match=r"^ECS started nothing, or not all: RESOURCE:ENI \(arn:x\)\.$"):
        job(place(account), "ranking-batch", execute=True, write=lambda line: None)


def test_unknown_jobs_and_schedules_are_sentences(place: Callable[[Any], Place]) -> None:
    with pytest.raises(UsageError) as caught:
        job(place(Account()), "gateway")
    assert str(caught.value) == "There is no job 'gateway' in Pulumi.yaml; there are: category-batch, ranking-batch."

    class Empty:
        def call(self, service: str, operation: str, /, **params: Any) -> dict[str, Any]:
            raise RequestError("no", code="ResourceNotFoundException")

    with pytest.raises(EngineError) as missing:
        job(place(Empty()), "ranking-batch")
    assert str(missing.value) == ("There is no schedule dev-ranking-batch in group dev-jobs: bring stage dev up first.")


def test_a_profile_is_part_of_the_command() -> None:
    assert command({"count": 1}, region="eu-west-1", profile="my team") == (
        "aws ecs run-task --count 1 --region eu-west-1 --profile 'my team'"
    )


@pytest.mark.slow
def test_offline_it_is_made_recorded_and_stopped(project_root: Path, tmp_path: Path) -> None:
    outcome = unjudged("up", project_root, tmp_path, pipeline={"enabled": False})
    assert outcome.errors == ()
    place = Place(stage="dev", project_dir=project_root, state_dir=tmp_path)
    for _ in range(3):
        lines: list[str] = []
        assert job(place, "ranking-batch", execute=True, write=lines.append) == 0
        assert lines[-2].startswith(f"started {ARN}:task/dev-item/")
    with place.aws() as aws:
        stopped = aws.call("ecs", "list_tasks", cluster="dev-item", family="dev-ranking-batch", desiredStatus="STOPPED")
        assert len(stopped["taskArns"]) == 3
        [task] = aws.call("ecs", "describe_tasks", cluster="dev-item", tasks=stopped["taskArns"][:1])["tasks"]
        assert (task["startedBy"], task["launchType"]) == ("run-job", "FARGATE")
