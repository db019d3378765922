"""Judges resources and the whole stack with the policy pack, and turns its answers into events and a verdict."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import analyzer_pb2 as pb

from gate.events import UNDECIDED, Event
from offline.engine import events
from offline.engine.context import Context
from offline.engine.errors import PackError, PolicyViolationError, UnsupportedError
from offline.engine.judging.pack_config import PackConfig
from offline.engine.judging.pack_process import PackProcess
from offline.engine.record import ResourceRecord
from offline.engine.urn import provider_urn, stack_urn
from offline.properties import Properties, from_struct, judged, to_struct
from settings.files.stack_config import StackConfig
from settings.files.yaml_file import read_mapping

_SEVERITIES = {1: "low", 2: "medium", 3: "high", 4: "critical"}
_DISABLED = pb.EnforcementLevel.DISABLED


class Policies:
    """The pack of one run. Everything that emits events runs on the caller's thread.

    At preview resources are judged on a thread of their own, one after the other as on the real engine, while the
    program goes on: a verdict stops nothing there. At an update each verdict is awaited before the resource is touched.
    """

    def __init__(self, context: Context, process: PackProcess, pack_config: PackConfig) -> None:
        """Raises PackError, UsageError for a configuration that the pack does not have, and UnsupportedError for remediations."""
        config = context.config
        self.failed = False
        self.violations: list[Event] = []
        self._process = process
        self._stream = context.stream
        self._dry_run = context.dry_run
        self._project_dir = context.project_dir
        self._stack_urn = stack_urn(config.stage, config.project)
        process.connect()
        self._stack_configuration = _configuration(config, self._dry_run)
        process.call("ConfigureStack", self._stack_configuration)
        info: pb.AnalyzerInfo = process.call("GetAnalyzerInfo", Empty())
        if not info.name or not info.policies:
            raise PackError(f"The policy pack in {process.directory} names no policies; nothing would be judged.")
        manifest = read_mapping(process.directory / "PulumiPolicy.yaml")
        self.pack = events.pack_fields(info.name, str(manifest.get("version") or info.version))
        schemas = {item.name: from_struct(item.configSchema.properties) for item in info.policies}
        pack_config.require_fit(schemas)
        levels = _levels(info, pack_config)
        if remediating := next((name for name, level in levels.items() if level == pb.EnforcementLevel.REMEDIATE), ""):
            raise UnsupportedError("Remediation by a policy", where=f"policy {remediating!r}")
        self._configured = _configured(info, levels, schemas, pack_config)
        process.call("Configure", self._configured)
        # A pack that does not say what kind a policy is has it counted as both, as on the real engine.
        active = [item for item in info.policies if levels[item.name] != _DISABLED]
        self._of_resources = [p.name for p in active if p.policy_type != pb.PolicyType.POLICY_TYPE_STACK]
        self._of_stack = [p.name for p in active if p.policy_type != pb.PolicyType.POLICY_TYPE_RESOURCE]
        self._severity = {item.name: item.severity for item in info.policies}
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="policy-pack")
        self._pending: deque[tuple[ResourceRecord, Future[Any]]] = deque()

    def name_in_summary(self) -> dict[str, str]:
        """The pack as a summary event names it."""
        directory = self._process.directory
        inside = directory.is_relative_to(self._project_dir)
        path = directory.relative_to(self._project_dir) if inside else directory
        return {f"{self.pack['policyPackName']}|local|{path}": self.pack["policyPackVersion"]}

    def analyze(self, record: ResourceRecord, provider: ResourceRecord | None) -> None:
        """Judge a resource's inputs. PolicyViolationError at an update when a mandatory policy refuses them."""
        self.drain()
        # No policy remediates: reported all the same, as on the real engine.
        self._stream.emit(events.policy_summary("Remediate", self.pack, record.urn, self._of_resources, ()))
        if not self._of_resources:
            self._stream.emit(events.policy_summary("Analyze", self.pack, record.urn, (), ()))
            return
        request = _resource_request(record, provider)
        self._pending.append((record, self._worker.submit(self._process.call, "Analyze", request)))
        self.drain(wait=not self._dry_run)

    def drain(self, *, wait: bool = False) -> None:
        """Emit the verdicts that have come in, in order; with `wait` all of them."""
        while self._pending and (wait or self._pending[0][1].done()):
            record, future = self._pending.popleft()
            response: pb.AnalyzeResponse = future.result()
            refused = [self._diagnostic(record.urn, item) for item in response.diagnostics]
            outcome = _outcome(self._of_resources, response)
            self._stream.emit(events.policy_summary("Analyze", self.pack, record.urn, *outcome))
            if any(refused) and not self._dry_run:
                raise PolicyViolationError(
                    f"{record.name} ({record.type}) was not touched: a mandatory policy refuses it."
                )

    def analyze_stack(self, records: Sequence[ResourceRecord]) -> None:
        """Judge the stack by every resource's outputs; a component's are those it registered."""
        self.drain(wait=True)
        # The program is gone by now. What it may have sent to the pack, whose port every process can find, no longer holds.
        self._process.call("ConfigureStack", self._stack_configuration)
        self._process.call("Configure", self._configured)
        outcome: tuple[list[str], list[str]] = [], []
        if self._of_stack:
            by_urn = {record.urn: record for record in records}
            request = pb.AnalyzeStackRequest(resources=_stack_resources(records, by_urn))
            response: pb.AnalyzeResponse = self._process.call("AnalyzeStack", request)
            for item in response.diagnostics:
                self._diagnostic(item.urn if item.urn in by_urn else self._stack_urn, item)
            outcome = _outcome(self._of_stack, response)
        self._stream.emit(events.policy_summary("AnalyzeStack", self.pack, None, *outcome))

    def close(self) -> None:
        """Stop judging and stop the pack. What it printed is shown among the diagnostics, as the real engine does."""
        self._process.close()
        self._worker.shutdown(wait=True, cancel_futures=True)
        printed, self._process.printed = self._process.printed, []
        for line in filter(None, printed):
            self._stream.emit(events.diagnostic("info", line))

    def _diagnostic(self, urn: str, item: pb.AnalyzeDiagnostic) -> bool:
        """Emit a violation; whether it fails the run. The pack calls what it cannot decide advisory: here it fails."""
        message, mandatory = item.message, item.enforcementLevel == pb.EnforcementLevel.MANDATORY
        if message.startswith(UNDECIDED):
            mandatory = True
            message = f"{message}\nA policy that cannot decide has not passed, so this run fails."
        event = events.policy_violation(
            self.pack,
            urn=urn,
            policy=item.policyName,
            message=message,
            level="mandatory" if mandatory else "advisory",
            severity=_SEVERITIES.get(item.severity or self._severity.get(item.policyName, 0), ""),
        )
        self.failed = self.failed or mandatory
        self.violations.append(event["policyEvent"])
        self._stream.emit(event)
        return mandatory


