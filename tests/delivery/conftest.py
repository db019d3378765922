"""A stage with one service and one job on the offline AWS, its pipeline, and an AWS that answers from a script."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from delivery import __main__ as delivery
from delivery.aws import RequestError
from delivery.ecs_deploy import deploy, hand_over
from delivery.watch import Clock
from offline.engine.outcome import Outcome
from offline.stage import OfflineStage, offline_stage
from tests.function_program import unjudged
from tests.replays import replayed_once as replayed_once

ROOT = Path(__file__).parents[2]
CLUSTER, SERVICE, JOB = "dev-item", "dev-datalab-api", "dev-category-batch"
PARAMETER = "/dev/images/datalab-api"
REPOSITORY = f"123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/{SERVICE}"
CATALOGUE = {
    "services": {"datalab-api": {"path": "/*", "priority": 100, "database": True, "command": ["node", "dist/main.js"]}},
    "jobs": {
        "category-batch": {
            "image": "datalab-api",
            "command": ["node", "dist/batch/category.js"],
            "schedule": "cron(0 * * * ? *)",
            "longestRunMinutes": 40,
            "database": True,
        }
    },
    "serviceOverrides": {},
    "pipeline": {"enabled": False},  # the tests are the pipeline
}


def image(letter: str) -> str:
    """An image of the service, by a digest of one repeated hex digit."""
    return f"{REPOSITORY}@sha256:{letter * 64}"


@dataclass
class Pipeline:
    """The stage dev as program and pipeline see it, each operation like a process of its own."""

    directory: Path
    printed: Callable[[], str]

    def up(self, **settings: Any) -> Outcome:
        """Run the program with changed settings of the stage's services."""
        return self._run("up", settings)

    def preview(self, **settings: Any) -> Outcome:
        return self._run("preview", settings)

    def destroy(self) -> Outcome:
        return self._run("destroy", {})

    def deploy(self, letter: str) -> None:
        """What the pipeline does until the ECS action has ended."""
        with self.aws(write=True) as aws:
            self._deploy(aws, letter)

    def roll_back(self) -> None:
        """What the circuit breaker does: the service goes back to the revision before."""
        with self.aws(write=True) as aws, aws.change("circuit breaker"):
            family, number = self.running(aws)["arn"].rsplit(":", 1)
            before = f"{family}:{int(number) - 1}"
            aws.call("ecs", "update_service", cluster=CLUSTER, service=SERVICE, taskDefinition=before)

    def verify(self, letter: str) -> int:
        """The pipeline's verify action, which publishes after a good verdict."""
        with self.aws(write=True) as aws:
            return self._verify(aws, letter)

    def delivers(self, letter: str) -> None:
        """A whole delivery that goes well."""
        with self.aws(write=True) as aws:
            self._deploy(aws, letter)
            assert self._verify(aws, letter) == 0, self.printed()

    def _deploy(self, aws: OfflineStage, letter: str) -> None:
        with aws.change(f"pipeline {SERVICE}"):
            images = {"datalab-api": image(letter)}
            hand_over(aws, cluster=CLUSTER, service=SERVICE, images=images)
            deploy(aws, cluster=CLUSTER, service=SERVICE, images=images)

    def _verify(self, aws: OfflineStage, letter: str) -> int:
        definitions = self.directory / "imagedefinitions.json"
        definitions.write_text(json.dumps([{"name": "datalab-api", "imageUri": image(letter)}]))
        arguments = ["verify", "--region", "ap-northeast-2", "--cluster", CLUSTER, "--service", SERVICE]
        arguments += ["--image-definitions", str(definitions), "--parameter", PARAMETER, "--job-family", JOB]
        arguments += ["--timeout-minutes", "0"]
        with aws.change(f"verify {SERVICE}"):
            return delivery.main(arguments, account=lambda _region: aws)

    def seen(self) -> dict[str, Any]:
        """What the service runs, what the job's next run would run, and the parameter, by the images' letters."""
        with self.aws() as aws:
            service, job = self.running(aws), self.newest(aws, JOB)
            try:
                parameter = aws.call("ssm", "get_parameter", Name=PARAMETER)["Parameter"]["Value"]
            except RequestError:
                parameter = None
        return {
            "service": service["image"],
            "job": job["image"],
            "parameter": parameter and parameter[-1],
            "limit": service["limit"],
            "memory": service["memory"],
            "command": service["command"],
            "job command": job["command"],
        }

    def active_revisions(self) -> list[str]:
        with self.aws() as aws:
            arns = aws.call("ecs", "list_task_definitions", familyPrefix=SERVICE, status="ACTIVE")["taskDefinitionArns"]
        return [arn.rsplit("/", 1)[-1] for arn in arns]

    def aws(self, *, write: bool = False) -> Any:
        mode = "write" if write else "read"
        return offline_stage(project_dir=ROOT, state_dir=self.directory, stage="dev", mode=mode)

    def running(self, aws: OfflineStage) -> dict[str, Any]:
        [service] = aws.call("ecs", "describe_services", cluster=CLUSTER, services=[SERVICE])["services"]
        return self.newest(aws, service["taskDefinition"])

    def newest(self, aws: OfflineStage, name: str) -> dict[str, Any]:
        found = aws.call("ecs", "describe_task_definition", taskDefinition=name)["taskDefinition"]
        [container] = (entry for entry in found["containerDefinitions"] if entry["essential"])
        environment = {entry["name"]: entry["value"] for entry in container["environment"]}
        return {
            "arn": found["taskDefinitionArn"],
            "image": container["image"][-1] if container["image"].startswith(REPOSITORY) else "placeholder",
            "limit": environment["DB_CONN_LIMIT"],
            "memory": found["memory"],
            "command": container.get("command", [])[-1],
        }

    def _run(self, kind: Any, settings: Mapping[str, Any]) -> Outcome:
        defaults = {"cpu": 512, "memory": 1024, "dbConnLimit": 5, "tasks": {"min": 1, "max": 1}, **settings}
        overrides = {**CATALOGUE, "serviceDefaults": defaults}
        project = _project(self.directory / "project")
        outcome = unjudged(kind, project, self.directory, **overrides)
        assert outcome.errors == ()
        return outcome


