"""Policies about what schedules start."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.resources.graph import Resource
from policies.resources.reading import Absent, Present, read
from policies.resources.tokens import (
    EVENT_TARGET,
    SCHEDULE,
    SERVICE,
)
from policies.rules.policy import STRICT_IN_PRD
from policies.rules.rule import Problem, Stack, policy

_ECS = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"


@policy(
    name="batch-job-without-service",
    what="What a schedule starts is not kept running by a service, too.",
    why="ECS starts a finished task of a service again at once: the batch runs for ever, over and over.",
    severity="high",
    how_to_fix="Remove the service, or give the job a task definition of its own.",
    url=_ECS + "scheduled_tasks.html",
    levels=STRICT_IN_PRD,
    types=(SCHEDULE, EVENT_TARGET),
    also=(SERVICE,),
)
def batch_job_without_service(stack: Stack, schedule: Resource) -> Iterator[Problem]:
    for run in stack.facts.runs_of(schedule):
        for definition in run.definitions:
            for service in stack.facts.services.get(definition.urn, ()):
                yield Problem(
                    f"it starts {definition.name}, which the service {service.name} keeps running", "one of the two"
                )


@policy(
    name="schedule-dead-letters",
    what="A schedule keeps what it could not start in a queue.",
    why="Without one a run that never started leaves no trace.",
    severity="medium",
    how_to_fix="Set target.deadLetterConfig.arn to an SQS queue, and an alarm on its messages.",
    url="https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html",
    levels=STRICT_IN_PRD,
    references="AwsSolutions-SQS3",
    types=(SCHEDULE,),
)
def schedule_dead_letters(_: Stack, schedule: Resource) -> Iterator[Problem]:
    # An ARN that is unknown at preview is still an ARN.
    found = read(schedule, "target", "deadLetterConfig", "arn")
    if isinstance(found, Absent) or (isinstance(found, Present) and not re.match(r"arn:[^:]+:sqs:", str(found.value))):
        yield Problem("deadLetterConfig names no queue", "the ARN of an SQS queue")
