"""Serves the pack with one reading of a request for all its policies, instead of the SDK's one reading per policy.

The SDK deserialises and wraps every resource again for each stack policy: measured at 0.2 s a policy for 3,000 resources. Here the
request becomes one graph whose resources are converted when a policy first reads them, and every policy reports under its own
name as before. The engine also asks twice about each resource and waits for the answer; what no policy reads is not converted
there either. Only the SDK's handlers of these requests are replaced; where the SDK lacks what that needs, it serves in its own way.
"""

from __future__ import annotations

import contextlib
import gc
import sys
import threading
from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import pulumi_policy.policy as sdk
from google.protobuf.struct_pb2 import Struct, Value
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import EnforcementLevel, Policy, PolicyPack, ResourceValidationPolicy

from policies.facts.facts import Facts
from policies.resources.answered import judged as judged_properties
from policies.resources.graph import Graph, without_former
from policies.resources.tokens import canonical
from policies.rules.operations.stage_names import stage_names
from policies.rules.policy import Level
from policies.rules.stages import Stages
from policies.serving.evaluation import EXCEPTIONS_SHOWN
from policies.serving.sdk_policies import AnalysedResource, RulePolicy
from policies.serving.violations import Judged, violations

P = TypeVar("P", bound=Policy)

_SHOWING = frozenset({EXCEPTIONS_SHOWN.name})
"""What shows and finds nothing wrong stays advisory when a configuration makes every policy mandatory ("all")."""
_SERVICER = "_PolicyAnalyzerServicer"
_USED = (
    "Analyze", "AnalyzeStack", "Remediate", "_configure_runtime_settings", "_create_report_violation",
    "_get_enforcement_level", "_get_policy_config",
)  # fmt: skip


class RequestedResource:
    """A resource of a request. Its properties are converted only when a policy reads them."""

    props: Mapping[str, object]
    """The outputs, as plain values in which sentinels stand for unknowns."""
    property_dependencies: Mapping[str, tuple[str, ...]]
    """Top-level property to the URNs its value was made from."""

    def __init__(self, resource: Any, asks: frozenset[str] | None = None) -> None:
        """asks: the properties that the program sets; None where the engine has not said it."""
        self._resource = resource
        self.asks = asks
        self.type: str = canonical(resource.type)
        self.urn: str = resource.urn
        self.name: str = resource.name

    def __getattr__(self, name: str) -> object:
        """What is read for the first time, and is an attribute like others from then on: policies read little else."""
        if name == "props":
            self.props = judged_properties(self.type, plain_struct(self._resource.properties), self.asks)
        elif name == "property_dependencies":
            # A resource that is about to be registered comes without them.
            found: Mapping[str, Any] = getattr(self._resource, "propertyDependencies", {})
            self.property_dependencies = {key: tuple(dependencies.urns) for key, dependencies in found.items()}
        else:
            raise AttributeError(name)
        return self.__dict__[name]

    @property
    def dependencies(self) -> tuple[str, ...]:
        """URNs of what is there before it; a resource that is about to be registered comes without them."""
        return tuple(getattr(self._resource, "dependencies", ()))

    @property
    def ignores(self) -> tuple[str, ...]:
        """The properties whose changes the program leaves alone."""
        return tuple(self._resource.options.ignoreChanges)

    @property
    def aliases(self) -> tuple[str, ...]:
        """The URN under which the state still has it."""
        return tuple(self._resource.options.aliases)


def plain_struct(struct: Struct) -> dict[str, object]:
    """The values of a Struct: what protobuf's own json_format answers, in a third of its time."""
    fields = struct.fields
    # protobuf makes a text of each key anew: those of thousands of resources are the same few.
    return {sys.intern(key): _plain(fields[key]) for key in fields}


def _plain(value: Value) -> object:
    if text := value.string_value:  # most are, and of ten all but one stand elsewhere, too
        return sys.intern(text)
    match value.WhichOneof("kind"):
        case "string_value":
            return ""
        case "struct_value":
            return plain_struct(value.struct_value)
        case "list_value":
            return [_plain(item) for item in value.list_value.values]
        case "bool_value":
            return value.bool_value
        case "number_value":
            return value.number_value
        case _:
            return None


def _asked(request: Any) -> frozenset[str] | None:
    """What a program asks for of a resource of AWS, with the provider's defaults. Of a component its outputs are shown later."""
    return frozenset(request.properties.fields) if request.type.startswith("aws:") else None


