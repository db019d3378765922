"""Policies about what a delivery reports to people: failed pipelines and deployments, and approvals that wait."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.once import per_graph
from policies.resources.outcomes import Absent, NotDecidedError, Present, Undecided, decided, settled
from policies.resources.reading import fields_of, items_of, optional, read, read_json, read_list, read_text, required
from policies.resources.requested import asked_text
from policies.rules.policy import PIPELINE_GUIDE, PRD_ONLY
from policies.rules.rule import Problem, Stack, about, policy

_REPORTING = (
    (tokens.EVENT_RULE, "eventPattern"),
    (tokens.EVENT_RULE, "state"),
    (tokens.EVENT_TARGET, "rule"),
    (tokens.NOTIFICATION_RULE, "eventTypeIds"),
    (tokens.NOTIFICATION_RULE, "targets"),
)
Tests = tuple[tuple[str, str], ...]
"""Key of an event's detail, and its value."""
_FAILED: Tests = (("state", "FAILED"),)
_WAITING: Tests = (
    ("detail-type", "CodePipeline Action Execution State Change"),
    ("state", "STARTED"),
    ("category", "Approval"),
)
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
    if _listens(rule) and not _failures_heard(stack.graph):
        yield Problem("it listens to deployments, and no rule to SERVICE_DEPLOYMENT_FAILED", "detail.eventName with it")


@per_graph
def _failures_heard(graph: Graph) -> bool:
    listening = (rule for rule in graph.of_type(tokens.EVENT_RULE) if _listens(rule))
    failed: Tests = (("eventName", "SERVICE_DEPLOYMENT_FAILED"),)
    return any(_waits_for(rule, "aws.ecs", failed) is not None for rule in listening)


def _listens(rule: Resource) -> bool:
    pattern = _pattern(rule)
    if pattern is None or "aws.ecs" not in items_of(pattern.get("source")):
        return False  # under another source it listens to nothing: event-pattern-matches says so
    return "ECS Deployment State Change" in items_of(pattern.get("detail-type"))


def _reported(graph: Graph, pipeline: Resource, tests: Tests, event: str) -> bool:
    """Whether a rule with a target hears of a pipeline's events, or a notification rule has one of that word."""
    name = optional(asked_text(pipeline, "name"), "")
    heard = _heard(graph, tests)
    if heard.covers(name):
        return True
    notified = _notified(graph, event)
    return pipeline.urn in notified.urns or (bool(name) and name in notified.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """Of which pipelines rules hear. some: of any; every: of all of them; names, prefixes: of those of a name, or that begin so."""

    some: bool
    every: bool
    names: frozenset[object]
    prefixes: tuple[str, ...]

    def covers(self, name: str) -> bool:
        """Whether they hear of a pipeline; of one without a name where they hear of any."""
        return self.every or (self.some if not name else name in self.names or name.startswith(self.prefixes))


@per_graph
def _heard(graph: Graph, tests: Tests) -> _Heard:
    patterns = [pattern for rule in _about_pipelines(graph) if (pattern := _waits_for(rule, "aws.codepipeline", tests))]
    named = [
        items_of(fields_of(pattern.get("detail")).get("pipeline", pattern.get("pipeline"))) for pattern in patterns
    ]
    items = [item for listed in named for item in listed]
    beginnings = (cast("Mapping[str, object]", item).get("prefix", "\0") for item in items if isinstance(item, Mapping))
    return _Heard(
        some=bool(patterns),
        every=not all(named),
        names=frozenset(item for item in items if isinstance(item, str)),
        prefixes=tuple(map(str, beginnings)),
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
    """Raises NotDecidedError where what is unknown of a rule or of a target may be what reports it."""
    for kind, prop in _REPORTING:
        for resource in graph.of_type(kind):
            with about(resource):
                if isinstance(found := read(resource, prop), Undecided) and resource.property_dependencies.get(prop):
                    raise NotDecidedError(found)


def _about_pipelines(graph: Graph) -> tuple[Resource, ...]:
    """The event rules about pipelines that have a target: found by the target's dependency, or by the rule's chosen name."""
    targets = graph.of_type(tokens.EVENT_TARGET)
    by_dependency = {urn for target in targets for urn in target.property_dependencies.get("rule", ())}
    by_name = {named.value for target in targets if isinstance(named := read_text(target, "rule"), Present)}
    return tuple(
        rule
        for rule in graph.of_type(tokens.EVENT_RULE)
        if "aws.codepipeline" in str(rule.props.get("eventPattern"))
        and (
            rule.urn in by_dependency
            or (isinstance(name := read_text(rule, "name"), Present) and name.value in by_name)
        )
    )


def _pattern(rule: Resource) -> Mapping[str, object] | None:
    """The pattern of a rule that is switched on; None where it has none that is known."""
    document = read_json(rule, "eventPattern")
    if not isinstance(document, Present) or not isinstance(document.value, Mapping):
        return None
    off = str(rule.props.get("state", "ENABLED")) == "DISABLED" or rule.props.get("isEnabled") is False
    return None if off else cast("Mapping[str, object]", document.value)


def _waits_for(rule: Resource, source: str, tests: Tests) -> Mapping[str, object] | None:
    """A rule's pattern where it covers events of a source with these details, else None."""
    pattern = _pattern(rule)
    if pattern is None or source not in items_of(pattern.get("source")):
        return None
    detail = fields_of(pattern.get("detail"))
    fields = {**pattern, **detail, "category": fields_of(detail.get("type")).get("category")}
    covered = all(not items_of(fields.get(key)) or wanted in items_of(fields[key]) for key, wanted in tests)
    return pattern if covered else None
