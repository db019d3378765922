"""Sends the SDK's debug lines to the engine together: by itself, the SDK waits for the engine three times for each resource.

The engine shows them with `pulumi --debug` only, of which a program does not know. Nothing is lost and the order stays: another
line sends what was kept first, a program that hangs has said all after a moment, and so has one that ends.
"""

from __future__ import annotations

import atexit
import contextlib
import threading
import weakref
from typing import Any

import grpc
import pulumi
from pulumi.runtime.proto import engine_pb2

_WAIT_SECONDS = 0.1


def send_together() -> None:
    """From now on, in this program; without an engine (in a plain Python process) there is nothing to send."""
    settings: Any = pulumi.runtime.settings.SETTINGS  # its properties have no types
    if settings.engine is not None:
        together = DebugLines(settings.engine)
        settings.engine = together
        atexit.register(_send_rest, weakref.ref(together))


def _send_rest(reference: weakref.ref[DebugLines]) -> None:
    if together := reference():
        together.send()


class DebugLines:
    """Stands in front of the SDK's connection to the engine, of which it changes `Log`."""

    def __init__(self, engine: Any, wait_seconds: float = _WAIT_SECONDS) -> None:
        self._engine = engine
        self._wait_seconds = wait_seconds
        self._lines: list[str] = []
        self._lock = threading.RLock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def Log(self, request: engine_pb2.LogRequest) -> object:
        """Keeps a debug line of the program for a moment; sends everything else now."""
        with self._lock:
            if request.severity != engine_pb2.DEBUG or request.urn or request.streamId or request.ephemeral:
                self.send()
                return self._engine.Log(request)
            if not self._lines:
                timer = threading.Timer(self._wait_seconds, self.send)
                timer.daemon = True
                timer.start()
            self._lines.append(request.message)
            return None

    def send(self) -> None:
        """Sends what was kept, in one request."""
        with self._lock:
            lines, self._lines = self._lines, []
            if lines:
                request = engine_pb2.LogRequest(severity=engine_pb2.DEBUG, message="\n".join(lines))
                # A debug line ends no program; a closed channel is a ValueError to gRPC.
                with contextlib.suppress(grpc.RpcError, ValueError):
                    self._engine.Log(request)
