"""A policy pack that writes down every request of its engine, a JSON line each, into the file that RECORDING_PACK names.

It finds no policy violated; where RECORDED_PACK names the folder of another pack, that pack answers.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2

from offline.process import dying_with_parent

NO_LIMIT = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
OWN = analyzer_pb2.AnalyzerInfo(
    name="recording",
    version="1.0.0",
    supportsConfig=True,
    policies=[
        analyzer_pb2.PolicyInfo(
            name=name, description=name, enforcementLevel=analyzer_pb2.EnforcementLevel.MANDATORY, policy_type=kind
        )
        for name, kind in (
            ("each-resource", analyzer_pb2.PolicyType.POLICY_TYPE_RESOURCE),
            ("the-stack", analyzer_pb2.PolicyType.POLICY_TYPE_STACK),
        )
    ],
)
ANSWERS: dict[str, Callable[[], Any]] = {
    "Analyze": analyzer_pb2.AnalyzeResponse,
    "AnalyzeStack": analyzer_pb2.AnalyzeResponse,
    "Cancel": empty_pb2.Empty,
    "Configure": empty_pb2.Empty,
    "ConfigureStack": analyzer_pb2.AnalyzerStackConfigureResponse,
    "GetAnalyzerInfo": lambda: OWN,
    "GetPluginInfo": lambda: plugin_pb2.PluginInfo(version="1.0.0"),
    "Remediate": analyzer_pb2.RemediateResponse,
}


class Recorder(analyzer_pb2_grpc.AnalyzerServicer):
    """Keeps each request, and answers it or has it answered."""

    def __init__(self, path: str, answers: Any) -> None:
        self._path = path
        self._writing = threading.Lock()
        for method in ANSWERS:
            setattr(self, method, self._answering(method, getattr(answers, method, None)))

    def _answering(self, method: str, ask: Callable[[Any], Any] | None) -> Callable[[Any, Any], Any]:
        def answer(request: Any, context: Any) -> Any:
            line = json.dumps({"method": method, "request": json_format.MessageToDict(request)})
            with self._writing, open(self._path, "a", encoding="utf-8") as file:
                file.write(f"{line}\n")
            try:
                return ask(request) if ask else ANSWERS[method]()
            except grpc.RpcError as error:
                context.abort(error.code(), error.details())  # type: ignore[attr-defined]

        return answer


def started(folder: str) -> Any:
    """Another pack, started as an engine does; it ends with this process."""
    command = dying_with_parent([sys.executable, "-u", "-m", "pulumi.policy", sys.argv[1], folder])
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE)
    assert process.stdout is not None
    address = f"127.0.0.1:{int(process.stdout.readline())}"
    return analyzer_pb2_grpc.AnalyzerStub(grpc.insecure_channel(address, options=NO_LIMIT))


def main() -> None:
    """Serve until the engine asks this process to go, by SIGINT."""
    behind = os.environ.get("RECORDED_PACK")
    pack = started(behind) if behind else None
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    server = grpc.server(ThreadPoolExecutor(max_workers=4), options=NO_LIMIT)
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Recorder(os.environ["RECORDING_PACK"], pack), server)
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    signal.sigwait({signal.SIGINT})


main()
