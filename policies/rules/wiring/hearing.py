"""Policies about what is reported to people: topics with subscribers that everything gets through to, and rules that act."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from policies.facts.iam.rights import allowed, own_forms
from policies.facts.iam.statements import Statement, policies_of
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.once import per_graph
from policies.resources.outcomes import Absent, Present, Undecided, settled
from policies.resources.reading import items_of, optional, read, read_list, read_text, required
from policies.resources.references import belonging, depended_on, made_here, references
from policies.resources.requested import asked_flag, asked_text
from policies.rules.policy import PRD_ONLY
from policies.rules.rule import Problem, Stack, about, policy

_ALARMS = (tokens.ALARM, tokens.COMPOSITE_ALARM)
_PUBLISHERS = {tokens.ALARM: "cloudwatch.amazonaws.com", tokens.EVENT_TARGET: "events.amazonaws.com"}
_NEEDS_ROLE = (
    ":codepipeline:", ":ecs:", ":codebuild:", ":states:", ":kinesis:", ":firehose:", ":ssm:", ":batch:", ":event-bus/",
    ":api-destination/", ":sagemaker:", ":redshift",
)  # fmt: skip
"""Parts of the ARNs of what EventBridge starts with a role (Amazon EventBridge User Guide, Using IAM roles)."""

_SHAPES = {
    "email": (r"[^@\s]+@[^@\s]+\.[^@\s.]+", "no address of mail"),
    "email-json": (r"[^@\s]+@[^@\s]+\.[^@\s.]+", "no address of mail"),
    "https": (r"https://[^\s]+", "no https:// address"),
    "sms": (r"\+[0-9]{6,15}", "no phone number with its country's code"),
    "sqs": (r"arn:[^:]+:sqs:.+", "no queue's ARN"),
    "lambda": (r"arn:[^:]+:lambda:.+", "no function's ARN"),
    "firehose": (r"arn:[^:]+:firehose:.+", "no stream's ARN"),
}
"""Protocol to the form of its endpoints, and what another form is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Publishers:
    """What publishes to topics: by their URNs, and by the names at the end of ARNs."""

    by_urn: Mapping[str, list[Resource]]
    by_name: Mapping[str, list[Resource]]


@per_graph
def _publishers(graph: Graph) -> _Publishers:
    by_urn: dict[str, list[Resource]] = {}
    by_name: dict[str, list[Resource]] = {}
    for publisher in graph.of_type(*_ALARMS, tokens.EVENT_TARGET):
        prop = "alarmActions" if publisher.type in _ALARMS else "arn"
        for key in references(graph, publisher, tokens.TOPIC, prop).keys:
            by_urn.setdefault(key, []).append(publisher)
        listed = read_list(publisher, prop) if prop == "alarmActions" else read_text(publisher, prop)
        value = listed.value if isinstance(listed, Present) else None
        for arn in items_of(value) or (value,):
            if isinstance(arn, str) and ":sns:" in arn:
                by_name.setdefault(arn.rpartition(":")[2], []).append(publisher)
    return _Publishers(by_urn=by_urn, by_name=by_name)


def _reporting(graph: Graph, topic: Resource) -> dict[str, list[Resource]]:
    """What publishes to a topic, by type: alarms before targets."""
    known, name = _publishers(graph), read_text(topic, "name")
    named = known.by_name.get(name.value, ()) if isinstance(name, Present) else ()
    found: dict[str, dict[str, Resource]] = {tokens.ALARM: {}, tokens.EVENT_TARGET: {}}
    for publisher in (*known.by_urn.get(topic.urn, ()), *named):
        found[tokens.ALARM if publisher.type in _ALARMS else tokens.EVENT_TARGET][publisher.urn] = publisher
    return {kind: list(publishers.values()) for kind, publishers in found.items() if publishers}


def _names(item: object, topic: Resource) -> bool:
    """Whether a known ARN ends in a topic's chosen name."""
    name = read_text(topic, "name")
    return isinstance(item, str) and ":sns:" in item and isinstance(name, Present) and item.endswith(f":{name.value}")


