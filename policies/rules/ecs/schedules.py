"""Policies about what schedules start."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from policies.budget.words import counted
from policies.resources.graph import Resource
from policies.resources.reading import Absent, Present, optional, read, read_integer, read_text, required
from policies.resources.requested import asked_list, asked_text
from policies.resources.tokens import (
    EVENT_TARGET,
    SCHEDULE,
    SERVICE,
)
from policies.rules.policy import STRICT_IN_PRD, setting
from policies.rules.rule import Problem, Stack, about, policy

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


@policy(
    name="schedule-runs",
    what="A schedule is switched on, has not ended, stays after its run, and starts what its task definition is made for.",
    why="A batch that no longer starts is missed at the end of the month.",
    severity="medium",
    how_to_fix="Set state ENABLED and actionAfterCompletion NONE, remove endDate, and use the launch type of the task definition.",
    url="https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule.html",
    levels=STRICT_IN_PRD,
    settings=(setting("maximumWindow", 120, "Minutes by which a schedule may start late at most.", maximum=1440),),
    types=(SCHEDULE,),
)
def schedule_runs(stack: Stack, schedule: Resource) -> Iterator[Problem]:
    if optional(asked_text(schedule, "state"), "ENABLED") != "ENABLED":
        yield Problem("state is DISABLED", "ENABLED")
    once = optional(asked_text(schedule, "scheduleExpression"), "").startswith("at(")
    if not once and optional(asked_text(schedule, "actionAfterCompletion"), "NONE") == "DELETE":
        yield Problem("actionAfterCompletion is DELETE: the schedule removes itself", "NONE")
    end = optional(asked_text(schedule, "endDate"), "")
    if end and end[:10] <= datetime.now(UTC).date().isoformat():
        yield Problem(f"endDate is {end[:20]}, which is past", "none")
    window = optional(read_integer(schedule, "flexibleTimeWindow", "maximumWindowInMinutes"), 0)
    if window > stack.number("maximumWindow"):
        yield Problem(
            f"it may start {counted(window, 'minute')} late (maximumWindowInMinutes)",
            f"at most {stack.number('maximumWindow')}",
        )
    parameters = ("target", "ecsParameters")
    if isinstance(read(schedule, "target"), Absent) or isinstance(read(schedule, *parameters), Absent):
        return
    launch = optional(read_text(schedule, *parameters, "launchType"), "")
    for run in stack.facts.runs_of(schedule):
        for definition in run.definitions:
            with about(definition):
                made_for = [
                    required(read_text(definition, "requiresCompatibilities", position))
                    for position in range(len(optional(asked_list(definition, "requiresCompatibilities"), [])))
                ]
            if launch and made_for and launch not in made_for:
                yield Problem(
                    f"launchType is {launch[:20]}, and {definition.name} is for {', '.join(made_for)}", made_for[0]
                )
