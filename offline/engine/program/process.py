"""The engine's side of a program in its own process: starts it, answers what it asks, and reports how it ended."""

from __future__ import annotations

import collections
import contextlib
import json
import os
import select
import selectors
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from offline.engine.errors import EngineError, InterruptedRunError, UsageError
from offline.engine.program.answers import Answers, ProgramError, frame_of
from offline.engine.program.channel import ANSWER, ENDED
from offline.process import dying_with_parent
from policies.resources.json_text import read_json

_LOOK_SECONDS = 0.2
_LONGEST_LINE = 1 << 16
_AT_ONCE = 1 << 18
"""Bytes that are read at once; memory for more is asked of the system each time, which takes longer than the reading."""
_CHILD = Path(__file__).with_name("child.py")


class ProgramSettingsError(UsageError):
    """The settings' own report: the program found them wrong."""


class Program(Protocol):
    """What a pass runs; `run` is that of ProgramProcess."""

    @property
    def run(self) -> Callable[..., bool]: ...


class ProgramProcess:
    """The process of one run of `__main__.py`, started at construction; nothing of it is believed but its requests.

    It dies with the thread that constructs it, and is read and answered by the one that calls `run`.
    """

    def __init__(self, project_dir: Path, *, python: Path, confined: bool) -> None:
        """python: the interpreter, whose packages the program has. confined: it may write into a folder of its own only."""
        self._files = contextlib.ExitStack()
        self._tail: collections.deque[str] = collections.deque(maxlen=12)
        self._printed: dict[int, bytes] = {}
        self._refusal: EngineError | UsageError | None = None
        scratch = self._files.enter_context(tempfile.TemporaryDirectory(prefix="program-")) if confined else ""
        ours, theirs = socket.socketpair()
        self._connection = self._files.enter_context(ours)
        with theirs:
            command = [str(python), "-u", str(_CHILD), str(theirs.fileno())]
            self._process = subprocess.Popen(
                dying_with_parent(command, apart=True, writable=[scratch] if confined else []),
                cwd=project_dir,
                env={**os.environ, **({"TMPDIR": scratch, "PYTHONDONTWRITEBYTECODE": "1"} if confined else {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,  # Ctrl-C is for this process; it stops the program
            )
        self._streams: list[Any] = [self._process.stdout, self._process.stderr]
        self._begun = False

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def begin(self, order: Mapping[str, Any]) -> None:
        """Let it run the program, up to its first request: `run` answers. order: what `host.run` takes."""
        self._begun = True
        self._say(0, json.dumps(order).encode(), lambda: False)

    def run(
        self,
        order: Mapping[str, Any],
        *,
        answers: Callable[[str], Callable[[Any], Any] | None],
        idle: Callable[[], None],
        written: Callable[[str], None],
        interrupted: Callable[[], bool],
    ) -> bool:
        """Run to the end; whether the program asked if this is a preview only.

        Raises ProgramError, ProgramSettingsError, and what the engine refused.
        order: as of `begin`, which it does where nobody has. answers: what answers a request, by the method's name.
        idle: is called behind each answer, and now and then. written: takes each printed line.
        """
        if not (path := Path(order["root_directory"]) / "__main__.py").is_file():
            raise ProgramError(f"There is no program: {path} does not exist.")
        if not self._begun:
            self.begin(order)
        ended = self._serve(Answers(answers), idle, written, interrupted)
        self._end()
        for stream in self._streams:
            for _ in range(64):
                if not self._read_printed(stream, written):
                    break
        if self._refusal is not None:
            raise self._refusal
        if ended is None:
            said = "".join(f"\n  {line}" for line in self._tail)
            raise ProgramError(
                f"The program's process ended by itself ({_how(self._process.returncode)}) before the program was at its end."
                + (f" It wrote:{said}" if said else "")
            )
        if "settings" in ended:
            raise ProgramSettingsError(str(ended["settings"]))
        if "error" in ended:
            raise ProgramError(str(ended["error"]))
        return ended.get("asked") is not False

    def close(self) -> None:
        """End the program with all that it started and did not put apart."""
        self._end()
        for stream in self._streams:
            stream.close()
        self._files.close()

    def _end(self) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _serve(
        self,
        answers: Answers,
        idle: Callable[[], None],
        written: Callable[[str], None],
        interrupted: Callable[[], bool],
    ) -> Mapping[str, Any] | None:
        """Answer until the program says that it has ended; None where it never does, or something was interrupted."""
        buffer = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self._connection, selectors.EVENT_READ)
            for stream in self._streams:
                os.set_blocking(stream.fileno(), False)
                selector.register(stream, selectors.EVENT_READ)
            while True:
                idle()
                if interrupted():
                    raise InterruptedRunError
                if (frame := frame_of(buffer)) is None:
                    if not self._receive(selector, buffer, written):
                        return None
                    continue
                name, body = frame
                if name == ENDED:
                    return _ended(body)
                try:
                    refused, answer = 0, answers.answer(name, body)
                except (EngineError, UsageError) as error:
                    self._refusal = self._refusal or error
                    refused, answer = 1, str(error).encode(errors="replace")
                self._say(refused, answer, interrupted)

    def _receive(self, selector: selectors.BaseSelector, buffer: bytearray, written: Callable[[str], None]) -> bool:
        """Wait a moment for requests and for what is printed; False once the program's end of the socket is closed."""
        ready = {key.fileobj for key, _ in selector.select(_LOOK_SECONDS)}
        received: bytes | None = None
        if self._connection in ready:
            received = b""
            with contextlib.suppress(OSError):
                received = self._connection.recv(_AT_ONCE)
        for stream in self._streams:
            # What was printed before a request was sent is there by now, and is reported first.
            if not self._read_printed(stream, written) and stream in ready:
                selector.unregister(stream)
        buffer += received or b""
        return received != b""

    def _say(self, refused: int, body: bytes, interrupted: Callable[[], bool]) -> None:
        """Send an answer; a program that is busy reads it later."""
        left = memoryview(ANSWER.pack(refused, len(body)) + body)
        with contextlib.suppress(OSError):  # it is gone: the next read says so
            while left:
                try:
                    left = left[self._connection.send(left, socket.MSG_DONTWAIT) :]
                except BlockingIOError:
                    if interrupted():
                        raise InterruptedRunError from None
                    select.select([], [self._connection], [], _LOOK_SECONDS)

    def _read_printed(self, stream: Any, written: Callable[[str], None]) -> bool:
        """Report the whole lines that have come; False at the end of the stream."""
        data = stream.read(_AT_ONCE)
        if data is None:
            return True
        *lines, rest = (self._printed.get(stream.fileno(), b"") + data).split(b"\n")
        if rest and (not data or len(rest) > _LONGEST_LINE):
            lines, rest = [*lines, rest], b""
        self._printed[stream.fileno()] = rest
        for line in lines:
            text = line[:_LONGEST_LINE].decode(errors="replace")
            self._tail.append(text)
            written(text)
        return bool(data)


def _ended(body: bytes) -> Mapping[str, Any] | None:
    try:
        ended: Any = read_json(body)
    except ValueError:
        return None
    return ended if isinstance(ended, dict) else None


def _how(code: int | None) -> str:
    return f"killed by signal {-code}" if code is not None and code < 0 else f"exit code {code}"
