"""The commands as the pipeline calls them: exit codes, what is printed, and that nothing is published after a failure."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from delivery import __main__ as delivery
from delivery.aws import RequestError

ROOT = Path(__file__).parents[2]


def verify(script: Any, file: Path, *more: str) -> int:
    arguments = ["verify", "--region", "ap-northeast-2", "--cluster", "dev-item", "--service", "dev-datalab-api"]
    arguments += ["--image-definitions", str(file), *more]
    return delivery.main(arguments, account=lambda _region: script, clock=script.clock)


@pytest.fixture
def definitions(tmp_path: Path, script: Any) -> Path:
    file = tmp_path / "imagedefinitions.json"
    file.write_text(f'[{{"name": "datalab-api", "imageUri": "{script.image("b")}"}}]')
    return file


def test_progress_and_verdict_are_printed(script: Any, definitions: Path, capsys: Any) -> None:
    script.looks = [[script.deployment(2, runningCount=1)], [script.deployment(2, rollout="COMPLETED")]]
    assert verify(script, definitions) == 0
    assert capsys.readouterr().out.splitlines() == [
        "dev-datalab-api:2: 1 of 2 tasks run",
        "dev-datalab-api runs dev-datalab-api:2: 2 of 2 tasks.",
    ]


def test_after_a_failure_nothing_is_published(script: Any, definitions: Path, capsys: Any) -> None:
    """The script fails the test on a request that it does not expect, such as ssm:PutParameter."""
    script.looks = [[script.deployment(2, rollout="FAILED")]]
    assert verify(script, definitions, "--parameter", "/dev/images/datalab-api", "--job-family", "dev-batch") == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith("Nothing was published")


def test_the_limit_can_be_set(script: Any, definitions: Path) -> None:
    script.looks = [[script.deployment(2, runningCount=1)]]
    assert verify(script, definitions, "--timeout-minutes", "0.5") == 1
    assert sum(script.slept) == 30


def test_a_malformed_file_asks_aws_nothing(script: Any, definitions: Path, capsys: Any) -> None:
    definitions.write_text('[{"name": "datalab-api", "imageUri": "a:1"}, 4]')
    assert verify(script, definitions) == 2
    assert [line[:40] for line in capsys.readouterr().out.splitlines()] == [
        "error: imagedefinitions.json, entry 1: i",
        "error: imagedefinitions.json, entry 2: i",
    ]
    assert script.asked == []


def test_an_absent_file(script: Any, tmp_path: Path, capsys: Any) -> None:
    assert verify(script, tmp_path / "imagedefinitions.json") == 2
    assert capsys.readouterr().out == f"error: {tmp_path}/imagedefinitions.json: No such file or directory\n"


def test_hand_over_says_what_it_did(pipeline: Any, script: Any, definitions: Path, capsys: Any) -> None:
    target = ["--region", "ap-northeast-2", "--cluster", "dev-item", "--service", "dev-datalab-api"]
    command = ["hand-over", *target, "--image-definitions", str(definitions), "--job-family", "dev-category-batch"]
    needed = ["/dev/category-batch/DB_PASSWORD", "/dev/datalab-api/DB_PASSWORD"]
    with pipeline.aws(write=True) as aws, aws.change("pipeline"):
        assert delivery.main(command, account=lambda _region: aws) == 1
        assert pipeline.running(aws)["arn"].endswith("/dev-datalab-api:1")
        for name in needed:
            aws.call("ssm", "put_parameter", Name=name, Type="SecureString", Value="x")
        assert [delivery.main(command, account=lambda _region: aws) for _ in range(2)] == [0, 0]
    assert capsys.readouterr().out.splitlines() == [
        *(f"error: {name} is not stored, and a task that needs it does not start." for name in needed),
        "Nothing was deployed. Store them (`./run secrets -s STAGE --target aws` lists them), and release again.",
        "dev-datalab-api: dev-datalab-api:2 takes the placeholder's place.",
        "dev-datalab-api runs its own command already.",
    ]


def test_what_aws_refuses_is_one_line(script: Any, definitions: Path, capsys: Any) -> None:
    script.looks = [RequestError("AWS refused ecs:describe_services with AccessDeniedException: no.")]
    command = [
        "hand-over",
        "--region",
        "r",
        "--cluster",
        "c",
        "--service",
        "s",
        "--image-definitions",
        str(definitions),
    ]
    assert delivery.main(command, account=lambda _region: script) == 1
    assert capsys.readouterr().out == "error: AWS refused ecs:describe_services with AccessDeniedException: no.\n"


def test_the_folder_alone_runs(tmp_path: Path) -> None:
    """As in the pipeline: the scripts in an empty directory, and nothing else of the project."""
    (tmp_path / "delivery").symlink_to(ROOT / "delivery")
    command = [sys.executable, "-E", "-m", "delivery", "verify", "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "--job-family FAMILY" in done.stdout
