"""A small platform before a deployment and after it, judged by the policies about the way between."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from policies.facts.change.plan import Plan
from policies.facts.facts import Facts
from policies.resources import tokens
from policies.resources.baseline import baseline_of
from policies.resources.graph import Graph, PlainResource
from policies.rules.rule import Rule, Stack

LISTENER = (
    "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:listener/app/dev-alb/50dc6c495c0c9188/f2f7dc8efc522ab2"
)


def resource(kind: str, name: str, /, **props: object) -> PlainResource:
    """A resource by its type, logical name and properties."""
    return PlainResource(type=kind, urn=f"urn:pulumi:dev::shop::{kind}::{name}", name=name, props=props)


def renamed(old: PlainResource, name: str, /, **props: object) -> PlainResource:
    """The same under another logical name, with the alias that says so, and with other properties."""
    new = resource(old.type, name, **{**old.props, **props})
    return replace(new, aliases=(old.urn,))


def rule_of(name: str, priority: object = 100) -> PlainResource:
    """A listener rule."""
    return resource(tokens.LISTENER_RULE, name, listenerArn=LISTENER, priority=priority)


def plan(
    before: Iterable[PlainResource],
    after: Iterable[PlainResource],
    *,
    marks: Mapping[str, Mapping[str, object]] | None = None,
    registered: Iterable[str] | None = None,
    accepted: bool = False,
) -> Stack:
    """The way from one to the other. marks: by URN what an export says of a resource, such as retainOnDelete."""
    records = [
        {
            "urn": each.urn,
            "type": each.type,
            "inputs": each.props,
            "outputs": each.props,
            **(marks or {}).get(each.urn, {}),
        }
        for each in before
    ]
    graph = Graph(after, registered=None if registered is None else frozenset(registered))
    return Stack(
        facts=Facts(graph), stage="dev", spec=Any, plan=Plan(baseline_of(records), graph, loss_accepted=accepted)
    )  # type: ignore[arg-type]


def judged(rule: Rule, stack: Stack) -> list[tuple[str, str]]:
    """The logical name and what was found, for each finding."""
    found = rule.judge(replace(stack, spec=rule.spec))
    return [
        (finding.urn.rpartition("::")[2], finding.parts.found if finding.parts else finding.message)
        for finding in found
    ]
