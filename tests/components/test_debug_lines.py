"""The SDK's debug lines reach the engine together, whole and in order."""

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import engine_pb2

from components.debug_lines import DebugLines

LONG = 3600.0


class Engine:
    """Keeps what it is sent; `told` is set with the first."""

    def __init__(self, gone: type[Exception] | None = None) -> None:
        self.gone = gone
        self.sent: list[tuple[int, str]] = []
        self.told = threading.Event()

    def Log(self, request: engine_pb2.LogRequest) -> str:
        self.sent.append((request.severity, request.message))
        self.told.set()
        if self.gone:
            raise self.gone
        return "answer"

    def SetRootResource(self, request: Any) -> Any:
        return request


def line(message: str, severity: int = engine_pb2.DEBUG, **given: Any) -> engine_pb2.LogRequest:
    return engine_pb2.LogRequest(severity=severity, message=message, **given)


def test_debug_lines_go_before_the_line_that_is_shown() -> None:
    engine = Engine()
    together = DebugLines(engine, LONG)
    for message in ("one", "two", "three"):
        together.Log(line(message))
    assert engine.sent == []
    assert together.Log(line("a fault", engine_pb2.ERROR)) == "answer"
    assert engine.sent == [(engine_pb2.DEBUG, "one\ntwo\nthree"), (engine_pb2.ERROR, "a fault")]


@pytest.mark.parametrize("given", [{"urn": "urn:pulumi:dev::p::t::n"}, {"streamId": 3}, {"ephemeral": True}])
def test_a_debug_line_about_a_resource_or_of_a_stream_goes_by_itself(given: dict[str, Any]) -> None:
    engine = Engine()
    together = DebugLines(engine, LONG)
    together.Log(line("kept"))
    together.Log(line("by itself", **given))
    assert engine.sent == [(engine_pb2.DEBUG, "kept"), (engine_pb2.DEBUG, "by itself")]


def test_a_program_that_hangs_has_said_all() -> None:
    engine = Engine()
    DebugLines(engine, 0.01).Log(line("the last one"))
    assert engine.told.wait(30)
    assert engine.sent == [(engine_pb2.DEBUG, "the last one")]


@pytest.mark.parametrize("gone", [grpc.RpcError, ValueError])
def test_a_debug_line_ends_no_program(gone: type[Exception]) -> None:
    engine = Engine(gone)
    together = DebugLines(engine, LONG)
    together.Log(line("nobody hears it"))
    together.send()
    assert engine.sent == [(engine_pb2.DEBUG, "nobody hears it")]
    with pytest.raises(gone):
        together.Log(line("a fault", engine_pb2.ERROR))


def test_the_rest_of_the_protocol_is_the_engines() -> None:
    assert DebugLines(Engine()).SetRootResource("request") == "request"


PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import pulumi
from components import debug_lines

class Engine:
    def Log(self, request):
        print(request.message)

pulumi.runtime.settings.SETTINGS.engine = Engine()
debug_lines._WAIT_SECONDS = 3600
debug_lines.send_together()
pulumi.log.debug("one")
pulumi.log.info("two")
pulumi.log.debug("three")
"""


def test_a_program_that_ends_has_said_all(project_root: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(project_root)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout.split() == ["one", "two", "three"]