@policy(
    what="A topic that alarms or events report to has a subscriber, and lets nothing fall on the way.",
    why="What is published to a topic without a subscription is gone, and the console shows nothing.",
    severity="high",
    how_to_fix="Add an aws.sns.TopicSubscription of the topic with an endpoint and no filterPolicy.",
    url="https://docs.aws.amazon.com/sns/latest/dg/sns-create-subscribe-endpoint-to-topic.html",
    levels=PRD_ONLY,
    types=(tokens.TOPIC,),
    also=(tokens.TOPIC_SUBSCRIPTION, *_ALARMS, tokens.EVENT_TARGET),
)
def topic_has_subscribers(stack: Stack, topic: Resource) -> Iterator[Problem]:
    if not _reporting(stack.graph, topic):
        return
    found = {held.urn: held for held in belonging(stack.graph, topic, tokens.TOPIC_SUBSCRIPTION, "topic")}
    for subscription in stack.graph.of_type(tokens.TOPIC_SUBSCRIPTION):
        if _names(subscription.props.get("topic"), topic):
            found.setdefault(subscription.urn, subscription)
    if not found:
        yield Problem("alarms or events report to it, and nobody subscribes to it", "a subscription")
    takes_all = any(isinstance(asked_text(held, "filterPolicy"), Absent) for held in found.values())
    for subscription in found.values():
        with about(subscription):
            endpoint = read(subscription, "endpoint")
            filtered = not isinstance(asked_text(subscription, "filterPolicy"), Absent)
            by_body = optional(asked_text(subscription, "filterPolicyScope"), "MessageAttributes") == "MessageBody"
        if read(subscription, "protocol") == Present("http"):
            yield Problem(f"the subscription {subscription.name} reports over plain http", "https, or another protocol")
        if endpoint in (Absent("endpoint"), Present("")):
            yield Problem(f"the subscription {subscription.name} has no endpoint", "an address")
        # Alarms and events carry no attributes, so a filter lets none of them pass; one on the body does, and the rest has to go elsewhere.
        if filtered and not (by_body and takes_all):
            yield Problem(f"the subscription {subscription.name} filters what it is sent", "no filterPolicy")


@policy(
    what="A subscription has an endpoint of the form that its protocol has.",
    why="SNS takes many a text, and what is sent there comes back to nobody.",
    severity="high",
    how_to_fix="Write an address of mail, an https:// address, a number with + and the country's code, or the ARN of a queue or function.",
    url="https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html",
    types=(tokens.TOPIC_SUBSCRIPTION,),
)
def subscription_reaches(_: Stack, subscription: Resource) -> Iterator[Problem]:
    shape = _SHAPES.get(required(read_text(subscription, "protocol")))
    endpoint = read(subscription, "endpoint")
    if shape and isinstance(endpoint, Present) and endpoint.value and not re.fullmatch(shape[0], str(endpoint.value)):
        yield Problem(f"endpoint is {shape[1]}", "one of its protocol")


@policy(
    what="A topic's policy lets the services publish that the stack makes report to it.",
    why="An alarm or event that may not publish fails in silence.",
    severity="high",
    how_to_fix="Allow sns:Publish to cloudwatch.amazonaws.com and events.amazonaws.com in the topic's policy.",
    url="https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html",
    types=(tokens.TOPIC,),
    also=(tokens.TOPIC_POLICY, *_ALARMS, tokens.EVENT_TARGET),
)
def topic_takes_publishers(stack: Stack, topic: Resource) -> Iterator[Problem]:
    reporting = _reporting(stack.graph, topic)
    if not reporting:
        return
    written = asked_text(topic, "kmsMasterKeyId")
    own = isinstance(written, Undecided) and made_here(stack.graph, topic, "kmsMasterKeyId")
    if not own and optional(written, "").endswith("alias/aws/sns"):
        yield Problem(
            "kmsMasterKeyId is alias/aws/sns, which neither alarms nor events may use", "a key of your own, or none"
        )
    if optional(asked_flag(topic, "fifoTopic"), False):
        yield Problem(
            "it is a FIFO topic, to which neither alarms nor events publish, and which sends no mail", "a standard one"
        )
    owners = policies_of(stack.graph, topic)
    for kind in reporting:
        publisher = _PUBLISHERS[kind]
        if not owners and kind == tokens.ALARM:
            continue  # without a policy of its own a topic takes what its account's services publish, events excepted
        heard: list[Statement] = []
        for owner in owners:
            with about(owner):
                heard += (
                    replace(statement, principals={})  # it is about this one
                    for statement in stack.facts.statements(owner, "policy")
                    if statement.anyone or publisher in statement.principals.get("Service", ())
                )
        if not allowed(heard, "sns:Publish", own_forms(topic), stack.facts.account, stack.facts.region):
            yield Problem(
                f"its policy does not let {publisher} publish", f"a statement that allows {publisher} sns:Publish"
            )