def _configuration(config: StackConfig, dry_run: bool) -> pb.AnalyzerStackConfigureRequest:
    return pb.AnalyzerStackConfigureRequest(
        stack=config.stage,
        project=config.project,
        organization="organization",
        dry_run=dry_run,
        config=dict(config.values),
        config_secret_keys=sorted(config.secret_keys),
    )


def _levels(info: pb.AnalyzerInfo, pack_config: PackConfig) -> dict[str, int]:
    """Each policy's level: what is configured wins over the pack's initial configuration, that over the policy's own."""
    levels: dict[str, int] = {}
    for policy in info.policies:
        if level := pack_config.level(policy.name):
            levels[policy.name] = pb.EnforcementLevel.Value(level.upper())
        elif policy.name in info.initialConfig:
            levels[policy.name] = info.initialConfig[policy.name].enforcementLevel
        else:
            levels[policy.name] = policy.enforcementLevel
    return levels


def _configured(
    info: pb.AnalyzerInfo, levels: Mapping[str, int], schemas: Mapping[str, Properties], pack_config: PackConfig
) -> pb.ConfigureAnalyzerRequest:
    """Levels, schema defaults, what the pack itself sets, and over all of it what is configured."""
    request = pb.ConfigureAnalyzerRequest()
    for policy in info.policies:
        entry = request.policyConfig[policy.name]
        entry.enforcementLevel = levels[policy.name]  # type: ignore[assignment]  # an enum value, an int at runtime
        properties = {key: item["default"] for key, item in schemas[policy.name].items() if "default" in item}
        if policy.name in info.initialConfig:
            properties |= from_struct(info.initialConfig[policy.name].properties)
        properties |= pack_config.settings.get(policy.name, {})
        if missing := sorted(set(policy.configSchema.required) - properties.keys()):
            raise PackError(
                f"Policy {policy.name!r} requires configuration ({missing[0]}); "
                "set it in the pack, or in a file named by --policy-pack-config."
            )
        entry.properties.CopyFrom(to_struct(properties))
    return request


def _outcome(names: Iterable[str], response: pb.AnalyzeResponse) -> tuple[list[str], list[str]]:
    """The policies that passed, and those that did not."""
    failed = {item.policyName for item in response.diagnostics}
    absent = {item.policy_name for item in response.not_applicable}
    return sorted(set(names) - failed - absent), sorted(failed)


def _resource_request(record: ResourceRecord, provider: ResourceRecord | None) -> pb.AnalyzeRequest:
    return pb.AnalyzeRequest(
        urn=record.urn,
        type=record.type,
        name=record.name,
        properties=to_struct(judged(record.inputs)),
        options=_options(record),
        provider=_provider(provider),
    )


def _stack_resources(
    records: Iterable[ResourceRecord], by_urn: Mapping[str, ResourceRecord]
) -> Iterable[pb.AnalyzerResource]:
    for record in records:
        yield pb.AnalyzerResource(
            urn=record.urn,
            type=record.type,
            name=record.name,
            properties=to_struct(judged(record.outputs)),
            options=_options(record),
            provider=_provider(by_urn.get(provider_urn(record.provider))),
            parent=record.parent,
            dependencies=record.dependencies,
            propertyDependencies={
                key: pb.AnalyzerPropertyDependencies(urns=urns) for key, urns in record.property_dependencies.items()
            },
        )


def _options(record: ResourceRecord) -> pb.AnalyzerResourceOptions:
    return pb.AnalyzerResourceOptions(
        protect=record.protect,
        ignoreChanges=record.ignore_changes,
        deleteBeforeReplace=bool(record.delete_before_replace),
        deleteBeforeReplaceDefined=record.delete_before_replace is not None,
        additionalSecretOutputs=record.additional_secret_outputs,
        aliases=record.aliases,
        customTimeouts=pb.AnalyzerResourceOptions.CustomTimeouts(),  # the SDK reads it in any case
        parent=record.parent,
    )


def _provider(record: ResourceRecord | None) -> pb.AnalyzerProviderResource | None:
    if record is None:
        return None
    properties = to_struct(judged(record.inputs))
    return pb.AnalyzerProviderResource(urn=record.urn, type=record.type, name=record.name, properties=properties)
