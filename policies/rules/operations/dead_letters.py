"""Policies about queues of dead letters: of the kind that takes them, kept until somebody has looked, and heard at the first one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.facts.alarms import Alarm, is_of
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.once import per_graph
from policies.resources.outcomes import NotDecidedError, Present, Undecided, decided, settled
from policies.resources.reading import optional, read_json, read_text, required
from policies.resources.references import references
from policies.resources.requested import asked_text
from policies.rules.policy import PRD_ONLY, setting
from policies.rules.property_checks import at_least, between, each, flag
from policies.rules.rule import Problem, Stack, about, policy

_SQS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/"


_STARTS: Mapping[str, tuple[str, ...]] = {
    tokens.SCHEDULE: ("target", "deadLetterConfig", "arn"),
    tokens.EVENT_TARGET: ("deadLetterConfig", "arn"),
}
"""Type to its path to the queue of what it could not start."""
_HANDLES: Mapping[str, tuple[str, ...]] = {
    tokens.EVENT_BUS: ("deadLetterConfig", "arn"),
    tokens.FUNCTION: ("deadLetterConfig", "targetArn"),
    "aws:lambda/eventSourceMapping:EventSourceMapping": ("destinationConfig", "onFailure", "destinationArn"),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": ("destinationConfig", "onFailure", "destination"),
    **dict.fromkeys((tokens.QUEUE, tokens.QUEUE_REDRIVE, tokens.TOPIC_SUBSCRIPTION), ("redrivePolicy",)),
}
"""Type to its path to the queue of what nobody could handle, an ARN or a document with one."""


@per_graph
def _not_started(graph: Graph) -> frozenset[str]:
    """The queues that keep what others could not start: URNs and names."""
    return frozenset(_named(graph, _STARTS))


@per_graph
def _not_handled(graph: Graph) -> frozenset[str]:
    """The queues that keep what others could not handle: URNs and names."""
    return frozenset(_named(graph, _HANDLES))


def _named(graph: Graph, table: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for source in graph.of_type(*table):
        path = table[source.type]
        arn = read_text(source, *path)
        if isinstance(arn, Present):
            yield _target(arn.value).rpartition(":")[2]
        yield from references(graph, source, tokens.QUEUE, *path).keys


def _target(text: str) -> str:
    """The ARN in a redrive policy; any other text as it is."""
    if not text.lstrip().startswith("{"):
        return text
    document = read_json({"policy": text}, "policy")
    fields = document.value if isinstance(document, Present) else None
    return str(fields.get("deadLetterTargetArn", "")) if isinstance(fields, dict) else ""


@policy(
    what="A queue of dead letters takes them, and keeps them until somebody has looked.",
    why="The default of four days is a long weekend; a queue that keeps an order (FIFO) takes none from a schedule or rule.",
    severity="medium",
    how_to_fix="Set messageRetentionSeconds to 1209600, which is 14 days, and fifoQueue false.",
    url=_SQS + "sqs-dead-letter-queues.html",
    settings=(setting("minimumSeconds", 604_800, "Seconds that dead letters are kept at least."),),
    types=(tokens.QUEUE,),
    also=(*_STARTS, *_HANDLES),
)
def dead_letters_kept(stack: Stack, queue: Resource) -> Iterator[Problem]:
    if _keeps(stack, queue):
        yield from _LONG(stack, queue)
    if _called(queue) & _not_started(stack.graph):
        yield from _TAKES(stack, queue)


_LONG = at_least("minimumSeconds", "seconds", "messageRetentionSeconds", default=345_600)
_TAKES = each(
    flag("fifoQueue", wanted=False, default=False),
    between("maxMessageSize", least=65_536, unit="bytes"),
)


def _called(queue: Resource) -> set[str]:
    return {queue.urn, optional(asked_text(queue, "name"), queue.name)}


def _keeps(stack: Stack, queue: Resource) -> bool:
    """Whether a queue keeps dead letters."""
    return bool(_called(queue) & (_not_started(stack.graph) | _not_handled(stack.graph)))


@policy(
    what="The first message in a queue of dead letters tells somebody.",
    why="Nobody looks into a queue that is empty for years: what could not start is missed by its customers first.",
    severity="medium",
    how_to_fix="Add an alarm on ApproximateNumberOfMessagesVisible of the queue, with a threshold of 1.",
    url=_SQS + "sqs-available-cloudwatch-metrics.html",
    levels=PRD_ONLY,
    types=(tokens.QUEUE,),
    also=(*_STARTS, *_HANDLES, tokens.ALARM),
)
def dead_letters_heard(stack: Stack, queue: Resource) -> Iterator[Problem]:
    if not _keeps(stack, queue):
        return
    found: list[tuple[Alarm, str]] = []
    unread: list[Undecided] = []
    for alarm in stack.facts.alarms.values():
        read = decided(lambda alarm=alarm: _of_queue(stack.graph, alarm, queue))
        if isinstance(read, Undecided):
            unread.append(read)
        else:
            found += [(alarm, metric) for metric in read]
    if not found:
        for undecided in unread:
            raise NotDecidedError(undecided)
        yield Problem("no alarm is on its messages", "one")
    for alarm, metric in found:
        threshold = optional(alarm.threshold, 1)
        if metric == "ApproximateNumberOfMessagesVisible" and threshold > 1:
            yield Problem(f"its alarm {alarm.resource.name} waits for {threshold:g} messages", "the first one")


def _of_queue(graph: Graph, alarm: Alarm, queue: Resource) -> list[str]:
    """The metrics that an alarm reads of a queue. Raises NotDecidedError."""
    name = optional(asked_text(queue, "name"), "")
    with about(alarm.resource):
        return [
            required(metric.name)
            for metric in settled(alarm.metrics)
            if required(metric.namespace) == "AWS/SQS"
            and is_of(graph, alarm, metric, "QueueName", queue, frozenset({name} - {""}))
        ]
