"""What answers the engine in place of a policy pack and writes each request down, a JSON line each; another pack may answer behind it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2

RECORDING_PACK = Path(__file__).parent
"""Answers for any pack, or is asked alone, and keeps what it is sent."""
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
    """Keeps each request, and answers it, as a pack that finds no policy violated, or has it answered."""

    def __init__(self, path: Path, ask: Callable[[str, Any], Any] | None = None) -> None:
        """ask: answers a request by its method; None: this one answers by itself."""
        self._path = path
        self._writing = threading.Lock()
        for method in ANSWERS:
            setattr(self, method, self._answering(method, ask))

    def _answering(self, method: str, ask: Callable[[str, Any], Any] | None) -> Callable[[Any, Any], Any]:
        def answer(request: Any, context: Any) -> Any:
            line = json.dumps({"method": method, "request": json_format.MessageToDict(request)})
            with self._writing, self._path.open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")
            try:
                return ask(method, request) if ask else ANSWERS[method]()
            except grpc.RpcError as error:
                context.abort(error.code(), error.details())  # type: ignore[attr-defined]

        return answer
