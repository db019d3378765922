"""One command of the Pulumi CLI: its environment, its events as they come, and signals passed on once each."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from offline.engine.errors import EngineError
from offline.process import dying_with_parent
from offline.pulumi.workspace import Workspace
from policies.resources.json_text import read_json

_LOOK_SECONDS = 0.05
_NO_LIMIT = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
_FOREIGN = ("PULUMI_", "AWS_")
"""Settings of the user's own Pulumi and AWS: an offline run must see neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended: its exit code, and the last lines that it wrote."""

    code: int
    tail: tuple[str, ...]
    interrupted: bool = False


class Cli:
    """The CLI at work in one stage's folder."""

    def __init__(self, path: Path, workspace: Workspace) -> None:
        self.path = path
        self.workspace = workspace

    def ask(self, *arguments: str, stdin: str | None = None) -> str:
        """The standard output of a command that takes a moment. Raises EngineError with what it wrote."""
        done = subprocess.run(
            [str(self.path), *arguments, *self._where()],
            env=self._environment({}),
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = (done.stderr.strip() or done.stdout.strip()).removeprefix("error: ")
            raise EngineError(f"pulumi {arguments[0]} {arguments[1]} failed: {said}")
        return done.stdout

    def operate(
        self,
        *arguments: str,
        program: Callable[[], None] | None,
        on_event: Callable[[dict[str, Any]], None],
        environment: Mapping[str, str],
    ) -> Ended:
        """Run an operation with the program in this process, every engine event reported as it is written."""
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="events-", dir=self.workspace.folder)))
            log = folder / "events.jsonl"
            log.touch()
            served = (
                ("--client", stack.enter_context(_language_host(program)), "--exec-kind", "auto.inline")
                if program
                else ()
            )
            command = [str(self.path), *arguments, *served, "--event-log", str(log), *self._where()]
            process = subprocess.Popen(
                dying_with_parent(command),
                env=self._environment(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,  # Ctrl-C reaches the engine from here, once: a second one ends it in mid-operation
                pass_fds=(self.workspace.lock,),  # held until the engine itself has ended
            )
            tail: deque[str] = deque(maxlen=40)
            reader = threading.Thread(target=lambda: tail.extend(process.stdout or ()), daemon=True)
            reader.start()
            with _signals_to(process) as signals, log.open(encoding="utf-8") as lines:
                _follow(lines, process, on_event)
            reader.join(timeout=5)
            return Ended(code=process.wait(), tail=tuple(line.rstrip() for line in tail), interrupted=bool(signals))

    def _where(self) -> tuple[str, ...]:
        workspace = self.workspace
        return ("--stack", workspace.stage, "--cwd", str(workspace.project), "--non-interactive", "--color", "never")

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        workspace = self.workspace
        kept = {key: value for key, value in os.environ.items() if not key.startswith(_FOREIGN)}
        return {
            **kept,
            "PULUMI_HOME": str(workspace.home),
            "PULUMI_BACKEND_URL": f"file://{workspace.backend}",
            "PULUMI_CONFIG_PASSPHRASE": workspace.passphrase(),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",  # nothing is downloaded
            "PULUMI_DEBUG_COMMANDS": "true",  # shows --event-log
            "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
            "OFFLINE_AWS_RECORD": str(workspace.record),
            **more,
        }


@contextlib.contextmanager
def _language_host(program: Callable[[], None]) -> Generator[str]:
    """The address of a language host that runs the program in this process: that of Pulumi's Automation API."""
    import grpc
    from pulumi.automation._server import LanguageServer
    from pulumi.runtime.proto import language_pb2_grpc

    server = grpc.server(ThreadPoolExecutor(max_workers=4), options=_NO_LIMIT)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageServer(program), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(0)


def _follow(lines: Any, process: subprocess.Popen[str], on_event: Callable[[dict[str, Any]], None]) -> None:
    """Report every event that is written, until the process has ended and nothing is left to read."""
    rest = ""
    while True:
        ended = process.poll() is not None
        text = lines.read()
        *whole, rest = (rest + text).split("\n")
        for line in whole:
            on_event(read_json(line))
        if ended and not text:
            return
        if not text:
            time.sleep(_LOOK_SECONDS)


@contextlib.contextmanager
def _signals_to(process: subprocess.Popen[str]) -> Generator[list[int]]:
    """Pass SIGINT and SIGTERM on as SIGINT: the first lets the engine finish what runs, the second ends it."""
    seen: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield seen
        return

    def forward(number: int, _frame: FrameType | None) -> None:
        seen.append(number)
        process.send_signal(signal.SIGINT)

    before = {number: signal.signal(number, forward) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield seen
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
