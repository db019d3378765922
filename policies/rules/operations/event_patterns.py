"""The policy `event-pattern-matches`: a pattern asks for events that AWS sends, by the words that AWS writes."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import cast

from policies.resources.graph import Resource
from policies.resources.reading import Present, read_json
from policies.resources.tokens import EVENT_RULE
from policies.rules.rule import Problem, Stack, policy

_STATES = frozenset(
    {"STARTED", "SUCCEEDED", "RESUMED", "FAILED", "STOPPING", "STOPPED", "CANCELED", "SUPERSEDED", "ABANDONED"}
)
_TASK = frozenset(
    {
        "PROVISIONING",
        "PENDING",
        "ACTIVATING",
        "RUNNING",
        "DEACTIVATING",
        "STOPPING",
        "DEPROVISIONING",
        "STOPPED",
        "DELETED",
    }
)
_EVENTS: Mapping[str, Mapping[str, Mapping[str, frozenset[str]]]] = {
    "aws.ecs": {
        "ECS Deployment State Change": {
            "eventName": frozenset(
                {"SERVICE_DEPLOYMENT_IN_PROGRESS", "SERVICE_DEPLOYMENT_COMPLETED", "SERVICE_DEPLOYMENT_FAILED"}
            )
        },
        "ECS Task State Change": {"lastStatus": _TASK, "desiredStatus": _TASK},
        "ECS Service Action": {},
        "ECS Container Instance State Change": {},
    },
    "aws.codepipeline": {
        "CodePipeline Pipeline Execution State Change": {"state": _STATES},
        "CodePipeline Stage Execution State Change": {"state": _STATES},
        "CodePipeline Action Execution State Change": {"state": _STATES},
    },
    "aws.codecommit": {
        "CodeCommit Repository State Change": {
            "event": frozenset({"referenceCreated", "referenceUpdated", "referenceDeleted"}),
            "referenceType": frozenset({"branch", "tag"}),
        },
    },
    "aws.codebuild": {
        "CodeBuild Build State Change": {
            "build-status": frozenset({"IN_PROGRESS", "SUCCEEDED", "FAILED", "STOPPED", "FAULT", "TIMED_OUT"})
        },
        "CodeBuild Build Phase Change": {},
    },
    "aws.ecr": {"ECR Image Action": {}, "ECR Image Scan": {}, "ECR Scan Resource Change": {}},
    "aws.rds": {
        "RDS DB Instance Event": {},
        "RDS DB Cluster Event": {},
        "RDS DB Snapshot Event": {},
        "RDS DB Parameter Group Event": {},
    },
}
"""Source to its events (detail-type), to the words of their details (EventBridge Events Reference, and each service's user guide)."""
_ENDED = ("containers", "stopCode", "stoppedReason")
"""What ECS writes about a task only once it has stopped."""
_NEAR = 0.8


@policy(
    what="A rule's pattern asks for events that AWS sends, by the words that AWS writes.",
    why="EventBridge takes every word: a pattern that matches nothing waits for ever, and nobody is told.",
    severity="high",
    how_to_fix="Write source, detail-type and details as the service's events have them.",
    url="https://docs.aws.amazon.com/eventbridge/latest/ref/welcome.html",
    types=(EVENT_RULE,),
)
def event_pattern_matches(_: Stack, rule: Resource) -> Iterator[Problem]:
    document = read_json(rule, "eventPattern")
    if not isinstance(document, Present) or not isinstance(document.value, Mapping):
        return  # event-rule-acts says so
    pattern = cast("Mapping[str, object]", document.value)
    known = {
        name: details for source in _words(pattern.get("source")) for name, details in _EVENTS.get(source, {}).items()
    }
    kinds = _words(pattern.get("detail-type"))
    yield from _sources(_words(pattern.get("source")), kinds)
    if not known:
        return
    for kind in kinds:
        near = difflib.get_close_matches(kind, known, n=1, cutoff=_NEAR)
        if kind not in known and near:
            yield Problem(f'detail-type is "{kind[:80]}"', f'"{near[0]}"')
    detail = pattern.get("detail")
    fields = cast("Mapping[str, object]", detail) if isinstance(detail, Mapping) else {}
    for kind in kinds:
        for key, words in known.get(kind, {}).items():
            asked = _words(fields.get(key))
            wrong = [word for word in asked if word not in words]
            if wrong:
                nearest = difflib.get_close_matches(wrong[0], words, n=1, cutoff=0)[0]
                yield Problem(f'detail.{key} asks for "{wrong[0][:60]}", which no {kind} has', f'such as "{nearest}"')
    status = _words(fields.get("lastStatus"))
    if "ECS Task State Change" in kinds and status and "STOPPED" not in status and _asks_for_end(fields):
        yield Problem(f"it asks how a task ended, of tasks that are {', '.join(status)}", 'lastStatus ["STOPPED"]')


def _sources(sources: list[str], kinds: list[str]) -> Iterator[Problem]:
    """Sources that AWS writes otherwise, or that send none of the events that are asked for."""
    for source in sources:
        near = [
            known
            for known in _EVENTS
            if source not in _EVENTS and source.lower().removeprefix("aws.") == known.removeprefix("aws.")
        ]
        if near:
            yield Problem(f'source is "{source[:60]}"', f'"{near[0]}"')
    for kind in kinds:
        senders = [known for known, events in _EVENTS.items() if kind in events]
        known = all(source in _EVENTS for source in sources)
        if sources and senders and known and not set(senders) & set(sources):
            yield Problem(f'source is "{", ".join(sources)[:60]}", which sends no {kind}', f'"{senders[0]}"')


def _asks_for_end(fields: Mapping[str, object]) -> bool:
    either = fields.get("$or")
    branches = (
        [cast("Mapping[str, object]", item) for item in cast("list[object]", either) if isinstance(item, Mapping)]
        if isinstance(either, list)
        else []
    )
    return any(key in branch for branch in (fields, *branches) for key in _ENDED)


def _words(value: object) -> list[str]:
    return [item for item in cast("list[object]", value) if isinstance(item, str)] if isinstance(value, list) else []
