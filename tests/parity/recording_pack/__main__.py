"""A policy pack that writes down every request of its engine, a JSON line each, and finds no policy violated."""

from __future__ import annotations

import json
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2

NO_LIMIT = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
POLICIES = (
    ("each-resource", analyzer_pb2.PolicyType.POLICY_TYPE_RESOURCE),
    ("the-stack", analyzer_pb2.PolicyType.POLICY_TYPE_STACK),
)


class Recorder(analyzer_pb2_grpc.AnalyzerServicer):
    """One policy of resources and one of the stack, whose requests are all kept."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._writing = threading.Lock()

    def _keep(self, method: str, request: Any) -> None:
        line = json.dumps({"method": method, "request": json_format.MessageToDict(request)})
        with self._writing, open(self._path, "a", encoding="utf-8") as file:
            file.write(f"{line}\n")

    def Handshake(self, request: Any, context: Any) -> Any:
        return analyzer_pb2.AnalyzerHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version="1.0.0")

    def GetAnalyzerInfo(self, request: Any, context: Any) -> Any:
        return analyzer_pb2.AnalyzerInfo(
            name="recording",
            version="1.0.0",
            supportsConfig=True,
            policies=[
                analyzer_pb2.PolicyInfo(
                    name=name,
                    description=name,
                    enforcementLevel=analyzer_pb2.EnforcementLevel.MANDATORY,
                    policy_type=kind,
                )
                for name, kind in POLICIES
            ],
        )

    def ConfigureStack(self, request: Any, context: Any) -> Any:
        self._keep("ConfigureStack", request)
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def Configure(self, request: Any, context: Any) -> Any:
        self._keep("Configure", request)
        return empty_pb2.Empty()

    def Analyze(self, request: Any, context: Any) -> Any:
        self._keep("Analyze", request)
        return analyzer_pb2.AnalyzeResponse()

    def AnalyzeStack(self, request: Any, context: Any) -> Any:
        self._keep("AnalyzeStack", request)
        return analyzer_pb2.AnalyzeResponse()

    def Remediate(self, request: Any, context: Any) -> Any:
        self._keep("Remediate", request)
        return analyzer_pb2.RemediateResponse()

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()


signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # how the engine asks a pack to go
server = grpc.server(ThreadPoolExecutor(max_workers=4), options=NO_LIMIT)
analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Recorder(os.environ["RECORDING_PACK"]), server)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(port, flush=True)
signal.sigwait({signal.SIGINT})
