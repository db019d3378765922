"""The pack's judges of the connection budget without the process around them: for many runs where one start a run is too slow."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pulumi.runtime.proto import analyzer_pb2 as pb

from policies.facts.facts import Facts
from policies.facts.finding import Finding
from policies.resources.baseline import BASELINE_VARIABLE, load_baseline
from policies.resources.graph import Graph
from policies.rules.budget.connection_budget import connection_budget
from policies.rules.rule import Stack
from policies.serving.pack import registration_judge, rules_by_name
from policies.serving.registration_guard import AT_REGISTRATION
from policies.serving.rollout_budget import Changes
from policies.serving.server import RequestedResource

_KINDS = {
    connection_budget.spec.name: pb.PolicyType.POLICY_TYPE_STACK,
    AT_REGISTRATION.name: pb.PolicyType.POLICY_TYPE_RESOURCE,
}


class InProcessPack:
    """Stands in for offline.engine.judging.pack_process.PackProcess at an update."""

    def __init__(self, directory: Path, *, config: Any, dry_run: bool, baseline: Path | None) -> None:
        assert not dry_run
        self.directory = directory
        self.printed: list[str] = []
        told = load_baseline({BASELINE_VARIABLE: str(baseline or "")}, stage=config.stage)
        changes = None if told is None else Changes(told)
        self._stage, self._registration = config.stage, registration_judge(changes)
        self._budget = rules_by_name(changes)[connection_budget.spec.name]

    def connect(self) -> None:
        """There is nothing to wait for."""

    def close(self) -> None:
        """There is nothing to stop."""

    def call(self, method: str, request: Any) -> Any:
        """Answer as the pack does, over the same messages."""
        if method == "GetAnalyzerInfo":
            policies = [
                pb.PolicyInfo(name=name, enforcementLevel=pb.EnforcementLevel.MANDATORY, policy_type=kind)
                for name, kind in _KINDS.items()
            ]
            return pb.AnalyzerInfo(name="category-analyzer", policies=policies)
        if method == "Analyze":
            return _response(AT_REGISTRATION.name, self._registration(RequestedResource(request)))
        if method == "AnalyzeStack":
            graph = Graph(RequestedResource(resource) for resource in request.resources)
            stack = Stack(facts=Facts(graph), stage=self._stage, spec=self._budget.spec)
            return _response(connection_budget.spec.name, self._budget.judge(stack))
        return None


def _response(policy: str, findings: Iterable[Finding]) -> pb.AnalyzeResponse:
    level = pb.EnforcementLevel.MANDATORY
    return pb.AnalyzeResponse(
        diagnostics=[
            pb.AnalyzeDiagnostic(policyName=policy, message=finding.message, urn=finding.urn, enforcementLevel=level)
            for finding in findings
        ]
    )
