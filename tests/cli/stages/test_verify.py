"""`./run verify`: which services, against what, and the exit code."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cli.ended import ended
from cli.main import main
from cli.stages.place import Place
from cli.stages.verify import verify
from delivery.aws import RequestError
from delivery.ecs_deploy import deploy, hand_over
from delivery.watch import Clock
from offline.stage import offline_stage
from tests.function_program import unjudged

ROOT = Path(__file__).parents[3]
SERVICES = ("datalab-api", "gateway", "legacy-api", "tracking-api")
IMAGE = f"123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/dev-datalab-api@sha256:{'a' * 64}"


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The journal of the real dev stage after `up`, without its pipelines."""
    state = tmp_path_factory.mktemp("state")
    outcome = unjudged("up", ROOT, state, pipeline={"enabled": False})
    assert outcome.errors == ()
    return (state / "dev.jsonl").read_text()


@pytest.fixture
def place(tmp_path: Path, journal: str) -> Place:
    (tmp_path / "dev.jsonl").write_text(journal)
    return Place(stage="dev", project_dir=ROOT, state_dir=tmp_path)


def deployed(place: Place, *, rolled_back: bool) -> None:
    """The first deployment: revision 2 ends the placeholder, 3 is the ECS action's."""
    stage = offline_stage(project_dir=ROOT, state_dir=place.state_dir, stage="dev", mode="write")
    target: dict[str, Any] = {"cluster": "dev-item", "service": "dev-datalab-api"}
    with stage as aws, aws.change("pipeline"):
        hand_over(aws, **target, images={"datalab-api": IMAGE})
        done = deploy(aws, **target, images={"datalab-api": IMAGE})
        if rolled_back:
            before = done.before.rsplit(":", 1)[0] + ":1"
            aws.call("ecs", "update_service", **target, taskDefinition=before)


MISSING = (
    ("category-batch/DB_PASSWORD", "datalab-api"),
    ("datalab-api/DB_PASSWORD", "datalab-api"),
    ("legacy-api/DB_PASSWORD", "legacy-api"),
    ("legacy-api/MSI_API_KEY", "legacy-api"),
    ("ranking-batch/DB_PASSWORD", "tracking-api"),
    ("tracking-api/DB_PASSWORD", "tracking-api"),
)


def test_after_up_every_service_runs_what_was_asked_for(place: Place) -> None:
    lines: list[str] = []
    assert verify(place, write=lines.append) == 0
    placeholder = " No image has been deployed yet: this is the placeholder."
    assert lines == [
        "offline AWS, nothing deployed: verify of stage dev",
        *(f"ok     dev-{name} runs dev-{name}:1: 1 of 1 tasks.{placeholder}" for name in SERVICES),
        *(f"secret /dev/{path}: MISSING, needed with the first image of {image}" for path, image in MISSING),
        "verify succeeded: 4 of 4 services run what was asked for",
    ]


def test_a_rollback_fails_and_names_the_service(place: Place) -> None:
    deployed(place, rolled_back=True)
    lines: list[str] = []
    assert verify(place, write=lines.append) == 1
    assert lines[1].startswith("FAILED dev-datalab-api runs dev-datalab-api:1 (")
    assert lines[1].endswith("not dev-datalab-api:3. The deployment was rolled back, or never began.")
    assert lines[-1] == "verify failed: 3 of 4 services run what was asked for"


def test_one_service_against_its_images(place: Place, tmp_path: Path) -> None:
    deployed(place, rolled_back=False)
    definitions = tmp_path / "imagedefinitions.json"
    one: dict[str, Any] = {"only": "datalab-api", "image_definitions": definitions}
    for letter, code in (("a", 0), ("b", 1)):
        uri = IMAGE.replace("a" * 64, letter * 64)
        definitions.write_text(json.dumps([{"name": "datalab-api", "imageUri": uri}]))
        lines: list[str] = []
        assert verify(place, **one, write=lines.append) == code, lines
        assert lines[-1] == f"verify {'failed: 0' if code else 'succeeded: 1'} of 1 services run what was asked for"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"only": "web"}, f"error: There is no service 'web' in Pulumi.yaml; there are: {', '.join(SERVICES)}.\n"),
        (
            {"place": Place(stage="qa", project_dir=ROOT, state_dir=ROOT / ".state")},
            "error: There is no stage 'qa': Pulumi.qa.yaml does not exist. Stages that exist: dev, prd.\n",
        ),
        (
            {"image_definitions": Path("x.json")},
            "error: --image-definitions is for one service: name it, like ./run verify datalab-api.\n",
        ),
        (
            {"only": "gateway", "image_definitions": Path("/nonexistent/x.json")},
            "error: /nonexistent/x.json: No such file or directory\n",
        ),
    ],
)
def test_wrong_usage(place: Place, change: dict[str, Any], message: str, capsys: Any) -> None:
    assert ended(lambda: verify(**{"place": place, **change})) == 2
    assert capsys.readouterr() == ("", message)


def test_a_stage_that_is_not_up(tmp_path: Path, capsys: Any) -> None:
    assert main(["verify", "-s", "dev", "--state", str(tmp_path / "absent")]) == 1
    assert capsys.readouterr().err == "error: Stage dev is not up: run ./run up -s dev first.\n"


class Refusing:
    """An account that answers nothing."""

    def call(self, service: str, operation: str, /, **params: Any) -> dict[str, Any]:
        raise RequestError(f"{service}:{operation} cannot be sent: Unable to locate credentials")


def test_an_account_is_asked_instead(place: Place, capsys: Any) -> None:
    asked: list[str] = []

    def account(config: Any) -> Refusing:
        asked.append(config.values["aws:region"])
        return Refusing()

    make: Callable[[Any], Any] = account
    there = replace(place, target="aws", account=make)
    assert ended(lambda: verify(there, clock=Clock())) == 1
    assert asked == ["ap-northeast-2"]
    out, err = capsys.readouterr()
    assert out == "AWS: verify stage dev\n"
    assert err == "error: ecs:describe_services cannot be sent: Unable to locate credentials\n"


def test_another_image_under_the_placeholders_command_is_not_the_placeholder(place: Place) -> None:
    """The ECS action changes nothing but the image: without a hand-over the command stays the placeholder's."""
    stage = offline_stage(project_dir=ROOT, state_dir=place.state_dir, stage="dev", mode="write")
    with stage as aws, aws.change("pipeline"):
        deploy(aws, cluster="dev-item", service="dev-datalab-api", images={"datalab-api": IMAGE})
    lines: list[str] = []
    assert verify(place, only="datalab-api", write=lines.append) == 1
    assert lines[1] == (
        f"FAILED dev-datalab-api runs dev-datalab-api:2 with the placeholder's command, so the image ({IMAGE}) has not shown "
        "that it starts: `python3 -m delivery hand-over` must come before the service's first deployment."
    )


def test_the_merge_request_is_told_when_asked_and_a_missing_token_changes_no_verdict(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITLAB_TOKEN", raising=False)
    lines: list[str] = []
    assert verify(place, note=True, write=lines.append) == 0
    assert lines[-1].startswith("note: no note is written: GITLAB_TOKEN is not set")
    told: list[tuple[Any, ...]] = []
    monkeypatch.setattr("gate.hosts.deployed.report", lambda *said: told.append(said[:4]))
    assert verify(place, note=True, only="datalab-api", write=lines.append) == 0
    assert told == [("category-analyzer", "dev", "deployed", "1 of 1 services run what was asked for.")]
