"""Policies about what a delivery tells people: failed pipelines and deployments, and approvals that wait."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.reading import (
    Absent,
    NotDecidedError,
    Present,
    Undecided,
    decided,
    optional,
    read,
    read_json,
    read_list,
    read_text,
    required,
)
from policies.resources.requested import asked_text
from policies.rules.policy import PRD_ONLY
from policies.rules.rule import Problem, Stack, about, policy

_PIPELINES = "https://docs.aws.amazon.com/codepipeline/latest/userguide/"
_TELLING = (
    (tokens.EVENT_RULE, "eventPattern"),
    (tokens.EVENT_RULE, "state"),
    (tokens.EVENT_TARGET, "rule"),
    (tokens.NOTIFICATION_RULE, "eventTypeIds"),
    (tokens.NOTIFICATION_RULE, "targets"),
)
_ALSO = (tokens.EVENT_RULE, tokens.EVENT_TARGET, tokens.NOTIFICATION_RULE)


@policy(
    what="A failed pipeline is reported to somebody.",
    why="A deployment that failed in silence is believed to be live.",
    severity="medium",
    how_to_fix="Add an EventBridge rule on aws.codepipeline with state FAILED and a target, or a notification rule.",
    url=_PIPELINES + "detect-state-changes-cloudwatch-events.html",
    types=(tokens.PIPELINE,),
    also=_ALSO,
)
def pipeline_failures_heard(stack: Stack, pipeline: Resource) -> Iterator[Problem]:
    if not _told(stack.graph, pipeline, {"state": "FAILED"}, "failed"):
        _knowable(stack.graph)
        yield Problem("no rule reports its failures", "one with a target")


@policy(
    what="An approval that waits tells somebody.",
    why="After seven days without an answer it fails, and until then the change waits for somebody who does not know.",
    severity="medium",
    how_to_fix="Set NotificationArn of the approval action, or add an EventBridge rule on aws.codepipeline with category Approval.",
    url=_PIPELINES + "approvals.html",
    levels=PRD_ONLY,
    types=(tokens.PIPELINE,),
    also=_ALSO,
)
def pipeline_approvals_heard(stack: Stack, pipeline: Resource) -> Iterator[Problem]:
    silent = False
    for stage in range(len(required(read_list(pipeline, "stages")))):
        for action in range(len(required(read_list(pipeline, "stages", stage, "actions")))):
            at = ("stages", stage, "actions", action)
            if required(read_text(pipeline, *at, "category")) == "Approval":
                silent = silent or isinstance(read(pipeline, *at, "configuration", "NotificationArn"), Absent)
    waiting = {"detail-type": "CodePipeline Action Execution State Change", "state": "STARTED", "category": "Approval"}
    if silent and not _told(stack.graph, pipeline, waiting, "manual-approval-needed"):
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
    listening = [item for item in stack.graph.of_type(tokens.EVENT_RULE) if _listens(item)]
    if rule in listening and not any(
        _waits_for(item, "aws.ecs", {"eventName": "SERVICE_DEPLOYMENT_FAILED"}) for item in listening
    ):
        yield Problem("it listens to deployments, and no rule to SERVICE_DEPLOYMENT_FAILED", "detail.eventName with it")


def _listens(rule: Resource) -> bool:
    pattern = _pattern(rule)
    return pattern is not None and "ECS Deployment State Change" in _listed(pattern.get("detail-type"))


def _told(graph: Graph, pipeline: Resource, tests: Mapping[str, str], event: str) -> bool:
    """Whether a rule with a target hears of a pipeline's events, or a notification rule has one of that word."""
    name = optional(asked_text(pipeline, "name"), "")
    if any(_waits_for(rule, "aws.codepipeline", tests, name) for rule in _heard(graph)):
        return True
    for rule in graph.of_type(tokens.NOTIFICATION_RULE):
        named = pipeline.urn in rule.property_dependencies.get("resource", ()) or (
            bool(name) and str(rule.props.get("resource")).endswith(f":{name}")
        )
        events = decided(lambda rule=rule: required(read_list(rule, "eventTypeIds")))
        if rule.props.get("status") == "DISABLED" or not rule.props.get("targets"):
            continue
        if named and isinstance(events, list) and any(event in str(item) for item in events):
            return True
    return False


def _knowable(graph: Graph) -> None:
    """Raises NotDecidedError where what is unknown of a rule or of a target may be what reports it."""
    for kind, prop in _TELLING:
        for resource in graph.of_type(kind):
            with about(resource):
                if isinstance(found := read(resource, prop), Undecided) and resource.property_dependencies.get(prop):
                    raise NotDecidedError(found)


def _heard(graph: Graph) -> tuple[Resource, ...]:
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


def _waits_for(rule: Resource, source: str, tests: Mapping[str, str], pipeline: str = "") -> bool:
    """Whether a rule's pattern covers events of a source with these details. pipeline: the one they are of."""
    pattern = _pattern(rule)
    if pattern is None or source not in _listed(pattern.get("source")):
        return False
    detail = _fields(pattern.get("detail"))
    fields = {**pattern, **detail, "category": _fields(detail.get("type")).get("category")}
    return all(
        not _listed(fields.get(key)) or wanted in _listed(fields[key]) for key, wanted in tests.items()
    ) and _covers(fields.get("pipeline"), pipeline)


def _fields(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def _covers(tests: object, name: str) -> bool:
    return (
        not name
        or not _listed(tests)
        or any(
            test == name
            or (
                isinstance(test, Mapping)
                and name.startswith(str(cast("Mapping[str, object]", test).get("prefix", "\0")))
            )
            for test in _listed(tests)
        )
    )


def _listed(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []
