"""Policies about what schedules start."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from policies.budget.declarations import LONGEST_RUN_TAG
from policies.budget.schedule import ScheduleError, parse_schedule
from policies.budget.words import counted
from policies.facts.ecs.containers import read_tag
from policies.facts.ecs.definitions import compatibilities, network_mode
from policies.facts.ecs.task_runs import definition_path
from policies.facts.schedules import EVENT_AGE_S, RETRIES, is_time_zone
from policies.resources.graph import Graph, Resource
from policies.resources.once import per_graph
from policies.resources.outcomes import Absent, Present
from policies.resources.reading import optional, read, read_integer, read_list, read_text, required, text_or
from policies.resources.references import belonging, pinned
from policies.resources.requested import asked_text
from policies.resources.tokens import (
    EVENT_RULE,
    EVENT_TARGET,
    SCHEDULE,
    SCHEDULED_ACTION,
    SERVICE,
    STATE_MACHINE,
    TASK_DEFINITION,
)
from policies.rules.policy import ECS_GUIDE, setting
from policies.rules.property_checks import between, each
from policies.rules.rule import Problem, Stack, about, policy


@policy(
    what="What a schedule starts is not kept running by a service, too.",
    why="ECS starts a finished task of a service again at once: the batch runs for ever, over and over.",
    severity="high",
    how_to_fix="Remove the service, or give the job a task definition of its own.",
    url=ECS_GUIDE + "scheduled_tasks.html",
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
    what="A schedule keeps what it could not start in a queue.",
    why="Without one a run that never started leaves no trace.",
    severity="medium",
    how_to_fix="Set target.deadLetterConfig.arn to an SQS queue, and an alarm on its messages.",
    url="https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html",
    references="AwsSolutions-SQS3",
    types=(SCHEDULE,),
)
def schedule_dead_letters(_: Stack, schedule: Resource) -> Iterator[Problem]:
    # An ARN that is unknown at preview is still an ARN.
    found = read(schedule, "target", "deadLetterConfig", "arn")
    if isinstance(found, Absent) or (isinstance(found, Present) and not re.match(r"arn:[^:]+:sqs:", str(found.value))):
        yield Problem("deadLetterConfig names no queue", "the ARN of an SQS queue")


@per_graph
def _zones(graph: Graph) -> tuple[str, ...]:
    """The time zones that schedules of the stack are in, in the order of the alphabet."""
    zones = (asked_text(schedule, "scheduleExpressionTimezone") for schedule in graph.of_type(SCHEDULE))
    return tuple(sorted({zone.value for zone in zones if isinstance(zone, Present)}))


_RETRIED = each(
    between("target", "retryPolicy", "maximumRetryAttempts", most="maximumRetries", default=RETRIES[1]),
    between(
        "target", "retryPolicy", "maximumEventAgeInSeconds", most="maximumAge", unit="seconds", default=EVENT_AGE_S[1]
    ),
    between("target", "ecsParameters", "taskCount", least=1, most="maximumTasks", unit="tasks"),
)


@policy(
    what="A job has ended before its next run begins.",
    why="Two runs of one job read and write the same rows; with each late one more of them is alive.",
    severity="medium",
    how_to_fix="Schedule it less often, or shorten budget:longest-run-minutes to what it really takes.",
    url="https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html",
    types=(SCHEDULE, EVENT_RULE),
    also=(EVENT_TARGET, TASK_DEFINITION),
)
def schedule_apart(stack: Stack, schedule: Resource) -> Iterator[Problem]:
    expression = asked_text(schedule, "scheduleExpression")
    if not isinstance(expression, Present):
        return
    try:
        parsed = parse_schedule(expression.value)
    except ScheduleError:
        return  # schedule-valid says so
    gap = parsed.shortest_period()
    if parsed.cron is not None and parsed.cron.years is None and gap == timedelta.max:
        yield Problem(f"{expression.value[:60]} names a day that no year has: it never runs", "a day that comes")
    targets = belonging(stack.graph, schedule, EVENT_TARGET, "rule") if schedule.type == EVENT_RULE else (schedule,)
    for run in (run for target in targets for run in stack.facts.runs_of(target)):
        for definition in run.definitions:
            with about(definition):
                minutes = read_tag(definition, LONGEST_RUN_TAG, least=0)
            if minutes and minutes * 60 > gap.total_seconds():
                every = gap.total_seconds() / 60
                yield Problem(
                    f"it starts every {every:g} minutes, and a run of {definition.name} takes up to {minutes}",
                    "time between them",
                )


_TIMES: Mapping[str, tuple[str, str]] = {
    SCHEDULE: ("scheduleExpression", "scheduleExpressionTimezone"),
    EVENT_RULE: ("scheduleExpression", ""),
    SCHEDULED_ACTION: ("schedule", "timezone"),
}
"""Type to the properties of its times: the expression, and the time zone where it has one."""


@policy(
    what="A schedule's expression, time zone and window are such that AWS takes them.",
    why="AWS refuses it half-way through the deployment: what it would have started never runs.",
    severity="high",
    how_to_fix="Write rate(1 hour) or a cron of six fields such as cron(0 3 * * ? *), and a zone of the IANA database such as Asia/Seoul.",
    url="https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html",
    types=_TIMES,
)
def schedule_valid(_: Stack, schedule: Resource) -> Iterator[Problem]:
    prop, zoned = _TIMES[schedule.type]
    expression = asked_text(schedule, prop)
    if isinstance(expression, Absent) and schedule.type == EVENT_RULE:
        return  # it waits for events
    try:
        parsed = parse_schedule(required(expression))
        if parsed.once is not None and schedule.type == EVENT_RULE:
            yield Problem(
                f"{prop} is at(…), which rules do not have", "rate or cron, or a schedule of EventBridge Scheduler"
            )
        # EventBridge User Guide, Rate expressions: "rate(1 hours)" is not valid, nor is "rate(5 hour)".
        rate = re.fullmatch(r"rate\((\d+) \w+?(s?)\)", required(expression))
        if schedule.type == EVENT_RULE and rate and (rate[1] == "1") is bool(rate[2]):
            wanted = "a unit without s after 1, and with it after any other number"
            yield Problem(f"{prop} is {required(expression)[:60]}, which rules do not take", wanted)
    except ScheduleError as error:
        yield Problem(f"{prop} is {required(expression)[:60]}: {error.reason}", "an expression that AWS takes")
    zone = optional(asked_text(schedule, zoned), "UTC") if zoned else "UTC"
    if not is_time_zone(zone):
        yield Problem(f"{zoned} is {zone[:60]}, which is no time zone", "one of the IANA database, such as Asia/Seoul")
    if schedule.type != SCHEDULE:
        return
    mode = required(read_text(schedule, "flexibleTimeWindow", "mode"))
    window = read_integer(schedule, "flexibleTimeWindow", "maximumWindowInMinutes")
    if mode not in ("OFF", "FLEXIBLE"):
        yield Problem(f"flexibleTimeWindow.mode is {mode[:20]}", "OFF or FLEXIBLE")
    elif mode == "FLEXIBLE" and isinstance(window, Absent):
        yield Problem(
            "flexibleTimeWindow.mode is FLEXIBLE, and maximumWindowInMinutes is not set", "1 to 1440 minutes, or OFF"
        )
    elif mode == "FLEXIBLE" and not 1 <= required(window) <= 1440:
        yield Problem(f"maximumWindowInMinutes is {required(window)}, which AWS refuses", "1 to 1440 minutes")
    elif mode == "OFF" and not isinstance(window, Absent) and required(window):
        yield Problem("flexibleTimeWindow.mode is OFF, and maximumWindowInMinutes is set", "FLEXIBLE, or no window")
    for name, (least, most) in (("maximumEventAgeInSeconds", EVENT_AGE_S), ("maximumRetryAttempts", RETRIES)):
        number = read_integer(schedule, "target", "retryPolicy", name)
        if not isinstance(number, Absent) and not least <= required(number) <= most:
            yield Problem(f"retryPolicy.{name} is {required(number)}, which AWS refuses", f"{least} to {most}")


@policy(
    what="A schedule is switched on, has not ended, stays after its run, and starts what its task definition is made for, at its time.",
    why="A batch that no longer starts is missed at the end of the month; one that starts hours late meets the day's requests.",
    severity="medium",
    how_to_fix="Set state ENABLED and actionAfterCompletion NONE, remove endDate, and limit window, retries and age of an event.",
    url="https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule.html",
    settings=(
        setting("maximumWindow", 120, "Minutes by which a schedule may start late at most.", maximum=1440),
        setting("maximumTasks", 5, "Tasks that a schedule starts at once, at most.", maximum=10),
        setting("maximumRetries", 10, "Times that a start is tried again, at most.", maximum=RETRIES[1]),
        setting(
            "maximumAge",
            7200,
            "Seconds after its time in which a run may still be started, at most.",
            maximum=EVENT_AGE_S[1],
        ),
    ),
    types=(SCHEDULE,),
)
def schedule_runs(stack: Stack, schedule: Resource) -> Iterator[Problem]:
    if (state := optional(asked_text(schedule, "state"), "ENABLED")) != "ENABLED":
        yield Problem(f"state is {state[:20]}", "ENABLED")
    once = optional(asked_text(schedule, "scheduleExpression"), "").startswith("at(")
    if not once and optional(asked_text(schedule, "actionAfterCompletion"), "NONE") == "DELETE":
        yield Problem("actionAfterCompletion is DELETE: the schedule removes itself", "NONE")
    end = optional(asked_text(schedule, "endDate"), "")
    if end and end[:10] <= datetime.now(UTC).date().isoformat():
        yield Problem(f"endDate is {end[:20]}, which is past", "none")
    begin = optional(asked_text(schedule, "startDate"), "")
    if begin[:4].isdigit() and int(begin[:4]) > datetime.now(UTC).year + 1:
        yield Problem(f"startDate is {begin[:20]}: until then it starts nothing", "none, or soon")
    window = optional(read_integer(schedule, "flexibleTimeWindow", "maximumWindowInMinutes"), 0)
    if window > stack.number("maximumWindow"):
        yield Problem(
            f"it may start {counted(window, 'minute')} late (maximumWindowInMinutes)",
            f"at most {stack.number('maximumWindow')}",
        )
    yield from _RETRIED(stack, schedule)
    zone = asked_text(schedule, "scheduleExpressionTimezone")
    daily = optional(asked_text(schedule, "scheduleExpression"), "").startswith(("cron(", "at("))
    zones = _zones(stack.graph)
    if isinstance(zone, Absent) and daily and zones:
        yield Problem(
            f"scheduleExpressionTimezone is not set, which is UTC, and other schedules are in {', '.join(zones)}",
            zones[0],
        )
    parameters = ("target", "ecsParameters")
    if isinstance(read(schedule, "target"), Absent) or isinstance(read(schedule, *parameters), Absent):
        return
    by_provider = optional(read_list(schedule, *parameters, "capacityProviderStrategies"), [])
    launch = optional(read_text(schedule, *parameters, "launchType"), "" if by_provider else "EC2")
    for run in stack.facts.runs_of(schedule):
        for definition in run.definitions:
            with about(definition):
                made_for = compatibilities(definition)
                by_address = network_mode(definition) == "awsvpc"
            if by_address and isinstance(read(schedule, *parameters, "networkConfiguration"), Absent):
                yield Problem(
                    f"networkConfiguration is not set, and {definition.name} is in networkMode awsvpc",
                    "subnets and groups",
                )
            if launch and made_for and launch not in made_for:
                yield Problem(
                    f"launchType is {launch[:20]}, and {definition.name} is for {', '.join(made_for)}", made_for[0]
                )


_RUN_BY_STATES = re.compile(r'"TaskDefinition"\s*:\s*"([^"]+)"')
"""A task definition in the states of ecs:runTask (AWS Step Functions Developer Guide, Run Amazon ECS or Fargate tasks)."""


@policy(
    what="What starts tasks starts the newest revision of their definition.",
    why="A pipeline and each change register a new one: a fixed revision runs last month's code and limits, for ever.",
    severity="high",
    how_to_fix="Name the family without a revision (taskDefinitionArn of arn_without_revision), or the definition of the program.",
    url=ECS_GUIDE + "task_definition_parameters.html",
    types=(SCHEDULE, EVENT_TARGET, STATE_MACHINE),
    also=(TASK_DEFINITION,),
)
def schedule_runs_newest(stack: Stack, schedule: Resource) -> Iterator[Problem]:
    if schedule.type == STATE_MACHINE:
        # What is unknown of its document may be made of a task definition, which is of the program then.
        for named in sorted(set(_RUN_BY_STATES.findall(text_or(read_text(schedule, "definition"), "")))):
            family, _, revision = named.rpartition("/")[2].partition(":")
            if revision and stack.graph.by_text(TASK_DEFINITION, "family").get(family):
                yield Problem(f"definition runs {named[-100:]}, a fixed revision", family[:100])
        return
    path = definition_path(schedule.type)
    if isinstance(read(schedule, *path[:-1]), Absent):
        return
    for definition in pinned(stack.graph, schedule, *path):
        named = required(read_text(schedule, *path)).rpartition("/")[2]
        family = f"{named.rpartition(':')[0][:100]}, the family of {definition.name}"
        yield Problem(f"{'.'.join(path)} is {named[:100]}, a fixed revision", family)
