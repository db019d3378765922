"""The process of a program: started by path, it asks the engine over an inherited socket for all that the SDK wants to know.

Everything here belongs to the program once it runs: the engine believes nothing of it but the requests themselves. A frame is
two lengths, a name and a body; an answer is one byte (0 answered, 1 refused), a length and a body. Unasked comes only the order.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import socket
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ENDED = "ended"
"""The last frame: how the program ended."""
ASK, ANSWER = struct.Struct(">HI"), struct.Struct(">BI")


class RefusedError(Exception):
    """The engine refuses a request, and says to people why."""


class Channel:
    """The engine's side of the SDK's two services: each method of the protocol sends its request and waits for the answer."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._read = connection.makefile("rb")

    def say(self, name: str, body: bytes) -> None:
        """Send a frame."""
        encoded = name.encode()
        self._connection.sendall(ASK.pack(len(encoded), len(body)) + encoded + body)

    def ask(self, name: str, body: bytes) -> bytes:
        """Send a request and wait for its answer. Raises RefusedError."""
        self.say(name, body)
        return self.hear()

    def hear(self) -> bytes:
        """Wait for what the engine says next. Raises RefusedError."""
        refused, length = ANSWER.unpack(self._read.read(ANSWER.size))
        answer = self._read.read(length)
        if refused:
            raise RefusedError(answer.decode())
        return answer

    def stub(self, service: Any) -> Any:
        """An object with the methods of a service of the protocol; those that stream are not there."""
        from google.protobuf.message_factory import GetMessageClass

        def method(name: str, answer_type: Any) -> Callable[[Any], Any]:
            return lambda request: answer_type.FromString(self.ask(name, request.SerializeToString()))

        methods = {
            item.name: staticmethod(method(item.name, GetMessageClass(item.output_type)))
            for item in service.methods
            if not (item.client_streaming or item.server_streaming)
        }
        return type(service.name, (), methods)()


def _without_debugging(log: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Messages for the SDK's own developers, four a resource, stay here: the engine shows none of them."""
    from google.protobuf.empty_pb2 import Empty
    from pulumi.runtime.proto import engine_pb2

    nothing = Empty()
    return lambda request: nothing if request.severity == engine_pb2.DEBUG else log(request)


def main() -> None:
    """Run the program that the order names, and say how it ended."""
    # This folder was put first because the file was started by its path; the program must not find its modules there.
    here = Path(sys.path.pop(0))
    # Last: a folder with settings and a program alone takes components and settings from this checkout.
    sys.path.append(str(here.parents[2]))
    sys.stdout.reconfigure(line_buffering=True)  # pyright: ignore[reportAttributeAccessIssue]
    gc.set_threshold(200_000, 50, 100)  # the graph of resources grows, and almost nothing in it is garbage
    spec = importlib.util.spec_from_file_location("_program_host", here / "host.py")
    assert spec is not None
    assert spec.loader is not None
    host: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(host)
    from pulumi.runtime.proto import engine_pb2, resource_pb2

    channel = Channel(socket.socket(fileno=int(sys.argv[1])))
    order = json.loads(channel.hear())
    project_dir = Path(order["root_directory"])
    monitor = channel.stub(resource_pb2.DESCRIPTOR.services_by_name["ResourceMonitor"])
    engine = channel.stub(engine_pb2.DESCRIPTOR.services_by_name["Engine"])
    engine.Log = _without_debugging(engine.Log)
    ended: dict[str, Any]
    try:
        with host.inside(project_dir):
            ended = {"asked": host.run(host.main_of(project_dir), monitor=monitor, engine=engine, **order)}
    except BaseException as error:  # noqa: BLE001  # told to the engine, whatever it is
        report = host.settings_report(error)
        ended = {"settings": report} if report is not None else {"error": host.explained(error, project_dir)}
    sys.stdout.flush()
    sys.stderr.flush()
    channel.say(ENDED, json.dumps(ended).encode())
    os._exit(0)  # its memory is left to the system; what it registered with atexit is its own


if __name__ == "__main__":
    main()
