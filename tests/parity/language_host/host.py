"""Stands in for Pulumi's language host of Python: runs programs in this process and policy packs in one of their own."""

from __future__ import annotations

import gc
import json
import os
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any, ClassVar

import grpc
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import analyzer_pb2, language_pb2, language_pb2_grpc

NO_LIMIT = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


class Pack(grpc.GenericRpcHandler):
    """Stands between the CLI and a pack, and starts the pack when the CLI says which stack it is for, by variables.

    So does Pulumi's own host (sdk/python/cmd/pulumi-language-python/main.go, RunPlugin).
    """

    first: ClassVar = ("/pulumirpc.Analyzer/Handshake", "/pulumirpc.Analyzer/ConfigureStack")

    def __init__(self, folder: str, arguments: list[str], variables: dict[str, str]) -> None:
        self.folder = folder
        self.command = [sys.executable, "-u", "-m", "pulumi.policy", *arguments, folder]
        self.variables = variables
        self.process: subprocess.Popen[bytes] | None = None
        self.channel: Any = None
        self.written: SimpleQueue[dict[str, bytes] | None] = SimpleQueue()
        self.server = grpc.server(ThreadPoolExecutor(max_workers=8), options=NO_LIMIT)
        self.server.add_generic_rpc_handlers((self,))
        self.port = self.server.add_insecure_port("127.0.0.1:0")
        self.server.start()

    def service(self, details: Any) -> Any:
        """Every method alike, by its bytes."""

        def answer(request: bytes, context: Any) -> bytes:
            handshake, configure = self.first
            if details.method == handshake:
                return analyzer_pb2.AnalyzerHandshakeResponse().SerializeToString()
            if details.method == configure and self.channel is None:
                self.start(analyzer_pb2.AnalyzerStackConfigureRequest.FromString(request))
            try:
                return self.channel.unary_unary(details.method)(request)
            except grpc.RpcError as error:
                context.abort(error.code(), error.details())  # type: ignore[attr-defined]
                raise

        return grpc.unary_unary_rpc_method_handler(answer)

    def start(self, stack: Any) -> None:
        """The pack's process; its first line is its port."""
        about = {
            "PULUMI_ORGANIZATION": stack.organization,
            "PULUMI_PROJECT": stack.project,
            "PULUMI_STACK": stack.stack,
            "PULUMI_DRY_RUN": "true" if stack.dry_run else "false",
            "PULUMI_CONFIG": json.dumps(dict(stack.config)),
        }
        process = self.process = subprocess.Popen(
            self.command,
            cwd=self.folder,
            env={**os.environ, **self.variables, **about},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        self.channel = grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}", options=NO_LIMIT)
        for stream, name in ((process.stdout, "stdout"), (process.stderr, "stderr")):
            threading.Thread(target=self.read, args=(stream, name), daemon=True).start()

    def read(self, stream: Any, name: str) -> None:
        """Pass on what the pack writes."""
        for line in stream:
            self.written.put({name: line})
        if name == "stdout":
            self.written.put(None)

    def stop(self) -> None:
        """End the pack with the CLI's request."""
        if self.process is not None:
            self.process.kill()
        self.server.stop(0)
        self.written.put(None)


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
        """Start a policy pack, and pass on what it writes."""
        pack = Pack(
            request.info.program_directory, list(request.args[:1]), dict(item.split("=", 1) for item in request.env)
        )
        context.add_callback(pack.stop)
        yield language_pb2.RunPluginResponse(stdout=f"{pack.port}\n".encode())
        while (item := pack.written.get()) is not None:
            yield language_pb2.RunPluginResponse(**item)
        yield language_pb2.RunPluginResponse(exitcode=0)


gc.set_threshold(200_000, 50, 100)  # hardly anything in a program's graph of resources is garbage
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # by which the CLI asks this process to end
server = grpc.server(ThreadPoolExecutor(max_workers=8), options=NO_LIMIT)
language_pb2_grpc.add_LanguageRuntimeServicer_to_server(Host(lambda: None), server)
print(server.add_insecure_port("127.0.0.1:0"), flush=True)
server.start()
signal.sigwait({signal.SIGINT})
server.stop(0).wait()
os._exit(0)  # and leave that graph to the system, which need not take it apart
