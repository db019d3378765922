"""Judges resources and the whole stack with the policy pack, and turns its answers into events and a verdict."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import analyzer_pb2 as pb

from gate.events import Event
from offline.engine import events
from offline.engine.errors import PackError, PolicyViolationError
from offline.engine.pack_config import PackConfig
from offline.engine.pack_process import PackProcess
from offline.engine.record import ResourceRecord
from offline.engine.urn import provider_urn, stack_urn
from offline.properties import Properties, from_struct, judged, shown, to_struct
from settings.files.stack_config import StackConfig
from settings.files.yaml_file import read_mapping

_SEVERITIES = {1: "low", 2: "medium", 3: "high", 4: "critical"}
_DISABLED = pb.EnforcementLevel.DISABLED
_REMEDIATE = pb.EnforcementLevel.REMEDIATE
_UNDECIDED = ("can't run policy '", "can't run remediation '")


class Policies:
    """The pack of one run. Everything that emits events runs on the caller's thread.

    At preview resources are judged on a thread of their own, one after the other as on the real engine, while the
    program goes on: a verdict stops nothing there. At an update each verdict is awaited before the resource is touched.
    """

    def __init__(
        self,
        process: PackProcess,
        *,
        config: StackConfig,
        pack_config: PackConfig,
        stream: events.Stream,
        dry_run: bool,
    ) -> None:
        self.failed = False
        self.violations: list[Event] = []
        self._process = process
        self._stream = stream
        self._dry_run = dry_run
        self._stack_urn = stack_urn(config.stage, config.project)
        process.connect()
        process.call("ConfigureStack", _configuration(config, dry_run))
        info: pb.AnalyzerInfo = process.call("GetAnalyzerInfo", Empty())
        if not info.name or not info.policies:
            raise PackError(f"The policy pack in {process.directory} names no policies; nothing would be judged.")
        manifest = read_mapping(process.directory / "PulumiPolicy.yaml")
        self.pack = events.Pack(name=info.name, version=str(manifest.get("version") or info.version))
        schemas = {item.name: from_struct(item.configSchema.properties) for item in info.policies}
        pack_config.require_fit(schemas)
        levels = _levels(info, pack_config)
        process.call("Configure", _configured(info, levels, schemas, pack_config))
        # A pack that does not say what kind a policy is has it counted as both, as on the real engine.
        active = [item for item in info.policies if levels[item.name] != _DISABLED]
        self._of_resources = [p.name for p in active if p.policy_type != pb.PolicyType.POLICY_TYPE_STACK]
        self._of_stack = [p.name for p in active if p.policy_type != pb.PolicyType.POLICY_TYPE_RESOURCE]
        self._remediates = any(levels[name] == _REMEDIATE for name in self._of_resources)
        self._severity = {item.name: item.severity for item in info.policies}
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="policy-pack")
        self._pending: deque[tuple[ResourceRecord, Future[Any]]] = deque()

    def name_in_summary(self, project_dir: Path) -> dict[str, str]:
        """The pack as a summary event names it."""
        directory = self._process.directory
        path = directory.relative_to(project_dir) if directory.is_relative_to(project_dir) else directory
        return {f"{self.pack.name}|local|{path}": self.pack.version}

    def remediate(self, record: ResourceRecord, provider: ResourceRecord | None) -> Properties | None:
        """New inputs for a resource, if a remediation policy changes them."""
        self.drain()
        changed: list[str] = []
        inputs: Properties | None = None
        if self._remediates:
            request = _resource_request(record, provider, record.inputs)
            response: pb.RemediateResponse = self._process.call("Remediate", request)
            for item in response.remediations:
                changed.append(item.policyName)
                if item.diagnostic:
                    self._violation(record.urn, item.policyName, item.diagnostic, mandatory=False)
                    continue
                before = inputs if inputs is not None else record.inputs
                inputs = from_struct(item.properties)
                event = events.policy_remediation(
                    self.pack, urn=record.urn, policy=item.policyName, before=shown(before), after=shown(inputs)
                )
                self._stream.emit(event)
        passed, failed = _sorted_out(self._of_resources, changed, ())
        self._stream.emit(events.policy_remediate_summary(self.pack, urn=record.urn, passed=passed, failed=failed))
        return inputs

    def analyze(self, record: ResourceRecord, provider: ResourceRecord | None) -> None:
        """Judge a resource's inputs. PolicyViolationError at an update when a mandatory policy refuses them."""
        if not self._of_resources:
            self._stream.emit(events.policy_analyze_summary(self.pack, urn=record.urn, passed=(), failed=()))
            return
        request = _resource_request(record, provider, record.inputs)
        self._pending.append((record, self._worker.submit(self._process.call, "Analyze", request)))
        self.drain(wait=not self._dry_run)

    def drain(self, *, wait: bool = False) -> None:
        """Emit the verdicts that have come in, in order; with `wait` all of them."""
        while self._pending and (wait or self._pending[0][1].done()):
            record, future = self._pending.popleft()
            response: pb.AnalyzeResponse = future.result()
            refused = [self._diagnostic(record.urn, item) for item in response.diagnostics]
            passed, failed = _outcome(self._of_resources, response)
            self._stream.emit(events.policy_analyze_summary(self.pack, urn=record.urn, passed=passed, failed=failed))
            if any(refused) and not self._dry_run:
                raise PolicyViolationError(
                    f"{record.name} ({record.type}) was not touched: a mandatory policy refuses it."
                )

    def analyze_stack(self, records: Sequence[ResourceRecord]) -> None:
        """Judge the stack by every resource's outputs; a component's are those it registered."""
        self.drain(wait=True)
        passed, failed = list[str](), list[str]()
        if self._of_stack:
            by_urn = {record.urn: record for record in records}
            request = pb.AnalyzeStackRequest(resources=_stack_resources(records, by_urn))
            response: pb.AnalyzeResponse = self._process.call("AnalyzeStack", request)
            for item in response.diagnostics:
                self._diagnostic(item.urn if item.urn in by_urn else self._stack_urn, item)
            passed, failed = _outcome(self._of_stack, response)
        self._stream.emit(events.policy_analyze_stack_summary(self.pack, passed=passed, failed=failed))

    def close(self) -> None:
        """Stop judging and stop the pack. What it printed is shown among the diagnostics, as the real engine does."""
        self._process.close()
        self._worker.shutdown(wait=True, cancel_futures=True)
        printed, self._process.printed = self._process.printed, []
        for line in filter(None, printed):
            self._stream.emit(events.diagnostic("info", line))

    def _diagnostic(self, urn: str, item: pb.AnalyzeDiagnostic) -> bool:
        mandatory = item.enforcementLevel in (pb.EnforcementLevel.MANDATORY, _REMEDIATE)
        return self._violation(urn, item.policyName, item.message, mandatory=mandatory, severity=item.severity)

    def _violation(self, urn: str, policy: str, message: str, *, mandatory: bool, severity: int = 0) -> bool:
        """Emit a violation; whether it fails the run. The pack calls what it cannot decide advisory: here it fails."""
        if message.startswith(_UNDECIDED):
            mandatory = True
            message = f"{message}\nA policy that cannot decide has not passed, so this run fails."
        event = events.policy_violation(
            self.pack,
            urn=urn,
            policy=policy,
            message=message,
            level="mandatory" if mandatory else "advisory",
            severity=_SEVERITIES.get(severity or self._severity.get(policy, 0), ""),
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


def _sorted_out(names: Iterable[str], failed: Iterable[str], absent: Iterable[str]) -> tuple[list[str], list[str]]:
    failures = sorted(set(failed))
    return sorted(set(names) - set(failures) - set(absent)), failures


def _outcome(names: Iterable[str], response: pb.AnalyzeResponse) -> tuple[list[str], list[str]]:
    absent = (item.policy_name for item in response.not_applicable)
    return _sorted_out(names, (item.policyName for item in response.diagnostics), absent)


def _resource_request(
    record: ResourceRecord, provider: ResourceRecord | None, properties: Properties
) -> pb.AnalyzeRequest:
    return pb.AnalyzeRequest(
        urn=record.urn,
        type=record.type,
        name=record.name,
        properties=to_struct(judged(properties)),
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
        customTimeouts=pb.AnalyzerResourceOptions.CustomTimeouts(**record.custom_timeouts),
        parent=record.parent,
    )


def _provider(record: ResourceRecord | None) -> pb.AnalyzerProviderResource | None:
    if record is None:
        return None
    properties = to_struct(judged(record.inputs))
    return pb.AnalyzerProviderResource(urn=record.urn, type=record.type, name=record.name, properties=properties)
