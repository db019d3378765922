"""A run that is stopped or killed at any point: the next one ends complete, and nothing is there twice."""

import json
import os
import select
import signal
import subprocess
import sys
import textwrap

import pytest

from offline.aws.handler import Applied

SIZE = 12
PROGRAM = f"""
topics = [aws.sns.Topic(f"t{{i}}", name=f"t{{i}}") for i in range({SIZE})]
aws.sqs.Queue("q", name="q", policy=pulumi.Output.all(*[t.arn for t in topics]).apply(",".join))
"""

# The process ends itself without a word before or after an operation, or in the middle of a journal line.
KILLED = """
import os, signal, sys
sys.path[:0] = {path!r}
from importlib.machinery import SourceFileLoader
from pathlib import Path
helpers = SourceFileLoader("helpers", {conftest!r}).load_module()
from offline import operation_log

point, countdown = {point!r}, {countdown}

def tick(here):
    global countdown
    if here == point:
        countdown -= 1
        if countdown == 0:
            os.kill(os.getpid(), signal.SIGKILL)

class Dying(helpers.FakeCloud):
    def create(self, *args, **keywords):
        tick("before")
        applied = super().create(*args, **keywords)
        tick("after")
        return applied

class TornOs:
    def __getattr__(self, name):
        return getattr(os, name)

    def write(self, file, data):
        if point == "middle":
            global countdown
            countdown -= 1
            if countdown == 0:
                os.write(file, data[: len(data) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
        return os.write(file, data)

operation_log.os = TornOs()
helpers.run(kind="up", stage="dev", project_dir=Path({directory!r}), state_dir=Path({directory!r}) / ".state",
            pack_dir=None, on_event=lambda event: None, provider=Dying())
"""


@pytest.mark.parametrize(
    ("point", "countdown"),
    [("before", 1), ("before", 5), ("after", 1), ("after", 7), ("after", SIZE + 1),
     ("middle", 1), ("middle", 2), ("middle", 4), ("middle", 9), ("middle", SIZE + 4)],
)  # fmt: skip
def test_killed_then_completed(bench, point, countdown):
    bench.program(PROGRAM)
    conftest = sys.modules[type(bench).__module__].__file__
    script = KILLED.format(
        path=[str(path) for path in sys.path if path], conftest=conftest, point=point, countdown=countdown,
        directory=str(bench.directory),
    )  # fmt: skip
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], check=False, capture_output=True, text=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    outcome = bench.run("up")
    assert outcome.result == "succeeded", outcome.errors
    assert sorted(item["name"] for item in bench.cloud.resources.values()) == sorted(
        ["q", *(f"t{i}" for i in range(SIZE))]
    )
    assert outcome.changes["create"] + outcome.changes["same"] == SIZE + 2
    assert bench.run("up").changes["same"] == SIZE + 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_after_the_current_operation(bench, number, monkeypatch):
    cloud_class = type(bench.cloud)
    create = cloud_class.create

    def create_and_be_stopped(self, *args, **keywords) -> Applied:
        applied = create(self, *args, **keywords)
        if self.log[-1] == "create t3":
            os.kill(os.getpid(), number)
        return applied

    before = signal.getsignal(number)
    monkeypatch.setattr(cloud_class, "create", create_and_be_stopped)
    outcome = bench.program(PROGRAM).run("up")
    assert (outcome.result, outcome.errors) == (
        "failed",
        ("interrupted: the current operation was finished and recorded. Run the same command again.",),
    )
    assert bench.cloud.log == [f"create t{i}" for i in range(4)]
    assert signal.getsignal(number) == before
    monkeypatch.undo()
    assert bench.run("up").changes == {"create": SIZE - 3, "update": 0, "replace": 0, "delete": 0, "same": 5}


def test_a_signal_stops_a_destroy_between_deletions(bench, monkeypatch):
    bench.program(PROGRAM).run("up")
    cloud_class = type(bench.cloud)
    delete = cloud_class.delete

    def delete_and_be_stopped(self, *args, **keywords) -> None:
        delete(self, *args, **keywords)
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(cloud_class, "delete", delete_and_be_stopped)
    outcome = bench.run("destroy")
    assert (outcome.result, len(bench.cloud.log), outcome.changes["delete"]) == ("failed", 1, 1)
    monkeypatch.undo()
    assert bench.run("destroy").result == "succeeded"
    assert bench.cloud.resources == {}


def test_every_prefix_of_the_journal_can_be_completed(bench):
    bench.program(PROGRAM).run("up")
    path = bench.state_dir / "dev.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    ids = {json.loads(line)["put"]["id"] for line in lines[1:] if b'"seed"' in line}
    for length in range(0, len(lines), 4):
        path.write_bytes(b"".join(lines[:length]))
        assert bench.run("up").result == "succeeded"
        assert {record.id for record in bench.run("preview").resources if record.type.startswith("aws:")} == ids


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child's life to its parent's")
def test_the_pack_does_not_outlive_a_killed_run(bench):
    bench.pack("PolicyPack('house', [StackValidationPolicy('p', 'D.', lambda args, report: None)])")
    script = f"""
    import sys, time
    sys.path[:0] = {[str(path) for path in sys.path if path]!r}
    from pathlib import Path
    from settings.files.stack_config import load
    from offline.engine.judging.pack_process import PackProcess
    directory = Path({str(bench.directory)!r})
    process = PackProcess(directory / "policies", config=load(directory, "dev"), dry_run=True)
    process.connect()
    print(process._process.pid, flush=True)
    time.sleep(600)
    """
    run = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True)
    with run:
        pack = os.pidfd_open(int(run.stdout.readline()))
        run.kill()
        ended, _, _ = select.select([pack], [], [], 30)
        os.close(pack)
    assert ended == [pack]
