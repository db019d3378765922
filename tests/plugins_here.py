"""The AWS plugin and the policy packs of the real engine in the process of the tests, where their own processes are not the case.

The engine starts a program for each, as ever: it names the port of a server here, and waits to be asked to go.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import stat
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import analyzer_pb2_grpc, provider_pb2_grpc

from offline.aws.plugin import Plugin
from offline.engine.interpreter import tuned
from offline.pulumi import workspace
from offline.pulumi.command import Cli, Ended
from tests.pack_here import PACK, pack_of_run
from tests.parity.recording_pack.recorder import RECORDING_PACK, Recorder

_NO_LIMIT = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
_LONGER_THAN_A_RUN = 600  # s: none is left behind for ever


class _Here:
    """The launchers that the engine finds, and what is behind their ports during an operation."""

    def __init__(self) -> None:
        self._write, self._operate = workspace._write_program, Cli.operate
        self._launchers: dict[Path, Path | None] = {}
        """By launcher: the folder of its pack, or None, the AWS."""

    def write(self, path: Path, module: str, arguments: str) -> None:
        """In place of the launcher of a process."""
        pack = None if module == "offline.aws.plugin_process" else Path(shlex.split(arguments)[-1])
        if pack not in (None, PACK, RECORDING_PACK):
            self._write(path, module, arguments)
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        port = shlex.quote(str(_port_file(path)))
        path.write_text(f"#!/bin/sh\nread -r port <{port}\necho $port\nexec sleep {_LONGER_THAN_A_RUN}\n", "utf-8")
        path.chmod(stat.S_IRWXU)
        self._launchers[path] = pack

    def operate(self, cli: Cli, *arguments: str, environment: Mapping[str, str], **how: Any) -> Ended:
        """An operation, with everything served that it may ask for."""
        with contextlib.ExitStack() as ending:
            ending.enter_context(tuned())
            for launcher, pack in self._launchers.items():
                if pack is None:
                    log = ending.enter_context(contextlib.closing(cli.workspace.log("write")))
                    serve = _serving(Plugin(log), provider_pb2_grpc.add_ResourceProviderServicer_to_server)
                else:
                    serve = _serving(_pack(pack, environment), analyzer_pb2_grpc.add_AnalyzerServicer_to_server)
                _port_file(launcher).write_text(f"{ending.enter_context(serve)}\n", "ascii")
            return self._operate(cli, *arguments, environment=environment, **how)


def _pack(folder: Path, environment: Mapping[str, str]) -> Any:
    """The pack of a folder as the engine would ask it; the recording one may have another behind it."""
    if folder == PACK:
        return pack_of_run(folder, environment)
    behind = os.environ.get("RECORDED_PACK")
    if not behind:
        return Recorder(Path(os.environ["RECORDING_PACK"]))
    pack = pack_of_run(Path(behind), environment)
    return Recorder(Path(os.environ["RECORDING_PACK"]), lambda method, request: getattr(pack, method)(request, None))


@contextlib.contextmanager
def _serving(servicer: Any, add: Callable[[Any, grpc.Server], None]) -> Generator[int]:
    """The port on which it answers."""
    with ThreadPoolExecutor(max_workers=8) as pool:
        server = grpc.server(pool, options=_NO_LIMIT)
        add(servicer, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield port
        finally:
            server.stop(None).wait()


def _port_file(launcher: Path) -> Path:
    return launcher.with_name(f"{launcher.name}.port")


@contextlib.contextmanager
def plugins_here() -> Generator[None]:
    """Runs of the real engine find the offline AWS, the project's own pack and the one that records here."""
    here = _Here()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workspace, "_write_program", here.write)
        patch.setattr(Cli, "operate", lambda cli, *arguments, **how: here.operate(cli, *arguments, **how))
        yield
