"""Plugins as processes, started and ended as the engine does."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from offline.aws.plugin_process import RECORD_VARIABLE
from offline.operation_log import OperationLog
from offline.properties import to_struct

TOPIC = "aws:sns/topic:Topic"
REGION = {"region": "ap-northeast-2"}


def urn(type_token: str) -> str:
    return f"urn:pulumi:dev::shop::{type_token}::main"


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "dev.pulumi" / "aws.jsonl"


@pytest.fixture
def started(record: Path, project_root: Path) -> Generator[Callable[[], subprocess.Popen[str]]]:
    """Starts plugins as the engine does: a process that is told an address and prints its port."""
    running: list[subprocess.Popen[str]] = []
    record.parent.mkdir()

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-u", "-m", "offline.aws.plugin_process", "127.0.0.1:1"]
        environment = {**os.environ, RECORD_VARIABLE: str(record)}
        running.append(subprocess.Popen(command, cwd=project_root, env=environment, stdout=subprocess.PIPE, text=True))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


def port(process: subprocess.Popen[str]) -> int:
    return int(process.stdout.readline())


def test_a_second_provider_of_a_run_is_the_first_ones_aws(started: Callable[[], subprocess.Popen[str]]) -> None:
    first = started()
    at = port(first)
    assert port(started()) == at
    with grpc.insecure_channel(f"127.0.0.1:{at}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        for _ in range(2):
            stub.Configure(provider_pb2.ConfigureRequest(args=to_struct(REGION)))
        made = stub.Create(provider_pb2.CreateRequest(urn=urn(TOPIC), properties=to_struct({"name": "orders"})))
    assert made.id.endswith(":orders")


def test_a_plugin_goes_at_once_when_its_engine_asks_it_to(
    started: Callable[[], subprocess.Popen[str]], record: Path
) -> None:
    """The engine would otherwise wait five seconds and kill it, at the end of every run."""
    first = started()
    at = port(first)
    second = started()
    assert port(second) == at
    with grpc.insecure_channel(f"127.0.0.1:{at}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        stub.Configure(provider_pb2.ConfigureRequest(args=to_struct(REGION)))
        making = stub.Create.future(
            provider_pb2.CreateRequest(urn=urn(TOPIC), properties=to_struct({"name": "orders"}))
        )
        time.sleep(0.2)
        for process in (first, second):
            process.send_signal(signal.SIGINT)
        assert (first.wait(timeout=30), second.wait(timeout=30)) == (0, 0)
        making.cancel()
    log = OperationLog(record, stage="dev", mode="read")
    assert [operation.kind for operation in log.operations()] == ["create"]
    log.close()
    assert [path.name for path in record.parent.iterdir() if path.suffix == ".port"] == []


def test_a_plugin_ends_with_its_engine_and_leaves_the_record_to_the_next(
    started: Callable[[], subprocess.Popen[str]], record: Path, project_root: Path
) -> None:
    script = "import subprocess, sys; p = subprocess.Popen(sys.argv[1:]); print(p.pid, flush=True); p.wait()"
    command = [sys.executable, "-c", script, sys.executable, "-u", "-m", "offline.aws.plugin_process", "127.0.0.1:1"]
    environment = {**os.environ, RECORD_VARIABLE: str(record)}
    killed = subprocess.Popen(command, cwd=project_root, env=environment, stdout=subprocess.PIPE, text=True)
    plugin, _port = int(killed.stdout.readline()), int(killed.stdout.readline())
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    deadline = time.monotonic() + 10
    while Path(f"/proc/{plugin}").exists() and "Z" not in Path(f"/proc/{plugin}/stat").read_text().split()[2]:
        assert time.monotonic() < deadline, "the plugin outlived its engine"
        time.sleep(0.05)
    assert port(started()) > 0
    killed.communicate()


def test_the_first_answers_the_cancel_that_the_engine_sends_to_the_second(
    started: Callable[[], subprocess.Popen[str]],
) -> None:
    """The engine ends its providers side by side; a Cancel that nobody answers fails the run."""
    first = started()
    at = port(first)
    second = started()
    assert port(second) == at
    first.send_signal(signal.SIGINT)
    time.sleep(1)
    with grpc.insecure_channel(f"127.0.0.1:{at}") as channel:
        assert provider_pb2_grpc.ResourceProviderStub(channel).Cancel(empty_pb2.Empty(), timeout=2) == empty_pb2.Empty()
    second.send_signal(signal.SIGINT)
    assert (first.wait(timeout=30), second.wait(timeout=30)) == (0, 0)