def _project(directory: Path) -> Path:
    """The project with the env files of the one service."""
    if not directory.exists():
        (directory / "env").mkdir(parents=True)
        (directory / "env" / "datalab-api").symlink_to(ROOT / "env" / "datalab-api")
        for path in ROOT.iterdir():
            if path.name != "env" and not path.name.startswith("."):
                (directory / path.name).symlink_to(path)
    return directory


@pytest.fixture(scope="session")
def stage_up(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The journal of the stage after its first `up`."""
    directory = tmp_path_factory.mktemp("up")
    Pipeline(directory, printed=str).up()
    return (directory / "dev.jsonl").read_text()


@pytest.fixture
def pipeline(tmp_path: Path, stage_up: str, capsys: pytest.CaptureFixture[str]) -> Pipeline:
    """The stage after its first `up`, never deployed to."""
    (tmp_path / "dev.jsonl").write_text(stage_up)
    return Pipeline(tmp_path, printed=lambda: capsys.readouterr().out)


@dataclass
class Script:
    """An AWS whose DescribeServices answers one scripted look after the other, the last one for ever."""

    looks: Sequence[Any] = ()
    """Each a list of deployments, a RequestError, or the whole answer."""
    stopped: Sequence[dict[str, Any]] = ()
    logs: Mapping[str, Any] = field(default_factory=dict)
    definitions: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: sum(self.slept), sleep=self.slept.append)

    def deployment(
        self, number: int, status: str = "PRIMARY", rollout: str = "IN_PROGRESS", **more: Any
    ) -> dict[str, Any]:
        """A deployment of revision `number`; odd and even revisions have images of their own by `definition`."""
        counts = {"desiredCount": 2, "runningCount": 2, "pendingCount": 0, "failedTasks": 0}
        return {
            "id": f"ecs-svc/{number}",
            "status": status,
            "taskDefinition": self.revision(number),
            "rolloutState": rollout,
            "rolloutStateReason": "",
            **counts,
            **more,
        }

    def revision(self, number: int) -> str:
        return f"arn:aws:ecs:ap-northeast-2:123456789012:task-definition/{SERVICE}:{number}"

    def image(self, letter: str) -> str:
        return image(letter)

    def call(self, service: str, operation: str, /, **params: Any) -> dict[str, Any]:
        self.asked.append(operation)
        match operation:
            case "describe_services":
                look = self.looks[min(self.asked.count(operation), len(self.looks)) - 1]
                if isinstance(look, RequestError):
                    raise look
                if isinstance(look, dict):
                    return look
                newest = look[0]["taskDefinition"]
                return {"services": [{"status": "ACTIVE", "taskDefinition": newest, "deployments": look}]}
            case "describe_task_definition":
                return {"taskDefinition": self._definition(params["taskDefinition"])}
            case "list_tasks":
                assert params["desiredStatus"] == "STOPPED"
                return {"taskArns": [task["taskArn"] for task in self.stopped]}
            case "describe_tasks":
                return {"tasks": [task for task in self.stopped if task["taskArn"] in params["tasks"]]}
            case "get_log_events":
                lines = self.logs[params["logStreamName"]]
                if isinstance(lines, RequestError):
                    raise lines
                return {"events": [{"message": line} for line in lines[-params["limit"] :]]}
            case _:
                raise AssertionError(f"{service}:{operation} was not expected")

    def _definition(self, name: str) -> dict[str, Any]:
        """Revision 1 has image a, revision 2 image b, …; a family is revision 2."""
        number = name.rsplit(":", 1)[-1] if ":" in name else "2"
        letter = "0abcdef"[int(number)]
        log = {"awslogs-group": "/dev/datalab-api", "awslogs-stream-prefix": "datalab-api"}
        container = {
            "name": "datalab-api",
            "image": image(letter),
            "logConfiguration": {"logDriver": "awslogs", "options": log},
        }
        more = self.definitions.get(number, {})
        return {"taskDefinitionArn": self.revision(int(number)), "containerDefinitions": [{**container, **more}]}


@pytest.fixture
def script() -> Script:
    """A scripted AWS."""
    return Script()
