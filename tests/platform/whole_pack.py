"""The whole pack at a preview, without the process around it: for many previews where one start each is too slow."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pulumi.runtime.proto import analyzer_pb2 as pb

from policies.facts.facts import Facts
from policies.resources.baseline import BASELINE_VARIABLE, load_baseline
from policies.resources.graph import Graph, without_former
from policies.rules.policy import Level
from policies.serving.catalog import CATALOG
from policies.serving.evaluation import Evaluation
from policies.serving.exceptions import load_exceptions
from policies.serving.pack import rules_by_name
from policies.serving.registration_guard import AT_REGISTRATION
from policies.serving.rollout_budget import Changes
from policies.serving.server import RequestedResource
from policies.serving.violations import Judged, violations


class WholePack:
    """Stands in for offline.engine.judging.pack_process.PackProcess at a preview, where no policy judges a registration."""

    def __init__(self, directory: Path, *, config: Any, dry_run: bool, baseline: Path | None) -> None:
        assert dry_run
        self.directory = directory
        self.printed: list[str] = []
        told = load_baseline({BASELINE_VARIABLE: str(baseline or "")}, stage=config.stage)
        self._specs = [spec for spec in CATALOG if spec is not AT_REGISTRATION]
        self._evaluation = Evaluation(
            stage=config.stage,
            rules=rules_by_name(None if told is None else Changes(told)),
            exceptions=load_exceptions(
                directory / "exceptions.yaml",
                known=frozenset(spec.name for spec in CATALOG),
                today=datetime.now(UTC).date(),
            ),
            baseline=told,
        )

    def connect(self) -> None:
        """There is nothing to wait for."""

    def close(self) -> None:
        """There is nothing to stop."""

    def call(self, method: str, request: Any) -> Any:
        """Answer as the pack does, over the same messages."""
        stage = self._evaluation.stage
        if method == "GetAnalyzerInfo":
            stack = pb.PolicyType.POLICY_TYPE_STACK
            policies = [
                pb.PolicyInfo(name=spec.name, enforcementLevel=_sent(spec.level(stage)), policy_type=stack)
                for spec in self._specs
            ]
            return pb.AnalyzerInfo(name="category-analyzer", policies=policies)
        return self._judged(request.resources) if method == "AnalyzeStack" else None

    def _judged(self, resources: Any) -> pb.AnalyzeResponse:
        evaluation = self._evaluation
        asked = [spec for spec in self._specs if spec.level(evaluation.stage) is not Level.DISABLED]
        evaluation.active = frozenset(spec.name for spec in asked)
        facts = Facts(Graph(without_former([RequestedResource(resource) for resource in resources])))
        judged = [
            Judged(
                spec=spec,
                level=spec.level(evaluation.stage),
                findings=tuple(evaluation.verdict(facts, spec.name, {})),
            )
            for spec in asked
        ]
        return pb.AnalyzeResponse(
            diagnostics=[
                pb.AnalyzeDiagnostic(
                    policyName=told.spec.name,
                    message=told.message,
                    urn=told.urn,
                    enforcementLevel=_sent(told.level),
                )
                for told in violations(judged)
            ]
        )


def _sent(level: Level) -> pb.EnforcementLevel.ValueType:
    return pb.EnforcementLevel.Value(level.name)
