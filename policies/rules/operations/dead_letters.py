"""Policies about queues of dead letters: of the kind that takes them, kept until somebody has looked, and heard at the first one."""

from __future__ import annotations

from collections.abc import Iterator

from policies.facts.alarms import Alarm, is_of
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.once import per_graph
from policies.resources.outcomes import NotDecidedError, Present, Undecided, decided, settled
from policies.resources.reading import optional, read_text, required
from policies.resources.references import references
from policies.resources.requested import asked_text
from policies.rules.policy import PRD_ONLY, setting
from policies.rules.property_checks import at_least, between, each, flag
from policies.rules.rule import Problem, Stack, about, policy

_SQS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/"


@per_graph
def _dead_letters(graph: Graph) -> frozenset[str]:
    """The queues that keep what others could not start or handle: URNs, ARNs and names."""
    found: set[str] = set()
    for schedule in graph.of_type(tokens.SCHEDULE):
        arn = read_text(schedule, "target", "deadLetterConfig", "arn")
        found |= {arn.value.rpartition(":")[2]} if isinstance(arn, Present) else set()
        found |= references(graph, schedule, tokens.QUEUE, "target", "deadLetterConfig", "arn").keys
    for target in graph.of_type(tokens.EVENT_TARGET):
        arn = read_text(target, "deadLetterConfig", "arn")
        found |= {arn.value.rpartition(":")[2]} if isinstance(arn, Present) else set()
        found |= references(graph, target, tokens.QUEUE, "deadLetterConfig", "arn").keys
    return frozenset(found)


@policy(
    what="A queue of dead letters takes them, and keeps them until somebody has looked.",
    why="The default of four days is a long weekend; a queue that keeps an order (FIFO) takes none from a schedule or rule.",
    severity="medium",
    how_to_fix="Set messageRetentionSeconds to 1209600, which is 14 days, and fifoQueue false.",
    url=_SQS + "sqs-dead-letter-queues.html",
    settings=(setting("minimumSeconds", 604_800, "Seconds that dead letters are kept at least."),),
    types=(tokens.QUEUE,),
    also=(tokens.SCHEDULE, tokens.EVENT_TARGET),
)
def dead_letters_kept(stack: Stack, queue: Resource) -> Iterator[Problem]:
    if _keeps(stack, queue):
        yield from _KEPT(stack, queue)


_KEPT = each(
    at_least("minimumSeconds", "seconds", "messageRetentionSeconds", default=345_600),
    flag("fifoQueue", wanted=False, default=False),
    between("maxMessageSize", least=65_536, unit="bytes"),
)


def _keeps(stack: Stack, queue: Resource) -> bool:
    return bool({queue.urn, optional(asked_text(queue, "name"), queue.name)} & _dead_letters(stack.graph))


@policy(
    what="The first message in a queue of dead letters tells somebody.",
    why="Nobody looks into a queue that is empty for years: what could not start is missed by its customers first.",
    severity="medium",
    how_to_fix="Add an alarm on ApproximateNumberOfMessagesVisible of the queue, with a threshold of 1.",
    url=_SQS + "sqs-available-cloudwatch-metrics.html",
    levels=PRD_ONLY,
    types=(tokens.QUEUE,),
    also=(tokens.SCHEDULE, tokens.EVENT_TARGET, tokens.ALARM),
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
