"""Turns a judging function into a Pulumi policy that fails closed: what it cannot decide, or trips over, is a violation."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from .adapter import graph_of, registered
from .catalog import PolicySpec
from .findings import Finding
from .graph import Graph, Resource

StackJudge = Callable[[Graph], Iterable[Finding]]
ResourceJudge = Callable[[Resource], Iterable[Finding]]


class AnalysedStack(list[PolicyResource]):
    """The resources of one analysis, already read into a graph that all its policies share."""

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self.graph = graph


def stack_policy(spec: PolicySpec, stage: str, judge: StackJudge) -> Policy:
    """A policy over the whole stack."""

    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        resources = args.resources
        # The SDK's own server hands over plain lists, read anew for each policy: slower, the same verdict.
        graph = resources.graph if isinstance(resources, AnalysedStack) else graph_of(resources)
        _report(spec, report, lambda: judge(graph), urn="")

    return StackValidationPolicy(
        name=spec.name,
        description=spec.what,
        validate=validate,
        enforcement_level=EnforcementLevel(spec.level(stage).value),
        severity=Severity(spec.severity),
        remediation_steps=spec.how_to_fix,
        url=spec.url,
    )


def resource_policy(spec: PolicySpec, stage: str, judge: ResourceJudge) -> Policy:
    """A policy over one resource at a time, before it is created or changed."""

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        _report(spec, report, lambda: judge(registered(args)), urn=args.urn)

    return ResourceValidationPolicy(
        name=spec.name,
        description=spec.what,
        validate=validate,
        enforcement_level=EnforcementLevel(spec.level(stage).value),
        severity=Severity(spec.severity),
        remediation_steps=spec.how_to_fix,
        url=spec.url,
    )


def _report(spec: PolicySpec, report: ReportViolation, judge: Callable[[], Iterable[Finding]], urn: str) -> None:
    """Reports every finding once. The SDK would make an advisory of an unknown value, and a crash of any other error."""
    try:
        for finding in dict.fromkeys(judge()):
            report(finding.message, finding.urn or urn)
    except UnknownValueError as error:
        report(f"undecided at preview: {'.'.join(error.props)} of {urn or 'the stack'}", urn)
    except Exception as error:  # noqa: BLE001 -- a policy that fails must deny, whatever it fails on
        report(
            f"policy {spec.name} failed: {type(error).__name__}: {error}. Nothing is known to be wrong with the stack, but "
            "nothing was judged either: mend the policy.",
            urn,
        )