@policy(
    what="An event rule is switched on and has a target, which has the role that it needs.",
    why="A rule without a target, or a target without a role, does nothing, and nobody hears of it.",
    severity="medium",
    how_to_fix="Set state to ENABLED, add an EventTarget, and give it roleArn where it starts a pipeline, build or task.",
    url="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html",
    types=(tokens.EVENT_RULE, tokens.EVENT_TARGET),
)
def event_rule_acts(stack: Stack, resource: Resource) -> Iterator[Problem]:
    graph = stack.graph
    if resource.type == tokens.EVENT_TARGET:
        without = read(resource, "roleArn") in (Absent("roleArn"), Present(""))
        if without and _starts_something(graph, resource):
            yield Problem("it has no roleArn, without which EventBridge cannot start it", "a role")
        name = read_text(resource, "rule")
        rules = references(graph, resource, tokens.EVENT_RULE, "rule")
        if (
            isinstance(name, Present)
            and graph.of_type(tokens.EVENT_RULE)
            and not any(graph.get(key) for key in rules.keys)
        ):
            yield Problem(f"rule is {name.value[:80]}, which no rule of the stack is called", "a rule's name")
        bus = _bus(graph, resource)
        for rule in graph.held(rules.keys):
            if bus and (other := _bus(graph, rule)) and bus != other:
                yield Problem(f"it is for the bus {bus[:60]}, and its rule {rule.name} for {other[:60]}", "one bus")
        return
    rule = stack.facts.event_rules[resource.urn]
    if not settled(rule.on):
        yield Problem("it is switched off", "state ENABLED")
    if not belonging(graph, resource, tokens.EVENT_TARGET, "rule"):
        yield Problem("it has no target", "an EventTarget")
    pattern = settled(rule.pattern)
    if pattern is None:
        if isinstance(asked_text(resource, "scheduleExpression"), Absent):
            yield Problem("it has neither eventPattern nor scheduleExpression", "one of them")
        return
    bus = optional(asked_text(resource, "eventBusName"), "default").rpartition("/")[2]
    of_aws = any(source.startswith("aws.") for source in pattern.words("source"))
    if bus != "default" and of_aws and not _filled(graph, bus):
        yield Problem(
            f"its bus is {bus[:60]}, and AWS's services send their events to the default one", "no eventBusName"
        )


def _bus(graph: Graph, resource: Resource) -> str:
    """The name of the bus that a rule or target is for; empty where it is not known."""
    written = asked_text(resource, "eventBusName")
    if isinstance(written, Undecided):
        names = [read_text(bus, "name") for bus in depended_on(graph, resource, "eventBusName", tokens.EVENT_BUS)]
        return names[0].value if len(names) == 1 and isinstance(names[0], Present) else ""
    return optional(written, "default").rpartition("/")[2]


_NEEDS_NO_ROLE = (tokens.TOPIC, tokens.QUEUE, tokens.FUNCTION, tokens.FUNCTION_ALIAS, tokens.LOG_GROUP)
"""Targets that let EventBridge in by a policy of their own (EventBridge User Guide, Using resource-based policies)."""

_STARTED = (
    tokens.PIPELINE, tokens.CLUSTER, tokens.BUILD_PROJECT, tokens.EVENT_BUS, tokens.STATE_MACHINE,
    "aws:batch/jobQueue:JobQueue", "aws:kinesis/stream:Stream", "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
    "aws:cloudwatch/eventApiDestination:EventApiDestination",
)  # fmt: skip
"""Targets that it starts, or sends to, with a role."""


def _starts_something(graph: Graph, target: Resource) -> bool:
    """Whether a target is one that EventBridge starts with a role; an ARN that is unknown is that of what it was made from."""
    arn = asked_text(target, "arn")
    if isinstance(arn, Undecided) and any(depended_on(graph, target, "arn", kind) for kind in _NEEDS_NO_ROLE):
        return False
    if isinstance(arn, Undecided) and any(depended_on(graph, target, "arn", kind) for kind in _STARTED):
        return True
    return any(part in optional(arn, "") for part in _NEEDS_ROLE)


def _filled(graph: Graph, bus: str) -> bool:
    """Whether a rule passes events on to a bus of one's own."""
    targets = (read_text(target, "arn") for target in graph.of_type(tokens.EVENT_TARGET))
    return any(isinstance(arn, Present) and arn.value.endswith(f":event-bus/{bus}") for arn in targets)
