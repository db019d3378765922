"""Turns a judging function into a Pulumi policy that fails closed: what it cannot decide, or trips over, is a violation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyResource,
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
from policies.rules.policy import PolicySpec
from policies.rules.rule import failure
from policies.serving.evaluation import Evaluation

ResourceJudge = Callable[[Resource], Iterable[Finding]]


class AnalysedStack(list[PolicyResource]):
    """The resources of one analysis, with the facts that all its policies share."""

    def __init__(self, facts: Facts) -> None:
        super().__init__()
        self.facts = facts


class AnalysedResource(ResourceValidationArgs):
    """What a resource policy of this pack is asked with: no options or provider, and properties converted when first read."""

    def __init__(self, resource: Resource, config: Mapping[str, object] | None) -> None:
        super().__init__(resource.type, {}, resource.urn, resource.name, cast("Any", None), None, config)
        self.resource = resource


def rule_policy(evaluation: Evaluation, spec: PolicySpec) -> Policy:
    """A policy over the whole stack whose findings come from the evaluation: exceptions applied, settings as configured."""

    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        facts = _facts(args)
        configured = args.get_config() or {}
        _report_settings(spec, report, configured)
        _report(spec, report, lambda: evaluation.verdict(facts, spec.name, configured), urn="")

    schema = {
        setting.name: {**setting.schema, "default": _plain(setting.default(evaluation.stage))}
        for setting in spec.settings
    }
    return StackValidationPolicy(
        name=spec.name,
        description=spec.what,
        validate=validate,
        enforcement_level=EnforcementLevel(spec.level(evaluation.stage).value),
        config_schema=PolicyConfigSchema(properties=schema) if schema else None,
        severity=Severity(spec.severity),
        remediation_steps=spec.how_to_fix,
        url=spec.url,
    )


def _facts(args: StackValidationArgs) -> Facts:
    """One reading for all policies; the SDK's own server hands over plain lists, read anew for each: slower, the same verdict."""
    resources = args.resources
    return resources.facts if isinstance(resources, AnalysedStack) else Facts(graph_of(resources))


def _plain(value: int | str | tuple[str, ...]) -> object:
    return list(value) if isinstance(value, tuple) else value


def resource_policy(spec: PolicySpec, stage: str, judge: ResourceJudge) -> Policy:
    """A policy over one resource at a time, before it is created or changed."""

    told: set[str] = set()

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        configured = args.get_config() or {}
        _report_settings(spec, report, configured.keys() - told)  # once, at the first resource
        told.update(configured)
        resource = args.resource if isinstance(args, AnalysedResource) else registered(args)
        _report(spec, report, lambda: judge(resource), urn=args.urn)

    return ResourceValidationPolicy(
        name=spec.name,
        description=spec.what,
        validate=validate,
        enforcement_level=EnforcementLevel(spec.level(stage).value),
        severity=Severity(spec.severity),
        remediation_steps=spec.how_to_fix,
        url=spec.url,
    )


def _report_settings(spec: PolicySpec, report: ReportViolation, configured: Iterable[str]) -> None:
    for sentence in spec.not_settings(configured):
        report(sentence, "")


def _report(spec: PolicySpec, report: ReportViolation, judge: Callable[[], Iterable[Finding]], urn: str) -> None:
    """Reports every finding once. The SDK would make a crash of an error, and the engine a pass of the crash."""
    try:
        for finding in dict.fromkeys(judge()):
            report(finding.message, finding.urn or urn)
    except Exception as error:  # noqa: BLE001 -- a policy that fails must deny, whatever it fails on
        report(failure(spec, error), urn)
