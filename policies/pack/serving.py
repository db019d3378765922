"""Serves the pack with one reading of the stack for all its policies, instead of the SDK's one reading per policy.

The SDK deserialises and wraps every resource again for each stack policy: measured at 0.2 s a policy for 3,000 resources. Here the
request becomes one graph whose resources are converted when a policy first reads them, and every policy reports under its own
name as before. Only the SDK's handler of AnalyzeStack is replaced; where the SDK lacks what that needs, it serves in its own way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

import pulumi_policy.policy as sdk
from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import EnforcementLevel, Policy, PolicyPack, StackValidationArgs, StackValidationPolicy

from .graph import Graph
from .judging import AnalysedStack

_SERVICER = "_PolicyAnalyzerServicer"
_USED = (
    "AnalyzeStack",
    "_configure_runtime_settings",
    "_create_report_violation",
    "_get_enforcement_level",
    "_get_policy_config",
)


class RequestedResource:
    """A resource of an AnalyzeStack request. Its properties are converted only when a policy reads them."""

    def __init__(self, resource: Any) -> None:
        self._resource = resource
        self.type: str = resource.type
        self.urn: str = resource.urn
        self.name: str = resource.name
        self._props: Mapping[str, object] | None = None
        self._dependencies: Mapping[str, tuple[str, ...]] | None = None

    @property
    def props(self) -> Mapping[str, object]:
        """The outputs, as plain values in which sentinels stand for unknowns."""
        if self._props is None:
            self._props = cast("Mapping[str, object]", json_format.MessageToDict(self._resource.properties))
        return self._props

    @property
    def property_dependencies(self) -> Mapping[str, tuple[str, ...]]:
        """Top-level property to the URNs its value was made from."""
        if self._dependencies is None:
            found = self._resource.propertyDependencies.items()
            self._dependencies = {key: tuple(dependencies.urns) for key, dependencies in found}
        return self._dependencies


def serve(name: str, policies: list[Policy]) -> None:
    """Starts the pack. Never returns."""
    servicer = getattr(sdk, _SERVICER, None)
    if servicer is not None and all(hasattr(servicer, method) for method in _USED):
        setattr(sdk, _SERVICER, one_pass_servicer(servicer, policies))
    PolicyPack(name=name, policies=policies)


def one_pass_servicer(base: Any, policies: Iterable[Policy]) -> type[Any]:
    """The SDK's servicer with an AnalyzeStack that reads the stack once."""
    ours = [policy for policy in policies if isinstance(policy, StackValidationPolicy)]

    def analyze_stack(self: Any, request: Any, _context: object) -> Any:
        self._configure_runtime_settings()
        response = analyzer_pb2.AnalyzeResponse()
        stack = AnalysedStack(Graph(RequestedResource(resource) for resource in request.resources))
        for policy in ours:
            level = self._get_enforcement_level(policy)
            if level is EnforcementLevel.DISABLED:
                continue
            if level is EnforcementLevel.REMEDIATE:  # there is nothing to remediate on a whole stack
                level = EnforcementLevel.MANDATORY
            report = self._create_report_violation(response, policy.name, policy.description, level, policy.severity)
            policy.validate(StackValidationArgs(stack, self._get_policy_config(policy.name)), report)
        return response

    return type("OnePassServicer", (base,), {"AnalyzeStack": analyze_stack})
