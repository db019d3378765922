"""What ARNs end in, behind the account: as they are written, or by the resource of the stack that they are made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Present, Step
from policies.resources.reading import known_text, read_text
from policies.resources.references import depended_on

_ENDS: Mapping[str, tuple[str, str]] = {
    tokens.LOG_GROUP: ("logs", "log-group:{}"),
    tokens.PIPELINE: ("codepipeline", "{}"),
    tokens.BUILD_PROJECT: ("codebuild", "project/{}"),
    tokens.QUEUE: ("sqs", "{}"),
    tokens.TOPIC: ("sns", "{}"),
    tokens.FUNCTION: ("lambda", "function:{}"),
    tokens.EVENT_BUS: ("events", "event-bus/{}"),
    "aws:cloudwatch/eventApiDestination:EventApiDestination": ("events", "api-destination/{}/"),
    "aws:sfn/stateMachine:StateMachine": ("states", "stateMachine:{}"),
    "aws:kinesis/stream:Stream": ("kinesis", "stream/{}"),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": ("firehose", "deliverystream/{}"),
}
"""Type to its service in ARNs, and what its ARN has behind the account, with its name."""
STARTABLE = tuple(kind for kind in _ENDS if kind != tokens.LOG_GROUP)
"""Types that rules and schedules start, or send to."""


def end_of_arn(
    graph: Graph, resource: Resource, kinds: Iterable[str], account: str, *path: Step
) -> tuple[str, str] | None:
    """(service, what the ARN at a path has behind the account); None where that is not known, or another account's.

    kinds: of what it may be the ARN; where it is unknown, the one resource of them that the property is made from is meant.
    """
    parts = known_text(resource, *path).split(":", 5)
    if len(parts) == 6:
        return (parts[2], parts[5]) if parts[4] in ("", account) or not account else None
    found = [(kind, held) for kind in kinds for held in depended_on(graph, resource, str(path[0]), kind)]
    if len(found) != 1:
        return None
    ((kind, held),) = found
    name = read_text(held, "name")
    service, form = _ENDS[kind]
    return (service, form.format(name.value)) if isinstance(name, Present) else None
