"""Stands in for Pulumi's language host of Python: runs programs in this process and plugins in one of their own."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import IO, Any

import grpc
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2, language_pb2_grpc


class Host(LanguageServer):
    """What of the protocol a preview, an update and a policy pack need."""

    def Run(self, request: Any, context: Any) -> Any:
        """Run the program of a folder, found as the CLI says."""
        folder = request.info.program_directory
        os.chdir(folder)
        sys.path.insert(0, folder)
        self.program = lambda: runpy.run_path(f"{folder}/__main__.py", run_name="__main__") and None
        return super().Run(request, context)

    def InstallDependencies(self, request: Any, context: Any) -> Iterator[Any]:
        """They are there."""
        yield from ()

    def RunPlugin(self, request: Any, context: Any) -> Iterator[Any]:
        """Start a policy pack, pass on what it writes, and end it with the request."""
        variables = dict(item.split("=", 1) for item in request.env)
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "pulumi.policy", *request.args[:1], request.info.program_directory],
            cwd=request.pwd,
            env={**os.environ, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        context.add_callback(process.kill)
        written: SimpleQueue[Any] = SimpleQueue()

        def read(stream: IO[bytes], name: str) -> None:
            for line in stream:
                written.put({name: line})
            written.put(None)

        assert process.stdout is not None
        assert process.stderr is not None
        for stream, name in ((process.stdout, "stdout"), (process.stderr, "stderr")):
            threading.Thread(target=read, args=(stream, name), daemon=True).start()
        open_streams = 2
        while open_streams:
            item = written.get()
            if item is None:
                open_streams -= 1
            else:
                yield language_pb2.RunPluginResponse(**item)
        yield language_pb2.RunPluginResponse(exitcode=max(process.wait(), 0))


server = grpc.server(ThreadPoolExecutor(max_workers=8))
language_pb2_grpc.add_LanguageRuntimeServicer_to_server(Host(lambda: None), server)
print(server.add_insecure_port("127.0.0.1:0"), flush=True)
server.start()
server.wait_for_termination()
