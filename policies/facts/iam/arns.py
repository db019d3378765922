"""What ARNs end in, behind the account: as they are written, or by the resource of the stack that they are made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Step, Undecided
from policies.resources.reading import known_text, read
from policies.resources.references import depended_on

_ENDS: Mapping[str, tuple[str, str]] = {
    tokens.LOG_GROUP: ("logs", "log-group:{}"),
    tokens.PIPELINE: ("codepipeline", "{}"),
    tokens.BUILD_PROJECT: ("codebuild", "project/{}"),
    tokens.QUEUE: ("sqs", "{}"),
    tokens.TOPIC: ("sns", "{}"),
    tokens.FUNCTION: ("lambda", "function:{}"),
    tokens.FUNCTION_ALIAS: ("lambda", "function:{}"),
    tokens.EVENT_BUS: ("events", "event-bus/{}"),
    "aws:cloudwatch/eventApiDestination:EventApiDestination": ("events", "api-destination/{}/"),
    tokens.STATE_MACHINE: ("states", "stateMachine:{}"),
    "aws:kinesis/stream:Stream": ("kinesis", "stream/{}"),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": ("firehose", "deliverystream/{}"),
}
"""Type to its service in ARNs, and what its ARN has behind the account, with its name."""
_NAMED_BY = {tokens.FUNCTION_ALIAS: "functionName"}
"""Type to the property with that name, where it is not called so; a function's may be its ARN."""
STARTABLE = tuple(kind for kind in _ENDS if kind != tokens.LOG_GROUP)
"""Types that rules and schedules start, or send to."""


def ends_of_arn(
    graph: Graph, resource: Resource, kinds: Iterable[str], account: str, *path: Step
) -> tuple[tuple[str, str], ...]:
    """(service, what the ARN at a path has behind the account); none where that is not known, or another account's.

    kinds: of what it may be the ARN; where it is unknown, one of the resources of them that the property is made from is meant.
    """
    arn = read(resource, *path)
    if not isinstance(arn, Undecided):
        parts = known_text(resource, *path).split(":", 5)
        own = len(parts) == 6 and (parts[4] in ("", account) or not account)
        return ((parts[2], parts[5]),) if own else ()
    found: dict[tuple[str, str], None] = {}
    for kind in kinds:
        service, form = _ENDS[kind]
        for held in depended_on(graph, resource, str(path[0]), kind):
            name = known_text(held, _NAMED_BY.get(kind, "name"))
            if not name:
                return ()
            found[service, form.format(name.rpartition(":function:")[2])] = None
    return tuple(found)
