"""The offline AWS as a provider plugin of the real Pulumi engine: the ResourceProvider protocol in front of AwsProvider.

What the program has made is recorded in the journal that plugin_process.py opens, a line an operation; without one
nothing outlives the process.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Generator
from importlib.metadata import version
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from offline.aws.handler import AwsInputError, RecordedOperation
from offline.aws.provider import AwsProvider
from offline.operation_log import OperationLog
from offline.properties import UNKNOWN, Properties, from_struct, plain, to_struct, unknown_paths

_KINDS = {
    f"{kind}{suffix}": getattr(provider_pb2.PropertyDiff.Kind, f"{kind}{suffix}".upper().replace("-", "_"))
    for kind in ("add", "delete", "update")
    for suffix in ("", "-replace")
}


class Plugin(provider_pb2_grpc.ResourceProviderServicer):
    """One configured provider. Requests come in parallel; those that change AWS are made and recorded one at a time."""

    def __init__(self, log: OperationLog | None) -> None:
        self._log = log
        self._provider: AwsProvider | None = None
        self._changing = threading.Lock()

    def Handshake(self, request: Any, context: Any) -> Any:
        """Secrets and references arrive as plain values; the engine marks again what comes from a secret."""
        return provider_pb2.ProviderHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        """The version of the AWS provider whose types are answered."""
        return plugin_pb2.PluginInfo(version=version("pulumi-aws"))

    def GetSchema(self, request: Any, context: Any) -> Any:
        """No program in Python asks for it."""
        return provider_pb2.GetSchemaResponse(schema=json.dumps({"name": "aws", "version": version("pulumi-aws")}))

    def CheckConfig(self, request: Any, context: Any) -> Any:
        """Refuse settings that would change what is created."""
        settings = _settings(request.news)
        region = settings.get("region", UNKNOWN)
        known = AwsProvider(region=self._provider.aws.region if self._provider else region)
        failures = [_failure(f"{what} is not supported by the offline AWS.") for what in known.check_config(settings)]
        if "region" not in settings:
            failures.append(_failure("aws:region is not set: pulumi config set aws:region ap-northeast-2"))
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        """Another region replaces everything; other settings change nothing."""
        old, new = _settings(request.olds), _settings(request.news)
        moved = old.get("region") != new.get("region")
        changes = provider_pb2.DiffResponse.DIFF_SOME if old != new else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=changes, replaces=["region"] if moved else [])

    def Configure(self, request: Any, context: Any) -> Any:
        """Bring the account back to what is recorded; that happens by the time a request needs it."""
        settings = _settings(request.args)
        region = settings.get("region") or request.variables.get("aws:config:region", "")
        with self._changing:
            if self._provider is None:
                self._provider = AwsProvider(region=region)
                self._provider.replay(self._log.operations() if self._log else [])
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Check(self, request: Any, context: Any) -> Any:
        """Inputs as they are sent, or what is wrong with them."""
        with _answering(context):
            try:
                inputs = self._aws.check(_type(request), request.urn, _given(request.news), _given(request.olds))
            except AwsInputError as error:
                failures = [_failure(problem) for problem in error.problems]
                return provider_pb2.CheckResponse(inputs=request.news, failures=failures)
            return provider_pb2.CheckResponse(inputs=to_struct(inputs))

    def Diff(self, request: Any, context: Any) -> Any:
        """What changed, path by path, and whether that replaces the resource."""
        with _answering(context):
            found = self._aws.diff(_type(request), _given(request.old_inputs), _given(request.news))
            some = provider_pb2.DiffResponse.DIFF_SOME if found.changed else provider_pb2.DiffResponse.DIFF_NONE
            detailed = {
                path: provider_pb2.PropertyDiff(kind=_KINDS[change["diffKind"]], inputDiff=True)
                for path, change in (found.detailed or {}).items()
            }
            return provider_pb2.DiffResponse(
                changes=some,
                diffs=found.changed,
                replaces=found.replacing,
                deleteBeforeReplace=found.delete_before_replace,
                detailedDiff=detailed,
                hasDetailedDiff=bool(detailed),
            )

    def Create(self, request: Any, context: Any) -> Any:
        """Create a resource; at a preview, say what of it is unknown."""
        with _answering(context):
            inputs, type_token = _given(request.properties), _type(request)
            if request.preview:
                return provider_pb2.CreateResponse(properties=to_struct(self._aws.plan_create(type_token, inputs)))
            _refuse_unknown(request.urn, inputs)
            applied = self._change(
                "create", request.urn, lambda seed: self._aws.create(type_token, request.urn, inputs, seed=seed)
            )
            return provider_pb2.CreateResponse(id=applied.id, properties=to_struct(applied.outputs))

    def Update(self, request: Any, context: Any) -> Any:
        """Change a resource in place; at a preview, say what of it becomes unknown."""
        with _answering(context):
            type_token, inputs = _type(request), _given(request.news)
            old_inputs, old_outputs = _given(request.old_inputs), _given(request.olds)
            if request.preview:
                planned = self._aws.plan_update(type_token, old_inputs, old_outputs, inputs)
                return provider_pb2.UpdateResponse(properties=to_struct(planned))
            _refuse_unknown(request.urn, inputs)
            applied = self._change(
                "update",
                request.urn,
                lambda seed: self._aws.update(
                    type_token, request.urn, request.id, old_inputs, old_outputs, inputs, seed=seed
                ),
            )
            return provider_pb2.UpdateResponse(properties=to_struct(applied.outputs))

    def Delete(self, request: Any, context: Any) -> Any:
        """Delete a resource."""
        with _answering(context):
            type_token, outputs = _type(request), _given(request.properties)
            inputs = _given(request.old_inputs)
            self._change(
                "delete",
                request.urn,
                lambda seed: self._aws.delete(type_token, request.urn, request.id, inputs, outputs, seed=seed),
            )
            return empty_pb2.Empty()

    def Read(self, request: Any, context: Any) -> Any:
        """What AWS has now; an empty id: it is gone."""
        with _answering(context):
            inputs, outputs = _given(request.inputs), _given(request.properties)
            if not outputs:
                what = f"Reading or importing an existing resource ({_type(request)} {request.id!r})"
                raise AwsInputError([f"{what} is not supported by the offline AWS: it knows what this program made."])
            found = self._aws.read(_type(request), request.urn, request.id, inputs, outputs)
            if found is None:
                return provider_pb2.ReadResponse()
            return provider_pb2.ReadResponse(
                id=found.id,
                properties=to_struct(found.outputs),
                inputs=to_struct(found.inputs_now(inputs, outputs)),
            )

    def Invoke(self, request: Any, context: Any) -> Any:
        """Answer a data source."""
        with _answering(context):
            answer = self._aws.invoke(request.tok, _given(request.args))
            response = provider_pb2.InvokeResponse()
            getattr(response, "return").CopyFrom(to_struct(answer))  # the field is named like the keyword
            return response

    def Cancel(self, request: Any, context: Any) -> Any:
        """Operations are short: the engine waits for the one that runs."""
        return empty_pb2.Empty()

    def Attach(self, request: Any, context: Any) -> Any:
        """Nothing is asked of the engine."""
        return empty_pb2.Empty()

    @property
    def _aws(self) -> AwsProvider:
        if self._provider is None:
            raise AwsInputError(["The offline AWS was asked before it was configured."])
        return self._provider

    def _change(self, kind: str, urn: str, operation: Callable[[str], Any]) -> Any:
        """Make one operation and record it, so that the record holds operations in the order in which AWS saw them."""
        with self._changing:
            seed = self._log.next_seed(urn) if self._log else f"{urn}#0"
            applied = operation(seed)
            if self._log is not None:
                self._log.note(RecordedOperation(seed=seed, calls=self._aws.calls_of_last_operation(), kind=kind))
            return applied


@contextlib.contextmanager
def _answering(context: Any) -> Generator[None]:
    """Whatever fails becomes the resource's own message; a traceback would say nothing to people."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  # a handler may raise anything
        known = type(error).__module__.startswith("offline.")
        context.abort(grpc.StatusCode.UNKNOWN, str(error) if known else f"{type(error).__name__}: {error}")


def _type(request: Any) -> str:
    """The type's token: the request's own, or the last of the chain of types in the URN."""
    return request.type or request.urn.split("::")[2].rsplit("$", 1)[-1]


def _given(struct: Any) -> Properties:
    return {key: value for key, value in plain(from_struct(struct)).items() if not key.startswith("__")}


def _settings(struct: Any) -> Properties:
    """Provider settings; the engine sends what is no text as JSON."""
    return {key: value for key, value in plain(from_struct(struct)).items() if value not in ("", None, UNKNOWN)}


def _refuse_unknown(urn: str, inputs: Properties) -> None:
    if paths := unknown_paths(inputs):
        raise AwsInputError(
            [
                f"{urn.rsplit('::', 1)[-1]}: {', '.join(paths)} got a value that the offline AWS does not supply. "
                "Use another output, or teach its handler to supply this one."
            ]
        )


def _failure(reason: str) -> Any:
    return provider_pb2.CheckFailure(reason=reason)
