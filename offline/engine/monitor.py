"""The ResourceMonitor that Pulumi's SDK talks to, and the engine that takes its log messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, resource_pb2

from offline.aws.planned import missing_outputs
from offline.engine import events
from offline.engine.errors import UnsupportedError
from offline.engine.record import ResourceRecord
from offline.engine.registrar import Registrar
from offline.engine.urn import PROVIDER_PREFIX
from offline.properties import UNKNOWN, Properties, from_struct, to_struct

_Feature = resource_pb2.ResourceMonitorFeature

# What is announced and not supported is refused by name when it is used; unannounced, the SDK would advise to
# "update the Pulumi CLI". Output values, invoke dependencies and state migrations are left to the SDK.
FEATURES = (
    _Feature.RESOURCE_MONITOR_FEATURE_SECRETS,
    _Feature.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    _Feature.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    _Feature.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
    _Feature.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    _Feature.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    _Feature.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    _Feature.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
    _Feature.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
    _Feature.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
    _Feature.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
)

_REFUSED = {
    "ExistsResource": "Asking whether a resource exists",
    "Call": "Calling a resource's method",
    "RegisterPackage": "A parameterized package",
    "RegisterStackTransform": "A stack transform",
    "RegisterStackInvokeTransform": "An invoke transform",
    "RegisterResourceHook": "A resource hook",
    "RegisterErrorHook": "An error hook",
}


class Monitor:
    """Answers the SDK in process. The method names are the protocol's."""

    def __init__(self, registrar: Registrar, *, dry_run: bool) -> None:
        self._registrar = registrar
        self._dry_run = dry_run

    def GetDeploymentInfo(self, request: empty_pb2.Empty) -> resource_pb2.DeploymentInfo:
        """What this engine understands."""
        return resource_pb2.DeploymentInfo(supportedFeatures=FEATURES)

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> resource_pb2.RegisterResourceResponse:
        """Create, update, replace or leave a resource."""
        record = self._registrar.register(request)
        return resource_pb2.RegisterResourceResponse(
            urn=record.urn, id="" if record.id == UNKNOWN else record.id, object=to_struct(self._outputs(record))
        )

    def RegisterResourceOutputs(self, request: resource_pb2.RegisterResourceOutputsRequest) -> empty_pb2.Empty:
        """Keep a component's outputs."""
        self._registrar.register_outputs(request.urn, from_struct(request.outputs))
        return empty_pb2.Empty()

    def Invoke(self, request: resource_pb2.ResourceInvokeRequest) -> resource_pb2.ResourceInvokeResponse:
        """Answer a data source."""
        answer = self._registrar.invoke(request.tok, from_struct(request.args), request.version)
        response = resource_pb2.ResourceInvokeResponse()
        getattr(response, "return").CopyFrom(to_struct(answer))  # the field is named like the keyword
        return response

    def SignalAndWaitForShutdown(self, request: empty_pb2.Empty) -> empty_pb2.Empty:
        """The program has registered everything; there are no delete hooks to wait for."""
        return empty_pb2.Empty()

    def ReadResource(self, request: resource_pb2.ReadResourceRequest) -> resource_pb2.ReadResourceResponse:
        """Refused: reading foreign resources."""
        reference = request.type == "pulumi:pulumi:StackReference"
        what = "A StackReference" if reference else f"Reading an existing resource ({request.type}.get)"
        raise UnsupportedError(what, where=f"resource {request.name!r}")

    def __getattr__(self, method: str) -> Callable[[object], NoReturn]:
        """The protocol's other methods, refused by name."""
        if method not in _REFUSED:
            raise AttributeError(method)

        def refuse(request: object) -> NoReturn:
            raise UnsupportedError(_REFUSED[method])

        return refuse

    def _outputs(self, record: ResourceRecord) -> Properties:
        """What the program sees. An output that the offline AWS lacks is unknown, never None: using it is an error.

        At a preview the SDK takes for unknown what an answer lacks: all that is unknown, half of an answer, is left out.
        """
        if not record.custom:
            return record.inputs  # a component's outputs are the program's own; recorded ones may be of an older one
        if record.type.startswith(PROVIDER_PREFIX):
            return record.outputs
        if self._dry_run:
            return {key: value for key, value in record.outputs.items() if value != UNKNOWN}
        missing = missing_outputs(record.type, record.outputs)
        return {**record.outputs, **dict.fromkeys(missing, UNKNOWN)} if missing else record.outputs


class LogEngine:
    """Turns what the program logs into diagnostics; an error that is logged fails the run."""

    _SEVERITIES: dict[int, events.Severity] = {  # noqa: RUF012  # never changed
        engine_pb2.LogSeverity.INFO: "info",
        engine_pb2.LogSeverity.WARNING: "warning",
        engine_pb2.LogSeverity.ERROR: "error",
    }

    def __init__(self, stream: events.Stream) -> None:
        self.errors: list[str] = []
        self._stream = stream

    def Log(self, request: engine_pb2.LogRequest) -> empty_pb2.Empty:
        """Show a message; debug messages are not shown."""
        severity = self._SEVERITIES.get(request.severity)
        if severity is not None:
            if severity == "error":
                self.errors.append(request.message)
            event = events.diagnostic(severity, request.message, urn=request.urn, ephemeral=request.ephemeral)
            self._stream.emit(event)
        return empty_pb2.Empty()

    def written(self, line: str) -> None:
        """Show a line that the program printed."""
        self._stream.emit(events.diagnostic("info", line))

    def RequirePulumiVersion(self, request: engine_pb2.RequirePulumiVersionRequest) -> object:
        """Refused: this is no version of Pulumi."""
        raise UnsupportedError("require_pulumi_version")
