"""How many tasks a run keeps alive, read from the resources that decide it. Every function raises NotDecidedError."""

from __future__ import annotations

from datetime import timedelta

from policies.budget.declarations import LONGEST_RUN_TAG, ONE_OFF_TAG, OVERLAP_TAG
from policies.budget.demand import JobTasks, OneOffTasks, ServiceTasks, Strategy, Tasks
from policies.budget.schedule import ScheduleError, parse_schedule
from policies.facts.ecs.autoscaling import scaling_maxima
from policies.facts.ecs.container_hosts import most_machines
from policies.facts.ecs.containers import read_tag, refuse_tag
from policies.facts.ecs.deployers import side_by_side
from policies.facts.ecs.deployments import controller, desired_count, is_daemon, most_percent, strategy
from policies.facts.ecs.task_runs import Run
from policies.facts.schedules import flexible_window, is_time_zone, moves_clocks, retry_age, time_zone
from policies.facts.stack import StackFacts
from policies.resources.graph import Resource
from policies.resources.outcomes import Undecided, decided
from policies.resources.reading import known_text, optional, read, read_integer, read_text, refuse, required, word_of
from policies.resources.references import depended_on
from policies.resources.tokens import EVENT_RULE, EVENT_TARGET, SCHEDULE, SERVICE

_STRATEGIES = {one.name: one for one in Strategy if one is not Strategy.CODE_DEPLOY}
_NEVER_AWS = ("schedulingStrategy", "deploymentController", "desiredCount", "deploymentMaximumPercent")
"""What AWS never chooses for a service: an unknown is the program's, and no default stands for it where connections are counted."""


def tasks_of(facts: StackFacts, run: Run, definition: Resource) -> Tasks:
    """The tasks of one task definition that a run keeps alive."""
    if run.resource.type == SERVICE:
        return _service(facts, run.resource, definition)
    if run.resource.type == SCHEDULE:
        return _schedule(run.resource, definition)
    if run.resource.type == EVENT_TARGET:
        return _rule_target(facts, run.resource, definition)
    if run.awaited:  # a schedule starts one task at least, and one more may not have ended
        return _job_once(definition)
    count = read_tag(definition, ONE_OFF_TAG, least=0)
    if count is None and run.launched_by:
        refuse(
            f'tags["{ONE_OFF_TAG}"]',
            f"is absent although {', '.join(run.launched_by)} starts it, and nothing here bounds how often: declare how many "
            "copies run at once beside those of services and schedules",
        )
    if count is None:
        refuse(
            f'tags["{ONE_OFF_TAG}"]',
            "is absent although no service and no schedule of the stack runs it: declare how many copies are started by "
            "hand at once, 0 for none",
        )
    return OneOffTasks(count=count)


def _job_once(definition: Resource) -> JobTasks:
    longest = required(read_integer(definition, "tags", LONGEST_RUN_TAG))
    return JobTasks(task_count=1, longest_run=timedelta(minutes=max(longest, 1)), period=timedelta.max)


def _service(facts: StackFacts, service: Resource, definition: Resource) -> ServiceTasks:
    for prop in _NEVER_AWS:
        optional(read(service, prop), None)
    daemon, by = is_daemon(service), controller(service)
    if by == "EXTERNAL":
        refuse("deploymentController.type", "is EXTERNAL: whoever makes the task sets decides how many tasks run")
    # AWS computes the block where the program leaves it out. A rolling deployment bounds every other strategy from above.
    chosen = decided(lambda: strategy(service))
    how = "ROLLING" if isinstance(chosen, Undecided) else chosen
    word_of(tuple(_STRATEGIES), how, "deploymentConfiguration.strategy")
    overlapping = optional(read_text(definition, "tags", OVERLAP_TAG), "false")
    if overlapping not in ("true", "false"):
        refuse(f'tags["{OVERLAP_TAG}"]', f'is "{overlapping}", "true" or "false" is required')
    side_by = side_by_side(facts.graph, service)
    scaling, scheduled = scaling_maxima(facts.scalers, service)
    desired = most_machines(facts.graph) if daemon else optional(desired_count(service), None)
    if desired is None and scaling is None:
        refuse("desiredCount", "is absent and nothing scales the service: declare how many tasks it runs")
    try:
        return ServiceTasks(
            desired=desired or 0,
            scaling_maximum=scaling,
            scheduled_maximum=scheduled,
            maximum_percent=most_percent(service),
            left_alone="desiredCount" in service.ignores and scaling is None and not daemon,
            strategy=Strategy.CODE_DEPLOY if by == "CODE_DEPLOY" else _STRATEGIES[how],
            overlapping_deployments=overlapping == "true" or bool(side_by),
            overlapping_by=side_by,
        )
    except ValueError as error:
        refuse("desiredCount", f"or a maximum is not a number of tasks: {error}")


def _schedule(schedule: Resource, definition: Resource) -> JobTasks:
    return _job(
        definition,
        expression=required(read_text(schedule, "scheduleExpression")),
        zone=time_zone(schedule),
        count=optional(read_integer(schedule, "target", "ecsParameters", "taskCount"), 1),
        retry_age=retry_age(schedule, "target"),
        window=flexible_window(schedule),
    )


def _rule_target(facts: StackFacts, target: Resource, definition: Resource) -> Tasks:
    named = facts.graph.by_text(EVENT_RULE, "name").get(known_text(target, "rule"), ())
    rules = named or depended_on(facts.graph, target, "rule", EVENT_RULE)
    expression = optional(read_text(rules[0], "scheduleExpression"), "") if len(rules) == 1 else ""
    if not expression:
        count = read_tag(definition, ONE_OFF_TAG, least=0)
        if count is None:
            refuse(
                "rule",
                "is no schedule of this stack, so that nothing here bounds how often events start the tasks: declare in the tag "
                f'"{ONE_OFF_TAG}" of {definition.name} how many copies run at once beside those of services and schedules',
            )
        return OneOffTasks(count=0)  # those are counted as declared, with the definition
    return _job(
        definition,
        expression=expression,
        zone="UTC",
        count=optional(read_integer(target, "ecsTarget", "taskCount"), 1),
        retry_age=retry_age(target),
        window=timedelta(0),
    )


def _job(
    definition: Resource, *, expression: str, zone: str, count: int, retry_age: timedelta, window: timedelta
) -> JobTasks:
    longest = read_tag(definition, LONGEST_RUN_TAG, least=1)
    if longest is None:
        refuse_tag(
            definition,
            LONGEST_RUN_TAG,
            "is absent: ECS ends no task for running long, so without a declared longest run its tasks have no bound",
        )
    if not is_time_zone(zone):
        refuse("scheduleExpressionTimezone", f'is "{zone}", no time zone of the IANA database')
    try:
        return JobTasks(
            task_count=count,
            longest_run=timedelta(minutes=longest),
            period=parse_schedule(expression).shortest_period(daylight_saving=moves_clocks(zone)),
            flexible_window=window,
            retry_age=retry_age,
        )
    except ScheduleError as error:
        refuse("scheduleExpression", f'is "{expression[:60]}", which AWS refuses: {error.reason}')
    except ValueError as error:
        refuse("taskCount or flexibleTimeWindow", f"is out of range: {error}")