@contextlib.contextmanager
def _without_collector() -> Generator[None]:
    """A quarter faster: a graph that is being read grows, and what it no longer needs has no cycles to be found."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _validating(level: EnforcementLevel) -> EnforcementLevel:
    """No policy of this pack changes a resource: what is asked to is mandatory."""
    return EnforcementLevel.MANDATORY if level is EnforcementLevel.REMEDIATE else level


def serve(name: str, policies: list[Policy]) -> None:
    """Starts the pack. Never returns."""
    servicer = getattr(sdk, _SERVICER, None)
    if servicer is not None and all(hasattr(servicer, method) for method in _USED):
        setattr(sdk, _SERVICER, one_pass_servicer(servicer, policies))
    PolicyPack(name=name, policies=policies)


def one_pass_servicer(base: Any, policies: Iterable[Policy]) -> type[Any]:
    """The SDK's servicer with handlers that read a request once, and only as far as the policies do."""
    ours = list(policies)
    of_stacks = [policy for policy in ours if isinstance(policy, RulePolicy)]
    of_resources = [policy for policy in ours if isinstance(policy, ResourceValidationPolicy)]
    registered: dict[str, frozenset[str] | None] = {}
    configured = threading.local()

    def settle(self: Any) -> None:
        """Gives the SDK's runtime the stack and its configuration, which the environment of this process has, once a thread.

        The SDK parses them for each request: of a large catalogue that takes longer than the request.
        """
        if not hasattr(configured, "stack"):
            self._configure_runtime_settings()
            configured.stack = True

    def active(self: Any, policies: Iterable[P]) -> Iterator[tuple[P, EnforcementLevel, Mapping[str, object]]]:
        """The policies that are not disabled, with the level that holds and what is configured."""
        settle(self)
        stages = Stages.configured(self._get_policy_config(stage_names.spec.name) or {})
        for policy in policies:
            level = self._get_enforcement_level(policy)
            if isinstance(policy, RulePolicy):
                policy.evaluation.stages = stages
                held = stages.level(policy.evaluation.stage, policy.spec, Level(_validating(level).value))
                level = EnforcementLevel(held.value)
            level = _validating(level)
            if level is EnforcementLevel.DISABLED:
                continue
            if level is EnforcementLevel.MANDATORY and policy.name in _SHOWING:
                level = EnforcementLevel.ADVISORY
            yield policy, level, self._get_policy_config(policy.name) or {}

    def reporting(self: Any, response: Any, policy: Policy, level: EnforcementLevel) -> Any:
        return self._create_report_violation(response, policy.name, policy.description, level, policy.severity)

    def analyze(self: Any, request: Any, _context: object) -> Any:
        resource = RequestedResource(request)
        registered[resource.urn] = _asked(request)
        response = analyzer_pb2.AnalyzeResponse()
        for policy, level, config in active(self, of_resources):
            policy.validate(AnalysedResource(resource, config), reporting(self, response, policy, level))
        return response

    def analyze_stack(self: Any, request: Any, _context: object) -> Any:
        response = analyzer_pb2.AnalyzeResponse()
        by_name = {policy.name: policy for policy in of_stacks}
        with _without_collector():
            seen = (RequestedResource(resource, registered.get(resource.urn)) for resource in request.resources)
            facts = Facts(Graph(without_former(seen, registered), registered=frozenset(registered) or None))
            asked = list(active(self, of_stacks))
            judging = frozenset(policy.name for policy, _, _ in asked)
            for policy, _, config in asked:
                policy.configure(config)
                policy.evaluation.active = judging
            judged = [
                Judged(spec=policy.spec, level=Level(level.value), findings=policy.judge(facts, config))
                for policy, level, config in asked
            ]
            joined: dict[str, str] = {}
            for sent in violations(judged):
                level = EnforcementLevel(sent.level.value)
                reporting(self, response, by_name[sent.spec.name], level)(sent.message, sent.urn)
                joined |= dict.fromkeys(sent.joined, sent.spec.name)
        failed = {item.policyName for item in response.diagnostics}
        for name, lead in joined.items():
            if name not in failed:  # it has not passed, and the protocol has no third answer
                reason = f"undecided: {lead} reports why"
                response.not_applicable.append(analyzer_pb2.PolicyNotApplicable(policy_name=name, reason=reason))
        return response

    def remediate(self: Any, request: Any, context: object) -> Any:
        if any(self._get_enforcement_level(policy) is EnforcementLevel.REMEDIATE for policy in of_resources):
            return base.Remediate(self, request, context)
        return analyzer_pb2.RemediateResponse()

    handlers = {"Analyze": analyze, "AnalyzeStack": analyze_stack, "Remediate": remediate}
    return type("OnePassServicer", (base,), handlers)
