"""Runs a policy pack as Pulumi does, as a process of its own, and talks to it by Pulumi's analyzer protocol."""

from __future__ import annotations

import collections
import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

from offline.engine.errors import PackError, UsageError
from offline.process import dying_with_parent
from settings.files.stack_config import StackConfig

START_SECONDS = 60.0
"""A pack that has not named its port by then will not."""
CALL_SECONDS = 300.0
"""A policy that has not answered by then hangs."""
BASELINE_VARIABLE = "CONNECTION_BUDGET_BASELINE"
"""Where the pack finds a state export; with the real CLI whoever deploys makes the export and sets it."""


def pack_environment(config: StackConfig, *, dry_run: bool, baseline: Path | None) -> dict[str, str]:
    """What a pack is started with (Pulumi's sdk/go/common/resource/plugin/analyzer_plugin.go); baseline: an export of the stack."""
    return {
        "PULUMI_ORGANIZATION": "organization",
        "PULUMI_PROJECT": config.project,
        "PULUMI_STACK": config.stage,
        "PULUMI_DRY_RUN": "true" if dry_run else "false",
        "PULUMI_CONFIG": json.dumps(dict(config.values)),
        BASELINE_VARIABLE: str(baseline or ""),
    }


class PackProcess:
    """One pack process; it starts at construction and is asked first at `connect`.

    It dies with this process, however this one ends: it would otherwise sleep for ever. Linux ties that to the thread
    that starts it, so construct it on the thread that runs the deployment.
    """

    def __init__(self, directory: Path, *, config: StackConfig, dry_run: bool, baseline: Path | None = None) -> None:
        """baseline: an export of the stack before the run, for packs that read it; None hides one of the environment."""
        self.directory = directory.resolve()
        if not (self.directory / "PulumiPolicy.yaml").is_file():
            raise UsageError(f"There is no policy pack in {directory}: it has no PulumiPolicy.yaml.")
        try:
            self._process = subprocess.Popen(
                dying_with_parent([sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:0", str(self.directory)]),
                cwd=self.directory,
                env={**os.environ, **pack_environment(config, dry_run=dry_run, baseline=baseline)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for this process; it stops the pack when it is done
            )
        except OSError as error:
            raise PackError(f"The policy pack in {self.directory} cannot be started: {error}.") from error
        self._first_line: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._errors: collections.deque[str] = collections.deque(maxlen=40)
        self.printed: list[str] = []
        """What the pack wrote on standard output behind its port; whole once it is closed."""
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._readers = [
            threading.Thread(target=read, args=(stream,), daemon=True)
            for read, stream in ((self._read_output, self._process.stdout), (self._read_errors, self._process.stderr))
        ]
        for reader in self._readers:
            reader.start()
        self._channel: Any = None
        self._stub: Any = None

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def connect(self) -> None:
        """Wait for the port that the pack writes first, and open the channel."""
        # Imported late: gRPC takes a tenth of a second, which the pack needs to start anyway.
        import grpc
        from pulumi.runtime.proto import analyzer_pb2_grpc

        try:
            line = self._first_line.get(timeout=START_SECONDS)
        except queue.Empty:
            raise PackError(self._failure(f"did not start within {START_SECONDS:.0f} s")) from None
        if not line:
            raise PackError(self._failure("ended before it was ready"))
        if not line.strip().isdigit():
            text = line.decode(errors="replace").strip()
            raise PackError(self._failure(f"wrote {text!r} where its port was expected; it must not print at start"))
        options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        self._channel = grpc.insecure_channel(f"127.0.0.1:{int(line)}", options=options)
        self._stub = analyzer_pb2_grpc.AnalyzerStub(self._channel)

    def call(self, method: str, request: Any) -> Any:
        """One remote call; PackError with what the pack wrote to stderr when it fails."""
        import grpc

        try:
            return getattr(self._stub, method)(request, timeout=CALL_SECONDS)
        except grpc.RpcError as error:
            code: grpc.StatusCode = error.code()  # type: ignore[attr-defined]
            if code is grpc.StatusCode.UNAVAILABLE:
                raise PackError(self._failure(f"died during {method}")) from error
            if code is grpc.StatusCode.DEADLINE_EXCEEDED:
                raise PackError(self._failure(f"did not answer {method} within {CALL_SECONDS:.0f} s")) from error
            details: str = error.details()  # type: ignore[attr-defined]
            raise PackError(self._failure(f"failed in {method}: {details}")) from error

    def close(self) -> None:
        """Stop the process and wait for it."""
        if self._channel is not None:
            self._channel.close()
        self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join()

    def _failure(self, what: str) -> str:
        if self._process.poll() is not None:
            for reader in self._readers:
                reader.join(timeout=5)
        tail = "\n".join(f"  {line}" for line in self._errors)
        written = f" It wrote:\n{tail}" if tail else ""
        return f"The policy pack in {self.directory} {what}; nothing was judged, so this run fails.{written}"

    def _read_output(self, stream: IO[bytes]) -> None:
        with stream:
            self._first_line.put(stream.readline())
            for line in stream:
                text = line.decode(errors="replace").rstrip()
                self._errors.append(text)
                self.printed.append(text)

    def _read_errors(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self._errors.append(line.decode(errors="replace").rstrip())
