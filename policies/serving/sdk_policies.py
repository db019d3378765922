"""Turns a judging function into a Pulumi policy that fails closed: what it cannot decide, or trips over, is a violation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)

from policies.facts.facts import Facts
from policies.facts.finding import Finding
from policies.resources.graph import Resource
from policies.resources.sdk_adapter import graph_of, registered
from policies.rules.policy import Level, PolicySpec
from policies.rules.rule import failure
from policies.serving.evaluation import Evaluation
from policies.serving.violations import Judged, violations

ResourceJudge = Callable[[Resource], Iterable[Finding]]


class RulePolicy(StackValidationPolicy):
    """A stack policy whose findings can be had as data, from facts that all policies of a run share.

    By the SDK's own server it is asked by `validate`, which reads the stack anew for each policy: slower, the same verdict.
    """

    spec: PolicySpec
    evaluation: Evaluation
    configure: Callable[[Mapping[str, object]], None]
    """What is configured for it: given before the first policy judges, since one may ask what another would report."""
    judge: Callable[[Facts, Mapping[str, object]], tuple[Finding, ...]]


class AnalysedResource(ResourceValidationArgs):
    """What a resource policy of this pack is asked with: no options or provider, and properties converted when first read."""

    def __init__(self, resource: Resource, config: Mapping[str, object] | None) -> None:
        super().__init__(resource.type, {}, resource.urn, resource.name, cast("Any", None), None, config)
        self.resource = resource


def rule_policy(evaluation: Evaluation, spec: PolicySpec) -> Policy:
    """A policy over the whole stack whose findings come from the evaluation: exceptions applied, settings as configured."""

    def judge(facts: Facts, configured: Mapping[str, object]) -> tuple[Finding, ...]:
        unknown = (Finding("", sentence) for sentence in spec.not_settings(configured))
        return (*unknown, *_found(spec, lambda: evaluation.verdict(facts, spec.name, configured)))

    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        found = judge(Facts(graph_of(args.resources)), args.get_config() or {})
        for violation in violations([Judged(spec=spec, level=Level.MANDATORY, findings=found)]):
            report(violation.message, violation.urn)

    # The engine fills defaults in, before the pack knows which of the team's own stages it judges: those that differ by stage stay here.
    schema = {
        setting.name: setting.schema
        if len(setting.defaults) > 1
        else {**setting.schema, "default": _plain(setting.default(evaluation.stage))}
        for setting in spec.settings
    }
    policy = RulePolicy(
        name=spec.name,
        description=spec.what,
        validate=validate,
        enforcement_level=EnforcementLevel(spec.level(evaluation.stage).value),
        config_schema=PolicyConfigSchema(properties=schema) if schema else None,
        severity=Severity(spec.severity),
        remediation_steps=spec.how_to_fix,
        url=spec.url,
    )
    policy.spec, policy.evaluation, policy.judge = spec, evaluation, judge
    policy.configure = lambda configured: evaluation.configured.__setitem__(spec.name, configured)
    return policy


def _plain(value: int | str | tuple[str, ...]) -> object:
    return list(value) if isinstance(value, tuple) else value


def resource_policy(spec: PolicySpec, level: Level, judge: ResourceJudge) -> Policy:
    """A policy over one resource at a time, before it is created or changed."""

    reported: set[str] = set()

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        configured = args.get_config() or {}
        for sentence in spec.not_settings(configured.keys() - reported):  # once, at the first resource
            report(sentence, "")
        reported.update(configured)
        resource = args.resource if isinstance(args, AnalysedResource) else registered(args)
        _report(spec, report, lambda: judge(resource), urn=args.urn)

    return ResourceValidationPolicy(
        name=spec.name,
        description=spec.what,
        validate=validate,
        enforcement_level=EnforcementLevel(level.value),
        severity=Severity(spec.severity),
        remediation_steps=spec.how_to_fix,
        url=spec.url,
    )


def _report(spec: PolicySpec, report: ReportViolation, judge: Callable[[], Iterable[Finding]], urn: str) -> None:
    found = tuple(_found(spec, judge))
    for violation in violations([Judged(spec=spec, level=Level.MANDATORY, findings=found)]):
        report(violation.message, violation.urn or urn)


def _found(spec: PolicySpec, judge: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """Every finding once. The SDK would make a crash of an error, and the engine a pass of the crash."""
    try:
        yield from dict.fromkeys(judge())
    except Exception as error:  # noqa: BLE001 -- a policy that fails must deny, whatever it fails on
        yield Finding("", failure(spec, error))
