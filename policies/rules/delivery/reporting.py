"""Policies about what a delivery reports to people: failed pipelines and deployments, and approvals that wait."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policies.facts.event_rules import Asked, EventPattern, EventRule, Filter, Path, Value, admits, read_event_rules
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.once import per_graph
from policies.resources.outcomes import Absent, NotDecidedError, Present, Undecided, decided, settled
from policies.resources.reading import optional, read, read_list, read_text, required, text_or
from policies.resources.requested import asked_text
from policies.rules.policy import PIPELINE_GUIDE, PRD_ONLY
from policies.rules.rule import Problem, Stack, about, policy

_REPORTING = (
    (tokens.EVENT_TARGET, "rule"),
    (tokens.NOTIFICATION_RULE, "eventTypeIds"),
    (tokens.NOTIFICATION_RULE, "targets"),
)
Event = tuple[tuple[Path, str], ...]
"""Paths in an event, and the texts there."""
_FAILED: Event = ((("source",), "aws.codepipeline"), (("detail", "state"), "FAILED"))
_WAITING: Event = (
    (("source",), "aws.codepipeline"),
    (("detail-type",), "CodePipeline Action Execution State Change"),
    (("detail", "state"), "STARTED"),
    (("detail", "type", "category"), "Approval"),
)
_UNDEPLOYED: Event = ((("source",), "aws.ecs"), (("detail", "eventName"), "SERVICE_DEPLOYMENT_FAILED"))
_PIPELINE = ("detail", "pipeline")
_ALSO = (tokens.EVENT_RULE, tokens.EVENT_TARGET, tokens.NOTIFICATION_RULE)


@policy(
    what="A failed pipeline is reported to somebody.",
    why="A deployment that failed in silence is believed to be live.",
    severity="medium",
    how_to_fix="Add an EventBridge rule on aws.codepipeline with state FAILED and a target, or a notification rule.",
    url=PIPELINE_GUIDE + "detect-state-changes-cloudwatch-events.html",
    types=(tokens.PIPELINE,),
    also=_ALSO,
)
def pipeline_failures_heard(stack: Stack, pipeline: Resource) -> Iterator[Problem]:
    if not _reported(stack.graph, pipeline, _FAILED, "failed"):
        _knowable(stack.graph)
        yield Problem("no rule reports its failures", "one with a target")


@policy(
    what="An approval that waits tells somebody.",
    why="After seven days without an answer it fails, and until then the change waits for somebody who does not know.",
    severity="medium",
    how_to_fix="Set NotificationArn of the approval action, or add an EventBridge rule on aws.codepipeline with category Approval.",
    url=PIPELINE_GUIDE + "approvals.html",
    levels=PRD_ONLY,
    types=(tokens.PIPELINE,),
    also=_ALSO,
)
def pipeline_approvals_heard(stack: Stack, pipeline: Resource) -> Iterator[Problem]:
    actions = tuple(stack.facts.pipelines[pipeline.urn].actions())
    approvals = [action for action in actions if settled(action.category) == "Approval"]
    silent = any(isinstance(action.configured("NotificationArn"), Absent) for action in approvals)
    if silent and not _reported(stack.graph, pipeline, _WAITING, "manual-approval-needed"):
        _knowable(stack.graph)
        yield Problem("nobody is told that its approval waits", "a rule with a target, or NotificationArn")


@policy(
    what="Where rules listen to ECS deployments, one hears that a deployment failed.",
    why="The circuit breaker rolls back without a word, and a pipeline may call that a success.",
    severity="high",
    how_to_fix='Set detail.eventName of the rule to ["SERVICE_DEPLOYMENT_FAILED"].',
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html",
    types=(tokens.EVENT_RULE,),
)
def deployment_failures_heard(stack: Stack, rule: Resource) -> Iterator[Problem]:
    if _listens(stack.facts.event_rules[rule.urn]) and not _failures_heard(stack.graph):
        yield Problem("it listens to deployments, and no rule to SERVICE_DEPLOYMENT_FAILED", "detail.eventName with it")


@per_graph
def _failures_heard(graph: Graph) -> bool:
    rules = read_event_rules(graph).values()
    if any(_hearing(rule, _UNDEPLOYED) for rule in rules if decided(lambda rule=rule: _listens(rule)) is True):
        return True
    for rule in rules:
        _read(rule)
    return False


def _listens(rule: EventRule) -> bool:
    """Whether it listens to deployments; under another source it listens to nothing: event-pattern-matches says so."""
    pattern = _read(rule)
    return pattern is not None and any(
        "ECS Deployment State Change" in asked.get(("detail-type",), ())
        for asked in pattern.hearing({("source",): "aws.ecs"})
    )


def _read(rule: EventRule) -> EventPattern | None:
    """The pattern of a rule that is switched on. Raises NotDecidedError."""
    with about(rule.resource):
        return settled(rule.pattern) if settled(rule.on) else None


def _hearing(rule: EventRule, event: Event) -> tuple[Asked, ...]:
    """What a rule asks for, as far as it is known, where it hears of an event."""
    pattern = decided(lambda: _read(rule))
    return tuple(pattern.hearing(dict(event))) if isinstance(pattern, EventPattern) else ()


def _reported(graph: Graph, pipeline: Resource, event: Event, word: str) -> bool:
    """Whether a rule with a target hears of a pipeline's events, or a notification rule has one of that word."""
    name = optional(asked_text(pipeline, "name"), "")
    heard = _heard(graph, event)
    if heard.covers(name):
        return True
    notified = _notified(graph, word)
    return pipeline.urn in notified.urns or (bool(name) and name in notified.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """Of which pipelines rules hear. some: of any; every: of all of them; names, filters: of those of a name, or that pass."""

    some: bool
    every: bool
    names: frozenset[Value]
    filters: tuple[Filter, ...]

    def covers(self, name: str) -> bool:
        """Whether they hear of a pipeline; of one without a name where they hear of any."""
        return self.every or (self.some if not name else name in self.names or admits(self.filters, name))


@per_graph
def _heard(graph: Graph, event: Event) -> _Heard:
    ways = [asked for rule in _with_target(graph) for asked in _hearing(rule, event)]
    values = [value for asked in ways for value in asked.get(_PIPELINE, ())]
    return _Heard(
        some=bool(ways),
        every=any(_PIPELINE not in asked for asked in ways),
        names=frozenset(value for value in values if not isinstance(value, Filter)),
        filters=tuple(value for value in values if isinstance(value, Filter)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Notified:
    """The pipelines that notification rules are about: those they were made from, and the last part of the ARNs they name."""

    urns: frozenset[str]
    names: frozenset[str]


@per_graph
def _notified(graph: Graph, event: str) -> _Notified:
    urns: set[str] = set()
    names: set[str] = set()
    for rule in graph.of_type(tokens.NOTIFICATION_RULE):
        events = decided(lambda rule=rule: required(read_list(rule, "eventTypeIds")))
        if rule.props.get("status") == "DISABLED" or not rule.props.get("targets"):
            continue
        if isinstance(events, list) and any(event in str(item) for item in events):
            urns.update(rule.property_dependencies.get("resource", ()))
            _, colon, name = str(rule.props.get("resource")).rpartition(":")
            names.update([name] if colon else [])
    return _Notified(urns=frozenset(urns), names=frozenset(names))


def _knowable(graph: Graph) -> None:
    """Raises NotDecidedError where what cannot be read of a rule or of a target may be what reports it."""
    for rule in read_event_rules(graph).values():
        _read(rule)
    for kind, prop in _REPORTING:
        for resource in graph.of_type(kind):
            with about(resource):
                if isinstance(found := read(resource, prop), Undecided) and resource.property_dependencies.get(prop):
                    raise NotDecidedError(found)


def _with_target(graph: Graph) -> tuple[EventRule, ...]:
    """The event rules that have a target: found by the target's dependency, or by the rule's chosen name."""
    targets = graph.of_type(tokens.EVENT_TARGET)
    by_dependency = {urn for target in targets for urn in target.property_dependencies.get("rule", ())}
    by_name = {named.value for target in targets if isinstance(named := read_text(target, "rule"), Present)}
    return tuple(
        rule
        for urn, rule in read_event_rules(graph).items()
        if urn in by_dependency or text_or(read_text(rule.resource, "name"), "") in by_name
    )
