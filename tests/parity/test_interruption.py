"""`./run up --engine pulumi` interrupted or killed at any point, and `up` after that: complete, nothing doubled or lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from offline.operation_log import OperationLog
from offline.stage import offline_stage
from tests.parity.compare import unlike
from tests.parity.engines import ROOT, Pair, Stage, pair
from tests.parity.recording_pack.recorder import RECORDING_PACK

pytestmark = pytest.mark.slow

TOPICS, PARAMETERS = 12, 12
PROGRAM = f"""
topics = [aws.sns.Topic(f"topic-{{n}}", display_name=str(n)) for n in range({TOPICS})]
for n in range({PARAMETERS}):
    aws.ssm.Parameter(f"parameter-{{n}}", name=f"/parameter/{{n}}", type="String", value=topics[n].arn)
pulumi.export("arns", [topic.arn for topic in topics])
"""
POINTS = random.Random(20261127).sample(range(1, TOPICS + PARAMETERS), 3)
GONE_SECONDS = 10.0
START_SECONDS = 150.0


def existing(stage: Stage) -> dict[str, Any]:
    """What the offline AWS of a stage has."""
    with offline_stage(project_dir=stage.project, state_dir=stage.state, stage=stage.name) as aws:
        topics = [topic["TopicArn"] for topic in aws.call("sns", "list_topics")["Topics"]]
        names = [f"/parameter/{n}" for n in range(PARAMETERS)]
        parameters: list[Any] = []
        for some in (names[:10], names[10:]):
            parameters += aws.call("ssm", "get_parameters", Names=some)["Parameters"]
    return {
        "topics": sorted(topics),
        "parameters": {item["Name"]: [item["Value"], item["Version"]] for item in parameters},
    }


def recorded(stage: Stage) -> int:
    """How many operations the offline AWS has recorded."""
    path = stage.state / "dev.pulumi" / "aws.jsonl"
    return max(path.read_bytes().count(b"\n") - 1, 0) if path.is_file() else 0


def of_the_stage(stage: Stage) -> list[int]:
    """The processes that work on the stage: CLI, plugin and pack have its folder in their environment."""
    found: list[int] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
        except OSError:
            continue
        if f"OFFLINE_AWS_RECORD={stage.state}".encode() in environment:
            found.append(int(process.name))
    return found


def ended(process: int) -> bool:
    """Whether a process is gone with all its threads, or waits only for somebody to ask how it ended."""
    folder = Path(f"/proc/{process}")
    try:
        state = (folder / "stat").read_text("utf-8").rpartition(")")[2].split()[0]
        return state in ("Z", "X") and len(list((folder / "task").iterdir())) <= 1
    except OSError:
        return True


def interrupted(stage: Stage, number: signal.Signals, *, after: int) -> tuple[int, list[int]]:
    """The exit code of `./run up` that got a signal when so many operations were recorded, and the processes it had started.

    As Ctrl-C in a terminal, SIGINT goes to the whole group.
    """
    stage.state.mkdir(parents=True)
    where = ["--project", str(stage.project), "--state", str(stage.state), "--policy-pack", str(RECORDING_PACK)]
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "cli" / "__main__.py"), "up", "-s", "dev", "--yes", "--engine", "pulumi", *where],
        cwd=ROOT,
        env={**os.environ, "RECORDING_PACK": str(stage.state / "sent.jsonl"), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + START_SECONDS
    while recorded(stage) < after and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    assert recorded(stage) >= after, "nothing was interrupted: the run ended, or never came so far"
    started = of_the_stage(stage)
    os.killpg(process.pid, number)
    return process.wait(timeout=60), started


@pytest.fixture(scope="module")
def whole(cli: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What there is after a run that nothing interrupts: the embedded engine's."""
    stage = pair(tmp_path_factory.mktemp("whole"), cli).program(PROGRAM).embedded
    assert stage.run("up", skip_preview=True).outcome.result == "succeeded"
    return existing(stage)


@pytest.mark.parametrize(
    ("number", "after"), [(signal.SIGINT, POINTS[0]), (signal.SIGKILL, POINTS[1]), (signal.SIGKILL, POINTS[2])]
)
def test_up_completes_what_was_interrupted(
    both: Pair, whole: dict[str, Any], number: signal.Signals, after: int
) -> None:
    both.program(PROGRAM)
    code, started = interrupted(both.real, number, after=after)
    assert code == (-signal.SIGKILL if number == signal.SIGKILL else 1)
    assert len(started) == len(("the CLI", "the plugin", "the pack"))
    deadline = time.monotonic() + GONE_SECONDS
    while not all(map(ended, started)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert (list(map(ended, started)), of_the_stage(both.real)) == ([True] * 3, [])
    completed = both.real.run("up", skip_preview=True)
    assert (completed.outcome.result, completed.outcome.errors) == ("succeeded", ())
    assert completed.outcome.changes["create"] + completed.outcome.changes["same"] == TOPICS + PARAMETERS + 1
    assert unlike(whole, existing(both.real)) == []
    log = OperationLog(both.real.state / "dev.pulumi" / "aws.jsonl", stage="dev", mode="read")
    seeds = [operation.seed for operation in log.operations()]
    log.close()
    assert len(seeds) == len(set(seeds)) == TOPICS + PARAMETERS
